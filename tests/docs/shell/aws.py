"""Say what is wrong with the arguments of the AWS command line, by the descriptions of the services."""

import sys

import botocore.session
from botocore import xform_name

GLOBAL = {"--output", "--query", "--region", "--profile", "--endpoint-url", "--no-cli-pager"}


def check(service, operation, *arguments):
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in operations:
        sys.exit(f"aws {service} has no operation {operation}")
    described = model.operation_model(operations[operation])
    members = described.input_shape.members if described.input_shape else {}
    known = set(GLOBAL)
    required = set()
    for name, shape in members.items():
        flag = "--" + xform_name(name, "-")
        known.add(flag)
        if shape.type_name == "boolean":
            known.add("--no-" + flag[2:])
        if name in described.input_shape.required_members:
            required.add(flag)
    given = {argument.partition("=")[0] for argument in arguments if argument.startswith("--")}
    if given - known:
        sys.exit(f"aws {service} {operation} has no {', '.join(sorted(given - known))}")
    if required - given:
        sys.exit(f"aws {service} {operation} needs {', '.join(sorted(required - given))}")


if len(sys.argv) < 3:
    sys.exit("say service and operation")
check(*sys.argv[1:])
