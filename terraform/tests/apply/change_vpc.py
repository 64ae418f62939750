"""Another `vpc.id`: the function goes before its old security group does, and nothing of it is left in the old VPC."""

import pathlib

from function import Function
from terraform import must, planned, said_by, terraform, with_variable

GROUP = "module.runner.aws_security_group.runner[0]"
FUNCTION = "module.runner.aws_lambda_function.runner"
# All that is gone with the function.
ALIAS = "module.runner.aws_lambda_alias.live"
EVENTS = 'module.runner.aws_lambda_function_event_invoke_config.runner["live"]'


def change_the_vpc(options: list[str], function: Function) -> None:
    config = pathlib.Path(next(option for option in options if option.startswith("config=")).removeprefix("config="))
    vpc, subnet = function.make_network()
    other = pathlib.Path("other-vpc.yaml").absolute()
    text = config.read_text()
    must("vpc-00000001" in text and "[subnet-00000001, subnet-00000002]" in text, f"{config} has another network")
    other.write_text(text.replace("vpc-00000001", vpc).replace("[subnet-00000001, subnet-00000002]", f"[{subnet}]"))
    there = with_variable(options, "config", str(other))

    actions = planned(there)
    # The group: first the new one. The others: first away with the old one, since both would have the same name.
    must(actions[GROUP] == ["create", "delete"], f"{GROUP}: {actions[GROUP]}")
    for address in (FUNCTION, ALIAS, EVENTS):
        must(actions[address] == ["delete", "create"], f"{address}: {actions[address]}")

    check_the_order(said_by("apply", "-auto-approve", "-no-color", *there))
    must(function.versions() == ["$LATEST"], f"versions of the old VPC are left: {function.versions()}")
    must(function.vpc() == vpc, f"the function is in {function.vpc()}")
    must("Lamex.NoPackage" in function.invoke(), "the placeholder does not answer")
    must(terraform("plan", "-detailed-exitcode", *there) == 0, "the plan after it is not empty")

    check_the_order(said_by("apply", "-auto-approve", "-no-color", *options))
    function.deploy("second")


def check_the_order(said: str) -> None:
    events = [f"{GROUP}: Creation complete", f"{FUNCTION}: Destruction complete", f"{GROUP} (deposed object"]
    places = [said.find(event) for event in events]
    must(-1 not in places, f"not all of {events} was said")
    made, gone, freed = places
    must(gone < freed, "the old group went before the function that has it")
    must(made < said.find(f"{FUNCTION}: Creating"), "the function was made before its group")
