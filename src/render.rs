//! Renders the files and commands of each host from the plan.
//!
//! Takes a [`Plan`], the templates and the compiled texts of the profiles; gives [`Rendered`]. The cause of an
//! error is always a template or a profile, never a model.

mod distinct;
mod document;
mod host_values;
mod mechanism;
mod provision;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub use provision::{Provision, RenderedCommand, RenderedDirectory, RenderedFile};

use self::distinct::Jobs;
use self::host_values::HostValues;
use self::mechanism::Job;
use crate::embed::{self, Files};
use crate::model::ClusterName;
use crate::monitoring;
use crate::plan::{HostPlan, Plan};
use crate::template::Engine;

/// An error of a template or a profile: it cannot make a file, or its file breaks a rule that applies to all files.
#[derive(Debug, thiserror::Error)]
#[error("{at}: {why}")]
pub struct RenderError {
    at: String,
    why: String,
}

/// The templates.
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
    /// The provisions of all hosts. Hosts with the same files share provisions.
    pub provisions: Vec<Provision>,
}

/// The index of a provision in [`Rendered::provisions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProvisionId(pub usize);

/// One host: its plan, and the provisions that hold its files and steps.
#[derive(Debug)]
pub struct RenderedHost<'a> {
    /// The plan.
    pub plan: HostPlan<'a>,
    /// Its provisions. It is safe to put the provisions into effect in this order.
    pub provisions: Vec<ProvisionId>,
}

impl Templates {
    /// The built-in templates and the user's templates. A template of the user replaces the built-in template of the same path.
    ///
    /// # Errors
    /// The first template of the user whose syntax is wrong.
    pub fn new(own: Files) -> Result<Self, RenderError> {
        let mut engine = Engine::new(|name| embed::template(name).map(str::to_owned));
        for (name, text) in own {
            let at = format!("template `{name}`");
            engine.add(name, text).map_err(|why| RenderError { at, why })?;
        }
        Ok(Self { engine })
    }

    /// The full names of a template's input variables (`need.export`).
    ///
    /// # Errors
    /// There is no such template.
    pub fn inputs(&self, name: &str) -> Result<Vec<String>, String> {
        self.engine.inputs(name)
    }

    /// Renders every host. `texts` holds the compiled texts of the profiles, and `monitoring` the files of a monitoring server.
    ///
    /// # Errors
    /// The first file that a template cannot make, or the first file that breaks a rule for all files.
    pub fn render<'a>(
        &self,
        texts: &Engine,
        plan: Plan<'a>,
        monitoring: Option<&monitoring::files::Files>,
    ) -> Result<Rendered<'a>, RenderError> {
        // Most hosts differ only in their names. `Jobs` compares the values before anything is
        // rendered, and finds equal jobs.
        let jobs = Jobs::new(&plan);
        let render = |(host, mechanism): (usize, usize)| {
            let host = &plan.hosts[host];
            let values = HostValues::new(host);
            let job = Job::new(
                self,
                texts,
                &plan,
                monitoring,
                host,
                &host.mechanisms[mechanism],
                &values,
            );
            Ok((job.provision()?, values.were_asked()))
        };
        // If several hosts have a mechanism with the same values, lvsgen renders the mechanism only for the first
        // of these hosts.
        let first: Vec<Result<(Provision, bool), RenderError>> =
            jobs.first.par_iter().copied().map(render).collect();
        let first: Vec<(Provision, bool)> = first.into_iter().collect::<Result<_, _>>()?;
        // If a template used a value of the host itself, lvsgen renders the mechanism for each other host too. Only
        // the first rendering shows whether a template uses such a value.
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

    /// Computes one value for each provision. The computation uses all processors.
    ///
    /// # Errors
    /// The first error, in the order of the provisions.
    pub fn per_provision<T: Send, E: Send>(
        &self,
        make: impl Fn(&Provision) -> Result<T, E> + Sync + Send,
    ) -> Result<PerProvision<T>, E> {
        let made: Vec<Result<T, E>> = self.provisions.par_iter().map(make).collect();
        Ok(PerProvision(made.into_iter().collect::<Result<_, _>>()?))
    }

    /// Gives an error if two files have the same path, or if the path of a file is below the path of another file.
    fn check_paths(&self, host: &RenderedHost<'a>) -> Result<(), RenderError> {
        let mut seen = BTreeMap::new();
        for provision in self.of(host) {
            for file in &provision.files {
                if let Some(before) = seen.insert(file.path.as_str(), &provision.mechanism) {
                    let at = format!("host `{}`, file `{}`", host.plan.name, file.path);
                    let why = format!("`{before}` and `{}` make this file", provision.mechanism);
                    return Err(RenderError { at, why });
                }
            }
        }
        // A path cannot be a file and a directory at the same time: the write would fail on the host.
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

/// One value for each provision.
#[derive(Debug)]
pub struct PerProvision<T>(Vec<T>);

impl<T> PerProvision<T> {
    /// The values of a host's provisions, in their order.
    pub fn of<'v>(&'v self, host: &RenderedHost<'_>) -> impl Iterator<Item = &'v T> {
        host.provisions.iter().map(|id| &self.0[id.0])
    }
}
