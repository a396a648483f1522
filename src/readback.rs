//! Reads the rendered files back, checks the format of each file, and compares all files with the
//! model.
//!
//! Takes [`Checked`] and [`Rendered`]; gives [`ReadBack`] or the [`Mismatch`]es. Deliveries accept
//! files only as [`ReadBack`]. The comparison must succeed for every model: a mismatch is a bug in a
//! template or a profile, not in the model. The readers follow the manual pages of the formats. The
//! expected values come from the model, not from the plan that the templates use.

mod addresses;
mod failover;
mod firewall;
mod gateways;
mod health;
mod ipvs_settings;
mod modules;
mod nodes;
mod route;
mod settings;
mod storage;
mod table;
mod tuning;
mod ways;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

use rayon::prelude::*;

use crate::check::Checked;
use crate::facts::{Fact, InterfaceRef, Place, Reading, Span};
use crate::model::{HostName, Need};
use crate::render::{PerProvision, Provision, ProvisionId, Rendered, RenderedFile, RenderedHost};
use crate::resolve::HostView;

/// Rendered files that were read back.
#[derive(Debug)]
pub struct ReadBack<'a> {
    rendered: Rendered<'a>,
    unread: Vec<String>,
}

impl<'a> ReadBack<'a> {
    /// Reads everything back.
    ///
    /// # Errors
    /// Every mismatch, host by host.
    pub fn new(checked: &Checked<'_>, rendered: Rendered<'a>) -> Result<Self, Vec<Mismatch>> {
        let mismatches = mismatches(checked, &rendered);
        if !mismatches.is_empty() {
            return Err(mismatches);
        }
        let files = rendered.hosts.iter().flat_map(|host| rendered.files(host));
        let unread = files.filter(|file| file.format.is_none()).map(|file| file.path.clone());
        let unread = unread.collect();
        Ok(Self { rendered, unread })
    }

    /// The files.
    pub fn rendered(&self) -> &Rendered<'a> {
        &self.rendered
    }

    /// The paths of the files for which there is no reader, host by host.
    pub fn unread(&self) -> &[String] {
        &self.unread
    }
}

/// A rendered file that contradicts the model, or a missing file.
#[derive(Debug)]
pub struct Mismatch {
    host: HostName,
    /// The path of the file, and the name of its template; `None` if a file is missing.
    file: Option<(String, String)>,
    place: Option<Place>,
    why: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host `{}`", self.host)?;
        if let Some((path, template)) = &self.file {
            write!(f, ", file `{path}`, template `{template}`")?;
        }
        if let Some(place) = self.place {
            write!(f, ", line {}", place.line)?;
        }
        write!(f, ": {}", self.why)
    }
}

/// The files of one host, with their readings.
struct HostFacts<'a> {
    view: &'a HostView<'a>,
    files: Vec<FactsOfFile<'a>>,
}

/// One file, with its reading.
struct FactsOfFile<'a> {
    file: &'a RenderedFile,
    provision: &'a Provision,
    /// The identity of the provision.
    id: ProvisionId,
    /// The facts of the file; `None` if lvsgen has no reader for the format.
    reading: Option<&'a Reading>,
}

/// The begin of a file.
const START: &Span = &(0..0);

/// The place of a fact.
#[derive(Clone, Copy)]
struct FactPlace<'a> {
    file: &'a RenderedFile,
    span: &'a Span,
}

/// The readings of each provision's files.
type Readings = PerProvision<Vec<Option<Reading>>>;

impl<'a> HostFacts<'a> {
    fn new(
        view: &'a HostView<'a>,
        rendered: &'a Rendered<'_>,
        host: &'a RenderedHost<'_>,
        readings: &'a Readings,
    ) -> Self {
        let mut files = Vec::new();
        let provisions = rendered.of(host).zip(&host.provisions);
        for ((provision, id), read) in provisions.zip(readings.of(host)) {
            let each = provision.files.iter().zip(read);
            files.extend(each.map(|(file, reading)| FactsOfFile {
                file,
                provision,
                id: *id,
                reading: reading.as_ref(),
            }));
        }
        Self { view, files }
    }

    /// Every fact of the host's files, with its place.
    fn facts(&self) -> impl Iterator<Item = (FactPlace<'_>, &Fact)> {
        self.files.iter().flat_map(|file| {
            let facts = file.reading.into_iter().flat_map(|reading| &reading.facts);
            // Facts that share their bytes stand one after the other, and the first of them has the bytes.
            let mut last = START;
            facts.map(move |fact| {
                last = fact.spans.first().unwrap_or(last);
                (FactPlace { file: file.file, span: last }, &fact.fact)
            })
        })
    }

