//! The deliveries, read by the programs that carry them out.

use std::fs;
use std::path::Path;

use super::host::Host;

/// The targets whose deliveries differ most from each other.
const TARGETS: [&str; 4] = ["openeuler", "debian-12", "ubuntu", "rocky"];

fn reference(target: &str) -> Host {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/reference/cluster.yaml");
    Host::of_cluster("web1", target, &fs::read_to_string(golden).unwrap())
}

/// Ansible reads playbooks, module, inventory and data, and finds every group.
pub fn ansible_playbooks() -> Result<(), String> {
    for target in TARGETS {
        let host = reference(target);
        host.run(
            "cd /rendered/ansible; export HOME=/tmp LC_ALL=C.UTF-8
             for play in site.yml teardown.yml drain.yml verify.yml drift.yml; do
                 ansible-playbook -i inventory.yml --syntax-check $play
                 ! ansible-playbook -i inventory.yml --list-hosts $play 2>&1 | grep WARNING
             done
             hosts=$(ansible-playbook -i inventory.yml --list-hosts verify.yml | grep -c '^      [a-z]')
             [ \"$hosts\" = 6 ] || { echo \"$hosts\"; exit 1; }
             ansible-doc -t module -M library lvsgen >/dev/null",
        )?;
    }
    Ok(())
}

/// The strictest profile, without an exception.
pub fn ansible_lint() -> Result<(), String> {
    let host = reference("debian-12");
    host.run(
        "cd /rendered/ansible; export HOME=/tmp LC_ALL=C.UTF-8
         ansible-lint --offline --profile production --strict *.yml library",
    )?;
    // It would see what is wrong.
    let bad = "- name: x\\n  hosts: all\\n  tasks:\\n    - shell: ls\\n";
    let told = host.run(&format!(
        "cd /rendered/ansible; export HOME=/tmp LC_ALL=C.UTF-8; printf '%b' '{bad}' >bad.yml
         ansible-lint --offline --profile production bad.yml 2>&1 || true"
    ))?;
    if told.contains("fqcn") { Ok(()) } else { Err(told) }
}

/// cloud-init unpacks every host's user-data to one shell script, and reads meta-data and network-config.
pub fn cloud_init_documents() -> Result<(), String> {
    for target in TARGETS {
        reference(target).run(
            "export LC_ALL=C.UTF-8
             for host in /rendered/cloud-init/*; do
                 /usr/bin/python3 - $host <<'END'
import os, sys, yaml
from cloudinit.net import network_state
from cloudinit.user_data import UserDataProcessor
folder = sys.argv[1]
parts = [part for part in UserDataProcessor({}).process(open(folder + '/user-data', 'rb').read()).walk() if not part.is_multipart()]
assert [part.get_content_type() for part in parts] == ['text/x-shellscript'], parts
text = parts[0].get_payload(decode=True).decode()
assert text.startswith('#!/bin/sh') and text.endswith('{ main \"$@\"; }\\n'), text[-80:]
meta = yaml.safe_load(open(folder + '/meta-data'))
assert meta['local-hostname'] == folder.split('/')[-1]
if os.path.exists(folder + '/network-config'):
    config = yaml.safe_load(open(folder + '/network-config'))
    names = [one['name'] for one in network_state.parse_net_config_data(config).iter_interfaces()]
    assert len(names) == 1, names
END
             done",
        )?;
    }
    Ok(())
}

/// Shell as POSIX has it, whoever's shell it is.
pub fn shell_scripts() -> Result<(), String> {
    let host = reference("debian-12");
    host.run(
        "for script in /rendered/verify/from_client.sh /rendered/install/push /rendered/install/converge.sh; do
             shellcheck --shell=sh --severity=style --exclude=SC2317,SC2034 $script
             for shell in dash bash 'busybox ash'; do $shell -n $script; done
         done",
    )?;
    Ok(())
}

/// The script of a client tells an answer from none, and a refusal from silence; without any question it fails.
pub fn from_client() -> Result<(), String> {
    let host = reference("debian-12");
    let script = "ip link set lo up
        sed '/^ask [a-z]/d; /^finish$/d' /rendered/verify/from_client.sh >/tmp/functions
        mkdir -p /tmp/site && echo page >/tmp/site/page
        (cd /tmp/site && exec python3 -m http.server 8000 >/dev/null 2>&1) &
        server=$!
        # Answers a query of DNS with its own header, as a refusal.
        python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((\"127.0.0.1\", 5353))
while True:
    q, a = s.recvfrom(512); s.sendto(q[:2] + bytes([0x81, 0x85]) + q[4:], a)' >/dev/null 2>&1 &
        resolver=$!
        sleep 1
        trap 'kill $server $resolver' EXIT
        try() {
            status=0
            (. /tmp/functions; requests=20; \"$@\"; finish) >/tmp/out 2>/tmp/note || status=$?
            echo \"$status $(sed 1d /tmp/out | tr -s ' ')\"
        }
        try ask connects 127.0.0.1 8000
        try ask connects 127.0.0.1 8001
        try ask page http://127.0.0.1:8000/page 200 200
        try ask page http://127.0.0.1:8000/none 200 399
        try ask shares http://127.0.0.1:8000/page 1 one
        try ask not_asked SCTP 'no program'
        try true
        try ask resolves 127.0.0.1 5353 .
        try ask datagram 127.0.0.1 5353
        try ask datagram 127.0.0.1 5354";
    let found = host.run(script)?;
    let wanted = [
        "0 ok TCP to 127.0.0.1 port 8000 connected",
        "1 WRONG TCP to 127.0.0.1 port 8001 no connection (wanted: connected)",
        "0 ok http://127.0.0.1:8000/page 200",
        "1 WRONG http://127.0.0.1:8000/none 404 (wanted: 200 to 399)",
        "1 WRONG 20 requests to http://127.0.0.1:8000/page lost=20 (wanted: one node)",
        "2 - SCTP not asked: no program",
        "2 ",
        "0 ok DNS query to 127.0.0.1 port 5353 answered",
        "0 ok UDP to 127.0.0.1 port 5353 not refused",
        "1 WRONG UDP to 127.0.0.1 port 5354 refused (wanted: not refused)",
    ];
    // `ab` asks once more where it is installed.
    let found: Vec<&str> = found.lines().filter(|line| !line.contains(" ab, 200 ")).collect();
    assert_eq!(found, wanted);
    Ok(())
}

/// pre-commit takes the hooks that the repository has for others.
pub fn pre_commit_hooks() -> Result<(), String> {
    let hooks =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml"));
    let hooks = hooks.map_err(|error| error.to_string())?;
    let host = reference("debian-12");
    let validate = |hooks: &str| {
        host.run(&format!(
            "export HOME=/tmp LC_ALL=C.UTF-8; cat >/tmp/hooks.yaml <<'END'\n{hooks}\nEND\n\
             pre-commit validate-manifest /tmp/hooks.yaml"
        ))
    };
    validate(&hooks)?;
    match validate(&hooks.replace("language:", "languages:")) {
        Ok(_) => Err("it would take anything".into()),
        Err(_) => Ok(()),
    }
}
