"""Renders the jobs of 20 hosts with Ansible's template module over a local connection, and prints seconds for
each host.

Takes the templates' directory, the file of jobs and a directory to work in."""

import collections
import json
import os
import subprocess
import sys
import time

templates, jobs, work = sys.argv[1:]
hosts = collections.defaultdict(list)
with open(jobs, encoding="utf-8") as lines:
    for line in lines:
        job = json.loads(line)
        hosts[job["host"]].append(job)
chosen = list(hosts)[:20]
os.makedirs(work + "/host_vars", exist_ok=True)
for host in chosen:
    tasks = [
        {"template": job["template"], "path": f"{work}/out{job['path']}", **job["facts"]} for job in hosts[host]
    ]
    with open(f"{work}/host_vars/{host}.json", "w", encoding="utf-8") as file:
        json.dump({"jobs": tasks}, file)
    for task in tasks:
        os.makedirs(os.path.dirname(task["path"]), exist_ok=True)
with open(work + "/hosts", "w", encoding="utf-8") as file:
    file.write("\n".join(chosen) + "\n")
with open(work + "/play.yml", "w", encoding="utf-8") as file:
    json.dump(
        [
            {
                "hosts": "all",
                "connection": "local",
                "gather_facts": False,
                "tasks": [
                    {
                        "ansible.builtin.template": {
                            "src": templates + "/{{ item.template }}",
                            "dest": "{{ item.path }}",
                            "trim_blocks": True,
                            "lstrip_blocks": True,
                        },
                        "vars": {
                            "banner": "{{ item.banner }}",
                            "cluster": "{{ item.cluster }}",
                            "host": "{{ item.host }}",
                            "need": "{{ item.need }}",
                            "values": "{{ item['values'] }}",
                        },
                        "loop": "{{ jobs }}",
                        "loop_control": {"label": "{{ item.path }}"},
                    }
                ],
            }
        ],
        file,
    )
start = time.perf_counter()
done = subprocess.run(
    ["ansible-playbook", "-i", work + "/hosts", work + "/play.yml"],
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    env={**os.environ, "ANSIBLE_FORKS": "5", "ANSIBLE_PYTHON_INTERPRETER": sys.executable},
    check=False,
)
took = time.perf_counter() - start
if done.returncode:
    sys.exit(done.stdout.decode()[-2000:])
print(took / len(chosen))
