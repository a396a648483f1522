"""Renders the jobs that the benchmark wrote with Jinja2, and prints seconds: rendered, then written too.

Takes the templates' directory, the file of jobs and a directory to write to. What comes out has to be what
lvsgen made of the same."""

import json
import os
import sys
import time

import jinja2

templates, jobs, out = sys.argv[1:]
environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(templates),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
)
with open(jobs, encoding="utf-8") as lines:
    jobs = [json.loads(line) for line in lines]
for name in {job["template"] for job in jobs}:
    environment.get_template(name)

start = time.perf_counter()
texts = [environment.get_template(job["template"]).render(job["facts"]) for job in jobs]
rendered = time.perf_counter() - start

start = time.perf_counter()
for job in jobs:
    text = environment.get_template(job["template"]).render(job["facts"])
    path = out + job["path"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
written = time.perf_counter() - start

wrong = sum(text != job["contents"] for text, job in zip(texts, jobs))
if wrong:
    sys.exit(f"{wrong} of {len(jobs)} texts are not what lvsgen made")
print(rendered, written)
