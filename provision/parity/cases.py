"""The inputs that both kits get: environments of lamex.yaml, and the settings that it does not have.

Those settings have one name in both kits: Terraform's variable is CDK's context.
"""

from typing import NamedTuple

ENVIRONMENT = "staging"


class Case(NamedTuple):
    name: str
    environment: dict
    settings: dict = {}
    defaults: dict = {}
    partition: str = "aws"
    # Of an environment, or what its account has once: a folder and a state for Terraform, a stack for CDK.
    is_account: bool = False

    def lamex_yaml(self):
        """The whole file. JSON is YAML as well."""
        return {"defaults": self.defaults, "environments": {ENVIRONMENT: self.environment}}

    def merged(self, key):
        return self.environment.get(key, self.defaults.get(key))

    @property
    def dns_suffix(self):
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"


class Refusal(NamedTuple):
    """Something that neither kit may build."""

    case: Case
    # A regular expression that both messages match.
    words: str


MINIMAL = {
    "account": "123456789012",
    "region": "us-east-2",
    "function": "system-tests",
    "vpc": {"id": "vpc-00000001", "subnet_ids": ["subnet-00000001"]},
}

# Every key of an environment; a test says so.
FULL = {
    **MINIMAL,
    "profile": "ci",
    "qualifier": "live",
    "invoke": "stream",
    "endpoint_url": "http://127.0.0.1:4566",
    "protected": True,
    "vpc": {
        "id": "vpc-00000001",
        "subnet_ids": ["subnet-00000001", "subnet-00000002"],
        "extra_security_group_ids": ["sg-0000000e"],
    },
    "reach": [
        {"name": "grpc", "host": "orders.internal", "port": 50051, "security_group_id": "sg-00000001", "check": "grpc", "tls": True},
        {"name": "http", "host": "orders.internal", "port": 8080, "protocol": "tcp", "cidr": "10.0.0.0/16"},
        # The same range and port: one rule for both. The name has what EC2 refuses in a description.
        {"name": 'the "billing" service', "host": "billing.internal", "port": 8080, "cidr": "10.0.0.0/16"},
        # The same group and port over UDP, and a DNS server that is asked both ways: rules of their own.
        {"name": "events", "host": "orders.internal", "port": 50051, "protocol": "udp", "security_group_id": "sg-00000001"},
        {"name": "dns", "host": "10.0.0.53", "port": 53, "protocol": "udp", "cidr": "10.0.0.53/32"},
        {"name": "dns over TCP", "host": "10.0.0.53", "port": 53, "cidr": "10.0.0.53/32"},
        {"name": "six", "host": "fd00::7", "port": 443, "ipv6_cidr": "fd00::/8"},
        {"name": "tables", "host": "dynamodb.us-east-2.amazonaws.com", "port": 443, "prefix_list_id": "pl-00000009"},
    ],
    "env": {"ORDERS_ADDR": "orders.internal:50051", "EMPTY": ""},
    "memory_mb": 3008,
    "ephemeral_storage_mb": 2048,
    "timeout": "1m30s",
    "architecture": "arm64",
    "allow_destructive": True,
    "role": {
        "policy_arns": [
            "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess",
            "arn:aws:iam::123456789012:policy/fixtures",
        ],
        "statements": [
            {"actions": ["dynamodb:GetItem", "dynamodb:Query"], "resources": ["*"]},
            {
                "effect": "Deny",
                "actions": ["s3:*"],
                "resources": ["arn:aws:s3:::fixtures", "arn:aws:s3:::fixtures/*"],
                "conditions": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-2", "us-west-2"]}},
            },
        ],
    },
    "artifacts": {
        "bucket": "lamex-artifacts",
        "kms_key_arn": "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000002",
    },
    "log_retention_days": 14,
    "schedule": "cron(0 3 ? * MON-FRI *)",
    "schedule_timezone": "Europe/Berlin",
    "tags": {"team": "orders", "cost center": "17"},
}

