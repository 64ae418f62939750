"""bootstrap, deploy, look, invoke, deploy again, change, destroy: the real cdk, against an AWS on this machine."""

import base64
import hashlib
import io
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import zipfile

import boto3
import botocore.config
import botocore.exceptions

import aws

CDK = pathlib.Path(__file__).resolve().parents[2]
PLACEHOLDER = CDK.parent / "provision/placeholder/placeholder.zip"
FUNCTION = "system-tests-staging"
STACK = f"lamex-staging-{FUNCTION}"

# Stands for what lamex-ctl deploys: a function that answers, and ends when its Runtime API does.
ANSWERING_BOOTSTRAP = r"""#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while headers=$(curl --silent --fail --dump-header - --output /dev/null "$api/next"); do
  id=$(echo "$headers" | tr -d '\r' | sed -n 's/^lambda-runtime-aws-request-id: *//Ip')
  curl --silent --fail --output /dev/null --data '"deployed"' "$api/$id/response" || exit 1
done
"""


def package():
    """A zip with a bootstrap that answers "deployed"."""
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = 0o100755 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, ANSWERING_BOOTSTRAP)
    return buffer.getvalue()


def sha256(content):
    """As Lambda writes it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


class Deployment(unittest.TestCase):
    """One account, in which everything happens in turn."""

    def test_a_stack_from_bootstrap_to_destroy(self):
        with tempfile.TemporaryDirectory(prefix="lamex-cdk-") as folder, aws.running(folder) as endpoint:
            self.folder = pathlib.Path(folder)
            self.environment = aws.environment(endpoint)
            settings = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=300)
            session = boto3.Session(
                aws_access_key_id=aws.ACCOUNT, aws_secret_access_key="test", region_name=aws.REGION
            )
            self.client = lambda service: session.client(service, endpoint_url=endpoint, config=settings)
            self.make_network()
            # From a folder without cdk.json: bootstrapping needs no app.
            self.cdk("bootstrap", f"aws://{aws.ACCOUNT}/{aws.REGION}", cwd=self.folder)

            self.deploy(memory_mb=512)
            self.check_what_is_there()
            self.check_that_the_placeholder_says_so()

            version = self.deploy_a_package()
            self.check_that_nothing_differs()
            self.deploy(memory_mb=512)
            self.check_that_the_package_is_still_there(version, memory_mb=512)
            self.deploy(memory_mb=1024)
            self.check_that_the_package_is_still_there(version, memory_mb=1024)

            ci_access = {"subjects": [SUBJECT], "oidc_provider_arn": self.make_provider()}
            self.deploy("-c", f"ci_access={json.dumps(ci_access)}",
                        "-c", "vpc_endpoints={interface_services: [ssm, sts]}", memory_mb=1024)
            self.check_endpoints_and_ci_access()
            self.check_that_the_package_is_still_there(version, memory_mb=1024)
            self.look_up_the_vpc_by_name()

            self.cdk("destroy", "--app", "out", "--force", cwd=self.folder)
            self.check_that_everything_is_gone()

    def make_network(self):
        ec2 = self.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        ec2.create_tags(Resources=[self.vpc], Tags=[{"Key": "Name", "Value": "services"}])
        self.subnets = []
        for zone, block in [("a", "10.0.1.0/24"), ("b", "10.0.2.0/24")]:
            subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock=block, AvailabilityZone=f"{aws.REGION}{zone}")
            self.subnets.append(subnet["Subnet"]["SubnetId"])
        ec2.create_tags(Resources=self.subnets, Tags=[{"Key": "aws-cdk:subnet-type", "Value": "Private"}])
        self.orders = ec2.create_security_group(GroupName="orders", Description="orders", VpcId=self.vpc)["GroupId"]

    def make_provider(self):
        created = self.client("iam").create_open_id_connect_provider(
            Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"]
        )
        return created["OpenIDConnectProviderArn"]

    def cdk(self, *arguments, cwd):
        """Runs cdk, which must succeed; returns what it said."""
        environment = {
            "PATH": os.environ["PATH"],
            # Of its own: cdk keeps caches and a list of accounts there.
            "HOME": str(self.folder),
            "CDK_HOME": str(self.folder / "cdk-home"),
            "TMPDIR": str(self.folder),
            "CI": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            **self.environment,
        }
        command = [str(CDK / "node_modules/.bin/cdk"), *arguments, "--no-notices", "--no-color"]
        ran = subprocess.run(
            command, cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        self.assertEqual(ran.returncode, 0, f"{' '.join(command)}\n{ran.stdout}")
        return ran.stdout

    def write_config(self, memory_mb):
        config = {
            "defaults": {"account": aws.ACCOUNT, "region": aws.REGION},
            "environments": {
                "staging": {
                    "function": FUNCTION,
                    "vpc": {"id": self.vpc, "subnet_ids": self.subnets},
                    "reach": [
                        {"name": "orders-grpc", "host": "orders.internal", "port": 50051,
                         "security_group_id": self.orders},
                        {"name": "orders-http", "host": "orders.internal", "port": 8080, "cidr": "10.0.0.0/16"},
                        {"name": "six", "host": "fd00::7", "port": 443, "ipv6_cidr": "fd00::/8"},
                    ],
                    "env": {"ORDERS_ADDR": "orders.internal:50051"},
                    "memory_mb": memory_mb,
                    "timeout": "1m30s",
                    "architecture": "x86_64",
                    "allow_destructive": True,
                    "log_retention_days": 14,
                    "tags": {"team": "orders"},
                }
            },
        }
        # JSON is YAML as well.
        path = self.folder / "lamex.yaml"
        path.write_text(json.dumps(config))
        return path

    def deploy(self, *context, memory_mb):
        """Synthesizes by the project's own cdk.json, then deploys what came of it."""
        config = self.write_config(memory_mb)
        out = str(self.folder / "out")
        self.cdk("synth", "--quiet", "--output", out, "-c", "env=staging", "-c", f"config={config}", *context, cwd=CDK)
        return self.cdk("deploy", "--app", "out", "--require-approval", "never", "--outputs-file", "outputs.json",
                        cwd=self.folder)

    def outputs(self):
        return json.loads((self.folder / "outputs.json").read_text())[STACK]

    def egress(self, group_id):
        group = self.client("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
        self.assertEqual(group["IpPermissions"], [])
        rules = []
        for rule in group["IpPermissionsEgress"]:
            targets = rule["UserIdGroupPairs"] + rule["IpRanges"] + rule["Ipv6Ranges"] + rule["PrefixListIds"]
            for target in targets:
                to = target.get("GroupId") or target.get("CidrIp") or target.get("CidrIpv6")
                rules.append((rule["IpProtocol"], rule["FromPort"], rule["ToPort"], to, target["Description"]))
        return sorted(rules)

    def reach(self):
        return [
            ("tcp", 443, 443, "fd00::/8", "six"),
            ("tcp", 8080, 8080, "10.0.0.0/16", "orders-http"),
            ("tcp", 50051, 50051, self.orders, "orders-grpc"),
        ]

    def check_what_is_there(self):
        client = self.client("lambda")
        outputs = self.outputs()
        arn = f"arn:aws:lambda:{aws.REGION}:{aws.ACCOUNT}:function:{FUNCTION}"
        group = outputs["SecurityGroupId"]
        self.assertEqual(outputs, {
            "FunctionName": FUNCTION,
            "FunctionArn": arn,
            "AliasArn": f"{arn}:live",
            "RoleArn": f"arn:aws:iam::{aws.ACCOUNT}:role/{FUNCTION}-lamex",
            "SecurityGroupId": group,
            "LogGroupName": f"/aws/lambda/{FUNCTION}",
        })
        found = client.get_function(FunctionName=FUNCTION)
        function = found["Configuration"]
        self.assertEqual(function["Runtime"], "provided.al2023")
        self.assertEqual(function["Architectures"], ["x86_64"])
        self.assertEqual((function["MemorySize"], function["Timeout"]), (512, 90))
        self.assertEqual(function["Role"], outputs["RoleArn"])
        self.assertEqual(function["VpcConfig"]["VpcId"], self.vpc)
        self.assertEqual(sorted(function["VpcConfig"]["SubnetIds"]), sorted(self.subnets))
        self.assertEqual(function["VpcConfig"]["SecurityGroupIds"], [group])
        self.assertEqual(function["Environment"]["Variables"],
                         {"ORDERS_ADDR": "orders.internal:50051", "LAMEX_ALLOW_DESTRUCTIVE": "true"})
        self.assertEqual(function["LoggingConfig"], {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{FUNCTION}"})
        self.assertEqual(function["CodeSha256"], sha256(PLACEHOLDER.read_bytes()))
        self.assertEqual(found["Tags"].get("team"), "orders")
        alias = client.get_alias(FunctionName=FUNCTION, Name="live")
        self.assertEqual(alias["FunctionVersion"], "$LATEST")
        for qualifier in ["$LATEST", "live"]:
            asynchronous = client.get_function_event_invoke_config(FunctionName=FUNCTION, Qualifier=qualifier)
            self.assertEqual(asynchronous["MaximumRetryAttempts"], 0, qualifier)
        self.assertEqual(self.egress(group), self.reach())
        logs = self.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{FUNCTION}")["logGroups"]
        self.assertEqual([(log["logGroupName"], log["retentionInDays"]) for log in logs],
                         [(f"/aws/lambda/{FUNCTION}", 14)])
        policy = self.client("iam").get_role_policy(RoleName=f"{FUNCTION}-lamex", PolicyName="lamex")
        effects = [statement["Effect"] for statement in policy["PolicyDocument"]["Statement"]]
        self.assertEqual(effects, ["Allow", "Allow", "Deny"])

    def invoke(self):
        answer = self.client("lambda").invoke(FunctionName=FUNCTION, Qualifier="live", Payload=b"{}")
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())

    def check_that_the_placeholder_says_so(self):
        error, payload = self.invoke()
        # ministack has an error type of its own for whatever goes wrong at init; the message is the bootstrap's.
        self.assertIsNotNone(error)
        self.assertIn("no package deployed yet: run lamex-ctl deploy", payload["errorMessage"])

    def deploy_a_package(self):
        """What lamex-ctl deploy does: code, a version of it, and the alias moved there."""
        client = self.client("lambda")
        client.update_function_code(FunctionName=FUNCTION, ZipFile=package())
        version = client.publish_version(FunctionName=FUNCTION)["Version"]
        client.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=version)
        self.assertEqual(self.invoke(), (None, "deployed"))
        return version

    def check_that_nothing_differs(self):
        said = self.cdk("diff", "--app", "out", "--fail", cwd=self.folder)
        self.assertIn("There were no differences", said)

    def check_that_the_package_is_still_there(self, version, memory_mb):
        client = self.client("lambda")
        function = client.get_function_configuration(FunctionName=FUNCTION)
        self.assertEqual(function["CodeSha256"], sha256(package()))
        self.assertEqual(function["MemorySize"], memory_mb)
        self.assertEqual(client.get_alias(FunctionName=FUNCTION, Name="live")["FunctionVersion"], version)
        self.assertEqual(self.invoke(), (None, "deployed"))
        self.check_that_nothing_differs()

    def check_endpoints_and_ci_access(self):
        outputs = self.outputs()
        ec2 = self.client("ec2")
        endpoints = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["VpcEndpoints"]
        self.assertEqual(sorted(endpoint["ServiceName"] for endpoint in endpoints),
                         [f"com.amazonaws.{aws.REGION}.ssm", f"com.amazonaws.{aws.REGION}.sts"])
        group = outputs["EndpointSecurityGroupId"]
        found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        sources = [pair["GroupId"] for rule in found["IpPermissions"] for pair in rule["UserIdGroupPairs"]]
        self.assertEqual(sources, [outputs["SecurityGroupId"]])
        self.assertEqual([rule["IpRanges"] + rule["Ipv6Ranges"] for rule in found["IpPermissions"]], [[]])
        self.assertEqual(self.egress(outputs["SecurityGroupId"]),
                         sorted([*self.reach(), ("tcp", 443, 443, group, "VPC endpoints")]))
        role = self.client("iam").get_role(RoleName=f"{FUNCTION}-lamex-ci")["Role"]
        self.assertEqual(role["Arn"], outputs["CiRoleArn"])
        trust = role["AssumeRolePolicyDocument"]["Statement"][0]
        self.assertEqual(trust["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"], [SUBJECT])

    def look_up_the_vpc_by_name(self):
        """Looked up in the account when the app is synthesized; in a folder of its own, where cdk keeps the answer."""
        folder = self.folder / "lookup"
        folder.mkdir()
        config = json.loads((self.folder / "lamex.yaml").read_text())
        del config["environments"]["staging"]["vpc"]
        (folder / "lamex.yaml").write_text(json.dumps(config))
        self.cdk("synth", "--quiet", "--app", f"node {CDK / 'dist/src/app.js'}", "--output", "out", "-c", "env=staging",
                 "-c", "config=lamex.yaml", "-c", "vpc_name=services", cwd=folder)
        template = json.loads((folder / "out" / f"{STACK}.template.json").read_text())
        function = next(r for r in template["Resources"].values() if r["Type"] == "AWS::Lambda::Function")
        self.assertEqual(sorted(function["Properties"]["VpcConfig"]["SubnetIds"]), sorted(self.subnets))

    def check_that_everything_is_gone(self):
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            self.client("lambda").get_function(FunctionName=FUNCTION)
        self.assertEqual(raised.exception.response["Error"]["Code"], "ResourceNotFoundException")
        roles = [role["RoleName"] for role in self.client("iam").list_roles()["Roles"]]
        self.assertEqual([role for role in roles if role.startswith(FUNCTION)], [])
        groups = self.client("ec2").describe_security_groups(
            Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["SecurityGroups"]
        self.assertEqual(sorted(group["GroupName"] for group in groups), ["default", "orders"])
        logs = self.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{FUNCTION}")["logGroups"]
        self.assertEqual(logs, [])


SUBJECT = "repo:owner/name:ref:refs/heads/main"

if __name__ == "__main__":
    unittest.main()
