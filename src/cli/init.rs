//! `lvsgen init`: writes a first model with comments, for the user to edit.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::fault::Fault;
use super::input::{EXAMPLE, example_name, pipeline};
use super::model_file::DEFAULT;
use super::print::{note, say};
use super::{OverlayArgs, completions, schema};
use crate::embed::Example;
use crate::model::TargetName;
use crate::output;

/// The name of the schema file, in the directory of the model.
const SCHEMA: &str = "cluster.schema.json";

/// The line that names the schema for yaml-language-server.
const MODELINE: &str = "# yaml-language-server: $schema=cluster.schema.json\n";

#[derive(Debug, Args)]
#[command(after_help = examples())]
pub(super) struct Init {
    /// The file to write; `-` prints the model
    #[arg(default_value = DEFAULT)]
    path: PathBuf,
    /// The example to start from
    #[arg(long, value_name = "NAME", default_value = EXAMPLE, value_parser = example_name,
        add = ArgValueCandidates::new(completions::examples))]
    example: Example,
    /// The target (operating system) of the cluster in the model
    #[arg(long, value_name = "NAME", value_parser = TargetName::new,
        add = ArgValueCandidates::new(completions::targets))]
    target: Option<TargetName>,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
}

/// The examples with their purposes, for `--help`.
fn examples() -> String {
    let each = Example::all().map(|one| format!("\n  {}\n      {}", one.name, one.purpose()));
    format!(
        "Examples:\n  lvsgen init\n  lvsgen init --example two-directors --target rocky-9\n\nBuilt-in examples:{}",
        each.collect::<String>()
    )
}

impl Init {
    pub(super) fn run(&self) -> Result<(), Fault> {
        let pipeline = pipeline(&OverlayArgs { profiles: None, templates: None })?;
        let profiles = pipeline.profiles();
        if let Some(name) =
            self.target.as_ref().filter(|name| profiles.get(name.as_str()).is_none())
        {
            let help = profiles.suggest(name.as_str());
            return Err(Fault::helped(format!("there is no target `{name}`"), help));
        }
        let model = self.model();
        if self.path == Path::new("-") {
            return say(&model);
        }
        // The model is last: if a list cannot be written, no model names the list.
        let mut written = Vec::new();
        for (name, text) in self.example.lists() {
            let path = self.path.with_file_name(name);
            self.write(&path, text)?;
            written.push(path.display().to_string());
        }
        self.write(&self.path, &format!("{MODELINE}{model}"))?;
        let name = self.path.display();
        written.insert(0, name.to_string());
        // Keep an existing schema: the user made it, or keeps it on purpose.
        let beside = self.path.with_file_name(SCHEMA);
        let shown = beside.display();
        let kept = match self.put(&beside, &schema::text(profiles)) {
            Ok(()) => false,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => true,
            Err(error) => return Err(Fault::usage(format!("cannot write `{shown}`: {error}"))),
        };
        let argument =
            if self.path == Path::new(DEFAULT) { String::new() } else { format!(" {name}") };
        let schema = match kept {
            false => format!(" and {shown} (for editors)"),
            true => format!("; did not change {shown} (`lvsgen schema` prints the new schema)"),
        };
        note(&format!(
            "wrote {}{schema}; edit the model, then run `lvsgen check{argument}` and \
             `lvsgen render{argument}`",
            written.join(", ")
        ));
        Ok(())
    }

    /// The model of the example, with the target that the user asks for.
    fn model(&self) -> String {
        let Some(target) = &self.target else { return self.example.model.to_owned() };
        let lines = self.example.model.lines().map(|line| match line.starts_with("target: ") {
            true => format!("target: {target}\n"),
            false => format!("{line}\n"),
        });
        lines.collect()
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), Fault> {
        let name = path.display();
        self.put(path, text).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Fault::helped(
                format!("`{name}` already exists"),
                "name another file, move the existing file away, or overwrite it with `--force`",
            ),
            _ => Fault::usage(format!("cannot write `{name}`: {error}")),
        })
    }

    fn put(&self, path: &Path, text: &str) -> io::Result<()> {
        match self.force {
            true => output::overwrite(path, text),
            false => output::write_once(path, text),
        }
    }
}
