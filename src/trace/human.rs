//! A trace as text for a terminal.

use std::fmt::Write as _;

use super::hosts::Hosts;
use super::step::{Event, Outcome, Path, Server, Step};
use super::text::{Texts, share};
use super::walk::Trace;
use crate::kernel::Moment;

/// A line of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    number: Option<usize>,
    host: String,
    text: String,
    why: String,
    place: String,
}

/// Writes a trace: the way from the first place, every way that breaks, and a table of all places.
pub fn write(trace: &Trace, hosts: &Hosts) -> String {
    let mut text = String::new();
    let service = socket(trace);
    for (at, path) in trace.paths.iter().enumerate() {
        // The other hosts of the cluster stand in the table; a place outside of the cluster is worth its steps.
        let breaks = path.outcome >= Outcome::Risky && path.client.host.is_none();
        if at == 0 || breaks || trace.paths.len() == 1 {
            write_path(&mut text, trace, path, hosts, &service);
            text.push('\n');
        }
    }
    if trace.paths.len() > 1 {
        table(&mut text, trace);
    }
    text
}

/// The address, the port, and the protocol if it is not TCP.
pub(super) fn socket(trace: &Trace) -> String {
    let packet = trace.packet;
    let socket = std::net::SocketAddr::new(packet.address, packet.port);
    match packet.protocol {
        crate::ipvs::Protocol::Tcp => socket.to_string(),
        protocol => format!("{socket}/{protocol}"),
    }
}

fn write_path(text: &mut String, trace: &Trace, path: &Path, hosts: &Hosts, service: &str) {
    let by = match (trace.gateway, path.client.on_link) {
        (Some(gateway), false) => format!(", by the gateway {gateway}"),
        _ => format!(" ({})", path.client.address),
    };
    let moments = moments(path, trace);
    line(text, &format!("{service} from {}{by}{moments}", path.client.name));
    let texts = Texts { hosts, vip: trace.packet.address };
    let mut rows = Rows { rows: Vec::new(), number: 0, texts };
    rows.shared(path);
    let mut known: Vec<(Vec<Row>, String)> = Vec::new();
    for server in &path.servers {
        let own = rows.of_server(server);
        let key = own.iter().map(|row| masked(row, server)).collect::<Vec<_>>();
        match known.iter().find(|(one, _)| *one == key) {
            Some((_, first)) => rows.same(&server.host, first),
            None => {
                known.push((key, server.host.clone()));
                rows.rows.extend(own);
            }
        }
    }
    print(text, &joined(rows.rows));
    line(text, &result(path));
}

/// A row in which nothing belongs to one real server: equal rows of several real servers stand once.
fn masked(row: &Row, server: &Server) -> Row {
    let mask = |text: &str| {
        let mut text = text.replace(&server.host, "@");
        for step in &server.steps {
            if let Event::Sends { hop, .. } = &step.event {
                text = text.replace(&hop.next.to_string(), "@");
            }
            if let Event::AsksAs { sender, .. } = &step.event {
                text = text.replace(&sender.to_string(), "@");
            }
        }
        text
    };
    Row {
        number: None,
        host: mask(&row.host),
        text: mask(&row.text),
        why: mask(&row.why),
        place: String::new(),
    }
}

/// The moments, if the way is not the same at all of them.
fn moments(path: &Path, trace: &Trace) -> String {
    let several = trace.paths.iter().filter(|one| one.client.name == path.client.name).count() > 1;
    if !several {
        return String::new();
    }
    let all: Vec<&str> = path.moments.iter().map(|moment: &Moment| moment.when()).collect();
    format!(", {}", all.join(" and "))
}

struct Rows<'t> {
    rows: Vec<Row>,
    number: usize,
    texts: Texts<'t>,
}

impl Rows<'_> {
    /// The steps before a real server is chosen.
    fn shared(&mut self, path: &Path) {
        for step in &path.steps {
            let reaction = matches!(step.event, Event::Silent(_) | Event::IsDown);
            let again = matches!(step.event, Event::Answers(_))
                && self
                    .rows
                    .last()
                    .is_some_and(|row| row.number.is_none() || row.text.starts_with("answers"));
            let number = (!reaction && !again).then(|| self.next());
            let row = self.row(step, number);
            self.rows.push(row);
        }
        let balances = path.steps.iter().any(|step| matches!(step.event, Event::Finds { .. }));
        if balances && !path.servers.is_empty() {
            let shares: Vec<String> = path.servers.iter().take(8).map(share).collect();
            let more = path.servers.len().saturating_sub(8);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let host = path.steps.last().map(|step| step.host.clone()).unwrap_or_default();
            let text = match shares.as_slice() {
                [one] => format!("chooses {one}"),
                all => format!("chooses one of {}{more}", all.join(", ")),
            };
            let number = Some(self.next());
            let (why, place) = (String::new(), String::new());
            self.rows.push(Row { number, host, text, why, place });
        }
    }

    fn next(&mut self) -> usize {
        self.number += 1;
        self.number
    }

    fn of_server(&mut self, server: &Server) -> Vec<Row> {
        let first = self.number;
        let mut own = Vec::new();
        for step in &server.steps {
            let further = matches!(step.event, Event::AsksAs { .. } | Event::MissesDirector(_));
            let number = (!further).then(|| self.next());
            own.push(self.row(step, number));
        }
        if let (Some(row), Some(place)) = (own.first_mut(), server.place) {
            row.place = self.texts.place(place);
        }
        self.number = first;
        own
    }

    fn same(&mut self, host: &str, first: &str) {
        let text = format!("the same as {first}");
        let (why, place) = (String::new(), String::new());
        self.rows.push(Row { number: None, host: host.to_owned(), text, why, place });
    }

    fn row(&self, step: &Step, number: Option<usize>) -> Row {
        let mut why: Vec<String> = Vec::new();
        let mut place = None;
        for cause in &step.causes {
            let (text, at) = self.texts.cause(cause);
            why.push(text);
            place = place.or(at);
        }
        let at = match &step.event {
            Event::Finds { place, .. } => *place,
            Event::Unpacks { place, .. } => Some(*place),
            _ => None,
        };
        let place = place.or_else(|| at.map(|span| self.texts.place(span))).unwrap_or_default();
        let text = self.texts.event(step);
        Row { number, host: step.host.clone(), text, why: why.join(", "), place }
    }
}

