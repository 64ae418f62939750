"""The Terraform root module for an old provider that is at hand offline, as terraform/tests/apply/apply.sh applies it.

Run as a program it stands for Terraform while the module is prepared: all that it leaves out is the apply.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import aws
from documents import REPOSITORY

STAND_IN = REPOSITORY.parent / "shared/terraform/apply_legacy.sh"


def is_at_hand():
    return os.access(STAND_IN, os.X_OK)


def prepare(folder, endpoint, work):
    """Puts the root module into the folder, for AWS at this endpoint; returns the variables that Terraform needs."""
    launcher = work / "launcher"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "$@"\n')
    launcher.chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TERRAFORM": str(launcher),
        "LAMEX_TERRAFORM": terraform(),
        "PREPARED": str(folder),
        "TMPDIR": str(work),
    }
    command = [STAND_IN, REPOSITORY / "terraform", "--no-vpc"]
    ran = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if not folder.is_dir():
        raise RuntimeError(f"apply_legacy.sh has not prepared the module:\n{ran.stdout}")

    override = folder / "zz_legacy_override.tf"
    text = re.sub(r'"http://[^"]*"', f'"{endpoint}"', override.read_text())
    text = text.replace('access_key                  = "test"', f'access_key = "{aws.ACCOUNT}"')
    # The module refuses another account than lamex.yaml's, for which the provider has to ask for its own.
    text = text.replace("skip_requesting_account_id  = true", "skip_requesting_account_id = false")
    override.write_text(re.sub(r'(region +=) "[^"]*"', rf'\1 "{aws.REGION}"', text))
    # It does not know provided.al2023.
    return {"TF_CLI_CONFIG_FILE": folder.with_suffix(".tfrc").read_text(), "TF_VAR_runtime": "provided.al2"}


def terraform():
    found = subprocess.run([REPOSITORY / "scripts/find-terraform"], text=True, check=True, stdout=subprocess.PIPE)
    return found.stdout.strip()


def main(arguments):
    if arguments[0] != "apply":
        return subprocess.run([os.environ["LAMEX_TERRAFORM"], *arguments]).returncode
    prepared = pathlib.Path(os.environ["PREPARED"])
    shutil.copytree(".", prepared, ignore=shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*"))
    prepared.with_suffix(".tfrc").write_text(os.environ["TF_CLI_CONFIG_FILE"])
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
