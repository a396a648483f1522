//! The checks that are right for a part of a model.

/// The codes of these checks. A finding of such a check comes from entries that the model has, and never from an entry that is missing. A
/// test leaves out each entry of many models.
pub(super) const CODES: [&str; 16] = [
    "allowed-error",
    "duplicate-address",
    "duplicate-name",
    "duplicate-nic",
    "duplicate-real-server",
    "gateway-is-director",
    "network-or-broadcast-address",
    "overlapping-segments",
    "reserved-mark",
    "retired-address",
    "sorry-server-is-real-server",
    "system-directory",
    "unknown-check",
    "vip-in-two-segments",
    "vip-is-host-address",
    "vip-with-subnet-mask",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::ALL;

    #[test]
    fn every_code_is_that_of_a_check() {
        let known = |code: &&str| ALL.iter().any(|check| check.rule.code == *code);
        assert!(CODES.iter().all(known));
    }
}
