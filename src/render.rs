//! From the plan to the files and commands of each host.
//!
//! Takes a [`Plan`], the templates and the compiled texts of the profiles; gives [`Rendered`]. An error is
//! the fault of a template or a profile, never of a model.

mod distinct;
mod host_values;
mod mechanism;
mod provision;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub use provision::{Provision, RenderedCommand, RenderedDirectory, RenderedFile};

use self::distinct::Jobs;
use self::host_values::HostValues;
use self::mechanism::Job;
use crate::embed::Files;
use crate::model::ClusterName;
use crate::plan::{HostPlan, Plan};
use crate::template::Engine;

/// A template or a profile that makes no file, or a file that no host should get.
#[derive(Debug, thiserror::Error)]
#[error("{at}: {why}")]
pub struct RenderError {
    at: String,
    why: String,
}

/// The templates, compiled.
#[derive(Debug)]
pub struct Templates {
    engine: Engine,
}

/// A cluster's hosts with their files and commands.
#[derive(Debug)]
pub struct Rendered<'a> {
    /// The cluster's name.
    pub cluster: &'a ClusterName,
    /// The hosts, in the order of the plan.
    pub hosts: Vec<RenderedHost<'a>>,
    /// The provisions of all hosts: hosts with the same files share them.
    pub provisions: Vec<Provision>,
}

/// The place of a provision in [`Rendered::provisions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProvisionId(pub usize);

/// One host: its plan, and the provisions that hold its files and steps.
#[derive(Debug)]
pub struct RenderedHost<'a> {
    /// The plan.
    pub plan: HostPlan<'a>,
    /// Its provisions, in the order in which they are safe to put into effect.
    pub provisions: Vec<ProvisionId>,
}

impl Templates {
    /// Compiles templates.
    ///
    /// # Errors
    /// The first template whose syntax is wrong.
    pub fn new(files: Files) -> Result<Self, RenderError> {
        let mut engine = Engine::new();
        for (name, text) in files {
            let at = format!("template `{name}`");
            engine.add(name, text).map_err(|why| RenderError { at, why })?;
        }
        Ok(Self { engine })
    }

    /// Every template's name with the names that it takes from outside, in full (`need.export`).
    pub fn inputs(&self) -> Vec<(String, Vec<String>)> {
        self.engine.names().map(|name| (name.to_owned(), self.engine.inputs(name))).collect()
    }

    /// Renders every host. `texts` holds the compiled texts of the profiles.
    ///
    /// # Errors
    /// The first file that a template cannot make, or that breaks a rule of all files.
    pub fn render<'a>(&self, texts: &Engine, plan: Plan<'a>) -> Result<Rendered<'a>, RenderError> {
        // Most hosts differ in their names only: equal work is found by its values before anything
        // is rendered.
        let jobs = Jobs::new(&plan);
        let render = |(host, mechanism): (usize, usize)| {
            let host = &plan.hosts[host];
            let values = HostValues::new(host);
            let job = Job::new(self, texts, &plan, host, &host.mechanisms[mechanism], &values);
            Ok((job.provision()?, values.were_asked()))
        };
        // A mechanism with the same values on several hosts is rendered once, for the first of them.
        let first: Vec<Result<(Provision, bool), RenderError>> =
            jobs.first.par_iter().copied().map(render).collect();
        let first: Vec<(Provision, bool)> = first.into_iter().collect::<Result<_, _>>()?;
        // A template that asked for the host itself is rendered for every other host as well.
        // Whether a template asked for the host shows only after it ran once.
        let own = |slot: usize| first[slot].1;
        let again = jobs.others(own);
        let more: Vec<Result<(Provision, bool), RenderError>> =
            again.par_iter().copied().map(render).collect();
        let mut provisions = Vec::with_capacity(first.len() + more.len());
        let slots: Vec<bool> = first.iter().map(|(_, own)| *own).collect();
        provisions.extend(first.into_iter().map(|(provision, _)| provision));
        let mut at = BTreeMap::new();
        for (job, made) in again.into_iter().zip(more) {
            at.insert(job, ProvisionId(provisions.len()));
            provisions.push(made?.0);
        }
        let ids = jobs.provisions(&slots, &at);
        let Plan { cluster, hosts } = plan;
        let hosts =
            hosts.into_iter().zip(ids).map(|(plan, provisions)| RenderedHost { plan, provisions });
        let rendered = Rendered { cluster, hosts: hosts.collect(), provisions };
        rendered.hosts.iter().try_for_each(|host| rendered.check_paths(host))?;
        Ok(rendered)
    }
}

impl<'a> Rendered<'a> {
    /// The provisions of a host.
    pub fn of<'r>(&'r self, host: &RenderedHost<'_>) -> impl Iterator<Item = &'r Provision> {
        host.provisions.iter().map(|id| &self.provisions[id.0])
    }

    /// The files of a host.
    pub fn files<'r>(&'r self, host: &RenderedHost<'_>) -> impl Iterator<Item = &'r RenderedFile> {
        self.of(host).flat_map(|provision| &provision.files)
    }

    /// Computes a value of each provision once, with all processors.
    ///
    /// # Errors
    /// The error of the first provision that has one.
    pub fn per_provision<T: Send, E: Send>(
        &self,
        make: impl Fn(&Provision) -> Result<T, E> + Sync + Send,
    ) -> Result<PerProvision<T>, E> {
        let made: Vec<Result<T, E>> = self.provisions.par_iter().map(make).collect();
        Ok(PerProvision(made.into_iter().collect::<Result<_, _>>()?))
    }

    /// Refuses two files of one path.
    fn check_paths(&self, host: &RenderedHost<'a>) -> Result<(), RenderError> {
        let mut seen = BTreeMap::new();
        for provision in self.of(host) {
            for file in &provision.files {
                if let Some(before) = seen.insert(file.path.as_str(), &provision.mechanism) {
                    let at = format!("host `{}`, file `{}`", host.plan.name, file.path);
                    let why = format!("both `{before}` and `{}` make it", provision.mechanism);
                    return Err(RenderError { at, why });
                }
            }
        }
        // A file cannot be a directory at the same time: the write would fail on the host.
        for (path, mechanism) in &seen {
            let above =
                |file: &str| path.strip_prefix(file).is_some_and(|rest| rest.starts_with('/'));
            if let Some((file, other)) = seen.iter().find(|(file, _)| above(file)) {
                let at = format!("host `{}`, file `{path}`", host.plan.name);
                let why = format!("`{mechanism}` makes it below `{file}`, a file of `{other}`");
                return Err(RenderError { at, why });
            }
        }
        Ok(())
    }
}

/// A value of each provision.
#[derive(Debug)]
pub struct PerProvision<T>(Vec<T>);

impl<T> PerProvision<T> {
    /// The values of a host's provisions, in their order.
    pub fn of<'v>(&'v self, host: &RenderedHost<'_>) -> impl Iterator<Item = &'v T> {
        host.provisions.iter().map(|id| &self.0[id.0])
    }
}
