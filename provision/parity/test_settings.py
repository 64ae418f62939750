"""No setting is left out: every key of lamex.yaml is in the comparison, and every setting in docs/provisioning.md."""

import re
import subprocess
import unittest

import cdk_kit
from cases import CASES, FULL, MINIMAL, Case
from schema import REPOSITORY, environment_keys, schema, used_keys

DOCUMENT = (REPOSITORY / "docs/provisioning.md").read_text()


def column(header, number):
    """The names in code of one column of the table with this first line."""
    rows = re.search(rf"^\| {re.escape(header)}.*\n\|[ -|]+\|\n((?:\|.*\n)+)", DOCUMENT, re.MULTILINE)[1]
    return {name for row in rows.splitlines() for name in re.findall(r"`([a-z0-9_.]+)`", row.split("|")[number])}


# What the app takes as a mapping, by the name in Terraform, and what is said before it is read.
MAPPINGS = {
    "vpc_endpoints": {}, "ci_access": {}, "oidc_provider": {"is_account": True}, "artifact_bucket": {"is_account": True},
}


def terraform_variables():
    """The root module's and the account's, those of an object as `ci_access.subjects`."""
    found = set()
    text = "".join((REPOSITORY / "terraform" / name).read_text() for name in ["variables.tf", "account/variables.tf"])
    for name, body in re.findall(r'^variable "(\w+)" \{\n(.*?)^\}$', text, re.MULTILINE | re.DOTALL):
        body = re.sub(r"^  validation \{\n.*?^  \}\n", "", body, flags=re.MULTILINE | re.DOTALL)
        attributes = re.findall(r"^    (\w+) += ", body, re.MULTILINE)
        found |= {f"{name}.{attribute}" for attribute in attributes} or {name}
    return found


def context_keys():
    """The app's, those of a mapping as `ci_access.subjects`."""
    found = set()
    for name in ["app.ts", "context.ts"]:
        text = (REPOSITORY / "cdk/src" / name).read_text()
        found |= set(re.findall(r"context\s*\.(?:text|value)\(\s*'(\w+)'", text))
    for name, more in MAPPINGS.items():
        found.remove(name)
        # The app says itself what a mapping may have.
        said = cdk_kit.refusal(Case("an unknown key", MINIMAL, {name: {"unknown": True}}, **more))
        keys = re.search(r"has no key `unknown`: it may have ([a-z_, ]+)", said)[1]
        found |= {f"{name}.{key}" for key in keys.split(", ")}
    return found


class Settings(unittest.TestCase):
    maxDiff = None

    def test_every_key_of_an_environment_is_compared(self):
        known = environment_keys(schema())
        self.assertGreater(len(known), 30)
        self.assertEqual(set(), known - used_keys(FULL))

    def test_every_key_of_lamex_yaml_is_in_the_table(self):
        printed = schema()
        known = environment_keys(printed) | set(printed["properties"])
        # A block whose keys are all there needs no line of its own.
        blocks = {key.rsplit(".", 1)[0] for key in known if "." in key}
        listed = column("lamex.yaml |", 1)
        self.assertEqual(set(), known - listed - blocks, "in lamex.yaml and not in the table")
        self.assertEqual(set(), listed - known, "in the table and not in lamex.yaml")

    def test_every_setting_of_the_kits_is_in_the_table(self):
        # Of lamex.yaml, where Terraform has no variable.
        self.assertEqual(terraform_variables(), column("| Terraform's variable", 2) - {"vpc.id"})
        self.assertEqual(context_keys(), column("| Terraform's variable", 3))

    def test_every_setting_of_the_kits_is_compared(self):
        used = used_keys([case.settings for case in CASES])
        unused = (terraform_variables() | context_keys()) - used
        # What chooses the input, what one kit alone has, and what is for emulators.
        self.assertEqual(unused, {
            "config", "env", "environment", "stack", "state_per_environment", "vpc_name", "runtime",
            "placeholder_package", "ci_access.oidc_provider_in_stack",
        })


if __name__ == "__main__":
    unittest.main()
