//! Compares the new model with the files from which it was made.
//!
//! Takes the rendered model and the pictures of the hosts; gives the result of the comparison of their tables and checks. A difference is in
//! the report, or it is a fault of lvsgen.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::gather::Picture;
use super::rendered::RenderedModel;
use super::table::Table;
use crate::ipvs::{Destination, Endpoint, Service};
use crate::source::Span;

/// The result of the comparison.
#[derive(Debug, PartialEq, Eq)]
pub enum Verified {
    /// Everything that the model should have is the same.
    Same {
        /// The number of services.
        services: usize,
        /// The number of their real servers.
        destinations: usize,
    },
    /// The differences: a fault of lvsgen.
    Differs(Vec<String>),
    /// The model has errors, so it cannot be rendered: their codes.
    Errors(Vec<&'static str>),
    /// A value is open that no other value can stand in for.
    Open,
}

type Entry = (Service, Vec<Destination>);

/// Compares the rendered model with the input.
pub(super) fn verify(draft: &Draft, pictures: &[Picture], rendered: &RenderedModel) -> Verified {
    let followed = draft.directors.first().map(|director| director.name.as_str());
    // The other hosts have no table.
    let director = rendered.hosts.iter().find(|host| Some(host.name.as_str()) == followed);
    let first = pictures.iter().find(|picture| Some(picture.name.as_str()) == followed);
    let (Some(director), Some(first)) = (director, first) else { return Verified::Open };
    let table = Table::of_facts(director.facts.iter().map(|fact| (fact, Span::default())));
    compare(draft, &Table::of(first), &table)
}

fn compare(draft: &Draft, before: &Table, after: &Table) -> Verified {
    let mut differences = Vec::new();
    let (mut services, mut destinations) = (0, 0);
    let mut known = BTreeSet::new();
    for (one, endpoint) in
        draft.services.iter().flat_map(|one| one.endpoints.iter().map(move |at| (one, *at)))
    {
        known.insert(endpoint);
        services += 1;
        let wanted = entry(before, endpoint, &draft.left_out);
        destinations += wanted.as_ref().map_or(0, |(_, servers)| servers.len());
        if wanted != entry(after, endpoint, &BTreeSet::new()) {
            differences.push(format!("the service `{}` differs", one.name));
        }
        for (destination, _) in after.of_service(endpoint) {
            let key = (endpoint, destination.address);
            if before.checks.get(&key) != after.checks.get(&key) {
                differences.push(format!(
                    "the check of {} in `{}` differs",
                    destination.address, one.name
                ));
            }
        }
        // Without a check, these settings have no effect.
        if one.health.is_some() {
            let wrong = effects(endpoint, before, after);
            differences.extend(wrong.map(|what| format!("the {what} of `{}` differs", one.name)));
        }
    }
    let more = after.services.iter().filter(|(service, _)| !known.contains(&service.endpoint));
    differences
        .extend(more.map(|(service, _)| format!("the service {:?} is new", service.endpoint)));
    match differences.is_empty() {
        true => Verified::Same { services, destinations },
        false => Verified::Differs(differences),
    }
}

/// The effects of failed checks that differ.
fn effects(
    endpoint: Endpoint,
    before: &Table,
    after: &Table,
) -> impl Iterator<Item = &'static str> {
    let quorum = |table: &Table| table.quorum.get(&endpoint).copied().unwrap_or(1);
    let down = |table: &Table| table.starts_down.contains(&endpoint);
    let quiesces = before.all_quiesce(endpoint);
    let same = [
        (quorum(before) == quorum(after), "quorum"),
        (down(before) == down(after), "first state"),
        // The report has a service of which only some real servers stay in the table.
        (quiesces.is_none() || quiesces == after.all_quiesce(endpoint), "effect of a failed check"),
    ];
    same.into_iter().filter(|(same, _)| !same).map(|(_, what)| what)
}

/// A service with its real servers, without those that the model does not have.
fn entry(
    table: &Table,
    endpoint: Endpoint,
    left_out: &BTreeSet<(Endpoint, Span)>,
) -> Option<Entry> {
    let (service, _) = table.services.iter().find(|(one, _)| one.endpoint == endpoint)?;
    let servers =
        table.of_service(endpoint).filter(|(_, span)| !left_out.contains(&(endpoint, *span)));
    Some((service.clone(), servers.map(|(destination, _)| *destination).collect()))
}
