#!/usr/bin/python
"""Runs converge.sh of lvsgen on a host, from an archive of the rendered tree or from the record of the host."""

import base64
import json
import os
import shutil

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: lvsgen
short_description: makes a host exactly what lvsgen rendered for it
description:
  - Unpacks an archive with C(install/converge.sh), the steps and the files of one host, and runs C(converge.sh).
  - C(drain) and C(give-back) run the program of the host's own record. They change nothing on a host without a record.
options:
  call: {description: The call of the program, type: str, default: converge}
  cluster: {description: The name of the cluster, type: str, required: true}
  host: {description: The name of the host in the model, type: str, required: true}
  archive: {description: "The archive: base64 of a compressed tar", type: str}
  real_server: {description: The real server of C(drain) and C(give-back); without it C(give-back) takes all, type: str}
  secrets:
    description: The values of secrets by their names. A host gets those that its files have, in C(/etc/lvsgen/secrets).
    type: dict
    default: {}
  options: {description: More options of the program, type: list, elements: str, default: []}
"""

SECRETS = "/etc/lvsgen/secrets"

REASONS = {2: "a precondition is not met, and nothing was changed", 3: "a command failed"}


def run(module, program, options):
    """Runs the program; its status, and its output with the messages."""
    command = ["sh", program] + options + module.params["options"] + [module.params["host"]]
    status, output, messages = module.run_command(command)
    if status not in (0, 1):
        reason = REASONS.get(status, "the program ended with status %d" % status)
        module.fail_json(msg="\n".join([messages or output, reason]), stdout=output, rc=status)
    for message in messages.splitlines():
        module.warn(message)
    return status, output


def compare(module, program, options):
    """The changes that a run would make, and their difference as a person reads it. A kept file stays as it is."""
    report = json.loads(run(module, program, ["--dry-run", "--format", "json"] + options)[1])
    lines = []
    for path in report["kept"]:
        module.warn("%s: %s was changed by hand and stays as it is; --force overwrites it" % (module.params["host"], path))
    for entry in report["drained"]:
        module.warn("%s: %s stays at the weight 0" % (module.params["host"], entry))
    for change in report["changes"]:
        lines += [change["diff"]] if "diff" in change else ["%(mechanism)s: %(action)s %(subject)s" % change]
    return dict(
        changed=bool(report["changes"]),
        changes=report["changes"],
        recorded=report["recorded"],
        kept=report["kept"],
        drained=report["drained"],
        diff={"prepared": "\n".join(lines) + "\n"} if lines else {},
    )


def needed_secrets(module, folder):
    """The names of the secrets that the files of the host have."""
    names = set()
    with open(os.path.join(folder, "install", module.params["host"] + ".steps")) as steps:
        for line in steps:
            fields = line.split()
            if fields and fields[0] == "secret":
                names.add(fields[1])
    return sorted(names)


def private(path):
    """Opens a new file that only root can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w")


def stage_secrets(module, folder):
    """Makes a folder with the secrets that the host will have. It returns the names whose values came along."""
    staged, given = os.path.join(folder, "secrets"), []
    os.mkdir(staged, 0o700)
    for name in needed_secrets(module, folder):
        present, copy = os.path.join(SECRETS, name), os.path.join(staged, name)
        if name in module.params["secrets"]:
            value = module.params["secrets"][name]
            # YAML reads 0123 as a number and yes as a flag: the host would get another text.
            if not isinstance(value, str):
                module.fail_json(msg="the value of the secret %s is no text: quote it" % name)
            given.append(name)
            with private(copy) as new:
                new.write(value + "\n")
        elif os.path.isfile(present):
            # With its owner and mode, which converge.sh judges.
            shutil.copy2(present, copy)
            os.chown(copy, os.stat(present).st_uid, os.stat(present).st_gid)
    return staged, given


def keep_secrets(staged, given):
    """Puts the secrets that came along where converge.sh reads them. Each file is replaced in one step."""
    for name in given:
        if not os.path.isdir(SECRETS):
            os.makedirs(SECRETS, 0o700)
        with open(os.path.join(staged, name)) as value:
            text = value.read()
        path = os.path.join(SECRETS, name)
        with private(path + ".new") as new:
            new.write(text)
        os.rename(path + ".new", path)


def main():
    calls = ["converge", "verify", "teardown", "drain", "give-back"]
    module = AnsibleModule(
        argument_spec=dict(
            call=dict(default="converge", choices=calls),
            cluster=dict(required=True),
            host=dict(required=True),
            archive=dict(no_log=True),
            real_server=dict(),
            secrets=dict(type="dict", default={}, no_log=True),
            options=dict(type="list", elements="str", default=[]),
        ),
        required_if=[
            ("call", "converge", ["archive"]),
            ("call", "verify", ["archive"]),
            ("call", "teardown", ["archive"]),
            ("call", "drain", ["real_server"]),
        ],
        supports_check_mode=True,
    )
    call = module.params["call"]
    if call in ("drain", "give-back"):
        program = "/var/lib/lvsgen/%s/current/converge.sh" % module.params["cluster"]
        if module.check_mode or not os.path.exists(program):
            module.exit_json(changed=False, done=True)
        name = module.params["real_server"]
        status, output = run(module, program, ["--" + call, name] if name else ["--give-back-all"])
        module.exit_json(changed=bool(output), stdout=output, rc=status, done=True)
    # Ansible removes this folder, which only the user of the module can read.
    folder = module.tmpdir
    archive = base64.b64decode(module.params["archive"])
    status, output, messages = module.run_command(["tar", "-xzf", "-", "-C", folder], data=archive, binary_data=True)
    if status:
        module.fail_json(msg="cannot unpack the archive: " + messages)
    program = os.path.join(folder, "install", "converge.sh")
    if call == "verify":
        status, output = run(module, program, ["--verify"])
        if status:
            module.fail_json(msg=output, rc=status)
        module.exit_json(changed=False, stdout=output, rc=status, done=True)
    options = ["--teardown"] if call == "teardown" else []
    staged, given = (None, []) if options else stage_secrets(module, folder)
    result = compare(module, program, options + (["--secrets", staged] if staged else []))
    result["rc"] = 0
    if not module.check_mode:
        keep_secrets(staged, given)
        result["rc"], result["stdout"] = run(module, program, options)
    # A module that ends in any other way has not done the call, whatever its status is.
    module.exit_json(done=True, **result)


if __name__ == "__main__":
    main()
