//! `lvsgen explain`: explains the code of a finding, or an alert.

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::completions;
use super::fault::Fault;
use super::print::say;
use crate::check;
use crate::diagnostic::{Rule, did_you_mean, nearest};
use crate::import;
use crate::monitoring::alerts;
use crate::output;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lvsgen explain single-director  # the code of a finding\n  lvsgen explain vip              # the codes with this word"
)]
pub(super) struct Explain {
    /// The code that a finding shows in brackets, or the name of an alert. A word such as `vip` lists the codes with this
    /// word; without a code, the command lists all codes
    #[arg(add = ArgValueCandidates::new(completions::codes))]
    code: Option<String>,
    /// Explain all codes in one Markdown document
    #[arg(long, conflicts_with = "code")]
    all: bool,
    /// Explain all alerts of `monitoring` in one Markdown document
    #[arg(long, conflicts_with_all = ["code", "all"])]
    alerts: bool,
}

impl Explain {
    pub(super) fn run(&self) -> Result<(), Fault> {
        if self.alerts {
            return say(&alerts::documentation());
        }
        let mut rules: Vec<&Rule> = check::rules();
        rules.extend(output::RULES);
        rules.extend(import::rules::ALL);
        rules.sort_by_key(|rule| rule.code);
        let Some(code) = &self.code else {
            return say(&if self.all { book(&rules) } else { list(&rules) });
        };
        if let Some(alert) = alerts::all().find(|alert| alert.name.eq_ignore_ascii_case(code)) {
            return say(&alert.documentation());
        }
        // Also accept the form in which a finding shows its code: `error[bad-value]`.
        let code = code.to_ascii_lowercase();
        let code = code.split_once('[').map_or(code.as_str(), |(_, code)| code);
        let code = code.trim_end_matches(']');
        let Some(rule) = rules.iter().find(|rule| rule.code == code) else {
            // A word of a code, such as `vip`, lists the codes with this word.
            let with_word = |rule: &&&Rule| rule.code.split('-').any(|word| word == code);
            let found: Vec<&Rule> = rules.iter().filter(with_word).copied().collect();
            if !found.is_empty() {
                return say(&list(&found));
            }
            return Err(Fault::Usage {
                message: format!("there is no code `{}`", code.escape_debug()),
                help: did_you_mean(code, rules.iter().map(|rule| rule.code))
                    .or_else(|| near_alert(code))
                    .or_else(|| Some("`lvsgen explain` lists all codes, `lvsgen explain --alerts` all alerts".to_owned())),
            });
        };
        say(&format!("{}[{}]: {}", rule.severity.word(), rule.code, rule.doc))
    }
}

/// The help text with the alert whose name is near. Nobody has to write its capital letters.
fn near_alert(written: &str) -> Option<String> {
    let names: Vec<String> = alerts::all().map(|alert| alert.name.to_ascii_lowercase()).collect();
    let near = nearest(written, names.iter().map(String::as_str))?;
    let alert = alerts::all().find(|alert| alert.name.eq_ignore_ascii_case(near))?;
    Some(format!("did you mean `{}`?", alert.name))
}

fn list(rules: &[&Rule]) -> String {
    let longest = rules.iter().map(|rule| rule.code.len()).max().unwrap_or(0);
    let line = |rule: &&Rule| {
        format!("{:longest$}  {:7}  {}\n", rule.code, rule.severity.word(), rule.summary())
    };
    rules.iter().map(line).collect()
}

/// A Markdown document: a table of all codes, and then the explanation of each code.
fn book(rules: &[&Rule]) -> String {
    let mut book = String::from(
        "# The findings of lvsgen\n\n\
         An error breaks the cluster: lvsgen renders nothing. A warning weakens the cluster: a\n\
         model may `allow` it with a reason. The examples show only the keys that matter.\n\n\
         | Code | Severity | Mistake |\n| --- | --- | --- |\n",
    );
    for rule in rules {
        let (code, word) = (rule.code, rule.severity.word());
        book += &format!("| [`{code}`](#{code}) | {word} | {} |\n", rule.summary());
    }
    for rule in rules {
        let text = rule.doc.replace("\n## ", "\n### ");
        book += &format!("\n## {}\n\n{}: {}", rule.code, rule.severity.word(), text);
    }
    book
}
