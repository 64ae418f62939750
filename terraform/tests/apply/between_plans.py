"""Terraform, but for `plan`: does there what `lamex-ctl deploy` and `rollback` do, and plans again after each.

apply_legacy.sh calls this in place of terraform. Whatever changes the code or moves the alias from outside must leave
the plan empty, and an apply that changes the configuration must leave code and alias as they are. Then the function
moves to another VPC and back, goes over to a role, a group and a log group that exist and back, and a state of an earlier
module is upgraded; each has a file here.
"""

import pathlib
import re
import sys

from change_vpc import change_the_vpc
from existing import use_what_exists
from forget_provider import forget_the_provider
from function import Function
from terraform import must, terraform


def deploy_and_roll_back(plan: list[str], options: list[str], function: Function) -> None:
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


def main(plan: list[str]) -> int:
    if terraform(*plan) != 0:
        return 2
    (override,) = pathlib.Path.cwd().glob("zz_legacy_override.tf")
    function = Function(re.search(r'lambda = "([^"]+)"', override.read_text())[1])
    options = [option for option in plan[1:] if option != "-detailed-exitcode"]

    deploy_and_roll_back(plan, options, function)
    forget_the_provider(options, function)
    must(terraform("apply", "-auto-approve", *options) == 0, "ci_access was not given back")
    change_the_vpc(options, function)
    use_what_exists(options, function)
    return terraform(*plan)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1] == "plan" else terraform(*sys.argv[1:]))
