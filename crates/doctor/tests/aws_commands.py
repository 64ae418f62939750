"""Gives the lines of a JSON list on stdin to the real AWS CLI, which parses them and checks every parameter against the
service's model, and calls nothing. Out comes a JSON list of the lines that it refuses, with what it says."""

import contextlib
import io
import json
import os
import re
import shlex
import sys

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_EC2_METADATA_DISABLED="true")

import awscli.clidriver  # noqa: E402
from awscli.customizations.waiters import WaiterCaller  # noqa: E402

# `wait` has no way to be told not to call; its parameters are parsed before this.
WaiterCaller.invoke = lambda *_: 0


def refusal(line):
    """What the CLI says against the line; nothing where it takes it."""
    program, *arguments = shlex.split(line)
    if program != "aws":
        return "it is no command of the AWS CLI"
    skeleton = [] if "wait" in arguments else ["--generate-cli-skeleton", "output"]
    # A driver remembers what it parsed before.
    driver = awscli.clidriver.create_clidriver()
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        try:
            code = driver.main(arguments + skeleton)
        except SystemExit as error:
            code = error.code
    return said.getvalue() or f"exit code {code}" if code else None


# Lines that differ in numbers and ids alone are one: the CLI takes half a second for each.
lines = {re.sub(r"-[0-9a-f]{8}\b|[0-9.]+/[0-9]+|\d+", "", line): line for line in json.load(sys.stdin)}
refused = [(line, refusal(line)) for line in lines.values()]
print(json.dumps([entry for entry in refused if entry[1]]))
