//! Mechanisms that provide several needs.
//!
//! Takes the mechanisms in the form in which the profile lists them; gives the mechanisms of each need. A mechanism
//! is in the list of every need that it provides.

use super::load::Needs;
use super::{Mechanism, ProfileError};
use crate::model::Need;

/// Adds the mechanism's own need as the first entry of `provides`. The own need is the need under which the
/// profile lists the mechanism.
pub(super) fn with_own_need(
    name: &str,
    need: Need,
    mut mechanism: Mechanism,
) -> Result<Mechanism, ProfileError> {
    mechanism.provides.retain(|one| *one != need);
    // lvsgen handles the needs in their order. So a later need can use the mechanism of an earlier need, but an
    // earlier need cannot use the mechanism of a later need.
    if let Some(before) = mechanism.provides.iter().find(|one| **one < need) {
        let mechanism = &mechanism.mechanism;
        let why = format!(
            "`{mechanism}` is listed under `{need}`, but it provides the earlier need `{before}`: \
             write the mechanism under `{before}`"
        );
        return Err(ProfileError { file: format!("{name}.yaml"), why });
    }
    mechanism.provides.insert(0, need);
    Ok(mechanism)
}

/// Lists each mechanism under every need that it provides.
pub(super) fn with_provided(mut needs: Needs) -> Needs {
    let all: Vec<Mechanism> = needs.values().flatten().cloned().collect();
    for mechanism in all {
        for need in &mechanism.provides {
            let list = needs.entry(*need).or_default();
            if !list.iter().any(|one| one.mechanism == mechanism.mechanism) {
                list.push(mechanism.clone());
            }
        }
    }
    needs
}
