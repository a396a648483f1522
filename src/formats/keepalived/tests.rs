use crate::facts::{Fact, RestKind};
use crate::formats::ipvsadm;
use crate::health::{Check, Times};

/// The facts as commands of ipvsadm and ip, and the kinds and bytes of the faults.
fn read(text: &str) -> (Vec<String>, Vec<&str>) {
    let reading = super::read(text);
    assert_eq!(reading.gap(text), None, "{text}");
    let facts = reading.facts.iter().map(|fact| match &fact.fact {
        Fact::Service(service) => ipvsadm::service(service),
        Fact::Destination { endpoint, destination } => ipvsadm::destination(*endpoint, destination),
        Fact::Timeouts(timeouts) => ipvsadm::timeouts(*timeouts),
        Fact::Address { interface, net } => format!("{net} dev {interface}"),
        Fact::SorryServer { server, .. } => format!("sorry {server}"),
        Fact::Check { server, check, .. } => {
            let Check { question, port, times, .. } = check;
            let Times { interval, timeout, retries, retry_delay } = times;
            let port = port.unwrap_or_default();
            format!("{server} {port} {question:?} {interval} {timeout} {retries} {retry_delay}")
        }
        fact => format!("{fact:?}"),
    });
    (facts.collect(), reading.faults().map(|rest| &text[rest.span.clone()]).collect())
}

#[test]
fn a_pair_of_directors_with_checks() {
    let text = r#"! a comment
global_defs {
    router_id lvs1            # the host
    lvs_timeouts tcp 900 tcpfin 60 udp 300
}
vrrp_script maintenance {
    script "/usr/bin/test ! -e /etc/lvsgen/maintenance"
    interval 2
}
vrrp_instance VI_4 {
    state BACKUP
    interface ens33
    virtual_ipaddress {
        192.168.10.100/32 label ens33:0
        192.168.10.99 dev ens34
    }
}
virtual_server 192.168.10.100 80
{
    delay_loop 5
    lvs_sched wrr
    lvs_method DR
    persistence_timeout 300
    persistence_granularity 255.255.255.0
    protocol TCP
    sorry_server 192.168.10.109 80
    real_server 192.168.10.102 80 {
        weight 10
        uthreshold 100
        HTTP_GET {
            url {
                path /healthz
                status_code 200
            }
        }
    }
    inhibit_on_failure
    quorum 2
    alpha
    real_server 192.168.10.103 80 { weight 0
        TCP_CHECK { connect_port 80 } }
}
"#;
    let (facts, faults) = read(text);
    assert_eq!(
        facts,
        [
            "--set 900 60 300",
            "192.168.10.100/32 dev ens33",
            "192.168.10.99/32 dev ens34",
            "-A -t 192.168.10.100:80 -s wrr -p 300 -M 255.255.255.0",
            "sorry 192.168.10.109",
            "Quorum { endpoint: Socket { protocol: Tcp, address: 192.168.10.100, port: 80 }, sum: 2 }",
            "StartsDown(Socket { protocol: Tcp, address: 192.168.10.100, port: 80 })",
            "Quiesces { endpoint: Socket { protocol: Tcp, address: 192.168.10.100, port: 80 }, server: 192.168.10.102 }",
            "-a -t 192.168.10.100:80 -r 192.168.10.102:80 -g -w 10 -x 100",
            "192.168.10.102 80 Page { secure: false, path: \"/healthz\", host: None, \
             first_status: 200, last_status: 200 } 5 5 1 3",
            "Quiesces { endpoint: Socket { protocol: Tcp, address: 192.168.10.100, port: 80 }, server: 192.168.10.103 }",
            "-a -t 192.168.10.100:80 -r 192.168.10.103:80 -g -w 0",
            "192.168.10.103 80 Tcp 5 5 1 1",
        ]
    );
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn marks_groups_and_defaults() {
    let text = "virtual_server fwmark 7 {\nlvs_sched sh\nsh-port\nlvs_method TUN\nreal_server 2001:db8::2 {\n}\n}\n\
                virtual_server group web {\nprotocol UDP\nops\nreal_server 10.0.0.2 8080\n}\n\
                virtual_server_group web {\n10.0.0.100 80\nfwmark 3\n}\n";
    let (facts, faults) = read(text);
    assert_eq!(
        facts,
        [
            "-A -f 7 -6 -s sh -b sh-port",
            "-a -f 7 -6 -r [2001:db8::2]:0 -i -w 1",
            // Without `lvs_method` and `lvs_sched`, keepalived takes NAT and wlc.
            "-A -u 10.0.0.100:80 -s wlc -o",
            "-A -f 3 -s wlc -o",
            "-a -u 10.0.0.100:80 -r 10.0.0.2:8080 -m -w 1",
            "-a -f 3 -r 10.0.0.2:8080 -m -w 1",
        ]
    );
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn faults_have_their_place() {
    for (text, fault) in [
        ("virtual_server 10.0.0.1 80 {\nlvs_shed rr\n}\n", "lvs_shed rr"),
        ("virtual_server 10.0.0.1 80 {\nlvs_sched best\n}\n", "lvs_sched best"),
        ("virtual_server group nobody {\n}\n", "virtual_server group nobody"),
        ("virtual_serve 10.0.0.1 80 {\n}\n", "virtual_serve 10.0.0.1 80"),
        ("vrrp_instance A {\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n", "10.0.0.1"),
        ("vrrp_instance A {\ninterface a\nvirtual_ipaddress {\n10.0.0\n}\n}\n", "10.0.0"),
        ("global_defs {\nrouter_id a\n", "global_defs"),
        ("global_defs {\n}\n}\n", "}"),
        ("{\n}\n", "{"),
        // With direct routing, a packet keeps its port.
        (
            "virtual_server 10.0.0.1 80 {\nlvs_method DR\nreal_server 10.0.0.2 8080 {\n}\n}\n",
            "real_server 10.0.0.2 8080",
        ),
        ("global_defs {\nlvs_timeouts tcp\n}\n", "lvs_timeouts tcp"),
    ] {
        assert_eq!(read(text).1.first(), Some(&fault), "{text}");
    }
}

#[test]
fn no_text_is_too_deep_and_none_loses_a_byte() {
    read(&"a {".repeat(100_000));
    read(&"} a \"".repeat(1_000));
    let included = super::read("include /etc/keepalived/conf.d/*.conf\n");
    assert_eq!(included.rest[0].kind, RestKind::Lost);
}
