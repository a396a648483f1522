//! Makes a model from the files of a cluster that somebody made by hand.
//!
//! Takes the files of hosts, and the answers of the user; gives [`Imported`]: the text of the model, a report about every line that the
//! model does not have, whether the model gives the same IPVS table, and the things that lvsgen's files replace. The data runs one way: `gather`
//! reads the facts, `assemble` decides the model, `write` makes its text, `rendered` renders the text, `verify` compares, and `adopt` lists the things.

mod adopt;
mod answers;
mod assemble;
mod draft;
mod gather;
mod health;
mod notes;
mod ranges;
mod rendered;
pub mod rules;
mod table;
mod verify;
mod write;

pub use adopt::{Adopted, Thing};
pub use answers::Answers;
pub use verify::Verified;

use self::write::Open;
use crate::diagnostic::Report;
use crate::given::GivenHost;
use crate::model::UNKNOWN;
use crate::pipeline::Pipeline;
use crate::source::Source;

/// The result of an import.
#[derive(Debug)]
pub struct Imported {
    /// The text of the model.
    pub model: String,
    /// The files, for the places of the report.
    pub source: Source,
    /// Every line that the model does not have, and every decision that no file shows.
    pub report: Report,
    /// The number of files.
    pub files: usize,
    /// The lines that are neither blank nor a comment.
    pub lines: usize,
    /// Those of them of which the model has everything.
    pub taken: usize,
    /// The number of directors, real servers, NFS servers and services.
    pub counts: [usize; 4],
    /// Whether a value of the model is open.
    pub is_open: bool,
    /// Whether the model gives the same cluster again.
    pub verified: Verified,
    /// The things of the hosts that lvsgen's files replace: the lines of `adopt.tsv`. Empty if the model cannot be rendered.
    pub adopted: Vec<Adopted>,
}

/// Imports the files of hosts. Without a service of IPVS in a file, the result has no service.
pub fn import(hosts: Vec<GivenHost>, answers: &Answers, pipeline: &Pipeline) -> Imported {
    let mut gathered = gather::gather(hosts);
    let draft = assemble::assemble(&gathered.pictures, answers, &mut gathered.report);
    let (lines, taken) = gathered.lines();
    let model = write::write(&draft, Open::Asked);
    let (verified, adopted) = match rendered::render(&draft, &gathered.pictures, pipeline) {
        Ok(rendered) => (
            verify::verify(&draft, &gathered.pictures, &rendered),
            adopt::adopt(&gathered, &rendered),
        ),
        Err(why) => (why, Vec::new()),
    };
    let nfs = usize::from(draft.nfs.is_some());
    let is_open = model.contains(UNKNOWN);
    Imported {
        model,
        report: notes::folded(&gathered.report, &gathered.source),
        files: gathered.files,
        lines,
        taken,
        is_open,
        counts: [draft.directors.len(), draft.real_servers.len(), nfs, draft.services.len()],
        verified,
        adopted,
        source: gathered.source,
    }
}
