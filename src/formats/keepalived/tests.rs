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

/// The facts of the file that is read for a host, and the faults with their reasons.
fn read_for(text: &str, id: &str) -> (Vec<String>, Vec<String>) {
    let reading = super::read_files(&super::Files::alone(text), Some(id));
    assert_eq!(reading.gap(text), None, "{text}");
    let facts = reading.facts.iter().map(|one| format!("{:?}", one.fact)).collect();
    let faults = reading.faults().filter(|rest| !rest.inside).map(|rest| {
        let line = text[..rest.span.start].matches('\n').count() + 1;
        format!("{line}: {}", rest.reason)
    });
    (facts, faults.collect())
}

#[test]
fn macros_give_the_same_facts_as_their_text() {
    let plain = "vrrp_instance V { \n interface bond0\n virtual_router_id 12\n priority 150\n unicast_src_ip 172.30.5.3\n \
        virtual_ipaddress {\n 172.30.5.200\n }\n}\n\
        virtual_server 172.30.5.200 53 {\n delay_loop 3\n lvs_method DR\n lvs_sched rr\n protocol UDP\n\
        real_server 172.30.5.9 53 {\n weight 2\n }\nreal_server 172.30.5.10 53 {\n weight 2\n }\n}\n";
    let macros = "$NET=172.30.5 # the net\n$VIP=${NET}.200\n$W= \\\n\n$RS= \\\n  real_server ${NET}.${N} 53 { \\\n weight 2 } \n\
        $A=$B\n$B=bond0\n$NOT=used\n\
        vrrp_instance V { interface $A\n virtual_router_id 12\n @edge1 priority 200\n @edge2 priority 150\n\
        @^edge1 unicast_src_ip ${NET}.3\n @^edge2 unicast_src_ip ${NET}.2\n virtual_ipaddress { $VIP }\n}\n\
        virtual_server ${VIP} 53{ delay_loop 3\n lvs_method DR \\# x\n lvs_sched rr\n protocol UDP\n ~SEQ(N, 9, 10) $RS\n}\n";
    assert_eq!(read_for(macros, "edge2"), read_for(plain, "edge2"));
    assert_eq!(read_for(plain, "x").0.len(), 5);
}

#[test]
fn macros_that_cannot_work() {
    let faults = |text: &str| read_for(text, "a").1.join("; ");
    assert_eq!(
        faults("$A=${B}\n$B=${A}\nvirtual_server ${A} 80 {\n}\n"),
        "3: `A`: the definition names itself, or the line would be too long"
    );
    assert_eq!(
        faults("$A=$B$B $B\n$B=$A $A\nvirtual_server $A 80 {\n}\n"),
        "3: `A`: the definition names itself, or the line would be too long"
    );
    assert_eq!(
        faults("$VIP=1\nvirtual_server $VPI 80 {\n}\n"),
        "2: no line before defines `VPI`; did you mean `VIP`?"
    );
    assert_eq!(
        faults(
            "virtual_server 10.0.0.1 80 {\n~SEQ(A,0,255) ~SEQ(B,0,255) ~SEQ(C,0,255) real_server 10.${A}.${B}.${C} 80 {\n}\n}\n"
        ),
        "2: 16,777,216 lines (the limit is 200,000); 4: the brace closes no block"
    );
    assert!(faults("$A= \\\n$A \\\n$A\n$A\n").contains("are too many"));
    assert_eq!(
        faults("~SEQ(A, 1, 2000000000) $B=${A}\n"),
        "1: 2,000,000,000 lines (the limit is 200,000)"
    );
    assert_eq!(
        faults("@b\n~SEQ x\ninclude a.conf\n"),
        "1: nothing stands after the condition; 2: the sequence is not valid"
    );
    // The second round is wrong, and its bytes belong to the first.
    let twice =
        "virtual_server 10.0.0.1 80 {\n~LST(A, 10.0.0.2, 10.0.0.999) real_server $A 80 { }\n}\n";
    assert_eq!(faults(twice), "2: the address or the port is not valid");
}

#[test]
fn included_files_are_read_in_their_place() {
    let main =
        "$VIP=10.0.0.1\ninclude services.d/*.conf\nincludea nothing/*\ninclude /etc/shadow\n";
    let one = "virtual_server $VIP 80 {\n include ../real.conf\n}\n";
    let real = "real_server 10.0.0.2 80 {\n}\ninclude services.d/one.conf\n";
    let file = |path, text, start| super::File { path, text, start };
    let others = vec![
        file("/etc/keepalived/real.conf", real, 2000),
        file("/etc/keepalived/services.d/one.conf", one, 1000),
    ];
    let main = file("/etc/keepalived/keepalived.conf", main, 0);
    let files = super::Files { main, others, root: Some("/etc/keepalived/") };
    let reading = super::read_files(&files, None);
    let spans: Vec<usize> = reading.facts.iter().map(|one| one.spans[0].start).collect();
    assert_eq!(spans, [1000, 2000]);
    let faults: Vec<_> =
        reading.faults().map(|rest| (rest.span.start, rest.reason.as_str())).collect();
    assert_eq!(
        faults,
        [
            (2000 + 28, "the file includes itself"),
            (40, "no file has this path"),
            (59, "the file is outside of the given folder, and lvsgen does not read it"),
        ]
    );
}
