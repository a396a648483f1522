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

/// Ansible reads playbooks, inventory and data, and knows every module.
pub fn ansible_playbooks() -> Result<(), String> {
    for target in TARGETS {
        let host = reference(target);
        host.run(
            "cd /rendered/ansible; export HOME=/tmp LC_ALL=C.UTF-8
             for play in site.yml teardown.yml drain.yml verify.yml; do
                 ansible-playbook -i inventory.yml --syntax-check $play
             done
             hosts=$(ansible-inventory -i inventory.yml --list | /usr/bin/python3 -c '
import json, sys
read = json.load(sys.stdin)
vars = read[\"_meta\"][\"hostvars\"]
groups = [read[name][\"hosts\"] for name in (\"nfs_servers\", \"real_servers\", \"directors\")]
print(sum(map(len, groups)), all(vars[host][\"lvsgen_needs\"] for group in groups for host in group))')
             [ \"$hosts\" = '6 True' ] || { echo \"$hosts\"; exit 1; }",
        )?;
    }
    Ok(())
}

/// The strictest profile; what it is asked to overlook says why beside it.
pub fn ansible_lint() -> Result<(), String> {
    let host = reference("debian-12");
    host.run(
        "cd /rendered/ansible; export HOME=/tmp LC_ALL=C.UTF-8
         ansible-lint --offline --profile production --strict site.yml teardown.yml drain.yml verify.yml host_vars inventory.yml",
    )?;
    // It would see what is wrong.
    let bad = "- name: x\\n  hosts: all\\n  tasks:\\n    - shell: ls\\n";
    let told = host.run(&format!(
        "cd /rendered/ansible; export HOME=/tmp LC_ALL=C.UTF-8; printf '%b' '{bad}' >bad.yml
         ansible-lint --offline --profile production bad.yml 2>&1 || true"
    ))?;
    if told.contains("fqcn") { Ok(()) } else { Err(told) }
}

/// cloud-init takes every host's user-data and network-config.
pub fn cloud_init_schema() -> Result<(), String> {
    for target in TARGETS {
        reference(target).run(
            "export LC_ALL=C.UTF-8
             for host in /rendered/cloud-init/*; do
                 cloud-init schema --config-file $host/user-data
                 /usr/bin/python3 - $host <<'END'
import sys, yaml
from cloudinit.net import network_state
config = yaml.safe_load(open(sys.argv[1] + '/network-config'))
state = network_state.parse_net_config_data(config)
names = [one['name'] for one in state.iter_interfaces()]
assert len(names) == 1, names
meta = yaml.safe_load(open(sys.argv[1] + '/meta-data'))
assert meta['local-hostname'] == sys.argv[1].split('/')[-1]
END
             done",
        )?;
    }
    Ok(())
}

pub fn cloud_init_sees_a_bad_document() -> Result<(), String> {
    let told = reference("debian-12").run(
        "export LC_ALL=C.UTF-8; cd /rendered/cloud-init/web1
         sed -i 's/permissions: .*/permissions: [1]/' user-data
         cloud-init schema --config-file user-data 2>&1 || true",
    )?;
    if told.contains("permissions") { Ok(()) } else { Err(told) }
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
