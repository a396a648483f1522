//! Templates are dumb: they print, loop, and ask boolean facts.

use lvsgen::embed::{self, Files};
use lvsgen::render::Templates;

use super::support::{profiles, templates, try_render};

#[test]
fn a_template_takes_only_the_agreed_names() {
    for name in embed::templates().into_keys() {
        for input in templates().inputs(&name).unwrap() {
            let first = input.split('.').next().unwrap();
            let agreed = ["banner", "cluster", "host", "need", "needs", "item", "values"];
            assert!(agreed.contains(&first), "{name} takes {input}");
        }
    }
}

#[test]
fn a_template_uses_only_what_is_allowed() {
    for (name, text) in embed::templates() {
        assert!(text.starts_with("{# ") && text.contains("#}\n"), "{name}: say what it makes");
        assert!(text.contains("{{ banner }}"), "{name} has no banner");
        for (at, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", at + 1);
            for forbidden in ["{%-", "-%}", "{{-", "-}}"] {
                assert!(!line.contains(forbidden), "{place}: `{forbidden}`");
            }
            for tag in tags(line) {
                for forbidden in ["|", "==", "!=", " is ", "~"] {
                    assert!(!tag.contains(forbidden), "{place}: `{forbidden}`");
                }
            }
            let Some(tag) = line.trim_start().strip_prefix("{%") else {
                assert!(!line.contains("{%"), "{place}: a tag has its line for itself");
                continue;
            };
            let tag =
                tag.trim_end().strip_suffix("%}").unwrap_or_else(|| panic!("{place}: {line}"));
            let words: Vec<&str> = tag.split_whitespace().collect();
            let allowed = matches!(
                words[..],
                ["if" | "elif", _]
                    | ["if", "not", _]
                    | ["else" | "endif" | "endfor"]
                    | ["for", _, "in", _]
            );
            assert!(allowed, "{place}: {tag}");
        }
    }
}

/// The contents of the tags in a line.
fn tags(line: &str) -> impl Iterator<Item = &str> {
    ["{{", "{%"].into_iter().flat_map(|open| line.split(open).skip(1)).map(|rest| {
        let ends = ["}}", "%}"].iter().filter_map(|close| rest.find(close));
        &rest[..ends.min().unwrap_or(rest.len())]
    })
}

fn refused(template: &str) -> String {
    let own = Files::from([("modules-load/ipvs.conf.j2".to_owned(), template.to_owned())]);
    let templates = match Templates::new(own) {
        Ok(templates) => templates,
        Err(error) => return error.to_string(),
    };
    let rendered = try_render(embed::EXAMPLE, Some("openeuler"), &profiles(), &templates);
    rendered.expect_err("a bad template renders").to_string()
}

#[test]
fn a_bad_template_is_a_fault_with_its_place() {
    for (template, why) in [
        ("x\n{{ need.typo }}\n", "undefined value"),
        ("x\n{% if need.typo %}\nx\n{% endif %}\n", "undefined value"),
        ("x\n{{ need.typo | default('x') }}\n", "filter default is unknown"),
        ("x\n{{ need.modules }}\n", "cannot print a sequence into a file"),
        ("x\n{{ true }}\n", "cannot print a bool into a file"),
        ("x\n{{ none }}\n", "cannot print a none into a file"),
    ] {
        let told = refused(template);
        assert!(told.contains(why) && told.contains("line 2"), "{template}\n{told}");
        assert!(told.contains("modules-load/ipvs.conf.j2") && told.contains("lvs1"), "{told}");
    }
    assert!(refused("{% if x %}\n").contains("template `modules-load/ipvs.conf.j2`"));
    assert!(refused("no newline").contains("exactly one newline"));
}

/// What is shared between hosts never tells one host's own facts to another, whichever way a template
/// comes to them.
#[test]
fn a_hosts_own_facts_are_no_other_hosts() {
    use lvsgen::embed::{self, Files};
    let name = "sysctl/settings.conf.j2";
    let built_in = &embed::templates()[name];
    for line in [
        "{{ host.name }}",
        "{% set host = host %}{{ host.name }}",
        "{% set host = host.name %}{{ host }}",
        "{% set a, host = 1, host %}{{ host.name }}",
        "{% with host=host %}{{ host.name }}{% endwith %}",
        "{% macro m(host=host) %}{{ host.name }}{% endmacro %}{{ m() }}",
        "{% for key, value in host|items %}{{ key }} {{ value }} {% endfor %}",
        "{% if host.name == 'web2' %}web2{% endif %}",
    ] {
        let text = format!("{built_in}# {line} end\n");
        let templates = Templates::new(Files::from([(name.to_owned(), text)])).unwrap();
        for _ in 0..4 {
            let bundles = super::support::try_render(
                embed::EXAMPLE,
                None,
                &super::support::profiles(),
                &templates,
            );
            let bundles = bundles.unwrap();
            let last = |host: &str| {
                let bundle = bundles.iter().find(|bundle| bundle.host.as_str() == host).unwrap();
                let file = bundle.files().find(|one| one.path.contains("sysctl.d")).unwrap();
                file.contents.lines().last().unwrap().to_owned()
            };
            assert!(!last("web1").contains("web2"), "{line}: {}", last("web1"));
            assert!(last("web2").contains("web2"), "{line}: {}", last("web2"));
        }
    }
}
