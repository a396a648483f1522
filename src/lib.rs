//! lvsgen: every configuration file of every host of an LVS-DR cluster, from one model.
//!
//! Data runs one way, and a test holds that:
//!
//! ```text
//! cluster.yaml ─▶ source ─▶ yaml ─▶ model ─┐
//! profiles/ ──────▶ embed ─▶ profile ──────┴▶ survey ─▶ check ─▶ plan ─▶ render ─▶ proof
//! templates/ ─────▶ embed ────────────────────────────────────────────────┘           │
//!                                                 output | diff ◀── pack ◀────────────┘
//! ```
//!
//! `outline` is the plan in few words: what `diff` compares where it speaks of the cluster.
//! Profiles are data, the plan is typed, templates are dumb, packing is pure. Only `output` writes
//! files and only `cli` reads them or prints.

pub mod artifact;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod diff;
pub mod embed;
pub mod kernel;
pub mod model;
pub mod outline;
pub mod output;
pub mod pack;
pub mod plan;
pub mod profile;
pub mod proof;
pub mod render;
pub mod source;
pub mod survey;
pub mod yaml;
