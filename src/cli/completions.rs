//! `lvsgen completions`: prints the script that makes a shell complete the arguments of lvsgen.
//!
//! The script asks lvsgen itself for the candidates (with the variable `COMPLETE`), so that it knows the targets, the codes, the
//! examples, and the hosts of the model in the working directory.

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap_complete::CompletionCandidate;
use clap_complete::env::Shells;

use super::fault::Fault;
use super::input::read_model;
use super::model_file::default_model;
use super::print::say;
use crate::check;
use crate::embed::Example;
use crate::model::Cluster;
use crate::profile::ProfileSet;

/// The variable in which a shell asks for candidates. clap_complete uses the same name.
const VARIABLE: &str = "COMPLETE";

#[derive(Debug, Args)]
#[command(
    after_help = "For bash:\n  lvsgen completions bash > ~/.local/share/bash-completion/completions/lvsgen"
)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_parser = PossibleValuesParser::new(Shells::builtins().names()))]
    shell: String,
}

impl Completions {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let shells = Shells::builtins();
        let shell = shells.completer(&self.shell).expect("the parser accepts only these shells");
        let mut script = Vec::new();
        shell
            .write_registration(VARIABLE, "lvsgen", "lvsgen", "lvsgen", &mut script)
            .map_err(|error| Fault::usage(format!("cannot write the script: {error}")))?;
        say(&String::from_utf8_lossy(&script))
    }
}

/// The targets and their aliases.
pub(super) fn targets() -> Vec<CompletionCandidate> {
    ProfileSet::built_in().names().map(CompletionCandidate::new).collect()
}

/// The codes of the checks.
pub(super) fn codes() -> Vec<CompletionCandidate> {
    check::rules().into_iter().map(|rule| CompletionCandidate::new(rule.code)).collect()
}

/// The built-in examples with their purposes.
pub(super) fn examples() -> Vec<CompletionCandidate> {
    let each = Example::all();
    each.map(|one| CompletionCandidate::new(one.name).help(Some(one.purpose().into()))).collect()
}

/// The hosts of the model that lvsgen finds without a name.
pub(super) fn hosts() -> Vec<CompletionCandidate> {
    let source = default_model().and_then(|path| read_model(&path).ok());
    let cluster = source.and_then(|source| Cluster::parse(&source).0);
    let hosts = cluster.iter().flat_map(Cluster::hosts);
    hosts.map(|host| CompletionCandidate::new(host.name.as_str())).collect()
}
