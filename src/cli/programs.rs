//! The programs that answer the TCP ports of the services, as a text for people.
//!
//! Takes [`Answered`]; gives "`http` (80), `api` (8080, 8443)".

use crate::ipvs::PortRange;
use crate::resolve::Answered;

/// The services that the web servers of lvsgen answer.
pub(super) fn by_lvsgen(answered: &[Answered<'_>]) -> String {
    listed(answered, |one| &one.by_lvsgen)
}

/// The services that the user's own programs must answer.
pub(super) fn by_user(answered: &[Answered<'_>]) -> String {
    listed(answered, |one| &one.by_user)
}

fn listed<'a>(
    answered: &'a [Answered<'_>],
    of: impl Fn(&'a Answered<'_>) -> &'a [PortRange],
) -> String {
    let each = answered.iter().filter(|one| !of(one).is_empty()).map(|one| {
        let ports: Vec<String> = of(one).iter().map(ToString::to_string).collect();
        format!("`{}` ({})", one.service, ports.join(", "))
    });
    each.collect::<Vec<_>>().join(", ")
}
