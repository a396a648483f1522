//! The own page of each real server.
//!
//! Takes the cluster; gives the title, the number and the language of each page.

use std::collections::BTreeMap;

use crate::model::{Cluster, Host, HostName, Language, Text};
use crate::profile::Profile;
use crate::source::Located;

/// The own page of a host. Only a real server with a web server shows it.
#[derive(Debug)]
pub struct PageView<'a> {
    /// The title in the model. Only the entry of a real server can have one.
    pub title: Option<&'a Located<Text>>,
    /// The number in the host's name. If the name has no number, or another real server has the same number: the name.
    pub number: &'a str,
    /// The language.
    pub language: Language,
}

/// The titles and numbers of all real servers.
pub(super) struct Pages<'a> {
    language: Option<Language>,
    titles: BTreeMap<&'a HostName, &'a Located<Text>>,
    /// How many real servers have a number.
    numbers: BTreeMap<&'a str, usize>,
}

impl<'a> Pages<'a> {
    pub(super) fn of(cluster: &'a Cluster) -> Self {
        let servers = || cluster.real_servers.iter();
        let titles = servers().filter_map(|host| Some((&host.name.value, host.title.as_ref()?)));
        let mut numbers = BTreeMap::new();
        for host in servers() {
            *numbers.entry(number(&host.name)).or_default() += 1;
        }
        let language = cluster.web.as_ref().and_then(|web| web.language);
        Self { language, titles: titles.collect(), numbers }
    }

    /// The page of a host.
    pub(super) fn page(&self, host: &'a Host, profile: Option<&Profile>) -> PageView<'a> {
        let name = &host.name.value;
        let number = number(name);
        let shared = self.numbers.get(number).is_some_and(|count| *count > 1);
        let language = self.language.or(profile.map(|profile| profile.language));
        PageView {
            title: self.titles.get(name).copied(),
            number: if shared { name.as_str() } else { number },
            language: language.unwrap_or(Language::English),
        }
    }
}

/// The number at the end of a host's short name (`web1`, `web-02.example.org`), or the whole name if there is no
/// such number. The number does not depend on the host's position in the list. If it did, a new host would change
/// the pages of all later hosts.
fn number(name: &HostName) -> &str {
    let short = name.as_str().split('.').next().expect("a split gives at least one part");
    let number = short.trim_start_matches(|c: char| !c.is_ascii_digit());
    let ends_in_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    match number.trim_start_matches('0') {
        "" if ends_in_number => "0",
        trimmed if ends_in_number => trimmed,
        _ => name.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn the_nodes_number_is_in_its_name() {
        for (name, wanted) in [
            ("web1", "1"),
            ("web-02.example.org", "2"),
            ("alpha", "alpha"),
            ("w1b", "w1b"),
            ("w0", "0"),
        ] {
            assert_eq!(number(&HostName::new(name).unwrap()), wanted);
        }
    }

    #[test]
    fn no_two_pages_have_the_same_number() {
        let model = "name: a\nnetwork: { interface: ens33, subnet: 192.0.2.0/24 }\n\
            directors: [{ name: lvs1, address: 192.0.2.1 }]\n\
            real_servers: [{ name: web1, address: 192.0.2.2 }, { name: app1, address: 192.0.2.3 }, { name: web2, address: 192.0.2.4 }]\n\
            virtual_services: [{ name: http, vip: 192.0.2.9, port: 80 }]\n";
        let source = Source::new("model", model);
        let (cluster, _) = Cluster::parse(&source);
        let cluster = cluster.expect("the model of the test is right");
        let pages = Pages::of(&cluster);
        let numbers = cluster.real_servers.iter().map(|host| pages.page(host, None).number);
        assert_eq!(numbers.collect::<Vec<_>>(), ["web1", "app1", "2"]);
    }
}
