//! The reader of keepalived.conf(5) beside the real program: `keepalived -t` finds a fault if and only if the reader does.

use lvsgen::formats::keepalived;

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
