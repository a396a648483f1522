//! A list of hosts as a CSV table. The first line contains the keys. Each other line describes one host.

use csv::{ReaderBuilder, Trim};

use crate::diagnostic::cite;
use crate::diagnostic::{Finding, Report, did_you_mean, quoted};
use crate::model::shape;
use crate::source::{File, Span};
use crate::yaml::{Content, Node};

/// The keys that take a list. In a cell, blanks separate the values of the list.
const LISTS: [&str; 3] = ["address", "gateway", "other_interfaces"];

/// The keys whose values are numbers, `true` or `false`. All other values are texts, even if they look like numbers.
const PLAIN: [&str; 5] = ["weight", "port", "upper_threshold", "lower_threshold", "managed"];

/// The keys that a table can contain: all keys of hosts, and of a service's real servers, if a cell can hold the
/// value.
const KEYS: [&str; 13] = [
    "name",
    "address",
    "management_address",
    "target",
    "interface",
    "gateway",
    "managed",
    "other_interfaces",
    "title",
    "weight",
    "port",
    "upper_threshold",
    "lower_threshold",
];

/// Reads a table. If a cell is empty, the host does not get the key of that column. `#` begins a comment: a whole line, or the rest of a
/// cell after a blank.
pub(super) fn read(file: &File, report: &mut Report) -> Vec<Node> {
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .comment(Some(b'#'))
        .from_reader(file.text().as_bytes());
    let keys: Vec<String> = match reader.headers() {
        Ok(keys) => keys.iter().map(str::to_owned).collect(),
        Err(error) => {
            report.add(fault(&error, file));
            return Vec::new();
        }
    };
    let head = line(reader.headers().ok().and_then(csv::StringRecord::position), file);
    if let Some(key) = keys.iter().find(|key| !KEYS.contains(&key.as_str())) {
        let message = format!("a host cannot have the key {}", cite(key));
        let help = match key.contains([';', '\t']) {
            true => "separate the cells by commas".to_owned(),
            false => did_you_mean(key, KEYS)
                .unwrap_or_else(|| format!("the first line can have the keys {}", quoted(KEYS))),
        };
        report.add(Finding::at(&shape::UNKNOWN_KEY, head, message).help(help));
        return Vec::new();
    }
    let mut hosts = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let span = line(record.position(), file);
                let comment = record.get(0).is_some_and(|cell| cell.starts_with('#'));
                // Ignore rows without any value: spreadsheet programs write such rows.
                if comment || record.iter().all(str::is_empty) {
                    continue;
                }
                let cells =
                    keys.iter().zip(&record).map(|(key, cell)| (key, without_comment(key, cell)));
                let cells = cells.filter(|(_, cell)| !cell.is_empty());
                let entries =
                    cells.map(|(key, cell)| (scalar(key, false, span), value(key, cell, span)));
                hosts.push(Node { span, content: Content::Mapping(entries.collect()) });
            }
            Err(error) => report.add(fault(&error, file)),
        }
    }
    if hosts.is_empty() && !report.has_errors() {
        let finding = Finding::at(&shape::BAD_VALUE, head, "this list has no host");
        report.add(finding.help("write a line for each host below the first line"));
    }
    hosts
}

/// A cell without the comment behind its value. A title may contain any text.
fn without_comment<'a>(key: &str, cell: &'a str) -> &'a str {
    let comment = cell.find(" #").filter(|_| key != "title");
    comment.map_or(cell, |at| cell[..at].trim_end())
}

fn fault(error: &csv::Error, file: &File) -> Finding {
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("this line has {len} cells, but the first line has {expected_len}")
        }
        _ => format!("this is not CSV: {error}"),
    };
    let at = line(error.position(), file);
    let finding = Finding::at(&shape::BAD_VALUE, at, message);
    // The commas of a comment separate cells too.
    match file.text()[at.start - file.start()..at.end - file.start()].contains(" #") {
        true => finding.help("write a comment with commas on a line of its own"),
        false => finding,
    }
}

/// The line of a record. The parser may report a position before the record. This function then skips the
/// comments and empty lines that follow the position.
fn line(position: Option<&csv::Position>, file: &File) -> Span {
    let byte = position.map_or(0, csv::Position::byte);
    let byte = usize::try_from(byte).expect("the text lies in memory").min(file.text().len());
    let rest = file.text().get(byte..).expect("a record begins at a character");
    let skipped = rest.split_inclusive('\n');
    let skipped = skipped.take_while(|line| line.trim().is_empty() || line.starts_with('#'));
    let at = file.start() + byte + skipped.map(str::len).sum::<usize>();
    let number = file.line(at.min(file.end()));
    file.lines(number, number)
}

fn value(key: &str, cell: &str, span: Span) -> Node {
    // A range may have blanks around its hyphen. Remove these blanks, because blanks separate values.
    let joined = cell.replace(" - ", "-");
    let cell = if LISTS.contains(&key) { joined.as_str() } else { cell };
    let items = cell.split_ascii_whitespace();
    if LISTS.contains(&key) && items.clone().count() > 1 {
        let items = items.map(|word| scalar(word, true, span)).collect();
        return Node { span, content: Content::Sequence(items) };
    }
    scalar(cell, !PLAIN.contains(&key), span)
}

fn scalar(text: &str, quoted: bool, span: Span) -> Node {
    Node { span, content: Content::Scalar { text: text.to_owned(), quoted } }
}
