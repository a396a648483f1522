//! Makes files from a model. The command line, the tests and the benchmarks all use this module.
//!
//! Takes the user's own profiles and templates, and then a model. Gives the checked model, the rendered files
//! after their readback, and the files of the deliveries. Without a readback, it gives no files.

use crate::check::{self, Checked};
use crate::delivery::{Deliveries, Delivery, OutputFile};
use crate::diagnostic::Report;
use crate::embed::{self, Files};
use crate::model::{Cluster, TargetName};
use crate::monitoring::{self, Facts};
use crate::plan::{HostPlan, Plan};
use crate::profile::{DEFAULT_TARGET, ProfileError, ProfileSet};
use crate::readback::{Mismatch, ReadBack};
use crate::render::{RenderError, Templates};
use crate::summary::Summary;

/// The reason why a pipeline gives no files. The cause is a profile or a template, never a model.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// A profile cannot be used.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A template or a profile cannot be rendered to a file.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The readback found differences between the files and the model.
    #[error("the rendered files differ from the model in {} places", .0.len())]
    Mismatches(Vec<Mismatch>),
}

/// Profiles and templates.
#[derive(Debug)]
pub struct Pipeline {
    profiles: ProfileSet,
    templates: Templates,
    fallback: TargetName,
}

impl Pipeline {
    /// Takes the profiles and templates of the user, and compiles them. A file of the user replaces the built-in file of the
    /// same name. A built-in file is read when somebody needs it.
    ///
    /// # Errors
    /// The first profile or template of the user that cannot be used.
    pub fn load(own_profiles: Files, own_templates: Files) -> Result<Self, PipelineError> {
        Ok(Self {
            profiles: match own_profiles.is_empty() {
                true => ProfileSet::built_in(),
                // A profile of the user may change each target that extends it: the faults of all are found here.
                false => ProfileSet::load(&embed::profiles(own_profiles))?,
            },
            templates: Templates::new(own_templates)?,
            fallback: TargetName::new(DEFAULT_TARGET).expect("the default target has a valid name"),
        })
    }

    /// The profiles.
    pub fn profiles(&self) -> &ProfileSet {
        &self.profiles
    }

    /// The templates.
    pub fn templates(&self) -> &Templates {
        &self.templates
    }

    /// Runs every check. `target` comes from the command line, and overrides the `target` of the cluster.
    pub fn check<'a>(
        &'a self,
        cluster: &'a Cluster,
        target: Option<&'a TargetName>,
    ) -> (Option<Checked<'a>>, Report) {
        check::run(cluster, &self.profiles, target, &self.fallback)
    }

    /// Checks the part of a model that can be read, if the shape of the model is wrong.
    pub fn check_part(&self, cluster: &Cluster) -> Report {
        check::of_part(cluster, &self.profiles, &self.fallback)
    }

    /// Plans and renders the files, and reads them back.
    ///
    /// # Errors
    /// A template cannot be rendered, or the readback finds a difference between the files and the model.
    pub fn render<'a>(&self, checked: &Checked<'a>) -> Result<ReadBack<'a>, PipelineError> {
        let plan = Plan::new(checked);
        let hosts: Vec<&HostPlan<'_>> = plan.hosts.iter().collect();
        let facts = Facts::new(checked, &hosts).filter(|facts| facts.model.server.is_some());
        let files = facts.map(|facts| monitoring::files::Files::new(&facts));
        let rendered = self.templates.render(self.profiles.engine(), plan, files.as_ref())?;
        ReadBack::new(checked, rendered).map_err(PipelineError::Mismatches)
    }
}

/// The files of a cluster and its summary.
#[derive(Debug)]
pub struct Output {
    /// The files, sorted by path.
    pub files: Vec<OutputFile>,
    /// The summary.
    pub summary: Summary,
}

impl Output {
    /// Makes the files of the hosts' trees and of the given deliveries, and the summary.
    pub fn new(checked: &Checked<'_>, read_back: &ReadBack<'_>, deliveries: &[Delivery]) -> Self {
        let rendered = read_back.rendered();
        let summary = Summary::new(rendered.cluster, &rendered.hosts, &checked.cluster().retired);
        let files = Deliveries { read_back, checked, summary: &summary }.files(deliveries);
        Self { files, summary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::tests::assume;
    use crate::resolve::Resolved;
    use crate::source::Source;

    /// The checks refuse a model in which a host has two roles, so this test skips the checks with `assume`.
    #[test]
    fn a_host_with_two_roles_is_one_host() {
        let nfs = "{ name: nfs1, address: 192.168.10.104 }";
        let model = embed::EXAMPLE.replace(nfs, "{ name: lvs1, address: 192.168.10.101 }");
        let cluster = Cluster::parse(&Source::new("model", model)).0.unwrap();
        let pipeline = Pipeline::load(Files::new(), Files::new()).unwrap();
        let resolved = Resolved::new(&cluster, pipeline.profiles(), None, &pipeline.fallback);
        let checked = assume(&cluster, resolved);
        let read_back = pipeline.render(&checked).unwrap();
        let output = Output::new(&checked, &read_back, &Delivery::DEFAULT);

        let names: Vec<&str> =
            read_back.rendered().hosts.iter().map(|host| host.plan.name.as_str()).collect();
        assert_eq!(names, ["lvs1", "web1", "web2"]);
        let own = |path: &str| output.files.iter().any(|file| file.path == path);
        assert!(own("hosts/lvs1/etc/exports.d/lvsgen-web.exports"));
        assert!(own("hosts/lvs1/etc/sysconfig/ipvsadm"));
        let inventory = output.files.iter().find(|file| file.path == "ansible/inventory.yml");
        let inventory = inventory.unwrap().contents.text();
        assert_eq!(inventory.matches("lvs1:").count(), 2, "{inventory}");
        assert_eq!(output.summary.hosts[0].roles.len(), 2);
    }
}
