//! `lvsgen man`: prints a manual page in roff, for man(1).

use clap::{Args, CommandFactory as _};
use clap_mangen::Man;

use super::Cli;
use super::fault::Fault;
use super::print::say;
use crate::diagnostic::did_you_mean;

#[derive(Debug, Args)]
#[command(after_help = "To read a page:\n  lvsgen man render | man -l -")]
pub(super) struct ManArgs {
    /// The command whose page to print; without a command, the page of lvsgen
    command: Option<String>,
}

impl ManArgs {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let mut program = Cli::command().disable_help_subcommand(true);
        // The names of the pages: `lvsgen-render`.
        program.build();
        let command = match &self.command {
            None => program,
            Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| Fault::Usage {
                message: format!("there is no command `{}`", name.escape_debug()),
                help: did_you_mean(name, program.get_subcommands().map(clap::Command::get_name)),
            })?,
        };
        let mut page = Vec::new();
        let written = Man::new(command).render(&mut page);
        written.map_err(|error| Fault::usage(format!("cannot write the page: {error}")))?;
        say(&String::from_utf8_lossy(&page))
    }
}
