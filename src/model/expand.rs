//! Replaces included lists and ranges of hosts with single hosts.
//!
//! Takes the model as written, and changes every list of hosts in it. Later code thus handles only single
//! hosts. A host from a range has the place of the range in the source.

mod csv;
mod range;

pub(super) use range::AddressRange;

use crate::diagnostic::cite;
use schemars::{Schema, json_schema};
use serde_json::{Value, json};

use super::schema_part::{V4, V6, text};
use super::shape;
use crate::diagnostic::{Finding, Report};
use crate::source::Source;
use crate::yaml::{self, Content, Node};

/// The paths of the lists that a model includes, as written, without duplicates. If the text is not YAML, the
/// result is empty. The result contains only paths with a suffix for YAML or CSV.
pub fn includes(source: &Source) -> Vec<String> {
    // Most models include no list. This test avoids a second reading of such a model.
    if !source.main().text().contains(INCLUDE) {
        return Vec::new();
    }
    let Ok(mut root) = yaml::parse(source) else { return Vec::new() };
    let mut paths: Vec<String> = Vec::new();
    each_list(&mut root, &mut |list| {
        for (path, _) in list.iter().filter_map(included_path) {
            if ListFormat::of(path).is_some() && !paths.iter().any(|known| known == path) {
                paths.push(path.to_owned());
            }
        }
    });
    paths
}

/// The format of an included list.
enum ListFormat {
    Csv,
    Yaml,
}

