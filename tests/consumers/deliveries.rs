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
