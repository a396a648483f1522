//! Every file of every target, given to the program that reads it: a file that no reader claims is
//! a failure.
//!
//! What cannot be installed here is read by the strict readers, written from the manual pages: the
//! ifcfg files of NetworkManager and wicked, and the IPVS rules (the kernel has no IPVS).

use std::fs;
use std::path::Path;

use super::host::Host;
use super::readers;

/// Makes the certificates that the rendered files of web servers name.
pub const CERTIFICATES: &str = r#"
    for pem in $(grep -rhoE '(SSLCertificateFile|ssl_certificate) +"[^"]*"' /etc/httpd /etc/apache2 /etc/nginx 2>/dev/null | tr -d '"' | awk '{ print $2 }'); do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -days 9 \
            -out "$pem" -keyout "${pem%.pem}.key" 2>/dev/null
    done"#;

/// What reads a file.
enum Reader {
    /// A command in the host's root; it prints nothing when the file is right.
    Program(String),
    /// A reader of the tests' own, which panics at a line that is not of the format.
    Strict(fn(&str)),
}

fn reader(path: &str) -> Option<Reader> {
    let program = |command: String| Some(Reader::Program(command));
    let strict = |read: fn(&str)| Some(Reader::Strict(read));
    let name = path.rsplit('/').next()?;
    let folder = path.strip_suffix(name)?.trim_end_matches('/');
    match folder {
        "/etc/systemd/system" => program(format!("systemd-analyze verify --man=no '{path}'")),
        "/etc/systemd/system/ipvsadm.service.d" => program(
            "printf '[Service]\nType=oneshot\nExecStart=/bin/true\n' \
                 >/etc/systemd/system/ipvsadm.service
             systemd-analyze verify --man=no ipvsadm.service"
                .to_owned(),
        ),
        "/etc/systemd/system/nftables.service.d" => {
            program("systemd-analyze verify --man=no nftables.service".to_owned())
        }
        "/etc/systemd/system/apache2.service.d"
        | "/etc/systemd/system/httpd.service.d"
        | "/etc/systemd/system/nginx.service.d" => program(format!(
            "unit=$(basename {folder} .d)
             test -e /lib/systemd/system/$unit ||
                 printf '[Service]\nType=oneshot\nExecStart=/bin/true\n' >/etc/systemd/system/$unit
             systemd-analyze verify --man=no $unit"
        )),
        "/etc/keepalived" => program(format!(
            "mkdir -p /etc/lvsgen/drain /run/keepalived
             sed -i 's/@LVSGEN_SECRET:vrrp@/Trustno1/' {path}
             keepalived -t -f {path} >/tmp/out 2>&1 || cat /tmp/out
             grep -i unknown /tmp/out || true"
        )),
        // The kernel of the tests has no IPVS, and so none of its parameters; the turns of a processor belong to no namespace.
        "/etc/sysctl.d" => program(format!(
            "sysctl -q -p {path} 2>&1 |
                 grep -v -e 'cannot stat /proc/sys/net/ipv4/vs/' -e 'cannot stat /proc/sys/net/core/netdev_' || true"
        )),
        "/etc/modprobe.d" => program(format!(
            "options=$(grep '^options ' {path}); modprobe --showconfig | grep -qxF \"$options\""
        )),
        "/etc/systemd/system/prometheus-node-exporter.service.d"
        | "/etc/systemd/system/prometheus-node_exporter.service.d" => program(format!(
            "unit=$(basename {folder} .d)
             printf '[Service]\nExecStart=/bin/true $ARGS\n' >/etc/systemd/system/$unit
             systemd-analyze verify --man=no $unit"
        )),
        "/etc/systemd/system/prometheus.service.d"
        | "/etc/systemd/system/prometheus-blackbox-exporter.service.d" => program(format!(
            "unit=$(basename {folder} .d); mkdir -p /usr/bin
             for one in prometheus prometheus-blackbox-exporter; do
                 test -x /usr/bin/$one || install -m 755 /bin/true /usr/bin/$one
             done
             printf '[Service]\nExecStart=/bin/true $ARGS\n' >/etc/systemd/system/$unit
             systemd-analyze verify --man=no $unit"
        )),
        "/etc/prometheus/lvsgen" if name.starts_with("prometheus-") => {
            program(format!("promtool check config {path} >/tmp/out || cat /tmp/out"))
        }
        "/etc/prometheus/lvsgen" => {
            program(format!("prometheus-blackbox-exporter --config.check --config.file={path} 2>/dev/null"))
        }
        "/etc/prometheus/lvsgen/rules" => {
            program(format!("promtool check rules --lint=all --lint-fatal {path} >/tmp/out || cat /tmp/out"))
        }
        // promtool reads these with the configuration.
        "/etc/prometheus/lvsgen/file_sd" => strict(|text| {
            assert!(serde_json::from_str::<serde_json::Value>(text).unwrap().is_array());
        }),
        "/etc/lvsgen" if name.ends_with("-node-exporter.env") => program(format!(
            "sh -n {path}; (. {path}; test \"$ARGS\" = --collector.textfile.directory=/var/lib/node_exporter/textfile_collector)"
        )),
        // The text that the script prints is that of the exporter's collector.
        "/etc/lvsgen" if name.ends_with("-metrics.sh") => program(format!(
            "shellcheck {path}; test -x {path}; mkdir -p /tmp/metrics
             for shell in dash bash 'busybox ash'; do
                 rm -f /tmp/metrics/*; $shell {path} /tmp/metrics
                 promtool check metrics <$(echo /tmp/metrics/*.prom)
                 grep -q '^lvsgen_metrics_time_seconds{{' /tmp/metrics/*.prom
             done"
        )),
        "/etc/lvsgen" if name.ends_with("-queues.sh") => program(format!(
            "shellcheck --exclude=SC2317 {path}; for shell in dash bash 'busybox ash'; do $shell -n {path}; done
             test -x {path}"
        )),
        "/etc/modules-load.d" => strict(|text| {
            let names = text.lines().filter(|line| !line.starts_with('#'));
            let ipvs = |name: &str| name == "ip_vs" || name.starts_with("ip_vs_");
            assert!(names.clone().count() > 1 && names.clone().all(ipvs), "{text}");
        }),
        _ if folder.ends_with(".network.d") => program(format!(
            "main=$(basename {folder} .d); mkdir -p /run/systemd/network
             printf '[Match]\nName=ens33\n' >/run/systemd/network/$main
             systemd-analyze cat-config systemd/network/$main | grep -qF {path}"
        )),
        "/etc/NetworkManager/dispatcher.d" => program(format!(
            "shellcheck {path}; test -x {path}; test $(stat -c %a {path}) = 755"
        )),
        "/etc/netplan" => program(format!(
            "mkdir -p /tmp/np/etc/netplan; cp -p {path} /tmp/np/etc/netplan/
             /usr/libexec/netplan/generate --root-dir /tmp/np
             test -n \"$(ls /tmp/np/run/systemd/network)\""
        )),
        "/etc/NetworkManager/system-connections" => program(format!(
            "nmcli --offline connection modify connection.autoconnect yes < {path} >/tmp/out
             test $(grep -c ^address {path}) = $(grep -c ^address[0-9] /tmp/out)
             test $(stat -c %a {path}) = 600"
        )),
        "/etc/network/interfaces.d" => program(format!(
            "ifquery --list --interfaces={path} --all >/dev/null
             ifup --no-act --all --interfaces={path} >/dev/null 2>&1"
        )),
        "/etc/apache2/conf-available" => program(format!(
            "{CERTIFICATES}
             a2enmod -q mpm_event authz_core authz_host alias dir mime headers ssl >/dev/null 2>&1
             mkdir -p /var/log/apache2 /run/lock
             a2enconf -q $(basename {path} .conf) >/dev/null; echo ServerName x >>/etc/apache2/apache2.conf
             apache2ctl -t 2>&1 | grep -v '^Syntax OK$' || true"
        )),
        "/etc/httpd/conf.d" | "/etc/apache2/conf.d" => program(format!(
            "{CERTIFICATES}
             mkdir -p /tmp/logs /srv/www/htdocs; for m in mpm_event authz_core alias headers dir socache_shmcb ssl; do
                 echo LoadModule ${{m}}_module /usr/lib/apache2/modules/mod_$m.so
             done >/tmp/conf
             echo 'ServerName x' >>/tmp/conf; echo 'Include {path}' >>/tmp/conf
             apache2 -t -d /tmp -f /tmp/conf 2>&1 | grep -v '^Syntax OK$' || true"
        )),
        "/etc/nginx/conf.d" => program(format!(
            "{CERTIFICATES}
             mkdir -p /var/log/nginx /var/lib/nginx
             nginx -t 2>&1 | grep -v -e 'syntax is ok$' -e 'test is successful$' || true"
        )),
        "/etc/exports.d" => program(
            "touch /etc/exports; mkdir -p /var/lib/nfs; : >/var/lib/nfs/etab; exportfs -ra"
                .to_owned(),
        ),
        "/etc/lvsgen" if name.ends_with("-packets.nft") => program(format!("nft -c -f {path}")),
        "/etc/lvsgen" if name.ends_with("-openings.nft") => program(format!(
            "printf '%s\\n' 'table inet site {{' 'chain input {{' 'type filter hook input priority 0;' \
                 'include \"/etc/lvsgen/*-openings.nft\"' '}}' '}}' >/tmp/nftables.conf
             nft -f /tmp/nftables.conf
             test $(nft list ruleset | grep -c '\"lvsgen ') = $(grep -c ' accept comment' {path})"
        )),
        "/etc/lvsgen" if name.ends_with(".rich-rules") => program(format!(
            "mkdir -p /tmp/fw/zones && cp /etc/firewalld/firewalld.conf /tmp/fw/
             while read -r rule; do
                 case $rule in rule*) set -- \"$@\" \"--add-rich-rule=$rule\" ;; esac
             done <{path}
             firewall-offline-cmd --system-config=/tmp/fw --zone=public \"$@\" 2>&1 | grep -v -x success || true
             test $(grep -c '<rule' /tmp/fw/zones/public.xml) = $(grep -c '^rule' {path})"
        )),
        "/etc/firewalld/policies" => program(format!(
            "mkdir -p /tmp/fw/policies /tmp/fw/zones && cp /etc/firewalld/firewalld.conf /tmp/fw/
             cp {path} /tmp/fw/policies/
             firewall-offline-cmd --system-config=/tmp/fw --check-config 2>&1 | grep -v -x success || true"
        )),
        "/etc/ufw" => program(format!(
            "case {path} in *6.rules) v=6 ;; *) v= ;; esac
             printf '*filter\\n:ufw%s-before-input - [0:0]\\nCOMMIT\\n' \"$v\" | ip${{v}}tables-nft-restore -n
             ip${{v}}tables-nft-restore -n <{path}
             test $(ip${{v}}tables-nft -S ufw$v-before-input | grep -c ACCEPT) = $(grep -c ACCEPT {path})"
        )),
        "/etc/rc.d" | "/etc" if name == "rc.local" => {
            program(format!("sh -n {path}; shellcheck {path}; test -x {path}"))
        }
        "/etc" if name == "ipvsadm.rules" => strict(read_rules),
        "/etc/lvsgen" if name == "ipvs.rules" => strict(read_rules),
        "/etc/sysconfig" if name == "ipvsadm" => {
            strict(|text| match text.contains("IPVSADM_CONFIG=") {
                true => {
                    assert!(text.ends_with("\nIPVSADM_CONFIG=\"/etc/ipvsadm.rules\"\n"), "{text}");
                }
                false => read_rules(text),
            })
        }
        "/etc/default" => {
            program(format!("test \"$(. {path}; echo $AUTO $DAEMON)\" = 'true none'; sh -n {path}"))
        }
        "/etc/sysconfig/network-scripts" => strict(|text| {
            let keys: Vec<&str> = readers::assignments(text).into_keys().collect();
            assert_eq!(keys, ["DEVICE", "IPADDR", "ONPARENT", "PREFIX"]);
        }),
        "/etc/sysconfig/network" => strict(read_wicked),
        _ if matches!(name, "index.html" | "node.html") => strict(|text| {
            assert!(text.starts_with("<!DOCTYPE html>\n") && text.ends_with("</html>\n"), "{text}");
            assert_eq!(text.matches("<title>").count(), 1, "{text}");
        }),
        _ => None,
    }
}

fn read_rules(text: &str) {
    assert!(!readers::rules(text).is_empty());
}

/// ifcfg(5) of wicked: each suffix has one address with its prefix, and perhaps a label.
fn read_wicked(text: &str) {
    let inside: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(!inside.is_empty());
    let mut suffixes = Vec::new();
    for line in inside {
        let (key, value) = line.split_once('=').unwrap();
        let value = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')).unwrap();
        match key.split_once('_').unwrap() {
            ("IPADDR", suffix) => {
                assert!(value.ends_with("/32") || value.ends_with("/128"), "{line}");
                assert!(!suffixes.contains(&suffix), "{line}");
                suffixes.push(suffix);
            }
            ("LABEL", suffix) => assert_eq!(suffixes.last(), Some(&suffix), "{line}"),
            _ => panic!("{line}"),
        }
    }
}

pub fn every_file_of_every_target() -> Result<(), String> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let files = lvsgen::embed::profiles(lvsgen::embed::Files::new());
    let profiles = lvsgen::profile::ProfileSet::load(&files).map_err(|error| error.to_string())?;
    let mut read = 0;
    for case in ["tutorial", "reference", "failover", "forwarding"] {
        let model = fs::read_to_string(golden.join(case).join("cluster.yaml")).unwrap();
        for profile in profiles.iter() {
            for host in
                fs::read_dir(golden.join(case).join(profile.name.as_str()).join("hosts")).unwrap()
            {
                let host = host.unwrap().file_name().into_string().unwrap();
                read += read_host(&Host::of_model(&host, profile.name.as_str(), &model))
                    .map_err(|told| format!("{case}, {}, {host}: {told}", profile.name))?;
            }
        }
    }
    for (case, host) in [
        ("authentication", "lvs1"),
        ("authentication", "lvs2"),
        ("tuned", "lvs1"),
        ("tuned", "web1"),
        ("tuned", "web2"),
        ("web", "web1"),
        ("web", "web2"),
        ("web", "web3"),
        ("web", "web4"),
        ("web", "web5"),
        ("web", "web6"),
        ("monitoring", "lvs1"),
        ("monitoring", "web1"),
        ("monitoring", "web2"),
        ("monitoring", "web3"),
        ("monitoring", "web4"),
        ("monitoring", "nfs1"),
        ("monitoring", "mon1"),
        ("two-box", "box1"),
        ("segments", "lvs1"),
        ("segments", "web1"),
    ] {
        let model = fs::read_to_string(golden.join(case).join("cluster.yaml")).unwrap();
        let host = Host::of_model(host, "debian-12", &model);
        read += read_host(&host).map_err(|told| format!("{case}: {told}"))?;
    }
    assert!(read > 400, "only {read} files were read");
    Ok(())
}

/// Gives each file of a host to its reader, and says how many there were.
fn read_host(host: &Host) -> Result<usize, String> {
    // The NICs that the models name, so that each sysctl has its place.
    let mut script = String::from(
        "for nic in ens33 ens34 bond0 uplink; do ip link add $nic type veth peer name w$nic; done\n",
    );
    let paths = lvsgen::output::files_below(&host.tree()).map_err(|error| error.to_string())?;
    for path in &paths {
        let path = format!("/{path}");
        match reader(&path).ok_or_else(|| format!("nothing reads {path}"))? {
            Reader::Strict(read) => {
                read(&fs::read_to_string(host.tree().join(&path[1..])).unwrap());
            }
            Reader::Program(command) => {
                script +=
                    &format!("told=$( ( set -e; {command} ) 2>&1) || told=\"$told (failed)\"\n");
                script += &format!("[ -z \"$told\" ] || echo '{path}:' \"$told\"\n");
            }
        }
    }
    match host.run(&script)?.as_str() {
        "" => Ok(paths.len()),
        told => Err(told.to_owned()),
    }
}
