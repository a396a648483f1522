//! What lvsgen promises, tried from outside: one binary, a module for each promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::disallowed_methods, reason = "tests write where they like")]

mod cases;
mod checks;
mod ci;
mod cli;
mod completions;
mod deliveries;
mod diagnostics;
mod diff;
mod examples;
mod expand;
mod faults;
mod formats;
mod fuzz;
mod golden;
mod hostile;
mod import;
mod install;
mod language;
mod layering;
mod monitoring;
mod output;
mod pages;
mod profiles;
mod properties;
mod random;
mod readers;
mod safety;
mod schema;
mod show;
mod support;
mod templates;
mod trace;
