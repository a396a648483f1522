//! `lvsgen plan`: shows the decisions that lvsgen makes from a model.

mod values;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::fault::Fault;
use super::input::{Input, WithoutModel};
use super::print::say;
use super::{HostArgs, ModelArgs, former, programs};
use crate::check::Checked;
use crate::profile::Ownership;
use crate::readback::ReadBack;
use crate::render::{Provision, RenderedCommand, RenderedHost};
use crate::resolve::role_names;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lvsgen plan --host web1    # the decisions for one host\n  lvsgen plan --format json"
)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    hosts: HostArgs,
    /// The format of the plan
    #[arg(long, value_enum, default_value_t)]
    format: PlanFormat,
    #[arg(long, short, hide = true)]
    output: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum PlanFormat {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
}

/// The number of the JSON format.
const FORMAT: u32 = 1;

impl PlanArgs {
    pub(super) fn run(&self) -> Result<(), Fault> {
        former::refuse(self.output.as_ref(), "--output", "--format")?;
        let input = Input::read(&self.model, WithoutModel::Refuse)?;
        let cluster = input.cluster()?;
        self.hosts.verify(&cluster)?;
        let (checked, _) = input.checked(&cluster, &self.model)?;
        // `plan` also renders the files, so that it refuses every plan that `render` would refuse.
        let read_back = input.render(&checked, &self.model.overlay)?;
        let hosts = self.hosts.of(read_back.rendered());
        say(&match self.format {
            PlanFormat::Json => as_json(&read_back, &hosts)?,
            PlanFormat::Human => as_text(&checked, &read_back, &hosts),
        })
    }
}

/// The plan for programs. Each host has its needs with their values, and its mechanisms with their files and
/// commands.
fn as_json(
    read_back: &ReadBack<'_>,
    hosts: &[&RenderedHost<'_>],
) -> Result<String, serde_json::Error> {
    let rendered = read_back.rendered();
    let host = |host: &&RenderedHost<'_>| -> Result<Value, serde_json::Error> {
        let mut value = serde_json::to_value(&host.plan)?;
        value["mechanisms"] = serde_json::to_value(rendered.of(host).collect::<Vec<_>>())?;
        Ok(value)
    };
    let hosts = hosts.iter().map(host).collect::<Result<Vec<_>, _>>()?;
    let plan = json!({ "format": FORMAT, "cluster": rendered.cluster, "hosts": hosts });
    Ok(serde_json::to_string_pretty(&plan)? + "\n")
}

/// The plan for people. Each host has a line, and below it, each mechanism has a line. The line of a mechanism is
/// followed by the values of its needs, and then by its steps.
fn as_text(checked: &Checked<'_>, read_back: &ReadBack<'_>, hosts: &[&RenderedHost<'_>]) -> String {
    let rendered = read_back.rendered();
    let mut text = format!("cluster {}\n", rendered.cluster);
    let answered = checked.resolved().answered(checked.cluster());
    let (ours, others) = (programs::by_lvsgen(&answered), programs::by_user(&answered));
    for (who, services) in [("web servers of lvsgen", ours), ("your own programs", others)] {
        if !services.is_empty() {
            text += &format!("{who} answer {services}\n");
        }
    }
    for host in hosts {
        let plan = &host.plan;
        text += &format!("\n{}: {}, {}", plan.name, role_names(&plan.roles), plan.profile);
        for nic in &plan.nics {
            let addresses: Vec<String> = nic.addresses.iter().map(ToString::to_string).collect();
            text += &format!(", {} on {}", addresses.join(" and "), nic.name);
        }
        text.push('\n');
        for (mechanism, provision) in plan.mechanisms.iter().zip(rendered.of(host)) {
            let needs: Vec<&str> = mechanism.needs.iter().map(|need| need.as_str()).collect();
            text += &format!("  {} by {}\n", needs.join(" and "), provision.mechanism);
            for need in plan.of(mechanism) {
                text += &values::lines(&need.values)
                    .iter()
                    .map(|line| format!("    {line}\n"))
                    .collect::<String>();
            }
            text += &steps(provision);
        }
    }
    text
}

/// The parts of a mechanism. A command stands behind `>`, so that a user can paste it.
fn steps(provision: &Provision) -> String {
    let plain = |what, list: &[String]| -> Vec<(&str, String)> {
        list.iter().map(|one| (what, one.clone())).collect()
    };
    let own = provision.directories.iter().filter(|one| one.owner == Ownership::Lvsgen);
    let directories = own.map(|one| ("directory", format!("{} ({})", one.path, one.mode)));
    let files = provision.files.iter().map(|file| {
        let shared = if file.is_shared() { ", only lvsgen's block" } else { "" };
        ("file", format!("{} ({}{shared})", file.path, file.mode))
    });
    let parts = plain("package", &provision.packages).into_iter().chain(directories).chain(files);
    let parts = parts.chain(plain("service", &provision.services));
    let parts = parts.map(|(what, value)| format!("    {what:9} {}\n", continued(&value, 14)));
    let commands = provision.apply.iter();
    let commands =
        commands.map(|one: &RenderedCommand| format!("    > {}\n", continued(&one.run, 6)));
    parts.chain(commands).collect()
}

/// A text of several lines, whose second and later lines are indented.
pub(super) fn continued(text: &str, indent: usize) -> String {
    text.trim_end().replace('\n', &format!("\n{:indent$}", ""))
}
