use super::*;

fn file(path: &'static str, lines: &[(&'static str, &'static str)]) -> SysctlFile<'static> {
    let line = |(key, value): &(&'static str, &'static str)| Setting {
        key: (*key).into(),
        value: (*value != "-").then(|| (*value).into()),
        span: None,
        tunes: false,
    };
    SysctlFile {
        path: path.into(),
        applied_last: false,
        settings: lines.iter().map(line).collect(),
    }
}

fn value(files: &[SysctlFile<'static>], parameter: Parameter, nic: &str) -> [i64; 3] {
    Moment::ALL.map(|moment| Kernel::new(files, true, moment).effective(parameter, nic).value)
}

/// Every combination of the values of `all` and of the NIC, with the effective value.
#[test]
fn all_and_the_nic_are_joined_as_the_kernel_joins_them() {
    use Parameter::{
        AcceptLocal, ArpAnnounce, ArpFilter, ArpIgnore, ProxyArp, RouteLocalnet, RpFilter,
        SendRedirects,
    };
    let values = ["0", "1", "2"];
    for parameter in [ArpIgnore, ArpAnnounce, RpFilter, SendRedirects, AcceptLocal, ProxyArp] {
        for (a, all) in values.iter().enumerate() {
            for (n, nic) in values.iter().enumerate() {
                let keys = ["all", "eth0"]
                    .map(|name| format!("net.ipv4.conf.{name}.{}", parameter.name()));
                let [all_key, nic_key] = keys;
                let settings = vec![
                    Setting {
                        key: all_key.into(),
                        value: Some((*all).into()),
                        span: None,
                        tunes: false,
                    },
                    Setting {
                        key: nic_key.into(),
                        value: Some((*nic).into()),
                        span: None,
                        tunes: false,
                    },
                ];
                let files = [SysctlFile {
                    path: "/etc/sysctl.d/a.conf".into(),
                    applied_last: false,
                    settings,
                }];
                let larger = [[0, 1, 2], [1, 1, 2], [2, 2, 2]][a][n];
                let wanted = match parameter {
                    ArpIgnore | ArpAnnounce | RpFilter => larger,
                    SendRedirects | AcceptLocal | ProxyArp | ArpFilter | RouteLocalnet => {
                        larger.min(1)
                    }
                };
                let seen = Moment::ALL
                    .map(|m| Kernel::new(&files, true, m).effective(parameter, "eth0").value);
                assert_eq!(seen, [wanted; 3], "{parameter:?} all={all} nic={nic}");
            }
        }
    }
}

#[test]
fn what_nobody_sets_is_the_kernels_own() {
    assert_eq!(value(&[], Parameter::SendRedirects, "eth0"), [1; 3]);
    assert_eq!(value(&[], Parameter::RpFilter, "eth0"), [0; 3]);
    // A 0 in `all` is not enough if the NIC's own value is 1.
    let all = file("/etc/sysctl.d/a.conf", &[("net.ipv4.conf.all.send_redirects", "0")]);
    assert_eq!(value(&[all], Parameter::SendRedirects, "eth0"), [1; 3]);
}

#[test]
fn default_is_for_nics_that_are_yet_to_come() {
    let files = [file("/etc/sysctl.d/a.conf", &[("net.ipv4.conf.default.arp_ignore", "1")])];
    assert_eq!(value(&files, Parameter::ArpIgnore, "eth0"), [1, 0, 0]);
    assert_eq!(value(&files, Parameter::ArpIgnore, "lo"), [0; 3]);
    let own = [("net.ipv4.conf.eth0.arp_ignore", "0"), ("net.ipv4.conf.default.arp_ignore", "1")];
    assert_eq!(value(&[file("/etc/sysctl.d/a.conf", &own)], Parameter::ArpIgnore, "eth0"), [0; 3]);
}

#[test]
fn another_nics_value_is_nothing_to_this_one() {
    let files = [file("/etc/sysctl.d/a.conf", &[("net.ipv4.conf.lo.arp_ignore", "1")])];
    assert_eq!(value(&files, Parameter::ArpIgnore, "eth0"), [0; 3]);
}

#[test]
fn the_file_that_sorts_last_wins() {
    let key = "net.ipv4.conf.all.rp_filter";
    let one = |path, value| file(path, &[(key, value)]);
    let wins = |files: &[SysctlFile<'static>]| value(files, Parameter::RpFilter, "eth0");
    // The file name decides, not the directory and not the order in the list.
    assert_eq!(
        wins(&[one("/usr/lib/sysctl.d/60.conf", "2"), one("/etc/sysctl.d/50.conf", "1")]),
        [2; 3]
    );
    // If two files have the same name, only the first of `/etc`, `/run` and `/usr/lib` counts.
    assert_eq!(
        wins(&[one("/etc/sysctl.d/50.conf", "1"), one("/usr/lib/sysctl.d/50.conf", "2")]),
        [1; 3]
    );
    assert_eq!(
        wins(&[one("/usr/lib/sysctl.d/50.conf", "2"), one("/run/sysctl.d/50.conf", "1")]),
        [1; 3]
    );
    // If two files have the same path, the later file of the list counts: the list ends with the host's image.
    assert_eq!(
        wins(&[one("/etc/sysctl.d/50.conf", "1"), one("/etc/sysctl.d/50.conf", "2")]),
        [2; 3]
    );
    // The host reads no file in another directory, and no file without the ending `.conf`.
    assert_eq!(
        wins(&[one("/etc/sysctl.d/50.txt", "1"), one("/opt/sysctl.d/50.conf", "1")]),
        [0; 3]
    );
}

#[test]
fn sysctl_conf_comes_as_99_at_boot_and_last_in_a_reread() {
    let key = "net.ipv4.conf.all.rp_filter";
    let files =
        [file("/etc/sysctl.conf", &[(key, "1")]), file("/etc/sysctl.d/99-zz.conf", &[(key, "2")])];
    assert_eq!(value(&files, Parameter::RpFilter, "eth0"), [2, 2, 1]);
    let early =
        [file("/etc/sysctl.conf", &[(key, "1")]), file("/etc/sysctl.d/90.conf", &[(key, "2")])];
    assert_eq!(value(&early, Parameter::RpFilter, "eth0"), [1; 3]);
    // Debian 13 does not have the link `99-sysctl.conf`, so the host does not read /etc/sysctl.conf at boot.
    let unread = Moment::ALL.map(|moment| {
        Kernel::new(&early, false, moment).effective(Parameter::RpFilter, "eth0").value
    });
    assert_eq!(unread, [2, 2, 1]);
}

#[test]
fn what_a_mechanism_applies_itself_comes_last() {
    let key = "net.ipv4.conf.all.rp_filter";
    let itself = SysctlFile { applied_last: true, ..file("/etc/local.d/lvs", &[(key, "2")]) };
    let files = [itself, file("/etc/sysctl.d/99-zz.conf", &[(key, "1")])];
    assert_eq!(value(&files, Parameter::RpFilter, "eth0"), [2; 3]);
}

#[test]
fn a_wildcard_leaves_alone_what_is_named() {
    let redhat = file(
        "/usr/lib/sysctl.d/50.conf",
        &[
            ("net.ipv4.conf.default.rp_filter", "1"),
            ("net.ipv4.conf.*.rp_filter", "1"),
            ("net.ipv4.conf.all.rp_filter", "-"),
        ],
    );
    assert_eq!(value(std::slice::from_ref(&redhat), Parameter::RpFilter, "eth0"), [1; 3]);
    let kernel_of = |files: &'static [SysctlFile<'static>]| Kernel::new(files, true, Moment::Boot);
    let files: &'static [_] = Box::leak(Box::new([redhat.clone()]));
    assert!(kernel_of(files).written("net/ipv4/conf/all/rp_filter").is_none());
    // A NIC's own line wins over a wildcard of a later file.
    let own = file("/etc/sysctl.d/10.conf", &[("net.ipv4.conf.eth0.rp_filter", "2")]);
    assert_eq!(value(&[own, redhat], Parameter::RpFilter, "eth0"), [2; 3]);
    // If two wildcards match, the later wildcard counts.
    let wild = |path, value| file(path, &[("net.ipv4.conf.*.rp_filter", value)]);
    let both = [wild("/etc/sysctl.d/10.conf", "1"), wild("/etc/sysctl.d/20.conf", "2")];
    assert_eq!(value(&both, Parameter::RpFilter, "eth0"), [2; 3]);
    let some = file("/etc/sysctl.d/a.conf", &[("net.ipv4.conf.eth*.rp_filter", "1")]);
    assert_eq!(value(std::slice::from_ref(&some), Parameter::RpFilter, "eth0"), [1; 3]);
    assert_eq!(value(&[some], Parameter::RpFilter, "ens33"), [0; 3]);
}

#[test]
fn a_dotted_nic_is_named_with_slashes() {
    for (key, wanted) in [
        ("net/ipv4/conf/eth0.100/rp_filter", 1),
        ("net.ipv4.conf.eth0/100.rp_filter", 1),
        ("net.ipv4.conf.eth0.100.rp_filter", 0),
    ] {
        let files = [file("/etc/sysctl.d/a.conf", &[(key, "1")])];
        assert_eq!(value(&files, Parameter::RpFilter, "eth0.100"), [wanted; 3], "{key}");
    }
    let key = |name| conf_key(name, Parameter::SendRedirects);
    assert_eq!(key("ens33"), "net.ipv4.conf.ens33.send_redirects");
    assert_eq!(key("eth0.10"), "net/ipv4/conf/eth0.10/send_redirects");
}

#[test]
fn a_value_is_a_number_up_to_the_first_blank() {
    for (written, wanted) in [("1", 1), ("1 # on", 1), ("1# on", 0), ("\"1\"", 0), ("on", 0)] {
        let files = [file("/etc/sysctl.d/a.conf", &[("net.ipv4.conf.all.rp_filter", written)])];
        assert_eq!(value(&files, Parameter::RpFilter, "eth0"), [wanted; 3], "{written}");
    }
}

#[test]
fn who_decides_is_known() {
    let files = [
        file("/etc/sysctl.d/10.conf", &[("net.ipv4.conf.all.arp_ignore", "1")]),
        file("/etc/sysctl.d/20.conf", &[("net.ipv4.conf.all.arp_ignore", "0")]),
    ];
    let kernel = Kernel::new(&files, true, Moment::Boot);
    let seen = kernel.effective(Parameter::ArpIgnore, "eth0");
    assert_eq!(seen.value, 0);
    assert_eq!(seen.by.map(|(path, _)| path), Some("/etc/sysctl.d/20.conf"));
    assert!(kernel.effective(Parameter::RpFilter, "eth0").by.is_none());
}
