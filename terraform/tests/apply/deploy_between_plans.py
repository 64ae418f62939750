"""Terraform, but for `plan`: does there what `lamex-ctl deploy` and `rollback` do, and plans again after each.

apply_legacy.sh calls this in place of terraform. Whatever changes the code or moves the alias from outside must leave
the plan empty, and an apply that changes the configuration must leave code and alias as they are.
"""

import io
import os
import pathlib
import re
import subprocess
import sys
import zipfile

FUNCTION = "system-tests-staging"

# A custom runtime that answers every invocation with one word.
BOOTSTRAP = """#!/bin/sh
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while true; do
  headers=$(mktemp)
  curl --silent --show-error --dump-header "$headers" --output /dev/null "$api/next"
  id=$(sed -n 's/^Lambda-Runtime-Aws-Request-Id: *\\([^[:space:]]*\\).*/\\1/Ip' "$headers")
  rm "$headers"
  curl --silent --show-error --output /dev/null --data '"ANSWER"' "$api/$id/response"
done
"""


def package(answer: str) -> bytes:
    entry = zipfile.ZipInfo("bootstrap")
    entry.create_system = 3
    entry.external_attr = 0o100755 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, BOOTSTRAP.replace("ANSWER", answer))
    return buffer.getvalue()


def terraform(*arguments: str) -> int:
    return subprocess.run([os.environ["LAMEX_TERRAFORM"], *arguments]).returncode


def must(condition: bool, what: object) -> None:
    if not condition:
        sys.exit(f"deploy_between_plans.py: {what}")


class Function:
    def __init__(self, endpoint: str) -> None:
        import boto3
        from botocore.config import Config

        self.client = boto3.client(
            "lambda", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(read_timeout=120, retries={"max_attempts": 0}),
        )

    def deploy(self, answer: str) -> str:
        self.client.update_function_code(FunctionName=FUNCTION, ZipFile=package(answer))
        self.client.get_waiter("function_updated_v2").wait(FunctionName=FUNCTION)
        version = self.client.publish_version(FunctionName=FUNCTION)["Version"]
        self.move(version)
        return version

    def move(self, version: str) -> None:
        self.client.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=version)

    def invoke(self) -> str:
        """The answer, as JSON; an object where it is an error."""
        reply = self.client.invoke(FunctionName=FUNCTION, Qualifier="live", Payload=b"{}")
        return reply["Payload"].read().decode()

    def owned_by_lamex_ctl(self) -> tuple[str, str]:
        """The code and the version that is live."""
        code = self.client.get_function_configuration(FunctionName=FUNCTION)["CodeSha256"]
        return code, self.client.get_alias(FunctionName=FUNCTION, Name="live")["FunctionVersion"]

    def tracing(self) -> str:
        return self.client.get_function_configuration(FunctionName=FUNCTION)["TracingConfig"]["Mode"]


def main(plan: list[str]) -> int:
    if terraform(*plan) != 0:
        return 2
    (override,) = pathlib.Path.cwd().glob("zz_legacy_override.tf")
    function = Function(re.search(r'lambda = "([^"]+)"', override.read_text())[1])
    options = [option for option in plan[1:] if option != "-detailed-exitcode"]

    answer = function.invoke()
    must("Lamex.NoPackage" in answer, f"the placeholder answered {answer}")

    first = function.deploy("first")
    answer = function.invoke()
    must(answer == '"first"', f"the deployed package answered {answer}")
    must(terraform(*plan) == 0, "the plan after a deployment is not empty")

    function.deploy("second")
    function.move(first)
    must(function.invoke() == '"first"', "the alias was not rolled back")
    must(terraform(*plan) == 0, "the plan after a rollback is not empty")

    owned = function.owned_by_lamex_ctl()
    for tracing, mode in (("true", "Active"), ("false", "PassThrough")):
        applied = terraform("apply", "-auto-approve", *options, "-var", f"tracing={tracing}")
        must(applied == 0 and function.tracing() == mode, f"tracing={tracing} was not applied")
        must(function.owned_by_lamex_ctl() == owned, "an apply has changed the code or the alias")
    return terraform(*plan)


if __name__ == "__main__":
    if sys.argv[1] == "init":
        # The root module asks for lamex.yaml's account; the stand-in's provider would not look which one it has.
        pathlib.Path("zzz_account_override.tf").write_text('provider "aws" {\n  skip_requesting_account_id = false\n}\n')
    sys.exit(main(sys.argv[1:]) if sys.argv[1] == "plan" else terraform(*sys.argv[1:]))
