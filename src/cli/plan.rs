//! `lvsgen plan`: shows what follows from a model.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::fault::{Fault, say};
use super::input::Input;
use super::{HostArgs, ModelArgs};

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
        let text = input.with_checked(&self.model, |checked| {
            self.hosts.verify(checked.cluster())?;
            let mut plan = crate::plan::Plan::new(checked);
            plan.hosts.retain(|host| self.hosts.mean(host.name));
            let broken = |error: serde_json::Error| Fault::Internal(error.to_string());
            match self.output {
                Form::Json => {
                    let json = serde_json::to_string_pretty(&plan).map_err(broken)?;
                    Ok(json + "\n")
                }
                Form::Text => text(&plan).map_err(broken),
            }
        })?;
        say(&text)
    }
}

/// The plan for people: a line for each host and need, and its values below.
pub(super) fn text(plan: &crate::plan::Plan<'_>) -> Result<String, serde_json::Error> {
    let mut text = format!("cluster {}\n", plan.cluster);
    for host in &plan.hosts {
        let addresses: Vec<String> = host.addresses.iter().map(ToString::to_string).collect();
        text += &format!("\n{}: {}, {}", host.name, host.role, host.profile);
        text += &format!(", {} on {}\n", addresses.join(" and "), host.interface);
        for need in &host.needs {
            text += &format!("  {} by {}\n", need.need, need.mechanism);
            lines(&serde_json::to_value(&need.values)?, 4, &mut text);
        }
    }
    Ok(text)
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
