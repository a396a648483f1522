//! Mechanisms that provide several needs.
//!
//! Takes the mechanisms of a profile as they are written; gives them under each need that they provide.

use super::load::Needs;
use super::{Mechanism, ProfileError};
use crate::model::Need;

/// Adds the need under which a mechanism stands to the needs that it provides.
pub(super) fn with_own_need(
    name: &str,
    need: Need,
    mut mechanism: Mechanism,
) -> Result<Mechanism, ProfileError> {
    mechanism.provides.retain(|one| *one != need);
    // Needs choose their mechanisms in their order: a later need finds the mechanism of an earlier need.
    if let Some(before) = mechanism.provides.iter().find(|one| **one < need) {
        let mechanism = &mechanism.mechanism;
        let why = format!(
            "`{mechanism}` stands under `{need}` and provides `{before}`, which comes before it: write the \
             mechanism under `{before}`"
        );
        return Err(ProfileError { file: format!("{name}.yaml"), why });
    }
    mechanism.provides.insert(0, need);
    Ok(mechanism)
}

/// Lists each mechanism also under the further needs that it provides.
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