    /// The name of an interface of this host. An interface that a file names by an unknown file keeps the name of that file.
    fn interface<'f>(&self, named: &'f InterfaceRef) -> &'f str
    where
        'a: 'f,
    {
        let mut nics = self.view.nics.iter().map(|nic| nic.interface);
        let own = match named {
            InterfaceRef::Name(_) => None,
            InterfaceRef::NetplanId(id) => nics.find(|nic| id == nic.netplan_id()),
            InterfaceRef::NetworkFile(file) => nics.find(|nic| *file == nic.network_file()),
        };
        match (own, named) {
            (Some(nic), _) => nic.name.as_str(),
            (
                None,
                InterfaceRef::Name(name)
                | InterfaceRef::NetplanId(name)
                | InterfaceRef::NetworkFile(name),
            ) => name,
        }
    }

    /// Whether lvsgen can read every file of a need. The result is also false if the mechanism has no files. If the
    /// result is false, a missing fact is not an error.
    fn says_all_of(&self, need: Need) -> bool {
        let mechanism = self.view.need(need).and_then(|view| view.mechanism);
        let own = |file: &&FactsOfFile<'_>| file.provision.needs.contains(&need);
        mechanism.is_some_and(|mechanism| !mechanism.files.is_empty())
            && self.files.iter().filter(own).all(|file| file.reading.is_some())
    }

    /// A mismatch at a fact.
    fn mismatch_at(&self, at: FactPlace<'_>, why: String) -> Mismatch {
        let place = Some(Place::of(&at.file.contents, at.span));
        Mismatch { place, ..self.mismatch_in(at.file, why) }
    }

    /// A mismatch of a file.
    fn mismatch_in(&self, file: &RenderedFile, why: String) -> Mismatch {
        let file = Some((file.path.clone(), file.source.clone()));
        Mismatch { file, ..self.mismatch(why) }
    }

    /// A mismatch of the whole host, such as a missing file.
    fn mismatch(&self, why: String) -> Mismatch {
        Mismatch { host: self.view.host.name.value.clone(), file: None, place: None, why }
    }

    /// One mismatch for each token that the program on the host would reject or ignore.
    fn refused(&self) -> impl Iterator<Item = Mismatch> {
        self.files.iter().flat_map(|file| {
            let faults = file.reading.into_iter().flat_map(Reading::faults);
            faults.map(|rest| {
                let at = FactPlace { file: file.file, span: &rest.span };
                self.mismatch_at(at, rest.reason.clone())
            })
        })
    }
}

fn read(provision: &Provision) -> Vec<Option<Reading>> {
    let files = provision.files.iter();
    files.map(|file| file.format.map(|format| format.read(&file.path, &file.contents))).collect()
}

fn mismatches(checked: &Checked<'_>, rendered: &Rendered<'_>) -> Vec<Mismatch> {
    let views: BTreeMap<&HostName, &HostView<'_>> =
        checked.resolved().hosts.iter().map(|view| (&view.host.name.value, view)).collect();
    let Ok(readings) = rendered.per_provision(|provision| Ok::<_, Infallible>(read(provision)));
    let host = |host| {
        let host: &RenderedHost<'_> = host;
        let view = views.get(host.plan.name).expect("the plan has the hosts of the model only");
        HostFacts::new(view, rendered, host, &readings)
    };
    let hosts: Vec<HostFacts<'_>> = rendered.hosts.iter().map(host).collect();
    let settings = settings::Breaches::new(&hosts);
    let each = hosts.par_iter().enumerate().map(|(at, host)| {
        let mut found: Vec<Mismatch> = host.refused().collect();
        addresses::compare(checked, host, &mut found);
        settings.compare(at, host, &mut found);
        gateways::compare(checked, host, &mut found);
        ways::compare(checked, host, &mut found);
        firewall::compare(checked, host, &mut found);
        modules::compare(checked, host, &mut found);
        table::compare(checked, host, &mut found);
        health::compare(checked, host, &mut found);
        ipvs_settings::compare(checked, host, &mut found);
        tuning::compare(host, &mut found);
        nodes::compare(checked, host, &mut found);
        found
    });
    let mut found: Vec<Mismatch> = each.collect::<Vec<_>>().into_iter().flatten().collect();
    storage::compare(checked, &hosts, &mut found);
    failover::compare(checked, &hosts, &mut found);
    found
}
