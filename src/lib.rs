//! lvsgen generates every configuration file of every host of an LVS-DR cluster from one model.
//!
//! `docs/architecture.md` describes the modules, their duties and the flow of data. A test compares this
//! document with the imports in the code.
//! Only `output` writes files, and only `cli` reads the user's files and prints.

pub mod check;
pub mod cli;
pub mod delivery;
pub mod diagnostic;
pub mod diff;
pub mod embed;
pub mod facts;
pub mod file;
pub mod firewall;
pub mod formats;
pub mod given;
pub mod health;
pub mod import;
pub mod ipvs;
pub mod kernel;
mod keyword;
pub mod model;
pub mod monitoring;
pub mod output;
pub mod pipeline;
pub mod plan;
pub mod profile;
mod ranges;
pub mod readback;
mod reference;
pub mod render;
pub mod resolve;
pub mod rollout;
pub mod secret;
pub mod show;
pub mod source;
pub mod summary;
pub mod template;
pub mod trace;
pub mod vrrp;
pub mod yaml;
