"""An account on the AWS of this machine, and the real cdk in it, with the project's own app."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile

import boto3
import botocore.config

import aws
import lamex

CDK = pathlib.Path(__file__).resolve().parents[2]
FUNCTION = "system-tests-staging"
STACK = f"lamex-staging-{FUNCTION}"


class Cloud:
    """For tests: one account, in which everything happens in turn."""

    @contextlib.contextmanager
    def account(self):
        """A bootstrapped account with a network in it, until the block ends."""
        with tempfile.TemporaryDirectory(prefix="lamex-cdk-") as folder, aws.running(folder) as endpoint:
            self.folder = pathlib.Path(folder)
            self.environment = aws.environment(endpoint)
            self.project = lamex.Project(self.folder, self.environment)
            settings = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=300)
            session = boto3.Session(
                aws_access_key_id=aws.ACCOUNT, aws_secret_access_key="test", region_name=aws.REGION
            )
            self.client = lambda service: session.client(service, endpoint_url=endpoint, config=settings)
            self.make_network()
            # From a folder without cdk.json: bootstrapping needs no app.
            self.cdk("bootstrap", f"aws://{aws.ACCOUNT}/{aws.REGION}", cwd=self.folder)
            yield

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

    def staging(self, memory_mb):
        return {
            "account": aws.ACCOUNT,
            "region": aws.REGION,
            "function": FUNCTION,
            "vpc": {"id": self.vpc, "subnet_ids": self.subnets},
            "reach": [
                {"name": "orders-grpc", "host": "orders.internal", "port": 50051, "security_group_id": self.orders},
                {"name": "orders-http", "host": "orders.internal", "port": 8080, "cidr": "10.0.0.0/16"},
                {"name": "six", "host": "fd00::7", "port": 443, "ipv6_cidr": "fd00::/8"},
            ],
            # Empty, the suite starts the service that it tests.
            "env": {"INVENTORY_ADDR": ""},
            "memory_mb": memory_mb,
            "timeout": "1m30s",
            "architecture": lamex.ARCHITECTURE,
            "allow_destructive": True,
            "log_retention_days": 14,
            "tags": {"team": "orders"},
            # For lamex-ctl, which has no streamed answers from ministack; cdk is told by AWS_ENDPOINT_URL.
            "endpoint_url": self.environment["AWS_ENDPOINT_URL"],
            "invoke": "buffered",
        }

    def write_config(self, memory_mb, command=lamex.PASSING, **more):
        self.project.write({**self.staging(memory_mb), **more}, command)

    def cdk_deploy(self, *context, memory_mb, **more):
        """Synthesizes by the project's own cdk.json, then deploys what came of it."""
        self.write_config(memory_mb, **more)
        self.synthesize(*context)
        self.deploy()

    def synthesize(self, *context):
        self.cdk("synth", "--quiet", "--output", str(self.folder / "out"), "-c", "env=staging",
                 "-c", f"config={self.project.config}", *context, cwd=CDK)

    def deploy(self):
        self.cdk("deploy", "--app", "out", "--require-approval", "never", "--outputs-file", "outputs.json",
                 cwd=self.folder)

    def outputs(self):
        return json.loads((self.folder / "outputs.json").read_text())[STACK]
