//! `lvsgen targets`: lists the targets (operating systems), or shows the mechanisms of one target.

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::fault::Fault;
use super::input::pipeline;
use super::plan::continued;
use super::print::say;
use super::{OverlayArgs, completions};
use crate::model::{Need, NicKind};
use crate::profile::{Command, Mechanism, Ownership, Profile, ProfileSet};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lvsgen targets          # all targets\n  lvsgen targets rocky-9  # the mechanisms of one target"
)]
pub(super) struct Targets {
    /// The name of a target: show the mechanisms of this target for each need
    #[arg(add = ArgValueCandidates::new(completions::targets))]
    name: Option<String>,
    /// Show the mechanisms of all targets as a Markdown table
    #[arg(long, conflicts_with = "name")]
    markdown: bool,
    #[command(flatten)]
    overlay: OverlayArgs,
}

impl Targets {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let pipeline = pipeline(&self.overlay)?;
        let profiles = pipeline.profiles();
        let Some(name) = &self.name else {
            return say(&if self.markdown { table(profiles) } else { list(profiles) });
        };
        match profiles.get(name) {
            Some(profile) => say(&show(profile)),
            None => Err(Fault::helped(
                format!("there is no target `{}`", name.escape_debug()),
                profiles.suggest(name),
            )),
        }
    }
}

fn list(profiles: &ProfileSet) -> String {
    let longest = profiles.iter().map(|profile| profile.name.as_str().len()).max().unwrap_or(0);
    let line = |profile: &Profile| {
        let aliases = match profile.aliases.as_slice() {
            [] => String::new(),
            aliases => format!(" (also: {})", aliases.join(", ")),
        };
        format!("{:longest$}  {}{aliases}\n", profile.name.as_str(), profile.description)
    };
    profiles.iter().map(line).collect()
}

/// A Markdown table with a row for each target. A need has a column if not all targets have the same mechanisms
/// for it. A cell lists the mechanisms of the target for the need; the first mechanism is the default. A sentence
/// below the table names all other needs.
fn table(profiles: &ProfileSet) -> String {
    let names = |profile: &Profile, need: &Need| -> Vec<String> {
        let mechanisms = profile.needs.get(need).into_iter().flatten();
        mechanisms.map(|one| format!("`{}`", one.mechanism)).collect()
    };
    let differing = Need::ALL.iter().filter(|need| {
        let first = profiles.iter().next().map(|profile| names(profile, need));
        profiles.iter().any(|profile| Some(names(profile, need)) != first)
    });
    let columns: Vec<&Need> = differing.collect();
    let heads = columns.iter().map(|need| format!(" `{need}` |"));
    let mut text = format!("| Target |{}\n", heads.collect::<String>());
    text += &format!("| --- |{}\n", " --- |".repeat(columns.len()));
    for profile in profiles.iter() {
        let cells = columns.iter().map(|need| format!(" {} |", names(profile, need).join(", ")));
        text += &format!("| `{}` |{}\n", profile.name, cells.collect::<String>());
    }
    let common = Need::ALL.iter().filter(|need| !columns.contains(need));
    let common: Vec<String> = common
        .filter_map(|need| {
            let first = profiles.iter().next()?;
            Some(format!("`{need}` ({})", names(first, need).join(", ")))
        })
        .collect();
    let common = common.join(", ");
    text + &format!("\nAll targets have the same mechanisms for these needs: {common}.\n")
}

fn show(profile: &Profile) -> String {
    let mut text = format!("{}: {}\n", profile.name, profile.description);
    if !profile.aliases.is_empty() {
        text += &format!("also called: {}\n", profile.aliases.join(", "));
    }
    for claim in &profile.unverified {
        text += &format!("unverified: {claim}\n");
    }
    for need in Need::ALL {
        let Some(mechanisms) = profile.needs.get(need) else {
            continue;
        };
        text += &format!("\n{need}\n");
        for (at, mechanism) in mechanisms.iter().enumerate() {
            let standing = if at == 0 { "the default" } else { "an alternative" };
            text += &format!("  {} ({standing})\n", mechanism.mechanism);
            text += &show_mechanism(mechanism);
        }
    }
    text
}

fn show_mechanism(mechanism: &Mechanism) -> String {
    let mut lines = Vec::new();
    if let [only] = mechanism.carries.as_slice() {
        lines.push(("supports", format!("only {only} VIPs")));
    }
    if mechanism.nic_kinds.len() < NicKind::ALL.len() {
        let kinds: Vec<&str> = mechanism.nic_kinds.iter().map(|kind| kind.as_str()).collect();
        lines.push(("supports", format!("NICs of the kinds {}", kinds.join(", "))));
    }
    lines.extend(
        mechanism
            .conditions
            .iter()
            .map(|one| ("condition", one.run.source().trim_end().to_owned())),
    );
    if mechanism.labelled {
        lines.push(("requires", "a label for each VIP, such as `lo:0`".to_owned()));
    }
    lines.extend(mechanism.packages.iter().map(|package| ("package", package.source().to_owned())));
    lines.extend(
        mechanism.values.iter().map(|(name, value)| ("value", format!("{name} = {value}"))),
    );
    lines.extend(
        mechanism
            .directories
            .iter()
            .filter(|one| one.owner == Ownership::Lvsgen)
            .map(|one| ("directory", format!("{} {}", one.mode, one.path.source()))),
    );
    lines.extend(mechanism.files.iter().map(|file| {
        let each = file.for_each.as_ref().map(|list| format!(", one file for each item of {list}"));
        let shared = if file.shared { ", only lvsgen's block" } else { "" };
        let each = each.unwrap_or_default();
        (
            "file",
            format!(
                "{} {} (source: {}{each}{shared})",
                file.mode,
                file.path.source(),
                file.source()
            ),
        )
    }));
    lines.extend(mechanism.services.iter().map(|service| ("service", service.source().to_owned())));
    lines.extend(mechanism.apply.iter().map(|command| ("apply", apply(command))));
    let each = lines.into_iter();
    each.map(|(what, value)| format!("    {what:10} {}\n", continued(&value, 15))).collect()
}

fn apply(command: &Command) -> String {
    let each = command.for_each.map(|list| format!(" (once for each item of {list})"));
    let each = each.unwrap_or_default();
    format!("{}{each}", command.run.source().trim_end())
}
