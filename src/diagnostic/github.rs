//! Findings as workflow commands of GitHub Actions. GitHub shows each finding beside the line that caused it.
//!
//! Takes a [`Report`] and its [`Source`]; gives one `::error …::` or `::warning …::` line for each finding.

use super::place::PrintedPlace;
use super::{Finding, Report};
use crate::source::Source;

/// Gives every finding of the report, sorted.
pub fn report(report: &Report, source: &Source) -> String {
    report.sorted().into_iter().map(|one| finding(one, source)).collect()
}

fn finding(finding: &Finding, source: &Source) -> String {
    let place = finding.place.as_ref().map(|label| PrintedPlace::of(label, source));
    let file = place.as_ref().map_or(source.name(), |place| &place.file);
    let mut properties = vec![format!("file={}", property(file))];
    if let Some(PrintedPlace { line, column, end_line, end_column, .. }) = place {
        properties.push(format!("line={line},endLine={end_line}"));
        // GitHub accepts columns only if the finding is on one line. For GitHub, `endColumn` is the last
        // column of the finding, but `end_column` is the column after the last one.
        if line == end_line {
            let last = end_column.saturating_sub(1).max(column);
            properties.push(format!("col={column},endColumn={last}"));
        }
    }
    properties.push(format!("title={}", property(finding.rule.code)));
    let help = finding.help.iter().map(|help| format!("\n{help}"));
    let text = finding.message.clone() + &help.collect::<String>();
    format!("::{} {}::{}\n", finding.rule.severity.word(), properties.join(","), data(&text))
}

/// Escapes the characters that would end the command or begin a new one.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
