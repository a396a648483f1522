use super::*;
use crate::model::NicKind;

fn set(files: &[(&str, &str)]) -> Result<ProfileSet, String> {
    let file =
        |(name, text): &(&str, &str)| ((*name).to_owned(), format!("{text}package_manager: apt\n"));
    let files = files.iter().map(file).collect();
    ProfileSet::load(&files).map_err(|error| error.to_string())
}

#[test]
fn a_target_has_a_package_manager() {
    let files = Files::from([("a.yaml".to_owned(), "description: d\n".to_owned())]);
    let why = ProfileSet::load(&files).unwrap_err().to_string();
    assert!(why.contains("it has no `package_manager`"), "{why}");
}

/// The build script has made the compact form, with other settings of the YAML library.
#[test]
fn the_compact_form_of_a_profile_is_the_profile() {
    let people = Written::new(&embed::profiles(Files::new()));
    let people = people.expect("the built-in profiles have valid names");
    let compact = Written::built_in();
    assert_eq!(people.names().collect::<Vec<_>>(), compact.names().collect::<Vec<_>>());
    let heads: BTreeMap<String, Head> =
        serde_json::from_str(embed::PROFILE_HEADS).expect("the build script has written the heads");
    for name in people.names() {
        let of = |written: &Written| {
            written.get(name).expect("it is a profile").expect("it has a file").clone()
        };
        assert_eq!(format!("{:?}", of(&people)), format!("{:?}", of(&compact)), "{name}");
        assert_eq!(heads[name], Head::of(&of(&people)), "{name}");
    }
}

/// The built-in profiles are not checked when they are used.
#[test]
fn a_built_in_profile_passes_the_check_of_a_profile_of_a_user() {
    let files = embed::profiles(Files::new());
    let (checked, built_in) = (ProfileSet::load(&files), ProfileSet::built_in());
    let checked = checked.expect("the built-in profiles have no fault");
    assert!(checked.iter().count() > 10);
    for (checked, built_in) in checked.iter().zip(built_in.iter()) {
        assert_eq!(format!("{checked:?}"), format!("{built_in:?}"));
    }
}

const NICS: [NicKind; 1] = [NicKind::Ethernet];

const BASE: &str = "description: a base\nabstract: true\nneeds:\n  ipvs_modules:\n    - mechanism: a\n      packages: [x]\n    - mechanism: b\n  nfs_mount:\n    - mechanism: c\n";

#[test]
fn a_child_replaces_whole_needs() {
    let child = "description: d\nextends: base\nneeds:\n  ipvs_modules:\n    - mechanism: z\n  nfs_mount: null\n";
    let set = set(&[("base.yaml", BASE), ("child.yaml", child)])
        .expect("the profiles of the test have this");
    assert!(set.get("base").is_none(), "an abstract profile is no target");
    let child = set.get("child").expect("the profiles of the test have this");
    assert_eq!(child.needs.keys().copied().collect::<Vec<_>>(), [Need::IpvsModules]);
    let modules = child
        .default_mechanism(Need::IpvsModules, &[], &NICS, |_| true)
        .expect("the profiles of the test have this");
    assert_eq!(modules.mechanism.as_str(), "z");
    assert!(modules.packages.is_empty());
    assert!(child.mechanism(Need::IpvsModules, "a").is_none());
}

#[test]
fn a_mechanism_can_be_borrowed() {
    let child = "description: d\nneeds:\n  nfs_mount:\n    - { mechanism: z }\n    - { mechanism: c, from: base }\n  ipvs_modules:\n    - { mechanism: a, from: base }\n";
    let set = set(&[("base.yaml", BASE), ("child.yaml", child)])
        .expect("the profiles of the test have this");
    let modules =
        &set.get("child").expect("the profiles of the test have this").needs[&Need::IpvsModules];
    assert_eq!(modules[0].packages[0].source(), "x");
    assert_eq!(
        set.get("child").expect("the profiles of the test have this").needs[&Need::NfsMount].len(),
        2
    );
}

