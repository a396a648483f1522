//! What was rendered, read back: whether each file is of its format, and whether all of them
//! together mean what the model means.
//!
//! Takes [`Checked`] and the [`Bundle`]s; gives nothing, or the [`Broken`] invariants. They hold
//! whatever a user wrote: a break is a fault of a template or a profile, never of a model. The
//! readers know the formats from their manual pages and nothing of the templates, and what is
//! expected comes from the model and not from the plan that the templates printed.

mod addresses;
mod gateways;
mod kernel;
mod modules;
mod nodes;
mod read;
mod rules;
mod storage;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

use rayon::prelude::*;

use crate::artifact::{Artifact, Bundle, PerProvision};
use crate::check::Checked;
use crate::model::{HostName, Need};
use crate::survey::HostView;

use read::Fact;

/// An invariant that does not hold.
#[derive(Debug)]
pub struct Broken {
    host: HostName,
    /// The file and the template that made it; none where a file is missing.
    file: Option<(String, String)>,
    line: Option<usize>,
    why: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host `{}`", self.host)?;
        if let Some((path, template)) = &self.file {
            write!(f, ", file `{path}`, template `{template}`")?;
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.why)
    }
}

/// One host's files, read.
struct Host<'a> {
    view: &'a HostView<'a>,
    files: Vec<File<'a>>,
    /// What is not of its format, and why.
    unread: Vec<(At<'a>, &'a String)>,
}

/// One file, read.
struct File<'a> {
    artifact: &'a Artifact,
    /// None where no reader is for its format.
    facts: Option<&'a [(usize, Fact)]>,
}

/// Where a fact stands.
#[derive(Clone, Copy)]
struct At<'a> {
    artifact: &'a Artifact,
    line: usize,
}

/// What was read of the files of each provision.
type Readings = PerProvision<Vec<Result<Option<Vec<(usize, Fact)>>, (usize, String)>>>;

impl<'a> Host<'a> {
    fn new(view: &'a HostView<'a>, bundle: &'a Bundle, readings: &'a Readings) -> Self {
        let mut host = Self { view, files: Vec::new(), unread: Vec::new() };
        for (provision, read) in readings.of(bundle) {
            for (artifact, read) in provision.artifacts.iter().zip(read) {
                match read {
                    Ok(facts) => host.files.push(File { artifact, facts: facts.as_deref() }),
                    Err((line, why)) => host.unread.push((At { artifact, line: *line }, why)),
                }
            }
        }
        host
    }

    /// Every fact of the host's files, with its place.
    fn facts(&self) -> impl Iterator<Item = (At<'_>, &Fact)> {
        self.files.iter().flat_map(|file| {
            let at = |line| At { artifact: file.artifact, line };
            file.facts.into_iter().flatten().map(move |(line, fact)| (at(*line), fact))
        })
    }

    /// Whether the files of a need tell all of it. A format that no reader is for may say anything,
    /// and so may a mechanism without files: what is not found there is not missing.
    fn tells(&self, need: Need) -> bool {
        let view = self.view.needs.iter().find(|one| one.need == need);
        let mechanism = view.and_then(|view| view.mechanism);
        let own = |file: &&File<'_>| file.artifact.origin.need == need;
        mechanism.is_some_and(|mechanism| !mechanism.files.is_empty())
            && self.files.iter().filter(own).all(|file| file.facts.is_some())
    }

    /// An invariant that a line breaks.
    fn broken_at(&self, at: At<'_>, why: String) -> Broken {
        Broken { line: Some(at.line), ..self.broken_in(at.artifact, why) }
    }

    /// An invariant that a file breaks.
    fn broken_in(&self, artifact: &Artifact, why: String) -> Broken {
        let file = Some((artifact.path.clone(), artifact.origin.template.clone()));
        Broken { file, ..self.broken(why) }
    }

    /// An invariant that the host breaks by what it does not have.
    fn broken(&self, why: String) -> Broken {
        Broken { host: self.view.host.name.value.clone(), file: None, line: None, why }
    }
}

/// Reads everything back. Hosts that were not rendered are not missed.
///
/// # Errors
/// Every invariant that does not hold, host by host.
pub fn prove(checked: &Checked<'_>, bundles: &[Bundle]) -> Result<(), Vec<Broken>> {
    let views: BTreeMap<&HostName, &HostView<'_>> =
        checked.survey().hosts.iter().map(|view| (&view.host.name.value, view)).collect();
    // No reader fails: what is not of its format is told with the host that has it.
    let Ok(read) = PerProvision::new(bundles, |one| {
        Ok::<_, Infallible>(one.artifacts.iter().map(read::facts).collect())
    });
    let hosts: Vec<Host<'_>> = bundles
        .iter()
        .filter_map(|bundle| Some(Host::new(views.get(&bundle.host)?, bundle, &read)))
        .collect();
    let held = hosts.par_iter().map(|host| {
        let unread = host.unread.iter();
        let mut broken: Vec<Broken> =
            unread.map(|(at, why)| host.broken_at(*at, (*why).clone())).collect();
        addresses::hold(checked, host, &mut broken);
        kernel::hold(host, &mut broken);
        gateways::hold(checked, host, &mut broken);
        modules::hold(checked, host, &mut broken);
        rules::hold(checked, host, &mut broken);
        nodes::hold(host, &mut broken);
        broken
    });
    let mut broken: Vec<Broken> = held.collect::<Vec<_>>().into_iter().flatten().collect();
    storage::hold(checked, &hosts, &mut broken);
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}
