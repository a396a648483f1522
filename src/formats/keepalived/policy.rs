//! The settings of a virtual server that decide when its real servers work: quorum, first state, and the effect of a failed check.

use super::blocks::Block;
use crate::facts::Fact;
use crate::ipvs::Endpoint;

/// The settings that a virtual server has.
#[derive(Default)]
pub(super) struct Policy {
    quorum: Option<u32>,
    hysteresis: Option<u32>,
    starts_down: bool,
    /// Whether a failed check of each real server sets the weight 0.
    pub(super) quiesces: bool,
}

impl Policy {
    /// Takes a statement. `false`: it is another setting, or its value is no number.
    pub(super) fn take(&mut self, statement: &Block) -> bool {
        if !statement.is_line() {
            return false;
        }
        let number =
            || -> Option<u32> { statement.arguments().first().and_then(|text| text.parse().ok()) };
        match statement.keyword() {
            "quorum" => put(&mut self.quorum, number()),
            "hysteresis" => put(&mut self.hysteresis, number()),
            "alpha" => put(&mut self.starts_down, Some(true)),
            "inhibit_on_failure" => put(&mut self.quiesces, Some(true)),
            // It runs the scripts of `quorum_down` at the end of keepalived.
            "omega" => true,
            _ => false,
        }
    }

    /// The settings as facts.
    pub(super) fn facts(&self, endpoint: Endpoint) -> impl Iterator<Item = Fact> {
        let quorum = self.quorum.map(|sum| Fact::Quorum { endpoint, sum });
        let hysteresis = self.hysteresis.map(|sum| Fact::Hysteresis { endpoint, sum });
        let down = self.starts_down.then_some(Fact::StartsDown(endpoint));
        quorum.into_iter().chain(hysteresis).chain(down)
    }
}

/// Puts a value into its place. `false`: there is no value.
fn put<T>(place: &mut T, value: Option<impl Into<T>>) -> bool {
    let valid = value.is_some();
    value.into_iter().for_each(|value| *place = value.into());
    valid
}