CASES = [
    Case("minimal", MINIMAL),
    Case("full", FULL, {"dual_stack": True}),
    Case(
        "everything",
        {**FULL, "region": "us-gov-west-1"},
        {
            "allow_ingress_on_targets": True,
            "dual_stack": True,
            "reserved_concurrency": 2,
            "security_group_name": "system tests (new)",
            "replacement_security_group_ids": ["sg-00000009"],
            "tracing": True,
            "log_kms_key_arn": "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/00000000-0000-0000-0000-000000000001",
            "permissions_boundary_arn": "arn:aws-us-gov:iam::123456789012:policy/boundary",
            "vpc_endpoints": {
                "gateway_services": ["s3", "dynamodb"],
                "route_table_ids": ["rtb-00000001", "rtb-00000002"],
                "prefix_list_ids": {"s3": "pl-00000001", "dynamodb": "pl-00000002"},
                "interface_services": ["logs", "secretsmanager", "ecr.api"],
                "subnet_ids": ["subnet-00000003"],
                "private_dns": False,
                "further_security_group_ids": ["sg-0000000f"],
            },
            "ci_access": {
                "subjects": [
                    "repo:example-org/orders:environment:staging",
                    "repo:example-org/orders:ref:refs/heads/main",
                ],
            },
            "alarm_topic_arns": [
                "arn:aws-us-gov:sns:us-gov-west-1:123456789012:nightly-tests",
                "arn:aws-us-gov:sns:us-gov-west-1:123456789012:on-call",
            ],
        },
        partition="aws-us-gov",
    ),
    # No reach, but a way out all the same; a GitLab whose provider the account has already; no artifacts.
    Case(
        "endpoints and another CI",
        MINIMAL,
        {
            "vpc_endpoints": {"interface_services": ["sts"]},
            "alarm_topic_arns": ["arn:aws:sns:us-east-2:123456789012:nightly-tests"],
            "ci_access": {
                "subjects": ["project_path:group/sub/project:ref_type:branch:ref:main"],
                "issuer": "https://gitlab.example.com",
                "audience": "https://gitlab.example.com",
                "oidc_provider_arn": "arn:aws:iam::123456789012:oidc-provider/gitlab.example.com",
                "max_session_hours": 12,
            },
        },
    ),
    Case(
        "AWS China",
        {
            **MINIMAL,
            "region": "cn-north-1",
            "schedule": "rate(12 hours)",
            "artifacts": {
                "bucket": "lamex-artifacts",
                "kms_key_arn": "arn:aws-cn:kms:cn-north-1:123456789012:key/00000000-0000-0000-0000-000000000002",
            },
        },
        {
            "vpc_endpoints": {"interface_services": ["sts", "secretsmanager"]},
            "ci_access": {"subjects": ["repo:example-org/orders:environment:staging"]},
        },
        partition="aws-cn",
    ),
    # What there is already in place of what the kits make, and how the rest is named.
    Case(
        "existing role, groups and log group",
        # Nor `reach`, of which a test of Terraform would make an error and not a warning.
        {key: value for key, value in FULL.items() if key not in ("role", "reach")},
        {
            "role_arn": "arn:aws:iam::123456789012:role/service/tests",
            "security_group_ids": ["sg-00000003", "sg-00000004"],
            "log_group_name": "/tests/all",
            "layers": [
                "arn:aws:lambda:us-east-2:123456789012:layer:tools:3",
                "arn:aws:lambda:us-east-2:210987654321:layer:agent:12",
            ],
            "kms_key_arn": "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000003",
            "name_prefix": "shared-",
            "role_path": "/service/tests/",
            "permissions_boundary_arn": "arn:aws:iam::aws:policy/PowerUserAccess",
            "dual_stack": True,
            "vpc_endpoints": {
                "gateway_services": ["s3"],
                "route_table_ids": ["rtb-00000001"],
                "interface_services": ["sts"],
            },
            "ci_access": {"subjects": ["repo:example-org/orders:environment:staging"]},
        },
    ),
    Case(
        "a prefix, a path and a key of the variables",
        {**MINIMAL, "function": "f" * 50, "reach": FULL["reach"][:2]},
        {
            "name_prefix": "a_2-x",
            "role_path": "/service/",
            "layers": ["arn:aws:lambda:us-east-2:123456789012:layer:tools:3"],
            "kms_key_arn": "arn:aws:kms:us-east-2:210987654321:key/00000000-0000-0000-0000-000000000003",
            "tracing": True,
            "vpc_endpoints": {"interface_services": ["sts"]},
            "ci_access": {"subjects": ["repo:example-org/orders:environment:staging"]},
        },
    ),
    # One of them alone: the others are made.
    Case("an existing role", MINIMAL, {"role_arn": "arn:aws:iam::123456789012:role/tests"}),
    # Path and boundary are then those of the schedule's role. Prefix and function have the 49 characters that it leaves.
    Case(
        "an existing role and a schedule",
        {**MINIMAL, "function": "f" * 42, "schedule": "rate(1 day)"},
        {
            "role_arn": "arn:aws:iam::123456789012:role/tests",
            "name_prefix": "shared-",
            "role_path": "/service/",
            "permissions_boundary_arn": "arn:aws:iam::123456789012:policy/boundary",
            "alarm_topic_arns": ["arn:aws:sns:us-east-2:123456789012:nightly-tests"],
        },
    ),
    Case("an existing log group", MINIMAL, {"log_group_name": "/tests/all"}),
    Case("existing groups that are named twice", {**MINIMAL, "vpc": {**MINIMAL["vpc"], "extra_security_group_ids": ["sg-00000003"]}}, {"security_group_ids": ["sg-00000003", "sg-00000003"]}),
    Case(
        "defaults, and what is named twice",
        {
            "function": "f" * 50,
            "vpc": {"subnet_ids": ["subnet-00000001", "subnet-00000001"]},
            "env": {"BOTH": "environment"},
            "tags": {"stage": "staging"},
            "timeout": "1s",
        },
        defaults={
            "account": "012345678901",
            "region": "eu-central-1",
            "vpc": {"id": "vpc-00000001", "extra_security_group_ids": ["sg-0000000e", "sg-0000000e"]},
            "env": {"BOTH": "defaults", "SHARED": "a"},
            "tags": {"team": "orders"},
            "timeout": "5m",
            "role": {"policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"] * 2},
        },
    ),
    Case(
        "an account",
        {**MINIMAL, "artifacts": {"bucket": "lamex-artifacts"}},
        {"oidc_provider": {}, "artifact_bucket": {}},
        is_account=True,
    ),
    Case(
        "another account",
        {
            **FULL,
            "region": "cn-north-1",
            "artifacts": {
                "bucket": "lamex-artifacts",
                "kms_key_arn": "arn:aws-cn:kms:cn-north-1:123456789012:key/00000000-0000-0000-0000-000000000002",
            },
        },
        {
            "oidc_provider": {
                "issuer": "https://gitlab.example.com/git",
                "audiences": ["https://gitlab.example.com", "sts.amazonaws.com.cn"],
                "thumbprints": ["0123456789012345678901234567890123456789"],
            },
            "artifact_bucket": {"expire_after_days": 3, "expire_noncurrent_after_days": 1},
        },
        partition="aws-cn",
        is_account=True,
    ),
    Case("an account in China", {**MINIMAL, "region": "cn-north-1"}, {"oidc_provider": {}}, partition="aws-cn", is_account=True),
]


