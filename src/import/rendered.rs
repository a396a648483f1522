//! The new model, rendered in memory: the files that lvsgen would give to each host, and the facts in them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::draft::Draft;
use super::gather::Picture;
use super::verify::Verified;
use super::write::{Open, write};
use crate::diagnostic::{Report, Severity};
use crate::facts::Fact;
use crate::model::{Cluster, TargetName, UNKNOWN};
use crate::pipeline::Pipeline;
use crate::plan::Plan;
use crate::profile::DEFAULT_TARGET;
use crate::render::RenderedFile;
use crate::source::Source;

/// The new model.
pub(super) struct RenderedModel {
    /// The hosts whose files were given. The others have nothing to compare.
    pub(super) hosts: Vec<RenderedHost>,
    /// The VIPs of all services.
    pub(super) vips: BTreeSet<IpAddr>,
}

/// One host.
pub(super) struct RenderedHost {
    pub(super) name: String,
    /// The files that lvsgen owns as a whole.
    pub(super) whole: BTreeSet<String>,
    /// The facts in all its files.
    pub(super) facts: Vec<Fact>,
}

/// Renders the model of a draft. `pictures` are the hosts whose files were given. An open value gets a value that stands in for it.
///
/// # Errors
/// The reason why the model cannot be rendered.
pub(super) fn render(
    draft: &Draft,
    pictures: &[Picture],
    pipeline: &Pipeline,
) -> Result<RenderedModel, Verified> {
    let text = write(draft, Open::StandsIn);
    if draft.services.is_empty() || text.contains(UNKNOWN) {
        return Err(Verified::Open);
    }
    let source = Source::new("the imported model", text);
    let (cluster, found) = Cluster::parse(&source);
    let cluster = cluster.ok_or_else(|| Verified::Errors(codes(&found)))?;
    let fallback = TargetName::new(DEFAULT_TARGET).expect("the default target has a valid name");
    let target = draft.target.as_ref().and_then(|one| TargetName::new(one.value()?).ok());
    let known = target.filter(|one| pipeline.profiles().get(one.as_str()).is_some());
    let (checked, found) = pipeline.check(&cluster, known.as_ref().or(Some(&fallback)));
    let checked = checked.ok_or_else(|| Verified::Errors(codes(&found)))?;
    let engine = pipeline.profiles().engine();
    let rendered = pipeline.templates().render(engine, Plan::new(&checked), None);
    let rendered = rendered.map_err(|error| Verified::Differs(vec![error.to_string()]))?;
    let given: BTreeSet<&str> = pictures.iter().map(|picture| picture.name.as_str()).collect();
    let hosts = rendered.hosts.iter().filter(|host| given.contains(host.plan.name.as_str()));
    let hosts = hosts.map(|host| {
        let files = || rendered.files(host);
        RenderedHost {
            name: host.plan.name.to_string(),
            whole: files().filter(|one| !one.is_shared()).map(|one| one.path.clone()).collect(),
            facts: files().flat_map(facts).collect(),
        }
    });
    let vips = cluster.vips().map(|vip| vip.value.0).collect();
    Ok(RenderedModel { hosts: hosts.collect(), vips })
}

fn facts(file: &RenderedFile) -> Vec<Fact> {
    let reading = file.format.map(|format| format.read(&file.path, &file.contents));
    reading.into_iter().flat_map(|reading| reading.facts).map(|one| one.fact).collect()
}

/// The codes of the errors, each once.
fn codes(report: &Report) -> Vec<&'static str> {
    let all = report.sorted().into_iter().map(|one| one.rule);
    let errors: BTreeSet<&str> =
        all.filter(|rule| rule.severity == Severity::Error).map(|rule| rule.code).collect();
    errors.into_iter().collect()
}
