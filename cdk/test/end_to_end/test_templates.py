"""cfn-lint over what the app synthesizes."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

APP = pathlib.Path(__file__).resolve().parents[2] / "dist/src/app.js"

LITTLE = {
    "account": "123456789012",
    "region": "us-east-2",
    "function": "system-tests",
    "vpc": {"id": "vpc-00000001", "subnet_ids": ["subnet-00000001"]},
}
EVERYTHING = {
    **LITTLE,
    "vpc": {
        "id": "vpc-00000001",
        "subnet_ids": ["subnet-00000001", "subnet-00000002"],
        "extra_security_group_ids": ["sg-0000000e"],
    },
    "reach": [
        {"name": "grpc", "host": "orders.internal", "port": 50051, "security_group_id": "sg-00000001"},
        {"name": "http", "host": "orders.internal", "port": 8080, "cidr": "10.0.0.0/16"},
        {"name": "six", "host": "fd00::7", "port": 443, "ipv6_cidr": "fd00::/8"},
        {"name": "s3", "host": "s3.us-east-2.amazonaws.com", "port": 443, "prefix_list_id": "pl-00000001"},
    ],
    "env": {"ORDERS_ADDR": "orders.internal:50051"},
    "memory_mb": 3008,
    "ephemeral_storage_mb": 2048,
    "timeout": "1m30s",
    "architecture": "arm64",
    "allow_destructive": True,
    "role": {
        "policy_arns": ["arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"],
        "statements": [
            {
                "actions": ["dynamodb:GetItem"],
                "resources": ["arn:aws:dynamodb:us-east-2:123456789012:table/orders"],
                "conditions": {"StringEquals": {"aws:RequestedRegion": ["us-east-2"]}},
            }
        ],
    },
    "artifacts": {
        "bucket": "lamex-artifacts",
        "kms_key_arn": "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000002",
    },
    "log_retention_days": 14,
    "schedule": "cron(0 3 * * ? *)",
    "schedule_timezone": "Europe/Berlin",
    "tags": {"team": "orders"},
}
CONTEXT = {
    "allow_ingress_on_targets": True,
    "reserved_concurrency": 2,
    "tracing": True,
    "dual_stack": True,
    "log_kms_key_arn": "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000001",
    "permissions_boundary_arn": "arn:aws:iam::123456789012:policy/boundary",
    "vpc_endpoints": {
        "gateway_services": ["s3", "dynamodb"],
        "route_table_ids": ["rtb-00000001"],
        "interface_services": ["logs", "ssm", "secretsmanager", "kms", "sts"],
        "further_security_group_ids": ["sg-0000000f"],
    },
    "ci_access": {"subjects": ["repo:owner/name:ref:refs/heads/main"]},
    "alarm_topic_arns": ["arn:aws:sns:us-east-2:123456789012:nightly-tests"],
}


def synthesize(folder, environment, context):
    """Starts the app as cdk does; returns the template's path."""
    config = pathlib.Path(folder, "lamex.yaml")
    config.write_text(json.dumps({"environments": {"staging": environment}}))
    settings = {
        "PATH": os.environ["PATH"],
        "CDK_OUTDIR": str(pathlib.Path(folder, "out")),
        "CDK_CONTEXT_JSON": json.dumps({"env": "staging", "config": str(config), **context}),
    }
    subprocess.run(["node", str(APP)], cwd=folder, env=settings, check=True)
    (template,) = pathlib.Path(folder, "out").glob("*.template.json")
    return template


def lint(template):
    linter = pathlib.Path(sys.executable).with_name("cfn-lint")
    # W3005: CDK lets a function depend on its role and the role's policies, of which it refers to the role as well.
    command = [str(linter), "--ignore-checks", "W3005", "--regions", "us-east-2", "--template", str(template)]
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


class Templates(unittest.TestCase):
    maxDiff = None

    def check(self, environment, context):
        with tempfile.TemporaryDirectory(prefix="lamex-cdk-") as folder:
            linted = lint(synthesize(folder, environment, context))
        self.assertEqual((linted.returncode, linted.stdout), (0, ""))

    def test_an_environment_with_little_in_it(self):
        self.check(LITTLE, {})

    def test_an_environment_with_everything(self):
        self.check(EVERYTHING, CONTEXT)

    def test_a_stack_of_an_earlier_release(self):
        ci_access = {**CONTEXT["ci_access"], "oidc_provider_in_stack": True}
        self.check(EVERYTHING, {**CONTEXT, "ci_access": ci_access, "security_group_name": "system-tests-2"})

    def test_what_exists_already(self):
        environment = {key: value for key, value in EVERYTHING.items() if key != "role"}
        context = {key: value for key, value in CONTEXT.items() if key not in ("allow_ingress_on_targets", "log_kms_key_arn")}
        self.check(environment, {
            **context,
            "role_arn": "arn:aws:iam::123456789012:role/tests",
            "security_group_ids": ["sg-00000003"],
            "log_group_name": "/tests/all",
            "name_prefix": "shared-",
            "role_path": "/service/",
            "layers": ["arn:aws:lambda:us-east-2:123456789012:layer:tools:3"],
            "kms_key_arn": "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000003",
        })

    def test_what_an_account_has_once(self):
        self.check(EVERYTHING, {"stack": "account", "oidc_provider": {}, "artifact_bucket": {}})


if __name__ == "__main__":
    unittest.main()
