//! Labels of series, as PromQL and the tests of promtool write them.

use std::fmt;

use serde::{Serialize, Serializer};

/// Labels with their values. No value needs an escape: the values are names and addresses of the model.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Labels(Vec<(&'static str, String)>);

impl Labels {
    /// The labels that every series of a cluster has.
    pub fn of_cluster(cluster: &str) -> Self {
        Self::default().and("cluster", cluster)
    }

    /// These labels and one more.
    #[must_use]
    pub fn and(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.0.push((name, value.to_string()));
        self
    }

    /// The value of a label.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(one, _)| *one == name).map(|(_, value)| value.as_str())
    }

    /// The labels as pairs.
    pub fn into_pairs(self) -> Vec<(&'static str, String)> {
        self.0
    }

    /// Whether the labels contain all of the given ones.
    pub fn have(&self, wanted: &[(&'static str, String)]) -> bool {
        wanted.iter().all(|(name, value)| self.get(name) == Some(value))
    }
}

/// `{a="b", c="d"}`.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        write!(f, "{{{}}}", each.join(", "))
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
