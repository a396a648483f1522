//! `lvsgen plan`: shows what follows from a model.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::fault::{Fault, say};
use super::input::{Input, templates};
use super::{HostArgs, ModelArgs};
use crate::artifact::{Bundle, Provision};

#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    hosts: HostArgs,
    /// The form of the plan
    #[arg(long, value_enum, default_value = "text")]
    output: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Text,
    /// For programs
    Json,
}

impl Plan {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let input = Input::read(&self.model)?;
        let templates = templates(&self.model.overlay)?;
        let text = input.with_checked(&self.model, |checked, _| {
            self.hosts.verify(checked.cluster())?;
            let mut plan = crate::plan::Plan::new(checked);
            plan.hosts.retain(|host| self.hosts.mean(host.name));
            let bundles = templates.bundles(&plan);
            let bundles = bundles.map_err(|error| Fault::template(&error, &self.model.overlay))?;
            let broken = |error: serde_json::Error| Fault::Internal(error.to_string());
            match self.output {
                Form::Json => json(&plan, &bundles).map_err(broken),
                Form::Text => text(&plan, &bundles).map_err(broken),
            }
        })?;
        say(&text)
    }
}

/// The plan for programs: each need with its values and what provides it.
fn json(plan: &crate::plan::Plan<'_>, bundles: &[Bundle]) -> Result<String, serde_json::Error> {
    let mut plan = serde_json::to_value(plan)?;
    for (host, bundle) in bundles.iter().enumerate() {
        for (need, provision) in bundle.provisions.iter().enumerate() {
            plan["hosts"][host]["needs"][need]["provision"] = serde_json::to_value(&**provision)?;
        }
    }
    Ok(serde_json::to_string_pretty(&plan)? + "\n")
}

/// The plan for people: a line for each host and need, its values, and what to do.
fn text(plan: &crate::plan::Plan<'_>, bundles: &[Bundle]) -> Result<String, serde_json::Error> {
    let mut text = format!("cluster {}\n", plan.cluster);
    for (host, bundle) in plan.hosts.iter().zip(bundles) {
        let addresses: Vec<String> = host.addresses.iter().map(ToString::to_string).collect();
        text += &format!("\n{}: {}, {}", host.name, host.role, host.profile);
        text += &format!(", {} on {}\n", addresses.join(" and "), host.interface);
        for (need, provision) in host.needs.iter().zip(&bundle.provisions) {
            text += &format!("  {} by {}\n", need.need, need.mechanism);
            lines(&serde_json::to_value(&need.values)?, 4, &mut text);
            text += &steps(provision);
        }
    }
    Ok(text)
}

fn steps(provision: &Provision) -> String {
    let files = provision.artifacts.iter().map(|file| {
        let shared = if file.shared { ", a block in it" } else { "" };
        ("file", format!("{} {}{shared}", file.mode, file.path))
    });
    let directories = provision.directories.iter();
    let directories = directories.map(|one| ("directory", format!("{} {}", one.mode, one.path)));
    let plain = |what, list: &[String]| -> Vec<(&str, String)> {
        list.iter().map(|one| (what, one.clone())).collect()
    };
    let steps = plain("install", &provision.packages).into_iter().chain(directories).chain(files);
    let steps = steps.chain(plain("enable", &provision.services));
    let steps = steps.chain(plain("apply", &provision.apply));
    steps.map(|(what, value)| format!("    > {what:9} {value}\n")).collect()
}

fn lines(value: &Value, indent: usize, text: &mut String) {
    let Value::Object(fields) = value else { return };
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::Array(items) if items.iter().any(Value::is_object) => {
                *text += &format!("{:indent$}{name}\n", "");
                for item in items {
                    let mut item_text = String::new();
                    lines(item, indent + 4, &mut item_text);
                    // The dash takes the place of the first line's indentation.
                    *text += &format!("{:indent$}- ", "", indent = indent + 2);
                    *text += item_text.trim_start();
                }
            }
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(scalar).collect();
                *text += &format!("{:indent$}{name}: {}\n", "", items.join(", "));
            }
            other => *text += &format!("{:indent$}{name}: {}\n", "", scalar(other)),
        }
    }
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
