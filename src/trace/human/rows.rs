//! The rows of one way: a row is a step of one host, or of several hosts that do the same.

use std::collections::BTreeSet;

use super::super::step::{Event, Path, Server, Step, Taker};
use super::super::text::{FEW, Hidden, Texts, few, share};
use crate::kernel::host::Cause;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The number of the step; `None`: the row belongs to the step before it.
    pub(super) number: Option<usize>,
    pub(super) host: String,
    pub(super) text: String,
    pub(super) why: String,
    joins: Joins,
}

/// Whether a row can stand for several hosts that do the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joins {
    /// The row stands alone.
    Never,
    /// The hosts stand in one row.
    Hosts,
    /// The hosts are down.
    Down,
}

impl Joins {
    fn of(event: &Event) -> Self {
        match event {
            Event::Asks(_) | Event::AsksAs { .. } => Self::Never,
            Event::IsDown => Self::Down,
            _ => Self::Hosts,
        }
    }
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
            rows.plain(None, &taker.host, text, Joins::Never);
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
            self.rows.push(row(step, number, self.texts));
        }
    }

    /// The steps of a host that gets the packet, and those of its real servers.
    fn taker(&mut self, taker: &Taker) {
        for step in &taker.steps {
            let number = Some(self.next());
            self.rows.push(row(step, number, self.texts));
        }
        if !taker.servers.is_empty() {
            let shares: Vec<String> = taker.servers.iter().map(share).collect();
            let text = match shares.as_slice() {
                [one] => format!("chooses {one}"),
                all => format!("chooses one of {}", few(all, MOST_SHARES)),
            };
            let number = Some(self.next());
            self.plain(number, &taker.host, text, Joins::Hosts);
        }
        let mut known: Vec<(Vec<Row>, &str)> = Vec::new();
        for server in &taker.servers {
            let hidden = hidden(server);
            let key = server_rows(server, self.number, self.texts.hiding(&hidden));
            match known.iter().find(|(one, _)| *one == key) {
                Some((_, first)) => {
                    let text = format!("the same as {first}");
                    self.plain(None, &server.host, text, Joins::Hosts);
                }
                None => {
                    known.push((key, &server.host));
                    self.rows.extend(server_rows(server, self.number, self.texts));
                }
            }
        }
    }

    /// Adds a row without a cause.
    fn plain(&mut self, number: Option<usize>, host: &str, text: String, joins: Joins) {
        self.rows.push(Row { number, host: host.to_owned(), text, why: String::new(), joins });
    }
}

/// The rows of a real server. `before`: the number of the row before them.
fn server_rows(server: &Server, before: usize, texts: Texts<'_>) -> Vec<Row> {
    let mut number = before;
    let mut own = Vec::new();
    for step in &server.steps {
        let further = matches!(step.event, Event::AsksAs { .. } | Event::MissesDirector(_));
        number += usize::from(!further);
        own.push(row(step, (!further).then_some(number), texts));
    }
    if let (Some(row), Some(place)) = (own.first_mut(), server.place) {
        let entry = format!("entry of the table ({})", texts.place(place));
        row.why = if row.why.is_empty() { entry } else { format!("{entry}; {}", row.why) };
    }
    own
}

fn row(step: &Step, number: Option<usize>, texts: Texts<'_>) -> Row {
    let mut why: Vec<String> = step.causes.iter().map(|cause| texts.placed_cause(cause)).collect();
    let place = match &step.event {
        Event::Finds { place, .. } => *place,
        Event::Unpacks { place, .. } => Some(*place),
        _ => None,
    };
    why.extend(place.map(|span| texts.place(span)));
    let host = texts.name(&step.host).to_owned();
    let text = texts.event(step);
    Row { number, host, text, why: why.join("; "), joins: Joins::of(&step.event) }
}

/// The name and the addresses of a real server: its rows without them are those of a real server that does the same.
fn hidden(server: &Server) -> Hidden {
    let mut addresses = BTreeSet::new();
    for step in &server.steps {
        match &step.event {
            Event::Sends { hop, .. } => addresses.insert(hop.next),
            Event::AsksAs { sender, .. } => addresses.insert(*sender),
            Event::Replies { source, .. } => addresses.insert(*source),
            _ => false,
        };
        let causes = step.causes.iter().filter(|_| step.host == server.host);
        addresses.extend(causes.filter_map(|cause| match cause {
            Cause::Address(one) => Some(one.net.addr()),
            _ => None,
        }));
    }
    Hidden { name: server.host.clone(), addresses }
}

/// Joins neighbours that do the same.
fn joined(rows: Vec<Row>) -> Vec<Row> {
    let mut all: Vec<(Row, Vec<String>)> = Vec::new();
    for row in rows {
        let same = |last: &Row| {
            row.number.is_none()
                && row.joins != Joins::Never
                && (&last.text, &last.why) == (&row.text, &row.why)
        };
        match all.last_mut().filter(|(last, _)| same(last)) {
            Some((_, hosts)) => hosts.push(row.host),
            None => {
                let hosts = vec![row.host.clone()];
                all.push((row, hosts));
            }
        }
    }
    let named = all.into_iter().map(|(mut row, hosts)| {
        row.host = few(&hosts, FEW);
        if hosts.len() > 1 && row.joins == Joins::Down {
            row.text = "are down".to_owned();
        }
        row
    });
    named.collect()
}
