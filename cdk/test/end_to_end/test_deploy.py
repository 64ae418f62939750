"""bootstrap, deploy, run tests, change, destroy: the real cdk and the real lamex-ctl, on an AWS on this machine."""

import base64
import hashlib
import json
import unittest

import botocore.exceptions

import aws
import lamex
from cloud import CDK, FUNCTION, STACK, Cloud

PLACEHOLDER = CDK.parent / "provision/placeholder/placeholder.zip"


def sha256(content):
    """As Lambda writes it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


class Deployment(Cloud, unittest.TestCase):
    def test_a_stack_from_bootstrap_to_destroy(self):
        with self.account():
            self.cdk_deploy(memory_mb=512)
            self.check_what_is_there()
            self.check_that_the_placeholder_says_so()

            self.run_tests_and_roll_back()
            self.cdk_deploy(memory_mb=512)
            self.check_what_is_deployed(live="1", latest="2", memory_mb=512)
            self.change_the_configuration()

            ci_access = {"subjects": [SUBJECT], "oidc_provider_arn": self.make_provider()}
            self.cdk_deploy("-c", f"ci_access={json.dumps(ci_access)}",
                            "-c", "vpc_endpoints={interface_services: [ssm, sts]}",
                            "-c", f"alarm_topic_arns={[TOPIC]}", memory_mb=1024, schedule="cron(0 3 * * ? *)")
            self.check_endpoints_and_ci_access()
            self.check_what_is_deployed(live="3", latest="3", memory_mb=1024)
            self.check_the_schedule()
            self.look_up_the_vpc_by_name()

            self.cdk("destroy", "--app", "out", "--force", cwd=self.folder)
            self.check_that_everything_is_gone()

    def make_provider(self):
        created = self.client("iam").create_open_id_connect_provider(
            Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"]
        )
        return created["OpenIDConnectProviderArn"]

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
        self.assertEqual(function["Architectures"], [lamex.ARCHITECTURE])
        self.assertEqual((function["MemorySize"], function["Timeout"]), (512, 90))
        self.assertEqual(function["Role"], outputs["RoleArn"])
        self.assertEqual(function["VpcConfig"]["VpcId"], self.vpc)
        self.assertEqual(sorted(function["VpcConfig"]["SubnetIds"]), sorted(self.subnets))
        self.assertEqual(function["VpcConfig"]["SecurityGroupIds"], [group])
        self.assertEqual(function["Environment"]["Variables"],
                         {"INVENTORY_ADDR": "", "LAMEX_ALLOW_DESTRUCTIVE": "true"})
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

    def check_that_the_placeholder_says_so(self):
        _, said = self.project.run("invoke", exit_code=3)
        self.assertIn("no package deployed yet", said)
        _, said = self.project.run("invoke", "--expect-digest", "any", exit_code=4)
        self.assertIn("no package deployed yet: run lamex-ctl deploy", said)

    def run_tests_and_roll_back(self):
        """A version whose tests pass, the next whose tests do not, and back."""
        self.write_config(memory_mb=512)
        self.assertEqual(self.project.deploy(), "1")
        self.check_what_is_deployed(live="1", latest="1", memory_mb=512)
        self.check_that_nothing_differs()
        _, said = self.project.run("invoke")
        self.assertIn("more_than_there_is_cannot_be_taken ... ok", said)
        self.assertIn("passed: 1 command passed", said)

        self.write_config(memory_mb=512, command=lamex.FAILING)
        self.assertEqual(self.project.deploy(), "2")
        self.check_what_is_deployed(live="2", latest="2", memory_mb=512)
        self.check_that_the_live_tests_fail()

        version, _ = self.project.run("rollback")
        self.assertEqual(version, "1\n")
        self.check_what_is_deployed(live="1", latest="2", memory_mb=512)
        self.check_that_nothing_differs()
        self.project.run("invoke", "--expect-digest", "any")

    def check_that_the_live_tests_fail(self):
        _, said = self.project.run("invoke", exit_code=1)
        self.assertRegex(said, r"FAIL +.*broken: 2 tests: 1 passed, 1 failed")
        self.assertRegex(said, r"\bfailed fails\n")
        self.assertIn("one is not two", said)

    def change_the_configuration(self):
        """lamex.yaml has more memory: cdk gives it to $LATEST, and lamex-ctl to what is live."""
        self.cdk_deploy(memory_mb=1024)
        self.check_what_is_deployed(live="1", latest="2", memory_mb=1024)
        self.assertEqual(self.configuration("live")["MemorySize"], 512)
        _, said = self.project.run("invoke", "--expect-digest", "any", exit_code=3)
        self.assertIn("version 1 is configured differently from lamex.yaml: memory_mb", said)
        self.project.run("invoke", "--expect-digest", "any", "--allow-drift")

        self.assertEqual(self.project.deploy(), "3")
        self.check_what_is_deployed(live="3", latest="3", memory_mb=1024)
        self.check_that_nothing_differs()
        self.assertEqual(self.configuration("live")["MemorySize"], 1024)
        self.project.run("invoke")

    def configuration(self, qualifier):
        return self.client("lambda").get_function_configuration(FunctionName=FUNCTION, Qualifier=qualifier)

    def check_what_is_deployed(self, live, latest, memory_mb):
        """The alias is at this version, and the function has the code of that one."""
        alias = self.client("lambda").get_alias(FunctionName=FUNCTION, Name="live")
        self.assertEqual(alias["FunctionVersion"], live)
        function = self.configuration("$LATEST")
        self.assertEqual(function["CodeSha256"], self.configuration(latest)["CodeSha256"])
        self.assertEqual(function["MemorySize"], memory_mb)

    def check_that_nothing_differs(self):
        said = self.cdk("diff", "--app", "out", "--fail", cwd=self.folder)
        self.assertIn("There were no differences", said)

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

    def check_the_schedule(self):
        name = f"{FUNCTION}-lamex-schedule"
        schedule = self.client("scheduler").get_schedule(GroupName=name, Name=name)
        self.assertEqual((schedule["ScheduleExpression"], schedule["State"]), ("cron(0 3 * * ? *)", "ENABLED"))
        target, live = schedule["Target"], self.outputs()["AliasArn"]
        role = self.client("iam").get_role(RoleName=name)["Role"]
        self.assertEqual((target["Arn"], target["RoleArn"], target["Input"]), (live, role["Arn"], "{}"))
        # The emulator keeps numbers of a template as text.
        self.assertEqual(int(target["RetryPolicy"]["MaximumRetryAttempts"]), 0)
        policy = self.client("iam").get_role_policy(RoleName=name, PolicyName="lamex")["PolicyDocument"]
        self.assertEqual([statement["Resource"] for statement in policy["Statement"]], [live])
        alarms = self.client("cloudwatch").describe_alarms(AlarmNamePrefix=FUNCTION)["MetricAlarms"]
        self.assertEqual({alarm["AlarmName"].removeprefix(f"{FUNCTION}-lamex-"): alarm["AlarmActions"] for alarm in alarms},
                         dict.fromkeys(["errors", "throttles", "dropped-events", "schedule"], [TOPIC]))

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
        self.assertEqual(self.client("scheduler").list_schedules()["Schedules"], [])
        self.assertEqual(self.client("cloudwatch").describe_alarms()["MetricAlarms"], [])


TOPIC = f"arn:aws:sns:{aws.REGION}:{aws.ACCOUNT}:nightly-tests"
SUBJECT = "repo:owner/name:ref:refs/heads/main"

if __name__ == "__main__":
    unittest.main()
