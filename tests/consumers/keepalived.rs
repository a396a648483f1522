//! The reader of keepalived.conf(5) beside the real program: `keepalived -t` finds a fault if and only if the reader does, and macros give
//! the same real servers.

use std::collections::BTreeSet;

use lvsgen::facts::Fact;
use lvsgen::formats::keepalived;
use lvsgen::ipvs::Endpoint;

use super::host::Host;

/// A whole file, with a check of every kind that all versions know.
const WHOLE: &str = r#"global_defs {
    router_id lvs1
    enable_script_security
    script_user root
    lvs_timeouts tcp 900 tcpfin 60 udp 300
}
vrrp_instance VI_web_4 {
    state BACKUP
    nopreempt
    interface ens33
    virtual_router_id 51
    priority 150
    unicast_src_ip 192.168.10.101
    unicast_peer {
        192.168.10.105
    }
    virtual_ipaddress {
        192.168.10.100/32 dev ens33 label ens33:0
    }
}
virtual_server 192.168.10.100 80
{
    delay_loop 5   # seconds
    lvs_sched wrr
    lvs_method DR
    protocol TCP
    persistence_timeout 300
    persistence_granularity 255.255.255.0
    alpha
    quorum 1
    real_server 192.168.10.102 80 {
        weight 10
        uthreshold 100
        HTTP_GET { ! a comment
            url {
                path /healthz
                status_code 200
            }
        }
    }
    real_server 192.168.10.103 80 { weight 0
        TCP_CHECK { } }
}
virtual_server_group many {
    192.168.10.100 443
    192.168.10.100 8443
}
virtual_server group many {
    lvs_sched sh
    sh-port
    lvs_method DR
    protocol TCP
    real_server 192.168.10.102 {
        TCP_CHECK {
            connect_port 443
        }
    }
}
virtual_server fwmark 7 {
    lvs_sched rr
    lvs_method NAT
    real_server 192.168.10.102 {
        TCP_CHECK {
            connect_port 80
        }
    }
}
"#;

/// Edits of the whole file, each with one fault.
const FAULTS: [(&str, &str); 7] = [
    ("lvs_sched wrr", "lvs_shed wrr"),
    ("lvs_sched wrr", "lvs_sched best"),
    (
        "lvs_method DR\n    protocol TCP\n    persistence",
        "lvs_method GATE\n    protocol TCP\n    persistence",
    ),
    ("virtual_server fwmark 7", "virtual_serve fwmark 7"),
    ("weight 10", "wait 10"),
    ("192.168.10.100/32 dev", "192.168.10/32 dev"),
    ("real_server 192.168.10.103 80", "real_server 192.168.10.1003 80"),
];

pub fn keepalived_finds_the_same_faults() -> Result<(), String> {
    let mut texts = vec![(WHOLE.to_owned(), true)];
    texts.extend(FAULTS.iter().map(|(from, to)| {
        assert!(WHOLE.contains(from), "{from}");
        (WHOLE.replacen(from, to, 1), false)
    }));
    let mut script = String::from(
        "ip link add ens33 type veth peer name other; ip address add 192.168.10.101/24 dev ens33\n\
         ip link set ens33 up; ip link set other up; mkdir -p /run/keepalived\n",
    );
    for (at, (text, _)) in texts.iter().enumerate() {
        script += &format!(
            "cat >/tmp/{at}.conf <<'END'\n{text}END\n\
             if keepalived -t -f /tmp/{at}.conf >/tmp/{at}.out 2>&1; then echo right; else echo wrong; fi\n"
        );
    }
    let seen = Host::new("lvs1", "debian-12", "").run(&script)?;
    assert_eq!(seen.lines().count(), texts.len(), "{seen}");
    for ((text, right), seen) in texts.iter().zip(seen.lines()) {
        let faults: Vec<&str> =
            keepalived::read(text).faults().map(|rest| &text[rest.span.clone()]).collect();
        if (seen == "right", faults.is_empty()) != (*right, *right) {
            return Err(format!("keepalived finds it {seen}, lvsgen finds {faults:?} in\n{text}"));
        }
    }
    Ok(())
}

