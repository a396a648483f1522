//! `lvsgen show`: shows a cluster at a glance.

use clap::{Args, ValueEnum};

use super::ModelArgs;
use super::fault::Fault;
use super::input::{Input, WithoutModel};
use super::print::say;
use crate::pipeline::Output;
use crate::show::{View, human, mermaid, svg};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lvsgen show                             # tables\n  lvsgen show --format svg > cluster.svg"
)]
pub(super) struct Show {
    #[command(flatten)]
    model: ModelArgs,
    /// The form of the picture
    #[arg(long, value_enum, default_value_t)]
    format: ShowFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ShowFormat {
    /// Tables
    #[default]
    Human,
    /// A Mermaid flowchart, which code hosts draw in Markdown
    Mermaid,
    /// A drawing that needs no other file
    Svg,
}

impl Show {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let input = Input::read(&self.model, WithoutModel::Refuse)?;
        let cluster = input.cluster()?;
        let (checked, _) = input.checked(&cluster, &self.model)?;
        // `show` also renders the files, so that it shows no cluster that `render` would refuse.
        let read_back = input.render(&checked, &self.model.overlay)?;
        let output = Output::new(&checked, &read_back, &[]);
        let view = View::new(&output.summary);
        say(&match self.format {
            ShowFormat::Human => human::write(&view),
            ShowFormat::Mermaid => mermaid::write(&view),
            ShowFormat::Svg => svg::write(&view),
        })
    }
}
