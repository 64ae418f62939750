"""A role, a security group and a log group that exist take the place of the module's own, and stay as they are."""

import pathlib

from function import Function
from terraform import must, planned, terraform, with_variable

# Of the module's own. The function goes with its group.
MADE = [
    "module.runner.aws_iam_role.execution[0]",
    "module.runner.aws_iam_role_policy.execution[0]",
    "module.runner.aws_security_group.runner[0]",
    "module.runner.aws_cloudwatch_log_group.runner[0]",
]
FUNCTION = "module.runner.aws_lambda_function.runner"
LOG_GROUP = "/tests/all"


def use_what_exists(options: list[str], function: Function) -> None:
    config = pathlib.Path(next(option for option in options if option.startswith("config=")).removeprefix("config="))
    text, _, role = config.read_text().partition("    role:\n")
    must("statements:" in role, f"{config} has no role at its end")
    without_role = pathlib.Path("without-role.yaml").absolute()
    without_role.write_text(text)

    arn, group = function.make_role("tests-of-all"), function.make_group("vpc-00000001")
    function.make_log_group(LOG_GROUP)
    existing = [
        "-var", f"role_arn={arn}", "-var", f'security_group_ids=["{group}"]', "-var", f"log_group_name={LOG_GROUP}",
    ]
    refused = terraform("plan", *options, *existing)
    must(refused == 1, f"`role` for an existing role: terraform plan exited {refused}")

    there = [*with_variable(options, "config", str(without_role)), *existing]
    actions = planned(there)
    for address in MADE:
        must(actions[address] == ["delete"], f"{address}: {actions[address]}")
    must(actions[FUNCTION] == ["delete", "create"], f"{FUNCTION}: {actions[FUNCTION]}")
    must(terraform("apply", "saved.plan") == 0, "what exists was not taken")
    must(terraform("plan", "-detailed-exitcode", *there) == 0, "the plan after it is not empty")

    configuration = function.configuration()
    must(configuration["Role"] == arn, f"the function has the role {configuration['Role']}")
    must(configuration["VpcConfig"]["SecurityGroupIds"] == [group], f"the function is in {configuration['VpcConfig']}")
    must(function.policies("tests-of-all") == [], "something was attached to the role")
    must(function.egress(group) == [], "the group got a rule")
    others = ["system-tests-staging-lamex-ci", "system-tests-staging-lamex-schedule", "tests-of-all"]
    must(function.roles() == others, f"there are the roles {function.roles()}")
    must("Lamex.NoPackage" in function.invoke(), "the placeholder does not answer")

    # The old provider knows no logging_config, so that the emulator has made Lambda's own group for the invocation.
    function.delete_log_group(f"/aws/lambda/{configuration['FunctionName']}")
    must(terraform("apply", "-auto-approve", *options) == 0, "the way back failed")
    must("tests-of-all" in function.roles() and function.has_log_group(LOG_GROUP), "what existed before is gone")
    function.delete_role("tests-of-all")
    function.delete_log_group(LOG_GROUP)
    function.delete_group(group)
    function.deploy("second")
