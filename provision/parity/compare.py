"""Where two kits differ, and which differences there have to be."""

import json
import re
from typing import NamedTuple

NOTHING = "nothing"


class Difference(NamedTuple):
    case: str
    setting: str
    # Both as JSON, or NOTHING.
    terraform: str
    cdk: str

    def __str__(self):
        terraform, cdk = self.terraform, self.cdk
        if terraform.startswith("[") and cdk.startswith("["):
            first, second = json.loads(terraform), json.loads(cdk)
            more = [[item for item in first if item not in second], [item for item in second if item not in first]]
            if any(more):
                terraform, cdk = (f"{json.dumps(items)} that the other has not" for items in more)
        return f"{self.case}: {self.setting}: Terraform has {terraform}, CDK has {cdk}"



class Accepted(NamedTuple):
    """A difference that stays. Three regular expressions, each for the whole of what a difference says."""

    setting: str
    terraform: str
    cdk: str
    reason: str

    def explains(self, difference):
        pairs = [
            (self.setting, difference.setting),
            (self.terraform, difference.terraform),
            (self.cdk, difference.cdk),
        ]
        return all(re.fullmatch(pattern, text) for pattern, text in pairs)


ACCEPTED = [
    Accepted(
        r"security group, .* / egress / icmp 252-86 255\.255\.255\.255/32 / description",
        NOTHING,
        '"Disallow all traffic"',
        "EC2 lets a new group's traffic out unless it is told of at least one rule. Terraform's provider revokes that; "
        "in a template a rule that matches no host has to stand inside the group.",
    ),
    Accepted(
        r"security group, .* / (egress|ingress) / .* / tags / .*",
        r'".*"',
        NOTHING,
        "CloudFormation has no tags for rules of security groups.",
    ),
    Accepted(
        r"function / put into other groups before it is deleted",
        r"\[.*\]",
        NOTHING,
        "CloudFormation waits until Lambda has given back the network interfaces, and has no way around it.",
    ),
    Accepted(
        r"(OIDC provider|bucket) .* / kept when it is deleted",
        NOTHING,
        "true",
        "A stack leaves behind what other stacks need. Terraform destroys its configuration of the account when it is told "
        "to, which is in none of an environment; it refuses a bucket with anything in it.",
    ),
]


def differences(case, terraform, cdk):
    """Two mappings from the names of settings to values, setting by setting."""
    return [
        Difference(case, setting, said(terraform, setting), said(cdk, setting))
        for setting in sorted(terraform.keys() | cdk.keys())
        if said(terraform, setting) != said(cdk, setting)
    ]


def said(settings, setting):
    return json.dumps(settings[setting], sort_keys=True) if setting in settings else NOTHING
