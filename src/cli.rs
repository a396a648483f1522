//! The command line: the only module that reads the user's files and prints.
//!
//! Takes arguments; gives an exit code. Data goes to stdout, messages to stderr.

mod check;
mod diff;
mod explain;
mod fault;
mod former;
mod git;
mod init;
mod input;
mod pager;
mod plan;
mod progress;
mod render;
mod rendering;
mod schema;
mod targets;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::model::{HostName, TargetName};

/// Every configuration file of every host of an LVS-DR cluster, from one model
#[derive(Debug, Parser)]
#[command(name = "lvsgen", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented model to start from
    Init(init::Init),
    /// Report every mistake in a model
    Check(check::CheckArgs),
    /// Explain a finding's code: the reason, a bad and a good example
    Explain(explain::Explain),
    /// Print the JSON Schema of the model or of a profile, for editors
    Schema(schema::Schema),
    /// Write every host's files
    Render(render::Render),
    /// Show the changes that a render would make: in files, or in the cluster
    Diff(diff::Diff),
    /// List the operating systems, or show the mechanisms of one of them
    Targets(targets::Targets),
    /// Show everything that follows from a model: hosts, needs, mechanisms, values
    Plan(plan::PlanArgs),
}

/// The model of a command.
#[derive(Debug, Args)]
struct ModelArgs {
    /// The model; `-` reads it from stdin [default: cluster.yaml or cluster.yml]
    model: Option<PathBuf>,
    /// Use a built-in example as the model
    #[arg(
        long, value_name = "NAME", num_args = 0..=1, require_equals = true,
        default_missing_value = input::EXAMPLE, value_parser = input::example_name,
        conflicts_with = "model"
    )]
    example: Option<&'static str>,
    /// The operating system of each host that does not name its own
    #[arg(long, value_name = "NAME", value_parser = TargetName::new)]
    target: Option<TargetName>,
    #[command(flatten)]
    overlay: OverlayArgs,
}

/// The user's own profiles and templates.
#[derive(Debug, Args)]
struct OverlayArgs {
    /// A folder of profiles (NAME.yaml) that are added, or replace built-in profiles
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// A folder of templates that are added, or replace built-in templates
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
}

/// The hosts of a command.
#[derive(Debug, Args)]
struct HostArgs {
    /// Only this host; may be given more than once
    #[arg(long = "host", value_name = "NAME", value_parser = HostName::new)]
    hosts: Vec<HostName>,
}

/// Runs the program with the process's arguments. A panic is a fault of lvsgen and ends with exit code 70.
pub fn run() -> ExitCode {
    fault::guard(|| {
        let outcome = match Cli::parse().command {
            Command::Init(command) => command.run(),
            Command::Check(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Schema(command) => command.run(),
            Command::Render(command) => command.run(),
            Command::Diff(command) => command.run(),
            Command::Targets(command) => command.run(),
            Command::Plan(command) => command.run(),
        };
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => fault.report(),
        }
    })
}
