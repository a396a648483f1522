//! How the property tests draw their cases: the same ones in every run, so that a failure is the failure of a
//! change. `LVSGEN_RANDOM=N` draws N times as many from a random seed.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// The configuration for a property that is tried on so many cases.
pub fn config(cases: u32) -> ProptestConfig {
    let more = std::env::var("LVSGEN_RANDOM").ok();
    let more = more.map(|text| text.parse::<u32>().expect("LVSGEN_RANDOM is a number"));
    let rng_seed = if more.is_some() { RngSeed::Random } else { RngSeed::Fixed(4) };
    let cases = cases * more.unwrap_or(1);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}
