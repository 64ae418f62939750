"""What the Terraform root module makes of cases, read from a plan and an apply with the provider mocked.

The plan says what the configuration sets, the apply what references come to: ids that the mock was told. All of it
happens in the copy of the sources that `scripts/check-terraform` makes.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess

from cases import ENVIRONMENT
from settings import Kit
from terraform_resources import identities, policies, settings


class Terraform:
    """All cases and refusals, tested at once."""

    def __init__(self, cases, refused):
        root = os.environ.get("LAMEX_TERRAFORM_ROOT")
        if not root:
            raise Kit("LAMEX_TERRAFORM_ROOT is not set: `make test-parity` does")
        self.root = pathlib.Path(root)
        self.cases = {name_of(case): case for case in cases}
        written = [(case, self.write(case, {"planned": {"command": "plan"}, "applied": {}})) for case in cases]
        written += [(case, self.write(case, {"refused": {"command": "plan"}})) for case in refused]
        of_environments = [name for case, name in written if not case.is_account]
        parts = [
            (self.root, of_environments[::2]),
            (self.root, of_environments[1::2]),
            (self.root / "account", [name for case, name in written if case.is_account]),
        ]
        # At once: most of the time goes into starting the provider for each file.
        with concurrent.futures.ThreadPoolExecutor() as pool:
            said = pool.map(lambda part: self.test(*part), [part for part in parts if part[1]])
        self.said = {name: of_file for part in said for name, of_file in part.items()}

    def root_of(self, case):
        return self.root / "account" if case.is_account else self.root

    def write(self, case, runs):
        name = name_of(case)
        root = self.root_of(case)
        config = root / f"{name}.yaml"
        config.write_text(json.dumps(case.lamex_yaml()))
        # `prefix_list_ids` is CDK's alone: it has no way to refer to the list of an endpoint that it makes.
        variables = json.loads(json.dumps(case.settings))
        variables.get("vpc_endpoints", {}).pop("prefix_list_ids", None)
        test = {
            "mock_provider": {"aws": mocks(case)},
            "variables": {
                **escaped(variables),
                "config": str(config),
                "environment": ENVIRONMENT,
                "state_per_environment": True,
            },
            "run": runs,
        }
        path = root / "tests" / f"{name}.tftest.json"
        path.write_text(json.dumps(test))
        return f"tests/{path.name}"

    def test(self, root, names):
        """The messages of `terraform test`, by the file that they are of and by their type."""
        command = [os.environ["LAMEX_TERRAFORM"], f"-chdir={root}", "test", "-json", "-verbose", "-no-color"]
        done = subprocess.run([*command, *(f"-filter={name}" for name in names)], text=True, capture_output=True)
        said = {name: collections.defaultdict(list) for name in names}
        for line in done.stdout.splitlines():
            message = json.loads(line)
            of_file = said.get(message.get("@testfile"))
            if of_file is not None:
                of_file[message["type"]].append(message[message["type"]])
            elif message["type"] == "diagnostic" and message["diagnostic"]["severity"] == "error":
                raise Kit(f"terraform test: {message['diagnostic']}")
        if not all(of_file["test_file"] for of_file in said.values()):
            raise Kit(f"terraform test ended early: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return said

    def refusal(self, case):
        """What Terraform says against the case; nothing where it takes it."""
        errors = [one for one in self.of(case)["diagnostic"] if one["severity"] == "error"]
        return "\n".join(f"{one['summary']} {one.get('detail', '')}" for one in errors) or None

    def read(self, case):
        if refusal := self.refusal(case):
            raise Kit(f"{case.name}: {refusal}")
        (plan,), (state,) = self.of(case)["test_plan"], self.of(case)["test_state"]
        return settings(case, self.root_of(case), plan, state)

    def policies(self, case):
        """The documents of every role, by its name: its trust, then its own policy."""
        (state,) = self.of(case)["test_state"]
        return policies(state)

    def of(self, case):
        return self.said[f"tests/{name_of(case)}.tftest.json"]


def name_of(case):
    return "parity-" + "".join(letter if letter.isalnum() else "-" for letter in case.name)


def mocks(case):
    data = {
        "aws_partition": {"partition": case.partition, "dns_suffix": case.dns_suffix},
        "aws_region": {"region": case.merged("region")},
        "aws_caller_identity": {"account_id": case.merged("account")},
    }
    return {
        "mock_data": {kind: {"defaults": values} for kind, values in data.items()},
        "override_resource": [
            {"target": address, "values": {attribute: escaped(value)}}
            for address, (attribute, value) in identities(case).items()
        ],
    }


def escaped(value):
    """Text in a JSON configuration is a template."""
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [escaped(item) for item in value]
    return value.replace("${", "$${").replace("%{", "%%{") if isinstance(value, str) else value