impl ListFormat {
    fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "csv" => Some(Self::Csv),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

const INCLUDE: &str = "include";

/// Replaces the includes and the ranges in every list of hosts. Adds each error to the report.
pub(super) fn write_out(root: &mut Node, source: &Source, report: &mut Report) {
    let mut free = range::MOST;
    each_list_of_cluster(root, &mut |list| write_out_list(list, &mut free, source, report));
    // The real servers of a service are hosts of the cluster, and count only there.
    each_list_of_services(root, &mut |list| {
        let mut free = range::MOST;
        write_out_list(list, &mut free, source, report);
    });
}

fn write_out_list(list: &mut Vec<Node>, free: &mut u128, source: &Source, report: &mut Report) {
    let mut hosts = Vec::with_capacity(list.len());
    for entry in list.drain(..) {
        match included_path(&entry) {
            None => range::write_out(entry, &mut hosts, free, report),
            Some((path, node)) => {
                for entry in read(path, node, source, report) {
                    if let Some((_, node)) = included_path(&entry) {
                        let message = "an included list cannot include another list";
                        let help = "include both lists in the model";
                        report.add(Finding::at(&shape::BAD_VALUE, node.span, message).help(help));
                        continue;
                    }
                    range::write_out(entry, &mut hosts, free, report);
                }
            }
        }
    }
    *list = hosts;
}

/// Calls `visit` for each list of hosts.
fn each_list(root: &mut Node, visit: &mut dyn FnMut(&mut Vec<Node>)) {
    each_list_of_cluster(root, visit);
    each_list_of_services(root, visit);
}

/// Calls `visit` for the directors, the real servers and the retired hosts.
fn each_list_of_cluster(root: &mut Node, visit: &mut dyn FnMut(&mut Vec<Node>)) {
    for key in ["directors", "real_servers", "retired"] {
        if let Some(list) = list(root, key) {
            visit(list);
        }
    }
}

/// Calls `visit` for the real servers of each service.
fn each_list_of_services(root: &mut Node, visit: &mut dyn FnMut(&mut Vec<Node>)) {
    for service in list(root, "virtual_services").into_iter().flatten() {
        if let Some(list) = list(service, "real_servers") {
            visit(list);
        }
    }
}

fn list<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Vec<Node>> {
    let Content::Mapping(entries) = &mut node.content else { return None };
    entries.iter_mut().find_map(|(name, value)| match &mut value.content {
        Content::Sequence(items) if is_text(name, key) => Some(items),
        _ => None,
    })
}

fn is_text(node: &Node, word: &str) -> bool {
    matches!(&node.content, Content::Scalar { text, .. } if text == word)
}

/// The path in an entry of the form `{ include: PATH }`, and its node. `None` for any other entry.
fn included_path(entry: &Node) -> Option<(&str, &Node)> {
    let Content::Mapping(entries) = &entry.content else { return None };
    match entries.as_slice() {
        [(key, value)] if is_text(key, INCLUDE) => match &value.content {
            Content::Scalar { text, .. } => Some((text, value)),
            _ => None,
        },
        _ => None,
    }
}

/// Reads an included list and gives its entries.
fn read(path: &str, node: &Node, source: &Source, report: &mut Report) -> Vec<Node> {
    let mut refuse = |finding: Finding| {
        report.add(finding);
        Vec::new()
    };
    let Some(format) = ListFormat::of(path) else {
        let message = format!("{} is neither YAML nor CSV", cite(path));
        let finding = Finding::at(&shape::BAD_VALUE, node.span, message);
        return refuse(finding.help("use a file with the suffix .yaml, .yml or .csv"));
    };
    let file = match source.included(path) {
        Ok(file) => file,
        Err(why) => {
            let message = format!("cannot include {}: {why}", cite(path));
            let help = "the path starts at the folder of the model";
            return refuse(Finding::at(&shape::BAD_VALUE, node.span, message).help(help));
        }
    };
    match format {
        ListFormat::Csv => csv::read(file, report),
        ListFormat::Yaml => match yaml::parse_file(file) {
            Ok(None) => Vec::new(),
            Ok(Some(Node { content: Content::Sequence(items), .. })) => items,
            Ok(Some(other)) => {
                let message = format!("this is {}, but must be a list of hosts", other.kind());
                let finding = Finding::at(&shape::WRONG_TYPE, other.anchor(), message);
                refuse(finding.help("write only the entries of the list, each after `- `"))
            }
            Err(finding) => refuse(finding),
        },
    }
}

/// The schema of a range of addresses.
pub(super) fn range_of_addresses() -> Schema {
    let range = format!("^({V4}|{V6}) *- *({V4}|{V6})$");
    text("a range of addresses", &range, "10.0.0.1-10.0.0.100")
}

/// The schema of a range of host names.
pub(super) fn range_of_names() -> Schema {
    text("a range of host names", r"^[a-z0-9.-]*\[\d+-\d+\][a-z0-9.-]*$", "web[001-100]")
}

/// The schema of an entry that includes a list from another file.
pub(super) fn entry_include() -> Schema {
    let path = json!({
        "type": "string",
        "description": "a YAML or CSV file with a list of hosts, as a path from the model's folder",
        "pattern": r"\.(csv|ya?ml)$",
        "patternErrorMessage": "write the path of a file that ends in .yaml, .yml or .csv",
    });
    json_schema!({
        "type": "object",
        "properties": { "include": path },
        "required": ["include"],
        "additionalProperties": false,
    })
}

/// The schema of an entry in a list of hosts: one host, a range of hosts, or a list from another file.
pub(super) fn entry_of_hosts(mut host: Schema) -> Schema {
    let range = range_of_addresses();
    let ranges = json!({ "type": "array", "items": range, "minItems": 1, "maxItems": 2 });
    or_form(&mut host, "name", &[range_of_names().to_value()]);
    or_form(&mut host, "address", &[range.to_value(), ranges]);
    json_schema!({ "anyOf": [host, entry_include()] })
}

/// Adds forms to the value of a key. The description of the key stays with the key.
pub(super) fn or_form(mapping: &mut Schema, key: &str, more: &[Value]) {
    let Some(value) = mapping.pointer_mut(&format!("/properties/{key}")) else { return };
    let mut first = value.take();
    let described = first.as_object_mut().and_then(|first| first.remove("description"));
    let forms: Vec<Value> = std::iter::once(first).chain(more.iter().cloned()).collect();
    *value = json!({ "anyOf": forms, "description": described });
}
