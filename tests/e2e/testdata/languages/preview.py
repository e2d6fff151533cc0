"""Previews a program, a function of the module "program", as an inline program of the Automation API:

    python preview.py <folder of the module> <function> <events>

in the project's folder. What the engine tells of resources is written to the file <events>.
"""

import importlib
import json
import pathlib
import re
import sys

from pulumi import automation


def main(folder: str, function: str, events: str) -> None:
    sys.path.insert(0, folder)
    program = getattr(importlib.import_module("program"), function)
    found = re.search(r"^name: (\S+)$", pathlib.Path("Pulumi.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    options = automation.LocalWorkspaceOptions(work_dir=".")
    stack = automation.create_or_select_stack("alpha", project_name=found[1], program=program, opts=options)
    with open(events, "w", encoding="utf-8") as file:

        def write(event: automation.EngineEvent) -> None:
            if event.resource_pre_event:
                step = event.resource_pre_event.metadata
                fields = {"op": step.op, "urn": step.urn, "type": step.type, "new": step.new and vars(step.new)}
                file.write(json.dumps({"resourcePreEvent": {"metadata": fields}}) + "\n")

        stack.preview(on_event=write)


main(*sys.argv[1:])
