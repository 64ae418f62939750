"""Terraform in the working copy, and what must be true of what it does. As a program: Terraform."""

import json
import os
import pathlib
import subprocess
import sys


def terraform(*arguments: str) -> int:
    if arguments[0] == "init":
        # The configuration asks for lamex.yaml's account; the stand-in's provider would not look which one it has.
        pathlib.Path("zzz_account_override.tf").write_text('provider "aws" {\n  skip_requesting_account_id = false\n}\n')
        for bucket in pathlib.Path("..").glob("modules/artifact-bucket/bucket.tf"):
            # The one value that 3.39.0 does not know, and a setting that was the bucket's own then.
            bucket.write_text(bucket.read_text().replace("BucketOwnerEnforced", "ObjectWriter"))
            bucket.with_name("zzz_override.tf").write_text(
                'resource "aws_s3_bucket" "artifacts" {\n'
                "  lifecycle {\n    ignore_changes = [server_side_encryption_configuration]\n  }\n}\n"
            )
    return subprocess.run([os.environ["LAMEX_TERRAFORM"], *arguments]).returncode


def said_by(*arguments: str) -> str:
    """What it said. It must succeed."""
    done = subprocess.run([os.environ["LAMEX_TERRAFORM"], *arguments], text=True, stdout=subprocess.PIPE)
    print(done.stdout, end="", flush=True)
    must(done.returncode == 0, f"terraform {' '.join(arguments)} exited {done.returncode}")
    return done.stdout


def planned(options: list[str]) -> dict[str, list[str]]:
    """What it would do, by address: `create`, `update`, `delete`, `forget`, both of the first and third for a replacement."""
    must(terraform("plan", "-out=saved.plan", *options) == 0, "the plan failed")
    shown = subprocess.run(
        [os.environ["LAMEX_TERRAFORM"], "show", "-json", "saved.plan"], text=True, stdout=subprocess.PIPE, check=True
    )
    changes = json.loads(shown.stdout)["resource_changes"]
    return {change["address"]: change["change"]["actions"] for change in changes}


def with_variable(options: list[str], name: str, value: str) -> list[str]:
    """The options with another value of a variable that they set."""
    must(any(option.startswith(f"{name}=") for option in options), f"no -var {name}=")
    return [f"{name}={value}" if option.startswith(f"{name}=") else option for option in options]


def must(condition: bool, what: object) -> None:
    if not condition:
        sys.exit(f"terraform/tests/apply: {what}")


if __name__ == "__main__":
    sys.exit(terraform(*sys.argv[1:]))
