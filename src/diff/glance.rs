//! The changes of the cluster for a terminal: a line for each statement, and for each step of the rollout.
//!
//! Takes statements and steps; gives text, with or without colours.

use anstyle::{AnsiColor, Style};

use super::meaning::{self, Statement, Step};

const CHANGE: Style = Style::new().bold();
const TRAFFIC: Style = AnsiColor::Yellow.on_default();
const MOMENT: Style = AnsiColor::Cyan.on_default();

/// Gives the lines. The tasks before the rollout stand before the steps of the rollout.
pub fn lines(statements: &[Statement], steps: &[Step], colour: bool) -> String {
    let style = |style: Style, text: &str| match colour {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    };
    let statements_lines = statements.iter().map(|one| {
        let traffic = one.traffic.as_ref().map(|text| format!("; {}", style(TRAFFIC, text)));
        format!("{}{}\n", style(CHANGE, &one.change), traffic.unwrap_or_default())
    });
    let drain = meaning::drain(statements).into_iter();
    let drain = drain.map(|task| format!("{}: {task}\n", style(MOMENT, "before the rollout")));
    let steps =
        steps.iter().map(|step| format!("{}: {step}\n", style(MOMENT, "during the rollout")));
    statements_lines.chain(drain).chain(steps).collect()
}
