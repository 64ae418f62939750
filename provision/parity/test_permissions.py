"""What the roles may do, by the policies that both kits render: each question is put to both."""

import re
import unittest

import roles
from iam import allows, denies
from schema import REPOSITORY

ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:us-east-2:{ACCOUNT}:function:system-tests"
LOG_STREAM = f"arn:aws:logs:us-east-2:{ACCOUNT}:log-group:/aws/lambda/system-tests:log-stream:a"
OTHER = f"arn:aws:lambda:us-east-2:{ACCOUNT}:function:system-tests-production"


def asked_by_doctor():
    """The lists of actions that doctor asks IAM about, by their names in its source."""
    text = (REPOSITORY / "crates/doctor/src/actions.rs").read_text()
    lists = re.findall(r"pub const (\w+): \[&str; (\d+)\] =\s*\[(.*?)\];", text, re.DOTALL)
    found = {name: re.findall(r'"([^"]+)"', actions) for name, _, actions in lists}
    assert all(len(found[name]) == int(count) for name, count, _ in lists), found
    return found


class Permissions(unittest.TestCase):
    def ask(self, case, role, questions, **context):
        for kit, documents in roles.of_both_kits(case, role):
            for expected, action, resource in questions:
                with self.subTest(kit, action=action, resource=resource):
                    self.assertEqual(allows(documents["policy"], action, resource, **context), expected)

    def test_ci_deletes_versions_and_never_the_function(self):
        delete = "lambda:DeleteFunction"
        self.ask(roles.GITHUB, "-lamex-ci", [
            (True, delete, f"{FUNCTION}:7"),
            # Without a version, all of them would go.
            (False, delete, FUNCTION),
            (False, delete, OTHER),
            (False, delete, f"{OTHER}:7"),
            # IAM cannot tell an alias from a version. Lambda can: its DeleteFunction takes versions alone, and refuses
            # $LATEST and a version that an alias has.
            (True, delete, f"{FUNCTION}:live"),
            (False, "lambda:DeleteAlias", f"{FUNCTION}:live"),
            (False, "lambda:DeleteAlias", FUNCTION),
        ])

    def test_ci_does_what_lamex_ctl_does_to_the_one_function(self):
        everything = [
            *((action, (FUNCTION, f"{FUNCTION}:live", f"{FUNCTION}:7")) for action in [
                "lambda:GetFunctionConfiguration", "lambda:InvokeFunction", "lambda:GetAlias", "lambda:UpdateAlias",
            ]),
            *((action, (FUNCTION,)) for action in [
                "lambda:UpdateFunctionCode", "lambda:PublishVersion", "lambda:ListVersionsByFunction",
                "lambda:ListAliases",
            ]),
        ]
        self.ask(roles.GITHUB, "-lamex-ci", [
            *((True, action, resource) for action, resources in everything for resource in resources),
            *((False, action, OTHER) for action, _ in everything),
            *((False, action, FUNCTION) for action in [
                # It hands out a link to the code.
                "lambda:GetFunction",
                "lambda:UpdateFunctionConfiguration", "lambda:AddPermission", "lambda:CreateAlias",
                "lambda:CreateFunction", "lambda:PutFunctionConcurrency",
            ]),
            (False, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/system-tests-lamex"),
        ])

    def test_the_roles_may_do_what_doctor_asks_about(self):
        asked = asked_by_doctor()
        granted = {
            "INVOKE": ("-lamex-ci", f"{FUNCTION}:live"),
            "DEPLOY": ("-lamex-ci", FUNCTION),
            "NETWORK_INTERFACES": ("-lamex", "*"),
            "LOG": ("-lamex", LOG_STREAM),
        }
        # Whoever runs doctor looks at the network. The kits make no role for that: CI runs without it.
        self.assertEqual(set(asked), {*granted, "DESCRIBE"}, "say here whose the new actions are")
        for name, (role, resource) in granted.items():
            self.ask(roles.GITHUB, role, [(True, action, resource) for action in asked[name]])

    def test_ci_uses_the_key_of_the_bucket_through_s3_alone(self):
        key = roles.CHINA.environment["artifacts"]["kms_key_arn"]
        packages = "arn:aws-cn:s3:::lamex-artifacts/lamex/system-tests"
        put = [(True, "s3:PutObject", f"{packages}/a.zip"), (False, "s3:PutObject", f"{packages}-production/a.zip")]
        self.ask(roles.CHINA, "-lamex-ci", put)
        uses = ["kms:GenerateDataKey", "kms:Decrypt"]
        through = {"kms:ViaService": "s3.cn-north-1.amazonaws.com.cn"}
        self.ask(roles.CHINA, "-lamex-ci", [(True, action, key) for action in uses], **through)
        self.ask(roles.CHINA, "-lamex-ci", [(False, action, key) for action in uses])
        self.ask(roles.CHINA, "-lamex-ci", [(False, action, f"{key}0") for action in uses], **through)
        self.ask(roles.GITHUB, "-lamex-ci", [(False, action, key) for action in uses], **through)

    def test_the_code_looks_at_network_interfaces_and_changes_none(self):
        changes = ["Create", "Delete", "Detach"]
        changes = [f"ec2:{verb}NetworkInterface" for verb in changes]
        changes += ["ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"]
        looks = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
        for kit, documents in roles.of_both_kits(roles.GITHUB, "-lamex"):
            policy = documents["policy"]
            for action in [*changes, *looks]:
                is_change = action in changes
                with self.subTest(kit, action=action):
                    # Of the code: the key is set on its calls. Of Lambda itself, which makes the interfaces: it is not.
                    from_the_code = {"lambda:SourceFunctionArn": FUNCTION}
                    self.assertEqual(denies(policy, action, "*", **from_the_code), is_change)
                    self.assertFalse(denies(policy, action, "*"))
                    if action != "ec2:DetachNetworkInterface":
                        self.assertTrue(allows(policy, action, "*"))


if __name__ == "__main__":
    unittest.main()
