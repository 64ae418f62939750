"""The function and its surroundings on the emulator, as lamex-ctl and the account's owner see them."""

import io
import json
import zipfile

FUNCTION = "system-tests-staging"

# A custom runtime that answers every invocation with one word.
BOOTSTRAP = """#!/bin/sh
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while true; do
  headers=$(mktemp)
  curl --silent --show-error --dump-header "$headers" --output /dev/null "$api/next"
  id=$(sed -n 's/^Lambda-Runtime-Aws-Request-Id: *\\([^[:space:]]*\\).*/\\1/Ip' "$headers")
  rm "$headers"
  curl --silent --show-error --output /dev/null --data '"ANSWER"' "$api/$id/response"
done
"""


def package(answer: str) -> bytes:
    entry = zipfile.ZipInfo("bootstrap")
    entry.create_system = 3
    entry.external_attr = 0o100755 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, BOOTSTRAP.replace("ANSWER", answer))
    return buffer.getvalue()


class Function:
    def __init__(self, endpoint: str) -> None:
        import boto3
        from botocore.config import Config

        def client(service: str):
            return boto3.client(
                service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test",
                aws_secret_access_key="test", config=Config(read_timeout=120, retries={"max_attempts": 0}),
            )

        self.client, self.ec2, self.iam = client("lambda"), client("ec2"), client("iam")
        self.logs = client("logs")

    def deploy(self, answer: str) -> str:
        self.client.update_function_code(FunctionName=FUNCTION, ZipFile=package(answer))
        self.client.get_waiter("function_updated_v2").wait(FunctionName=FUNCTION)
        version = self.client.publish_version(FunctionName=FUNCTION)["Version"]
        self.move(version)
        return version

    def move(self, version: str) -> None:
        self.client.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion=version)

    def invoke(self) -> str:
        """The answer, as JSON; an object where it is an error."""
        reply = self.client.invoke(FunctionName=FUNCTION, Qualifier="live", Payload=b"{}")
        return reply["Payload"].read().decode()

    def owned_by_lamex_ctl(self) -> tuple[str, str]:
        """The code and the version that is live."""
        code = self.configuration()["CodeSha256"]
        return code, self.client.get_alias(FunctionName=FUNCTION, Name="live")["FunctionVersion"]

    def configuration(self) -> dict:
        return self.client.get_function_configuration(FunctionName=FUNCTION)

    def tracing(self) -> str:
        return self.configuration()["TracingConfig"]["Mode"]

    def versions(self) -> list[str]:
        found = self.client.list_versions_by_function(FunctionName=FUNCTION)["Versions"]
        return [version["Version"] for version in found]

    def vpc(self) -> str:
        """The VPC of its security group."""
        groups = self.configuration()["VpcConfig"]["SecurityGroupIds"]
        (group,) = self.ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"]
        return group["VpcId"]

    def make_network(self) -> tuple[str, str]:
        """Another VPC, and a subnet of it."""
        vpc = self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24", AvailabilityZone="us-east-1a")
        return vpc, subnet["Subnet"]["SubnetId"]

    def make_role(self, name: str) -> str:
        """A role that Lambda may assume, without rights."""
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    def delete_role(self, name: str) -> None:
        self.iam.delete_role(RoleName=name)

    def roles(self) -> list[str]:
        return sorted(role["RoleName"] for role in self.iam.list_roles()["Roles"])

    def policies(self, role: str) -> list[str]:
        """Of its own, and attached ones."""
        attached = self.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        return self.iam.list_role_policies(RoleName=role)["PolicyNames"] + [policy["PolicyArn"] for policy in attached]

    def make_log_group(self, name: str) -> None:
        self.logs.create_log_group(logGroupName=name)

    def delete_log_group(self, name: str) -> None:
        self.logs.delete_log_group(logGroupName=name)

    def has_log_group(self, name: str) -> bool:
        found = self.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return any(group["logGroupName"] == name for group in found)

    def make_group(self, vpc: str) -> str:
        """A security group without a way out."""
        group = self.ec2.create_security_group(GroupName="tests-of-all", Description="all tests", VpcId=vpc)["GroupId"]
        if rules := self.egress(group):
            self.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=rules)
        return group

    def egress(self, group: str) -> list[dict]:
        (found,) = self.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        return found["IpPermissionsEgress"]

    def delete_group(self, group: str) -> None:
        self.ec2.delete_security_group(GroupId=group)

    def oidc_providers(self) -> list[str]:
        return [each["Arn"] for each in self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]

    def delete_oidc_provider(self, arn: str) -> None:
        self.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)

    def trusted_provider(self) -> str:
        role = self.iam.get_role(RoleName=f"{FUNCTION}-lamex-ci")["Role"]
        return role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Federated"]
