//! The outline as a file: a line for each host and entry, so that Git shows and merges it.

use serde::{Deserialize, Serialize};

use super::{Destination, HostOutline, Outline, ServiceOutline};
use crate::model::ClusterName;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    cluster: ClusterName,
    hosts: Vec<HostOutline>,
    services: Vec<ServiceOutline>,
    destinations: Vec<Destination>,
}

impl Outline {
    /// Gives the file's text.
    ///
    /// # Errors
    /// What JSON cannot hold: a fault of lvsgen.
    pub fn text(&self) -> Result<String, String> {
        let cluster = lines([&self.cluster].into_iter())?;
        let lists = [
            ("hosts", lines(self.hosts.iter())?),
            ("services", lines(self.services.iter())?),
            ("destinations", lines(self.destinations.iter())?),
        ];
        let lists = lists.map(|(name, lines)| format!("\"{name}\": [\n  {lines}\n]"));
        Ok(format!("{{\"cluster\": {cluster},\n{}}}\n", lists.join(",\n")))
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Written = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let Written { cluster, hosts, services, destinations } = read;
        Ok(Self { cluster, hosts, services, destinations })
    }
}

fn lines<T: Serialize>(items: impl Iterator<Item = T>) -> Result<String, String> {
    let lines = items.map(|item| serde_json::to_string(&item).map_err(|error| error.to_string()));
    Ok(lines.collect::<Result<Vec<_>, _>>()?.join(",\n  "))
}