/// Configurations with macros, sequences, lists, conditions, quotes and included files. keepalived reads each as `edge1`.
const EXPANDED: [&str; 7] = [
    "$NET=10.1.2\n$VIP=${NET}.100\n$RS= \\\n real_server ${NET}.${N} 80 { \\\n  weight 1 \\\n }\n\
     virtual_server $VIP 80 {\n lvs_method DR\n ~SEQ(N, 4, -1, 2) $RS\n}\n",
    "virtual_server 10.0.0.1 80 {\n lvs_method NAT\n protocol TCP\n \
     ~LST({A, P}, {100, 80}, {101, 8080}) real_server 10.0.0.${A} ${P} { }\n}\n",
    "$ALL= \\\n real_server 10.0.0.2 80 { \\\n weight 1 \\\n}\n\
     virtual_server 10.0.0.1 80{\n@^edge1 lvs_method NAT\n @edge1 lvs_method DR \n $ALL\n}\n",
    "$A=fd00::1 80 # the service\n$B=$C\n$C=7\n\nvirtual_server $A {\n\
     ~SEQx(H, 0xa, 12) real_server fd00::${H}${B} 80 { }\n real_server fd00::${B} 80\n {\n }\n}\n",
    "$BODY= \\\n ~SEQ(N, 2) real_server 10.0.${M}.${N} 80 { } \\\n real_server 10.1.${M}.9 80 { \\\n }\n\n\
     virtual_server 10.0.0.1 80 {\n ~SEQ(M, 5, 6) $BODY\n}\n",
    "$D=a1\nvirtual_server 10.0.0.1 80 {\n include /tmp/parts/${D}.conf # the first\n\
     @edge2 include /tmp/parts/nothing.conf\n@edge1 include /tmp/parts/deep/x.conf\n}\n",
    "virtual_server \"10.0.0.1\" 80 { # include nothing\n include /tmp/parts/{b,a}*.conf\n include /tmp/none/*\n}\n",
];

/// The files that the last configuration includes.
const PARTS: [(&str, &str); 3] = [
    ("/tmp/parts/a1.conf", "real_server 10.0.0.2 80 {\n}\ninclude deep/*.conf\n"),
    ("/tmp/parts/b.conf", "! nothing\n"),
    ("/tmp/parts/deep/x.conf", "real_server 10.0.0.3 80 {\n}\n"),
];

/// keepalived names each real server with its service when it stops, or when the kernel has no IPVS.
pub fn macros_expand_as_in_keepalived() -> Result<(), String> {
    let mut script = String::from("ip link set lo up; mkdir -p /run/keepalived /tmp/parts/deep\n");
    for (path, text) in PARTS {
        script += &format!("cat >{path} <<'END'\n{text}END\n");
    }
    for (at, text) in EXPANDED.iter().enumerate() {
        script += &format!(
            "cat >/tmp/{at}.conf <<'END'\n{text}END\n\
             timeout 2 keepalived -n -l -D -C -i edge1 -f /tmp/{at}.conf 2>&1 |\n\
             sed -n 's/^.*Shutting down service \\(.*\\) from VS \\(.*\\)$/{at} \\2 \\1/p' | sort -u\n"
        );
    }
    let seen = Host::new("lvs1", "debian-12", "").run(&script)?;
    for (at, text) in EXPANDED.iter().enumerate() {
        let of_keepalived: BTreeSet<&str> =
            seen.lines().filter_map(|line| line.strip_prefix(&format!("{at} "))).collect();
        let own = servers(text);
        let own: BTreeSet<&str> = own.iter().map(String::as_str).collect();
        if own != of_keepalived || own.is_empty() {
            return Err(format!("keepalived has {of_keepalived:?}, lvsgen has {own:?} in\n{text}"));
        }
    }
    Ok(())
}

/// The real servers that lvsgen reads, each behind its service, as keepalived names them.
fn servers(text: &str) -> Vec<String> {
    let others = PARTS.iter().enumerate().map(|(at, (path, text))| {
        let start = (at + 1) * 10_000;
        keepalived::File { path, text, start }
    });
    let main = keepalived::File { path: "/tmp/x.conf", text, start: 0 };
    let files = keepalived::Files { main, others: others.collect(), root: Some("/") };
    let reading = keepalived::read_files(&files, Some("edge1"));
    let servers = reading.facts.iter().filter_map(|one| match &one.fact {
        Fact::Destination {
            endpoint: Endpoint::Socket { protocol, address, port },
            destination,
        } => Some(format!(
            "[{address}]:{protocol}:{port} [{}]:{protocol}:{}",
            destination.address, destination.port
        )),
        _ => None,
    });
    servers.collect()
}
