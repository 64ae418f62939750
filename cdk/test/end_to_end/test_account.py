"""What outlives environments, and what an environment may change: the account's OIDC provider, its bucket, the VPC."""

import hashlib
import json
import unittest

import botocore.exceptions

import aws
from cloud import FUNCTION, Cloud

SUBJECT = "repo:owner/name:environment:staging"
HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{aws.ACCOUNT}:oidc-provider/{HOST}"
BUCKET = "lamex-artifacts"


class Account(Cloud, unittest.TestCase):
    def test_what_environments_leave_behind(self):
        with self.account():
            self.upgrade_a_stack_that_has_the_provider()
            self.move_to_another_vpc()
            self.cdk("destroy", "--app", "out", "--force", cwd=self.folder)
            self.assertEqual(self.providers(), [PROVIDER])

            self.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
            self.make_what_the_account_has_once()

    def ci_access(self, is_in_stack):
        return "-c", f"ci_access={json.dumps({'subjects': [SUBJECT], 'oidc_provider_in_stack': is_in_stack})}"

    def upgrade_a_stack_that_has_the_provider(self):
        self.write_config(memory_mb=512)
        self.synthesize(*self.ci_access(True))
        self.as_an_earlier_release_wrote_it()
        self.deploy()
        self.assertEqual(self.providers(), [PROVIDER])

        self.synthesize(*self.ci_access(True))
        said = self.cdk("diff", "--app", "out", cwd=self.folder)
        (provider,) = [part for part in said.split("\n[") if "AWS::IAM::OIDCProvider" in part]
        self.assertRegex(provider, r"\[\+\] DeletionPolicy\n.*\n*.*Retain")
        self.assertNotIn("[-] AWS::IAM::OIDCProvider", said)
        self.deploy()

        self.synthesize(*self.ci_access(False))
        self.assertIn("[-] AWS::IAM::OIDCProvider", self.cdk("diff", "--app", "out", cwd=self.folder))
        self.deploy()
        self.assertEqual(self.providers(), [PROVIDER], "it went with the template")
        role = self.client("iam").get_role(RoleName=f"{FUNCTION}-lamex-ci")["Role"]
        trust = role["AssumeRolePolicyDocument"]["Statement"][0]
        self.assertEqual(trust["Principal"], {"Federated": PROVIDER})

    def as_an_earlier_release_wrote_it(self):
        (path,) = (self.folder / "out").glob("*.template.json")
        template = json.loads(path.read_text())
        (provider,) = [one for one in template["Resources"].values() if one["Type"] == "AWS::IAM::OIDCProvider"]
        del provider["DeletionPolicy"], provider["UpdateReplacePolicy"]
        path.write_text(json.dumps(template))
        self.give_another_name(path)

    def give_another_name(self, path):
        """A template is uploaded by the digest of what was synthesized, and one that is there is not uploaded again."""
        (assets,) = (self.folder / "out").glob("*.assets.json")
        (digest,) = [
            digest for digest, file in json.loads(assets.read_text())["files"].items() if file["source"]["path"] == path.name
        ]
        for file in (assets, self.folder / "out/manifest.json"):
            file.write_text(file.read_text().replace(digest, hashlib.sha256(path.read_bytes()).hexdigest()))

    def move_to_another_vpc(self):
        """ministack replaces a group under its old name, which CloudFormation refuses: the name is for the real one."""
        before = self.client("lambda").get_function_configuration(FunctionName=FUNCTION)
        self.make_network()
        self.write_config(memory_mb=512)
        self.synthesize(*self.ci_access(False), "-c", "security_group_name=system-tests-2")
        self.deploy()
        after = self.client("lambda").get_function_configuration(FunctionName=FUNCTION)
        groups = self.client("ec2").describe_security_groups()["SecurityGroups"]
        own = {group["GroupId"]: group for group in groups if group["GroupName"] == "system-tests-2"}
        self.assertEqual([group["VpcId"] for group in own.values()], [self.vpc])
        self.assertEqual(after["VpcConfig"]["SecurityGroupIds"], list(own))
        self.assertEqual(sorted(after["VpcConfig"]["SubnetIds"]), sorted(self.subnets))
        self.assertEqual(after["FunctionArn"], before["FunctionArn"])
        self.assertNotIn(f"{FUNCTION}-lamex", [group["GroupName"] for group in groups])

    def make_what_the_account_has_once(self):
        environment = {**self.staging(memory_mb=512), "artifacts": {"bucket": BUCKET}}
        (self.folder / "lamex.yaml").write_text(json.dumps({"environments": {"staging": environment}}))
        self.synthesize("-c", "stack=account", "-c", "oidc_provider={}", "-c", "artifact_bucket={}")
        self.deploy()
        outputs = json.loads((self.folder / "outputs.json").read_text())["lamex-account-staging"]
        self.assertEqual(outputs, {"OidcProviderArn": PROVIDER, "ArtifactBucketName": BUCKET})
        s3 = self.client("s3")
        self.assertEqual(s3.get_bucket_versioning(Bucket=BUCKET)["Status"], "Enabled")
        self.assertIn("aws:SecureTransport", s3.get_bucket_policy(Bucket=BUCKET)["Policy"])

        self.cdk("destroy", "--app", "out", "--force", cwd=self.folder)
        self.assertEqual(self.providers(), [PROVIDER])
        s3.head_bucket(Bucket=BUCKET)
        with self.assertRaises(botocore.exceptions.ClientError):
            self.client("cloudformation").describe_stacks(StackName="lamex-account-staging")

    def providers(self):
        found = self.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
        return [provider["Arn"] for provider in found]


if __name__ == "__main__":
    unittest.main()
