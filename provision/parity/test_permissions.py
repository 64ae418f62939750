"""What the roles may do, by the policies that both kits render: each question is put to both."""

import re
import unittest

import roles
from iam import allows, denies
from schema import REPOSITORY
from settings import policy

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
            "PRUNE": ("-lamex-ci", FUNCTION),
            "PRUNE_VERSIONS": ("-lamex-ci", f"{FUNCTION}:1"),
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

    def test_the_variables_are_decrypted_by_the_role_and_by_ci_through_lambda_alone(self):
        key = roles.WITH_A_KEY.settings["kms_key_arn"]
        through = {"kms:ViaService": "lambda.us-east-2.amazonaws.com"}
        self.ask(roles.WITH_A_KEY, "-lamex", [(True, "kms:Decrypt", key), (False, "kms:Decrypt", f"{key}0")])
        self.ask(roles.WITH_A_KEY, "-lamex-ci", [(True, "kms:Decrypt", key), (False, "kms:Decrypt", f"{key}0")], **through)
        self.ask(roles.WITH_A_KEY, "-lamex-ci", [(False, "kms:Decrypt", key)])
        for role in ("-lamex", "-lamex-ci"):
            self.ask(roles.WITH_A_KEY, role, [(False, f"kms:{verb}", key) for verb in ("Encrypt", "CreateGrant")], **through)
            self.ask(roles.GITHUB, role, [(False, "kms:Decrypt", key)], **through)

    def test_the_policy_that_an_existing_role_needs_is_that_of_a_role_that_is_made(self):
        document = (REPOSITORY / "docs/provisioning.md").read_text()
        (text,) = [block for block in re.findall(r"^```json\n(.*?)^```$", document, re.MULTILINE | re.DOTALL) if "NoNetworkInterfacesFromTheCode" in block]
        written = {
            "arn:aws:kms:REGION:ACCOUNT:key/ID": roles.WITH_A_KEY.settings["kms_key_arn"],
            "REGION": "us-east-2",
            "ACCOUNT": ACCOUNT,
            "LOG_GROUP": "/aws/lambda/system-tests",
            "FUNCTION": "system-tests",
        }
        for placeholder, value in written.items():
            self.assertIn(placeholder, text)
            text = text.replace(placeholder, value)
        for kit, documents in roles.of_both_kits(roles.WITH_A_KEY, "-lamex"):
            with self.subTest(kit):
                self.assertEqual(policy(text), policy(documents["policy"]))

    def test_a_schedule_invokes_what_is_live_and_nothing_else(self):
        invoke, function = "lambda:InvokeFunction", "arn:aws-cn:lambda:cn-north-1:123456789012:function:system-tests"
        self.ask(roles.CHINA, "-lamex-schedule", [
            (True, invoke, f"{function}:live"),
            (False, invoke, function),
            (False, invoke, f"{function}:7"),
            (False, invoke, f"{function}:live-2"),
            (False, invoke, f"{function}-production:live"),
            (False, "lambda:UpdateAlias", f"{function}:live"),
        ])
        group = "arn:aws-cn:scheduler:cn-north-1:123456789012:schedule-group/system-tests-lamex-schedule"
        for kit, documents in roles.of_both_kits(roles.CHINA, "-lamex-schedule"):
            with self.subTest(kit):
                (statement,) = documents["trust"]["Statement"]
                self.assertEqual(statement["Principal"], {"Service": "scheduler.amazonaws.com"})
                self.assertEqual(statement["Condition"], {
                    "StringEquals": {"aws:SourceAccount": "123456789012", "aws:SourceArn": group},
                })

    def test_the_code_looks_at_network_interfaces_and_changes_none(self):
        changes = ["Create", "Delete", "Detach"]
        changes = [f"ec2:{verb}NetworkInterface" for verb in changes]
        changes += ["ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"]
        looks = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
        for kit, documents in roles.of_both_kits(roles.GITHUB, "-lamex"):
            document = documents["policy"]
            for action in [*changes, *looks]:
                is_change = action in changes
                with self.subTest(kit, action=action):
                    # Of the code: the key is set on its calls. Of Lambda itself, which makes the interfaces: it is not.
                    from_the_code = {"lambda:SourceFunctionArn": FUNCTION}
                    self.assertEqual(denies(document, action, "*", **from_the_code), is_change)
                    self.assertFalse(denies(document, action, "*"))
                    if action != "ec2:DetachNetworkInterface":
                        self.assertTrue(allows(document, action, "*"))


if __name__ == "__main__":
    unittest.main()
