//! The rows of one way: a row is a step of one host, or of several hosts that do the same.

use super::super::step::{Event, Path, Server, Step, Taker};
use super::super::text::{Texts, share};
use crate::kernel::host::Cause;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The number of the step; `None`: the row belongs to the step before it.
    pub(super) number: Option<usize>,
    pub(super) host: String,
    pub(super) text: String,
    pub(super) why: String,
}

/// The largest number of real servers in the row of a choice.
const MOST_SHARES: usize = 8;

/// The rows of a way.
pub(super) fn rows(path: &Path, texts: Texts<'_>) -> Vec<Row> {
    let mut rows = Rows { rows: Vec::new(), number: 0, texts };
    rows.requests(&path.steps);
    let before = rows.number;
    for taker in &path.takers {
        if path.takers.len() > 1 {
            let text = "if this host wins:".to_owned();
            rows.rows.push(Row {
                number: None,
                host: taker.host.clone(),
                text,
                why: String::new(),
            });
        }
        rows.number = before;
        rows.taker(taker);
    }
    joined(rows.rows)
}

struct Rows<'t> {
    rows: Vec<Row>,
    number: usize,
    texts: Texts<'t>,
}

impl Rows<'_> {
    fn next(&mut self) -> usize {
        self.number += 1;
        self.number
    }

    /// The request for the MAC address of the VIP, and the reactions, which are one step.
    fn requests(&mut self, steps: &[Step]) {
        let mut answered = false;
        for step in steps {
            let reaction =
                matches!(step.event, Event::Answers(_) | Event::Silent(_) | Event::IsDown);
            let number = (!reaction || !answered).then(|| self.next());
            answered |= reaction;
            let row = self.row(step, number);
            self.rows.push(row);
        }
    }

    /// The steps of a host that gets the packet, and those of its real servers.
    fn taker(&mut self, taker: &Taker) {
        for step in &taker.steps {
            let number = Some(self.next());
            let row = self.row(step, number);
            self.rows.push(row);
        }
        if !taker.servers.is_empty() {
            let shares: Vec<String> = taker.servers.iter().take(MOST_SHARES).map(share).collect();
            let more = taker.servers.len().saturating_sub(MOST_SHARES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let text = match shares.as_slice() {
                [one] => format!("chooses {one}"),
                all => format!("chooses one of {}{more}", all.join(", ")),
            };
            let number = Some(self.next());
            self.rows.push(Row { number, host: taker.host.clone(), text, why: String::new() });
        }
        let mut known: Vec<(Vec<Row>, String)> = Vec::new();
        for server in &taker.servers {
            let own = self.server(server);
            let key: Vec<Row> = own.iter().map(|row| masked(row, server)).collect();
            match known.iter().find(|(one, _)| *one == key) {
                Some((_, first)) => {
                    let text = format!("the same as {first}");
                    let host = server.host.clone();
                    self.rows.push(Row { number: None, host, text, why: String::new() });
                }
                None => {
                    known.push((key, server.host.clone()));
                    self.rows.extend(own);
                }
            }
        }
    }

    fn server(&mut self, server: &Server) -> Vec<Row> {
        let first = self.number;
        let mut own = Vec::new();
        for step in &server.steps {
            let further = matches!(step.event, Event::AsksAs { .. } | Event::MissesDirector(_));
            let number = (!further).then(|| self.next());
            own.push(self.row(step, number));
        }
        if let (Some(row), Some(place)) = (own.first_mut(), server.place) {
            let entry = format!("entry of the table ({})", self.texts.place(place));
            row.why = if row.why.is_empty() { entry } else { format!("{entry}; {}", row.why) };
        }
        self.number = first;
        own
    }

    fn row(&self, step: &Step, number: Option<usize>) -> Row {
        let mut why: Vec<String> =
            step.causes.iter().map(|cause| self.texts.placed_cause(cause)).collect();
        let place = match &step.event {
            Event::Finds { place, .. } => *place,
            Event::Unpacks { place, .. } => Some(*place),
            _ => None,
        };
        why.extend(place.map(|span| self.texts.place(span)));
        let text = self.texts.event(step);
        Row { number, host: step.host.clone(), text, why: why.join("; ") }
    }
}

/// A row in which nothing belongs to one real server: equal rows of several real servers stand once.
fn masked(row: &Row, server: &Server) -> Row {
    let mut own: Vec<String> = vec![server.host.clone()];
    for step in &server.steps {
        match &step.event {
            Event::Sends { hop, .. } => own.push(hop.next.to_string()),
            Event::AsksAs { sender, .. } => own.push(sender.to_string()),
            Event::Replies { source, .. } => own.push(source.to_string()),
            _ => {}
        }
        let causes = step.causes.iter().filter(|_| step.host == server.host);
        own.extend(causes.filter_map(|cause| match cause {
            Cause::Address(one) => Some(one.net.addr().to_string()),
            _ => None,
        }));
    }
    // A long address may begin with a short one.
    own.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let mask = |text: &str| {
        let places = own.iter().fold(text.to_owned(), |text, one| text.replace(one, "@"));
        // The lines of the same entries in a table differ.
        places.split(" line ").next().unwrap_or_default().to_owned()
    };
    Row { number: None, host: mask(&row.host), text: mask(&row.text), why: mask(&row.why) }
}

/// Joins neighbours that do the same.
fn joined(rows: Vec<Row>) -> Vec<Row> {
    let mut all: Vec<(Row, usize)> = Vec::new();
    for row in rows {
        let same = all.last().is_some_and(|(last, _)| {
            let texts = (&last.text, &last.why) == (&row.text, &row.why);
            row.number.is_none()
                && texts
                && !row.text.starts_with("who ")
                && !row.text.starts_with("if ")
        });
        match all.last_mut().filter(|_| same) {
            Some((last, count)) => {
                *count += 1;
                if *count <= 3 {
                    last.host = format!("{}, {}", last.host, row.host);
                }
            }
            None => all.push((row, 1)),
        }
    }
    let named = all.into_iter().map(|(mut row, count)| {
        if count > 3 {
            row.host = format!("{} and {} more", row.host, count - 3);
        }
        if count > 1 && row.text == "is down" {
            row.text = "are down".to_owned();
        }
        row
    });
    named.collect()
}
