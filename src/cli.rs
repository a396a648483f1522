//! The command line: the only module that reads the user's files and prints.
//!
//! Takes arguments; gives an exit code. Data goes to stdout, messages to stderr.

mod check;
mod completions;
mod diff;
mod explain;
mod fault;
mod former;
mod git;
mod import;
mod init;
mod input;
mod left;
mod man;
mod model_file;
mod pager;
mod plan;
mod print;
mod programs;
mod progress;
mod render;
mod rendering;
mod schema;
mod show;
mod targets;
mod trace;
mod trees;
mod unverified;
mod user_data;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::{ArgValueCandidates, CompleteEnv};

use crate::embed::Example;
use crate::model::{HostName, TargetName};

/// The version, and the commit if the source was a Git repository.
const VERSION: &str = env!("LVSGEN_VERSION");

/// Generate every configuration file of every host of an LVS-DR cluster from one model
#[derive(Debug, Parser)]
#[command(name = "lvsgen", version = VERSION, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    print: print::PrintArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a first model with comments, for you to edit
    Init(init::Init),
    /// Make a model from the files of a cluster that was set up by hand
    Import(import::Import),
    /// Report every mistake in a model
    Check(check::CheckArgs),
    /// Explain the code of a finding, with a bad and a good example
    Explain(explain::Explain),
    /// Print the JSON Schema of the model or of a profile, for editors
    Schema(schema::Schema),
    /// Write the configuration files of every host
    Render(render::Render),
    /// Show the changes that `render` would make, in the files or in the cluster
    Diff(diff::Diff),
    /// List the targets (operating systems), or show the mechanisms of one target
    Targets(targets::Targets),
    /// Show the cluster at a glance: VIPs, services, real servers, mechanisms
    Show(show::Show),
    /// Show the decisions that lvsgen makes from a model: hosts, needs, mechanisms, values
    Plan(plan::PlanArgs),
    /// Show the way of a packet to a service, and the line of a file that decides each step
    Trace(trace::TraceArgs),
    /// Print the script that makes a shell complete arguments
    Completions(completions::Completions),
    /// Print a manual page
    Man(man::ManArgs),
}

/// The arguments that select the model of a command.
#[derive(Debug, Args)]
struct ModelArgs {
    /// The model file; `-` reads the model from stdin [default: cluster.yaml or cluster.yml here, or in a parent folder of
    /// the same Git repository]
    model: Option<PathBuf>,
    /// Use a built-in example as the model
    #[arg(
        long, value_name = "NAME", num_args = 0..=1, require_equals = true,
        default_missing_value = input::EXAMPLE, value_parser = input::example_name,
        conflicts_with = "model", add = ArgValueCandidates::new(completions::examples)
    )]
    example: Option<Example>,
    /// The target (operating system) of each host that has no `target` of its own in the model. The option
    /// overrides the `target` of the cluster
    #[arg(
        long, value_name = "NAME", value_parser = TargetName::new,
        add = ArgValueCandidates::new(completions::targets)
    )]
    target: Option<TargetName>,
    #[command(flatten)]
    overlay: OverlayArgs,
}

/// The options that name folders with the user's own profiles and templates.
#[derive(Debug, Args)]
struct OverlayArgs {
    /// A folder with your own profiles (NAME.yaml); your profile replaces a built-in profile of the same
    /// name
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
    /// A folder with your own templates; your template replaces a built-in template of the same path
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
}

/// The option that selects the hosts of a command.
#[derive(Debug, Args)]
struct HostArgs {
    /// Select only this host; repeat the option to select more hosts
    #[arg(
        long = "host", value_name = "NAME", value_parser = HostName::new,
        add = ArgValueCandidates::new(completions::hosts)
    )]
    hosts: Vec<HostName>,
}

/// Runs the program with the arguments of the process. If lvsgen panics, the exit code is 70.
pub fn run() -> ExitCode {
    fault::guard(|| {
        // A shell asks for candidates. This ends the program if it does.
        CompleteEnv::with_factory(Cli::command).complete();
        let cli = Cli::parse();
        cli.print.apply();
        let outcome = match cli.command {
            Command::Init(command) => command.run(),
            Command::Import(command) => command.run(),
            Command::Check(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Schema(command) => command.run(),
            Command::Render(command) => command.run(),
            Command::Diff(command) => command.run(),
            Command::Targets(command) => command.run(),
            Command::Show(command) => command.run(),
            Command::Plan(command) => command.run(),
            Command::Trace(command) => command.run(),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        };
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => fault.report(),
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::Cli;

    /// Every command has examples, and each example is a command that lvsgen accepts.
    #[test]
    fn the_examples_of_the_help_are_accepted() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().expect("the command has examples").to_string();
            let lines = help.lines().filter_map(|line| line.strip_prefix("  lvsgen "));
            let mut tried = 0;
            for line in lines {
                let end = line.find(['#', '|', '>']).unwrap_or(line.len());
                let words = std::iter::once("lvsgen").chain(line[..end].split_whitespace());
                let parsed = Cli::try_parse_from(words);
                assert!(parsed.is_ok(), "{line}: {parsed:?}");
                tried += 1;
            }
            assert!(tried > 0, "{}", command.get_name());
        }
    }
}