#[test]
fn a_mechanism_may_provide_several_needs() {
    let both = "description: d\nneeds:\n  director_vip:\n    - { mechanism: k, provides: [ipvs_rules] }\n  ipvs_rules:\n    - mechanism: a\n";
    let set = set(&[("one.yaml", both)]).expect("the profiles of the test have this");
    let profile = set.get("one").expect("the profiles of the test have this");
    let rules =
        profile.mechanism(Need::IpvsRules, "k").expect("the profiles of the test have this");
    assert_eq!(
        rules.id,
        profile.mechanism(Need::DirectorVip, "k").expect("the profiles of the test have this").id
    );
    assert_eq!(
        profile
            .default_mechanism(Need::IpvsRules, &[], &NICS, |_| { true })
            .expect("the profiles of the test have this")
            .mechanism
            .as_str(),
        "a"
    );
    assert_eq!(rules.provides, [Need::DirectorVip, Need::IpvsRules]);
    let late = both.replace("director_vip", "x").replace("ipvs_rules", "director_vip");
    let late = late.replace("  x:", "  ipvs_rules:");
    let error = super::tests::set(&[("one.yaml", &late)]).unwrap_err();
    assert!(error.contains("write the mechanism under `director_vip`"), "{error}");
}

#[test]
fn null_removes_a_need_whichever_way_it_is_written() {
    for null in ["null", "~", ""] {
        let child = format!("description: d\nextends: base\nneeds: {{ nfs_mount: {null} }}\n");
        let grandchild = "description: d\nextends: child\n";
        let files = [("base.yaml", BASE), ("child.yaml", &child), ("last.yaml", grandchild)];
        let set = set(&files).expect("the profiles of the test have this");
        for name in ["child", "last"] {
            assert!(
                !set.get(name)
                    .expect("the profiles of the test have this")
                    .needs
                    .contains_key(&Need::NfsMount),
                "{null:?}"
            );
        }
    }
}

#[test]
fn a_misspelt_name_is_found_when_the_profile_is_loaded() {
    let with = |text: &str| {
        let apply = format!("apply: [\"{text}\"]");
        format!(
            "description: d\nneeds: {{ nfs_mount: [{{ mechanism: z, values: {{ rules: /r }}, {apply} }}] }}\n"
        )
    };
    for (text, why) in [
        ("cat {{ values.ruels }}", "the mechanism has no value `ruels`: did you mean `rules`?"),
        ("echo {{ hots.name }}", "there is no template variable `hots`: did you mean `host`?"),
        ("echo {{ host.nic }}", "a host has only `host.name` and `host.interface`"),
        ("echo {{ item.cidr }}", "`item` needs `for_each`"),
        ("echo {{ host.name", "syntax error"),
    ] {
        let error = set(&[("a.yaml", &with(text))]).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
    let text = with("cat {{ values.rules }}");
    let set = set(&[("a.yaml", &text)]).expect("the profiles of the test have this");
    let mechanism =
        &set.get("a").expect("the profiles of the test have this").needs[&Need::NfsMount][0];
    assert_eq!(mechanism.apply[0].run.source(), "cat /r");
}

#[test]
fn what_a_profile_cannot_be() {
    let circle =
        [("a.yaml", "description: d\nextends: b\n"), ("b.yaml", "description: d\nextends: a\n")];
    let orphan = [("basic.yaml", BASE), ("c.yaml", "description: d\nextends: basik\n")];
    let taken = [
        ("a.yaml", "description: d\naliases: [x]\n"),
        ("b.yaml", "description: d\naliases: [x]\n"),
    ];
    let empty = [("a.yaml", "description: d\nneeds: { nfs_mount: [] }\n")];
    let from = "description: d\nneeds: { nfs_mount: [{ mechanism: z, from: base }] }\n";
    let lost = [("a.yaml", from), ("base.yaml", BASE)];
    let file = "{ path: /x, template: t, document: netplan }";
    let file =
        format!("description: d\nneeds: {{ nfs_mount: [{{ mechanism: z, files: [{file}] }}] }}\n");
    let both = [("a.yaml", file.as_str())];
    let unknown = [("a.yaml", "description: d\nneeds: { nfs_mounts: null }\n")];
    for (files, why) in [
        (&circle[..], "profile `b.yaml`: it extends `a`, and `a` extends it"),
        (
            &orphan,
            "profile `c.yaml`: it extends `basik`, which does not exist: did you mean `basic`?",
        ),
        (&taken, "profile `b.yaml`: the alias `x` is in use: choose another alias"),
        (&lost, "profile `a.yaml`: `base` itself has no mechanism `z` for `nfs_mount`"),
        (&both, "profile `a.yaml`: `/x` needs either a `template` or a `document`"),
        (&empty, "profile `a.yaml`: `nfs_mount` has no mechanism; write null to remove the need"),
    ] {
        assert_eq!(set(files).unwrap_err(), why);
    }
    let why = set(&unknown).unwrap_err();
    assert!(why.contains("did you mean `nfs_mount`?") && why.contains("line 2"), "{why}");
}
