//! Findings as SARIF 2.1.0, which code hosts and editors read.
//!
//! Takes a [`Report`], its [`Source`] and the rules; gives a document with one SARIF run. In the run, an allowed
//! warning is a suppressed result, and its justification is the reason from the model.

use serde_json::{Value, json};

use super::place::PrintedPlace;
use super::{Finding, Label, Report, Rule};
use crate::source::Source;

/// Gives the report as one SARIF document, with a final line break.
pub fn report(report: &Report, source: &Source, rules: &[&Rule]) -> String {
    let reported = report.sorted().into_iter().map(|one| result(one, source, rules));
    let allowed = report.allowed().into_iter().map(|one| {
        let mut result = result(&one.finding, source, rules);
        result["suppressions"] = json!([{ "kind": "inSource", "justification": one.reason }]);
        result
    });
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": reported.chain(allowed).collect::<Vec<_>>(),
        }],
    });
    format!("{document:#}\n")
}

fn descriptor(rule: &Rule) -> Value {
    let summary = rule.summary();
    json!({
        "id": rule.code,
        "shortDescription": { "text": summary },
        "help": { "text": rule.doc, "markdown": rule.doc },
        "defaultConfiguration": { "level": rule.severity.word() },
    })
}

fn result(finding: &Finding, source: &Source, rules: &[&Rule]) -> Value {
    let help = finding.help.iter().map(|help| format!("\n{help}"));
    let text = finding.message.clone() + &help.collect::<String>();
    let related = finding.related.iter().map(|label| {
        let mut place = location(label, source);
        place["message"] = json!({ "text": label.text });
        place
    });
    json!({
        "ruleId": finding.rule.code,
        "ruleIndex": rules.iter().position(|rule| rule.code == finding.rule.code),
        "level": finding.rule.severity.word(),
        "message": { "text": text },
        "locations": finding.place.iter().map(|label| location(label, source)).collect::<Vec<_>>(),
        "relatedLocations": related.collect::<Vec<_>>(),
    })
}

fn location(label: &Label, source: &Source) -> Value {
    let PrintedPlace { file, line, column, end_line, end_column } = PrintedPlace::of(label, source);
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&file) },
        "region": {
            "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
        },
    } })
}

/// Writes a path as a relative reference (RFC 3986). Letters, digits and `-._~/` stay. Every other byte becomes `%`
/// and two hexadecimal digits.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let byte = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.bytes().map(byte).collect()
}
