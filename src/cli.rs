//! The command line: the only room that reads the user's files and prints.
//!
//! Takes arguments; gives an exit code. Data goes to stdout, messages to stderr.

mod check;
mod delivery;
mod diff;
mod explain;
mod fault;
mod git;
mod init;
mod input;
mod pager;
mod plan;
mod progress;
mod render;
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
    /// Look a model over and tell everything that is wrong with it
    Check(check::Check),
    /// Tell the long story of a finding's code
    Explain(explain::Explain),
    /// Print the JSON Schema of the model, for editors
    Schema(schema::Schema),
    /// Write every host's files
    Render(render::Render),
    /// Show what a render would change: in files, or in the cluster
    Diff(diff::Diff),
    /// List the operating systems, or show what one of them provides
    Targets(targets::Targets),
    /// Show what follows from a model: hosts, needs, mechanisms, values
    Plan(plan::Plan),
}

/// What every command that reads a model takes.
#[derive(Debug, Args)]
struct ModelArgs {
    /// The model; `-` reads it from stdin [default: cluster.yaml, or else the built-in example]
    model: Option<PathBuf>,
    /// The operating system of each host that does not name its own
    #[arg(long, value_name = "NAME", value_parser = TargetName::new)]
    target: Option<TargetName>,
    #[command(flatten)]
    overlay: OverlayArgs,
}

/// Profiles and templates of the user's own.
#[derive(Debug, Args)]
struct OverlayArgs {
    /// A folder of profiles (NAME.yaml) that are added, or replace built-in ones
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// A folder of templates that are added, or replace built-in ones
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
}

/// The hosts that a command is about.
#[derive(Debug, Args)]
struct HostArgs {
    /// Only this host; may be given more than once
    #[arg(long = "host", value_name = "NAME", value_parser = HostName::new)]
    hosts: Vec<HostName>,
}

/// Runs the program with the process's arguments.
pub fn run() -> ExitCode {
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
        Err(fault) => fault.tell(),
    }
}