/// Joins neighbours that do the same.
fn joined(rows: Vec<Row>) -> Vec<Row> {
    let mut all: Vec<(Row, usize)> = Vec::new();
    for row in rows {
        match all.last_mut() {
            Some((last, count))
                if row.number.is_none()
                    && (&last.text, &last.why) == (&row.text, &row.why)
                    && !last.text.starts_with("who") =>
            {
                *count += 1;
                if *count <= 3 {
                    last.host = format!("{}, {}", last.host, row.host);
                }
            }
            _ => all.push((row, 1)),
        }
    }
    let named = all.into_iter().map(|(mut row, count)| {
        if count > 3 {
            row.host = format!("{} and {} more", row.host, count - 3);
        }
        row
    });
    named.collect()
}

fn print(text: &mut String, rows: &[Row]) {
    let width = rows.iter().map(|row| row.host.chars().count()).max().unwrap_or(0);
    for row in rows {
        let number = row.number.map_or("  ".to_owned(), |number| format!("{number:2}"));
        line(text, format!("{number} {:width$}  {}", row.host, row.text).trim_end());
        let why = match (row.why.as_str(), row.place.as_str()) {
            ("", "") => continue,
            ("", place) => place.to_owned(),
            (why, "") => why.to_owned(),
            (why, place) => format!("{why}   {place}"),
        };
        line(text, &format!("   {:width$}    {why}", ""));
    }
}

/// The last line of a way.
fn result(path: &Path) -> String {
    let answered = path.servers.iter().filter(|server| server.outcome == Outcome::Answered).count();
    let is = |wanted: fn(&Event) -> bool| path.steps.iter().filter(move |step| wanted(&step.event));
    let several = is(|event| matches!(event, Event::Answers(_))).count() > 1;
    let alone = is(|event| *event == Event::NotBalanced).next().is_some();
    let result = match path.outcome {
        Outcome::Answered if path.servers.len() == 1 => "the server answers".to_owned(),
        Outcome::Answered => "every server answers".to_owned(),
        Outcome::Itself => "the host reaches itself only".to_owned(),
        Outcome::OwnClient => "a director cannot be its own client".to_owned(),
        Outcome::Risky if several => {
            "several hosts answer for the VIP, and each of them may win".to_owned()
        }
        Outcome::Risky => {
            "every server answers, and the neighbours learn a wrong MAC address for the VIP"
                .to_owned()
        }
        Outcome::Broken if alone => "the IPVS table of no director has the service".to_owned(),
        Outcome::Broken if answered > 0 => {
            format!("{answered} of {} servers answer", path.servers.len())
        }
        Outcome::Broken => "no server answers".to_owned(),
    };
    match path.assumptions.as_slice() {
        [] => result,
        all => format!("{result}. Assumed: {}", all.join("; ")),
    }
}

/// The results of all places.
fn table(text: &mut String, trace: &Trace) {
    let mut names: Vec<&str> = Vec::new();
    for path in &trace.paths {
        if !names.contains(&path.client.name.as_str()) {
            names.push(&path.client.name);
        }
    }
    let results = names.iter().map(|name| {
        let own = trace.paths.iter().filter(|path| path.client.name == *name);
        own.map(|path| path.outcome).max().unwrap_or(Outcome::Broken)
    });
    let mut groups: Vec<(Outcome, Vec<&str>)> = Vec::new();
    for (name, outcome) in names.iter().zip(results) {
        match groups.iter_mut().find(|(one, _)| *one == outcome) {
            Some((_, all)) => all.push(name),
            None => groups.push((outcome, vec![name])),
        }
    }
    for (outcome, names) in groups {
        let word = match outcome {
            Outcome::Answered => "ok",
            Outcome::Itself => "itself only",
            Outcome::OwnClient => "never",
            Outcome::Risky => "at risk",
            Outcome::Broken => "no answer",
        };
        let shown: Vec<&str> = names.iter().take(12).copied().collect();
        let more = names.len().saturating_sub(12);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        line(text, &format!("{word:12} from {}{more}", shown.join(", ")));
    }
}

fn line(text: &mut String, written: &str) {
    writeln!(text, "{written}").expect("a write to a String cannot fail");
}
