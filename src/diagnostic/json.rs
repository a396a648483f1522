//! Findings as JSON, for programs that users write.
//!
//! Takes a [`Report`] and its [`Source`]; gives one document with the keys `format`, `file`, `findings` and `allowed`. The
//! entries of both lists are sorted by place. An entry of `allowed` is a finding with a `reason`.

use serde::Serialize;

use super::place::PrintedPlace;
use super::{Finding, Label, Report};
use crate::source::Source;

/// The number of the JSON format.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct JsonDocument<'a> {
    format: u32,
    file: &'a str,
    findings: Vec<JsonFinding<'a>>,
    allowed: Vec<AllowedEntry<'a>>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PrintedPlace>,
    related: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    place: PrintedPlace,
}

#[derive(Serialize)]
struct AllowedEntry<'a> {
    #[serde(flatten)]
    finding: JsonFinding<'a>,
    reason: &'a str,
}

/// Gives the report as one JSON document, with a final line break.
///
/// # Errors
/// The type `Result` comes from the JSON library. No text of a user can cause an error.
pub fn report(report: &Report, source: &Source) -> serde_json::Result<String> {
    let allowed = report.allowed().into_iter();
    let document = JsonDocument {
        format: FORMAT,
        file: source.name(),
        findings: report.sorted().into_iter().map(|one| entry(one, source)).collect(),
        allowed: allowed
            .map(|one| AllowedEntry { finding: entry(&one.finding, source), reason: &one.reason })
            .collect(),
    };
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

fn entry<'a>(finding: &'a Finding, source: &Source) -> JsonFinding<'a> {
    let related =
        |label: &'a Label| Related { message: &label.text, place: PrintedPlace::of(label, source) };
    JsonFinding {
        code: finding.rule.code,
        severity: finding.rule.severity.word(),
        message: &finding.message,
        place: finding.place.as_ref().map(|label| PrintedPlace::of(label, source)),
        related: finding.related.iter().map(related).collect(),
        help: finding.help.as_deref(),
    }
}
