//! Compares the new model with the files from which it was made.
//!
//! The model is rendered in memory, the files are read back, and their tables, checks and VIPs are compared with those of the input. A
//! difference is in the report, or it is a fault of lvsgen.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::gather::Picture;
use super::rules;
use super::table::Table;
use super::write::{Open, write};
use crate::diagnostic::{Report, Severity};
use crate::ipvs::{Destination, Endpoint, Service};
use crate::model::{Cluster, TargetName, UNKNOWN};
use crate::pipeline::Pipeline;
use crate::plan::Plan;
use crate::profile::DEFAULT_TARGET;
use crate::source::{Source, Span};

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

/// The places of the real servers that the model does not have, and the report has.
type LeftOut = BTreeSet<Span>;

/// Renders the model, and compares it with the input.
pub(super) fn verify(
    draft: &Draft,
    pictures: &[Picture],
    report: &Report,
    pipeline: &Pipeline,
) -> Verified {
    let text = write(draft, Open::StandsIn);
    if draft.services.is_empty() || text.contains(UNKNOWN) {
        return Verified::Open;
    }
    let source = Source::new("the imported model", text);
    let (cluster, found) = Cluster::parse(&source);
    let Some(cluster) = cluster else { return Verified::Errors(codes(&found)) };
    let fallback = TargetName::new(DEFAULT_TARGET).expect("the default target has a valid name");
    let target = draft.target.as_ref().and_then(|one| TargetName::new(one.value()?).ok());
    let known = target.filter(|one| pipeline.profiles().get(one.as_str()).is_some());
    let (checked, found) = pipeline.check(&cluster, known.as_ref().or(Some(&fallback)));
    let Some(checked) = checked else { return Verified::Errors(codes(&found)) };
    let followed = draft.directors.first().map(|director| director.name.as_str());
    // The other hosts have no table.
    let mut plan = Plan::new(&checked);
    plan.hosts.retain(|host| Some(host.name.as_str()) == followed);
    let rendered = match pipeline.templates().render(pipeline.profiles().engine(), plan, None) {
        Ok(rendered) => rendered,
        Err(error) => return Verified::Differs(vec![error.to_string()]),
    };
    let files = rendered.hosts.iter().flat_map(|host| rendered.files(host));
    let readings: Vec<_> =
        files.filter_map(|file| Some(file.format?.read(&file.path, &file.contents))).collect();
    let facts = readings.iter().flat_map(|reading| &reading.facts);
    let table = Table::of_facts(facts.map(|one| (&one.fact, Span::default())));
    let Some(first) = pictures.iter().find(|picture| Some(picture.name.as_str()) == followed)
    else {
        return Verified::Open;
    };
    let refused = report.sorted().into_iter().filter(|one| one.rule.code == rules::REFUSED.code);
    let left_out = refused.filter_map(|one| Some(one.place.as_ref()?.span)).collect();
    compare(draft, &left_out, &Table::of(first), &table)
}

/// The codes of the errors, each once.
fn codes(report: &Report) -> Vec<&'static str> {
    let all = report.sorted().into_iter().map(|one| one.rule);
    let errors: BTreeSet<&str> =
        all.filter(|rule| rule.severity == Severity::Error).map(|rule| rule.code).collect();
    errors.into_iter().collect()
}

fn compare(draft: &Draft, left_out: &LeftOut, before: &Table, after: &Table) -> Verified {
    let mut differences = Vec::new();
    let (mut services, mut destinations) = (0, 0);
    let mut known = BTreeSet::new();
    for (one, endpoint) in
        draft.services.iter().flat_map(|one| one.endpoints.iter().map(move |at| (one, *at)))
    {
        known.insert(endpoint);
        services += 1;
        let wanted = entry(before, endpoint, left_out);
        destinations += wanted.as_ref().map_or(0, |(_, servers)| servers.len());
        if wanted != entry(after, endpoint, &LeftOut::new()) {
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

/// A service with its real servers, without those that the report has.
fn entry(table: &Table, endpoint: Endpoint, left_out: &LeftOut) -> Option<Entry> {
    let (service, _) = table.services.iter().find(|(one, _)| one.endpoint == endpoint)?;
    let servers = table.of_service(endpoint).filter(|(_, span)| !left_out.contains(span));
    Some((service.clone(), servers.map(|(destination, _)| *destination).collect()))
}
