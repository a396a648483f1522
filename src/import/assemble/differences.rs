//! The differences between the tables of two directors.

use super::super::gather::Picture;
use super::super::rules;
use super::super::table::Table;
use crate::diagnostic::{Finding, Report};
use crate::source::Span;

/// A director with its table.
type Director<'a> = (&'a Picture, &'a Table);

/// Reports the differences. The model follows the first director.
pub(super) fn report(first: Director<'_>, other: Director<'_>, report: &mut Report) {
    let mut add = |span: Span, related: Option<Span>, message: String| {
        let finding = Finding::at(&rules::DISAGREE, span, message);
        report.add(match related {
            Some(place) => finding.related(place, format!("the line of `{}`", other.0.name)),
            None => finding,
        });
    };
    services(first, other, &mut add);
    checks(first, other, &mut add);
    destinations(first, other, &mut add);
}

/// Adds a finding at a place, with the place of the other director.
type Add<'a> = dyn FnMut(Span, Option<Span>, String) + 'a;

fn services((first, table): Director<'_>, (other, of_other): Director<'_>, add: &mut Add<'_>) {
    for (service, span) in &table.services {
        let same = of_other.services.iter().find(|(one, _)| one.endpoint == service.endpoint);
        match same {
            None => add(*span, None, format!("`{}` does not have this service", other.name)),
            Some((one, place)) if one != service => {
                let message = format!("`{}` has other settings of this service", other.name);
                add(*span, Some(*place), message);
            }
            Some(_) => {}
        }
    }
    for (service, span) in &of_other.services {
        if !table.services.iter().any(|(one, _)| one.endpoint == service.endpoint) {
            add(*span, None, format!("`{}` does not have this service", first.name));
        }
    }
}

fn checks((_, table): Director<'_>, (other, of_other): Director<'_>, add: &mut Add<'_>) {
    for (service, span) in &table.services {
        let endpoint = service.endpoint;
        let Some((_, place)) = of_other.services.iter().find(|(one, _)| one.endpoint == endpoint)
        else {
            continue;
        };
        // A real server that only one director has is a difference of its own.
        let both = table.of_service(endpoint).map(|(one, _)| (endpoint, one.address));
        let both =
            both.filter(|key| of_other.of_service(endpoint).any(|(one, _)| one.address == key.1));
        let same = both.into_iter().all(|key| table.checks.get(&key) == of_other.checks.get(&key))
            && table.quorum.get(&endpoint) == of_other.quorum.get(&endpoint)
            && table.sorry_server(endpoint) == of_other.sorry_server(endpoint)
            && table.all_quiesce(endpoint) == of_other.all_quiesce(endpoint);
        if !same {
            let message = format!(
                "`{}` has other checks, or other effects of them, for this service",
                other.name
            );
            add(*span, Some(*place), message);
        }
    }
}

fn destinations((first, table): Director<'_>, (other, of_other): Director<'_>, add: &mut Add<'_>) {
    let has =
        |table: &Table, endpoint| table.services.iter().any(|(one, _)| one.endpoint == endpoint);
    for (endpoint, destination, span) in &table.destinations {
        let address = destination.address;
        let same = of_other.of_service(*endpoint).find(|(one, _)| one.address == address);
        match same {
            None if has(of_other, *endpoint) => {
                add(
                    *span,
                    None,
                    format!("`{}` does not have the real server {address}", other.name),
                );
            }
            Some((one, place)) if one.weight != destination.weight => {
                let message = format!(
                    "the real server {address} has the weight {} on `{}` and {} on `{}`",
                    destination.weight, first.name, one.weight, other.name
                );
                add(*span, Some(place), message);
            }
            Some((one, place)) if one != destination => {
                let message =
                    format!("`{}` has other settings of the real server {address}", other.name);
                add(*span, Some(place), message);
            }
            _ => {}
        }
    }
    for (endpoint, destination, span) in &of_other.destinations {
        let address = destination.address;
        let known = table.of_service(*endpoint).any(|(one, _)| one.address == address);
        if !known && has(table, *endpoint) {
            add(*span, None, format!("`{}` does not have the real server {address}", first.name));
        }
    }
}
