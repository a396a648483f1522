use crate::facts::Fact;
use crate::formats::ipvsadm;

fn read(text: &str) -> (Vec<String>, Vec<String>) {
    let reading = super::read(text);
    assert_eq!(reading.gap(text), None, "{text}");
    let facts = reading.facts.iter().map(|one| match &one.fact {
        Fact::Service(service) => ipvsadm::service(service),
        Fact::Destination { endpoint, destination } => ipvsadm::destination(*endpoint, destination),
        Fact::Check { check, .. } => {
            format!("{:?} {:?} {:?}", check.question, check.port, check.times.interval)
        }
        fact => format!("{fact:?}"),
    });
    let rest = reading.rest.iter().map(|rest| {
        let line = text[..rest.span.start].matches('\n').count() + 1;
        format!("{line} {:?}", rest.kind)
    });
    (facts.collect(), rest.collect())
}

#[test]
fn a_service_with_defaults() {
    let (facts, rest) = read(
        "# all\ncheckinterval=3\nvirtual=10.0.0.1:80\n\treal=10.0.0.2->10.0.0.3:80 gate 2 u:9 # two\n\trequest=\"up\"\n\nfallback=10.0.0.9\n",
    );
    assert_eq!(
        facts,
        [
            "-A -t 10.0.0.1:80 -s wrr",
            "StartsDown(Socket { protocol: Tcp, address: 10.0.0.1, port: 80 })",
            "SorryServer { endpoint: Socket { protocol: Tcp, address: 10.0.0.1, port: 80 }, server: 10.0.0.9, forwarding: Direct }",
            "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 2 -x 9",
            "Page { secure: false, path: \"/up\", host: None, first_status: 200, last_status: 200 } Some(80) 3",
            "-a -t 10.0.0.1:80 -r 10.0.0.3:80 -g -w 2 -x 9",
            "Page { secure: false, path: \"/up\", host: None, first_status: 200, last_status: 200 } Some(80) 3",
        ]
    );
    assert_eq!(rest, ["2 Unused", "7 Unused", "5 Unused"]);
}

#[test]
fn wrong_lines_have_their_place() {
    let (facts, rest) = read(
        "nothing\nbest=1\nvirtual=10.0.0.1:80\n  real=10.0.0.2:80 gate\n    real=10.0.0.2:80 nat\n    color=red\nvirtual=host:80\n    real=10.0.0.2:80 gate\n\n    real=10.0.0.4:80 gate\n",
    );
    assert_eq!(facts.len(), 2);
    assert_eq!(
        rest,
        [
            "1 Unknown",
            "4 Refused",
            "5 Refused",
            "6 Refused",
            "10 Refused",
            "2 Unknown",
            "7 Refused",
            "8 Refused"
        ]
    );
}