def _refused(name, words, settings={}, **changed):
    return Refusal(Case(name, {**MINIMAL, **changed}, settings), words)


def _vpc(**changed):
    return {**MINIMAL["vpc"], **changed}


def _ci(subject):
    return {"ci_access": {"subjects": [subject]}}


# A role of the environments' account, and what is of another place.
ROLE = {"role_arn": "arn:aws:iam::123456789012:role/tests"}
LAYER = "arn:aws:lambda:us-east-2:123456789012:layer:tools"
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
GROUPS = {"security_group_ids": ["sg-00000003"]}


def _layers(*arns):
    return {"layers": list(arns)}


REFUSALS = [
    _refused("policies for an existing role", r"`role` of lamex\.yaml would not apply", ROLE, role={"policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}),
    _refused("statements for an existing role", r"`role` of lamex\.yaml would not apply", ROLE, role={"statements": [{"actions": ["s3:*"], "resources": ["*"]}]}),
    _refused("the name of a role", r"ARN of a role", {"role_arn": "tests"}),
    _refused("the session of a role", r"ARN of a role", {"role_arn": "arn:aws:sts::123456789012:assumed-role/tests/session"}),
    _refused("a role of another account", r"not in the function's account", {"role_arn": "arn:aws:iam::210987654321:role/tests"}),
    _refused("a role of another partition", r"not in the function's account", {"role_arn": "arn:aws-cn:iam::123456789012:role/tests"}),
    _refused("a path for no role", r"role_path`? is for", {**ROLE, "role_path": "/service/"}),
    _refused("a boundary of no role", r"permissions_boundary_arn`? bounds", {**ROLE, "permissions_boundary_arn": BOUNDARY}),
    _refused("a path without slashes", r"begins?( and ends?)? .*with a slash", {"role_path": "service"}),
    _refused("a boundary that is a role", r"ARN of a policy", {"permissions_boundary_arn": ROLE["role_arn"]}),
    _refused("a boundary of another account", r"not of the function's account or of AWS", {"permissions_boundary_arn": "arn:aws:iam::210987654321:policy/boundary"}),
    _refused("a boundary of another partition", r"not of the function's account or of AWS", {"permissions_boundary_arn": "arn:aws-us-gov:iam::aws:policy/PowerUserAccess"}),
    _refused("a prefix that is too long", r"more than 55 characters", {"name_prefix": "a23456"}, function="f" * 50),
    _refused("a prefix with a space", r"letters, digits, - and _", {"name_prefix": "two words"}),
    _refused("a prefix of ids", r"begins? with sg-", {"name_prefix": "sg-"}),
    _refused("names of groups", r"not names", {"security_group_ids": ["tests"]}),
    _refused("six groups", r"more than 5", {"security_group_ids": [f"sg-{n:08}" for n in range(4)]}, vpc=_vpc(extra_security_group_ids=["sg-00000008", "sg-00000009"])),
    _refused("a name for existing groups", r"security_group_name`? is for the function's own", {**GROUPS, "security_group_name": "tests"}),
    _refused("ingress from existing groups", r"allow_ingress_on_targets`? lets in", {**GROUPS, "allow_ingress_on_targets": True}),
    _refused("the ARN of a log group", r"not its ARN", {"log_group_name": "arn:aws:logs:us-east-2:123456789012:log-group:/tests/all"}),
    _refused("a key for an existing log group", r"log_kms_key_arn`? encrypts", {"log_group_name": "/tests/all", "log_kms_key_arn": "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000001"}),
    _refused("a layer without a version", r"ARN (of a layer )?with a version", _layers(LAYER)),
    _refused("six layers", r"at most 5 layers", _layers(*(f"{LAYER}{n}:1" for n in range(6)))),
    _refused("two versions of a layer", r"same layer twice", _layers(f"{LAYER}:1", f"{LAYER}:2")),
    _refused("a layer of another region", r"not in the function's region", _layers(LAYER.replace("us-east-2", "us-west-2") + ":1")),
    _refused("a layer of another partition", r"not in the function's region", _layers(LAYER.replace("aws:", "aws-cn:", 1) + ":1")),
    _refused("an alias of the variables' key", r"ARN of a key", {"kms_key_arn": "arn:aws:kms:us-east-2:123456789012:alias/tests"}),
    _refused("a key of another region", r"not in the function's region", {"kms_key_arn": "arn:aws:kms:us-west-2:123456789012:key/00000000-0000-0000-0000-000000000003"}),
    _refused("a name of 51 characters", r"\b50\b", function="f" * 51),
    _refused("no VPC", r"`vpc` with `id` and `subnet_ids`", vpc=None),
    _refused("another protocol", r"protocol", reach=[{"name": "a", "host": "a", "port": 1, "protocol": "icmp", "cidr": "10.0.0.0/8"}]),
    _refused("no subnet", r"1 to 16 subnets", vpc=_vpc(subnet_ids=[])),
    _refused("17 subnets", r"1 to 16 subnets", vpc=_vpc(subnet_ids=[f"subnet-{n:08}" for n in range(17)])),
    _refused("five more groups", r"at most 4", vpc=_vpc(extra_security_group_ids=[f"sg-{n:08}" for n in range(5)])),
    _refused("variables of 5 KB", r"bytes.*Lambda allows 4096", env={"LARGE": "x" * 5000}),
    _refused("a variable of Lambda's", r"reserved", env={"LAMBDA_TASK_ROOT": "a"}),
    _refused("the guard as a variable", r"reserved.*allow_destructive", env={"LAMEX_ALLOW_DESTRUCTIVE": "true"}),
    _refused("a small /tmp", r"512 to 10240", ephemeral_storage_mb=511),
    _refused("a large /tmp", r"512 to 10240", ephemeral_storage_mb=10241),
    _refused("little memory", r"128 to 10240", memory_mb=127),
    _refused("16 minutes", r"1s to 15m", timeout="16m"),
    _refused("a retention that CloudWatch does not have", r"CloudWatch", log_retention_days=2),
    _refused("a name of 50 characters with a schedule", r"\b49\b", function="f" * 50, schedule="rate(1 day)"),
    _refused("a prefix that is too long with a schedule", r"more than 49 characters", {"name_prefix": "shared-"}, function="f" * 43, schedule="rate(1 day)"),
    _refused("cron with five fields", r"cron has six fields", schedule="cron(0 3 * * *)"),
    _refused("cron with both days", r"exactly one of the two days", schedule="cron(0 3 * * * *)"),
    _refused("a rate of weeks", r"rate\(12 hours\)", schedule="rate(1 week)"),
    _refused("an offset for a time zone", r"name of a time zone", schedule="rate(1 day)", schedule_timezone="+02:00"),
    _refused("an alarm for a queue", r"ARNs of SNS topics", {"alarm_topic_arns": ["arn:aws:sqs:us-east-2:123456789012:alarms"]}),
    _refused("alarms for six topics", r"1 to 5 topics", {"alarm_topic_arns": [f"arn:aws:sns:us-east-2:123456789012:t{n}" for n in range(6)]}),
    _refused("an unknown key", r"has no key `?memory\b", memory=1),
    _refused("gateways without routes", r"route_?[tT]able_?[iI]ds", {"vpc_endpoints": {"gateway_services": ["s3"]}}),
    _refused("a pattern of subjects", r"[wW]ildcard", _ci("repo:example-org/*:ref:refs/heads/main")),
    _refused("a subject for pull requests", r"BRANCH", _ci("repo:example-org/orders:pull_request")),
    _refused("a variable of IAM's in a subject", r"BRANCH", _ci("repo:example-org/orders:environment:${aws:username}")),
    _refused("an alias of a key", r"ARN of a", artifacts={"bucket": "lamex-artifacts", "kms_key_arn": "arn:aws:kms:us-east-2:123456789012:alias/a"}, settings=_ci("repo:example-org/orders:ref:refs/heads/main")),
    _refused("an unknown key of the artifacts", r"has no key `?buckets\b", artifacts={"bucket": "lamex-artifacts", "buckets": "a"}),
    _refused("a group with the name of an id", r"begin", {"security_group_name": "sg-00000001"}),
    Refusal(Case("a bucket without a name", MINIMAL, {"artifact_bucket": {}}, is_account=True), r"`artifacts` with `bucket`"),
    Refusal(Case("a provider of everybody", MINIMAL, {"oidc_provider": {"audiences": ["*"]}}, is_account=True), r"without wildcards"),
    _refused("reserved concurrency of 0", r"from 1|1 to", {"reserved_concurrency": 0}),
]
