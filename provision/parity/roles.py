"""The policies of both kits' roles, as they are rendered for a few cases. Each case is built once."""

import functools

import cdk_kit
from cases import CASES, MINIMAL, Case
from terraform_kit import Terraform

GITHUB = Case(
    "CI of GitHub", MINIMAL, {"ci_access": {"subjects": ["repo:example-org/orders:environment:staging"]}}
)
GITLAB = Case(
    "CI of GitLab",
    MINIMAL,
    {
        "ci_access": {
            "issuer": "https://gitlab.com",
            "subjects": ["project_path:example-org/orders:ref_type:branch:ref:main"],
        },
    },
)
WITH_A_KEY = Case(
    "a key of the variables",
    MINIMAL,
    {
        "kms_key_arn": "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000003",
        "tracing": True,
        "ci_access": {"subjects": ["repo:example-org/orders:environment:staging"]},
    },
)
(CHINA,) = [case for case in CASES if case.name == "AWS China"]


@functools.cache
def rendered():
    """By case and kit: the documents of every role, by its name."""
    cases = [GITHUB, GITLAB, CHINA, WITH_A_KEY]
    terraform = Terraform(cases, [])
    return {
        case.name: {"Terraform": terraform.policies(case), "CDK": cdk_kit.policies(case)} for case in cases
    }


def of_both_kits(case, role):
    """Pairs: the kit, and the role's `trust` and `policy`. The role is named by what follows the function's name."""
    return [(kit, roles[f"{case.merged('function')}{role}"]) for kit, roles in rendered()[case.name].items()]
