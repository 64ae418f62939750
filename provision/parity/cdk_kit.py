"""What the CDK app makes of a case, read from the template that it synthesizes."""

import hashlib
import json
import os
import pathlib
import subprocess
import tempfile

import cdk_nightly
from cases import ENVIRONMENT
from cdk_buckets import bucket, bucket_policy
from settings import Kit, Properties, flat, insert, policy, rule, tags

APP = pathlib.Path(__file__).resolve().parents[2] / "cdk/dist/src/app.js"


def read(case):
    with tempfile.TemporaryDirectory(prefix="lamex-parity-") as folder:
        synthesized = synthesize(case, folder)
        if synthesized.returncode != 0:
            raise Kit(f"{case.name}: {synthesized.stderr}")
        (template,) = pathlib.Path(folder, "out").glob("*.template.json")
        return flat(Template(case, template).settings())


def policies(case):
    """The documents of every role, by its name: its trust, then its own policy."""
    with tempfile.TemporaryDirectory(prefix="lamex-parity-") as folder:
        synthesized = synthesize(case, folder)
        if synthesized.returncode != 0:
            raise Kit(f"{case.name}: {synthesized.stderr}")
        (path,) = pathlib.Path(folder, "out").glob("*.template.json")
        template = Template(case, path)
        found = {}
        for resource in template.template["Resources"].values():
            if resource["Type"] == "AWS::IAM::Role":
                properties = template.resolve(resource["Properties"])
                (inline,) = properties["Policies"]
                found[properties["RoleName"]] = {
                    "trust": properties["AssumeRolePolicyDocument"],
                    "policy": inline["PolicyDocument"],
                }
        return found


def refusal(case):
    """What the app says against the case; nothing where it takes it."""
    with tempfile.TemporaryDirectory(prefix="lamex-parity-") as folder:
        synthesized = synthesize(case, folder)
        return synthesized.stderr if synthesized.returncode != 0 else None


def synthesize(case, folder):
    """Starts the app as `cdk -c KEY=VALUE` does."""
    if not APP.exists():
        raise Kit(f"{APP} is not there: `npm run build` in cdk makes it")
    config = pathlib.Path(folder, "lamex.yaml")
    config.write_text(json.dumps(case.lamex_yaml()))
    variables = {
        "PATH": os.environ["PATH"],
        "CDK_OUTDIR": str(pathlib.Path(folder, "out")),
        "CDK_CONTEXT_JSON": json.dumps({
            "env": ENVIRONMENT,
            "stack": "account" if case.is_account else "environment",
            "config": str(config),
            **case.settings,
        }),
        # CDK's own checks of templates take longer than everything else.
        "CDK_VALIDATION": "false",
    }
    return subprocess.run(["node", str(APP)], cwd=folder, env=variables, text=True, capture_output=True)


# What a reference comes to, by the type of resource and the attribute: what AWS will say, or words for what only AWS
# knows, and the same words as for Terraform.
REFERENCES = {
    ("AWS::Lambda::Function", None): "{FunctionName}",
    ("AWS::Lambda::Function", "Arn"): "arn:{partition}:lambda:{region}:{account}:function:{FunctionName}",
    ("AWS::Lambda::Alias", None): "arn:{partition}:lambda:{region}:{account}:function:{FunctionName}:{Name}",
    ("AWS::Logs::LogGroup", None): "{LogGroupName}",
    ("AWS::IAM::Role", "Arn"): "arn:{partition}:iam::{account}:role{path}{RoleName}",
    ("AWS::IAM::OIDCProvider", "Arn"): "arn:{partition}:iam::{account}:oidc-provider/{host}",
    ("AWS::Scheduler::ScheduleGroup", None): "{Name}",
    ("AWS::EC2::SecurityGroup", "GroupId"): "the id of {GroupName}",
    ("AWS::S3::Bucket", None): "{BucketName}",
    ("AWS::S3::Bucket", "Arn"): "arn:{partition}:s3:::{BucketName}",
}


# What a deletion of the stack may leave behind, and what it is called in the tree.
KEPT = {
    "AWS::Logs::LogGroup": "log group",
    "AWS::IAM::OIDCProvider": "OIDC provider {Url}",
    "AWS::S3::Bucket": "bucket {BucketName}",
}


class Template:
    def __init__(self, case, path):
        self.case = case
        self.folder = path.parent
        self.template = json.loads(path.read_text())
        self.prefix_lists = case.settings.get("vpc_endpoints", {}).get("prefix_list_ids", {})
        self.own_prefix_lists = {given: f"the prefix list of {service}" for service, given in self.prefix_lists.items()}

    def settings(self):
        tree = {"outputs": self.outputs()}
        for name, resource in self.template["Resources"].items():
            kind = resource["Type"]
            reader = READERS.get(kind)
            if reader is None:
                raise Kit(f"CDK makes a {kind}, which nothing here compares: teach both readers")
            properties = Properties(f"CDK's {kind}", self.resolve(resource.get("Properties", {})))
            reader(tree, properties, self)
            properties.done()
            kept = resource.get("DeletionPolicy", "Delete") != "Delete"
            if kind in KEPT:
                tree[KEPT[kind].format(**resource["Properties"])]["kept when it is deleted"] = kept
            elif kept:
                raise Kit(f"CDK keeps {name} when the stack is deleted, and Terraform does not")
        return tree

    def outputs(self):
        return {name: self.resolve(output["Value"]) for name, output in self.template["Outputs"].items()}

    def resolve(self, value):
        """Without references: what they will be, or words for what only AWS knows."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return self.own_prefix_lists.get(value, value) if isinstance(value, str) else value
        if len(value) != 1 or not next(iter(value)).startswith(("Ref", "Fn::")):
            return {key: self.resolve(item) for key, item in value.items()}
        ((function, argument),) = value.items()
        if function == "Ref":
            return self.reference(argument, None)
        if function == "Fn::GetAtt":
            return self.reference(*argument)
        argument = self.resolve(argument)
        if function == "Fn::Join":
            return argument[0].join(argument[1])
        if function == "Fn::Split":
            return argument[1].split(argument[0])
        if function == "Fn::Select":
            return argument[1][int(argument[0])]
        raise Kit(f"{function} is new in CDK's template: say here what it comes to")

    def reference(self, name, attribute):
        if name == "AWS::Partition":
            return self.case.partition
        if name == "AWS::URLSuffix":
            return self.case.dns_suffix
        resource = self.template["Resources"][name]
        properties = self.resolve(resource.get("Properties", {}))
        words = REFERENCES.get((resource["Type"], attribute))
        if words is None:
            raise Kit(f"CDK refers to {attribute or 'the name'} of a {resource['Type']}: say here what it comes to")
        more = {
            "partition": self.case.partition,
            "region": self.case.merged("region"),
            "account": self.case.merged("account"),
            # IAM's default.
            "path": properties.get("Path", "/"),
            "host": properties.get("Url", "").removeprefix("https://"),
        }
        return words.format(**properties, **more)

    def code(self, location):
        """The digest of the zip that the asset is made of."""
        location.take("S3Bucket")
        name = location.take("S3Key")
        return hashlib.sha256((self.folder / f"asset.{name}").read_bytes()).hexdigest()


def function(tree, properties, template):
    code, logging, vpc = properties.block("Code"), properties.block("LoggingConfig"), properties.block("VpcConfig")
    storage, tracing = properties.block("EphemeralStorage"), properties.block("TracingConfig")
    insert(tree, "function", {
        "name": properties.take("FunctionName"),
        "description": properties.take("Description"),
        "role": properties.take("Role"),
        "runtime": properties.take("Runtime"),
        "handler": properties.take("Handler"),
        "architectures": properties.take("Architectures"),
        "memory in MB": properties.take("MemorySize"),
        "timeout in seconds": properties.take("Timeout"),
        "layers": properties.take("Layers"),
        "key of the variables": properties.take("KmsKeyArn"),
        "ephemeral storage in MB": storage.take("Size"),
        "environment": properties.block("Environment").take("Variables"),
        "placeholder": template.code(code),
        "subnets": sorted(vpc.take("SubnetIds")),
        "security groups": sorted(vpc.take("SecurityGroupIds")),
        "dual stack": vpc.take("Ipv6AllowedForDualStack"),
        "log format": logging.take("LogFormat"),
        "log group": logging.take("LogGroup"),
        # Where a template says nothing, Lambda passes on what its caller traces.
        "tracing": tracing.take("Mode", "PassThrough"),
        "reserved concurrency": properties.take("ReservedConcurrentExecutions"),
        "tags": tags(properties),
    })
    for block in (code, logging, vpc, storage, tracing):
        block.done()


def alias(tree, properties, _template):
    insert(tree, f"alias {properties.take('Name')}", {
        "function": properties.take("FunctionName"),
        "version": properties.take("FunctionVersion"),
        "description": properties.take("Description"),
    })


def asynchronous(tree, properties, _template):
    insert(tree, f"asynchronous events of {properties.take('Qualifier')}", {
        "function": properties.take("FunctionName"),
        "retries": properties.take("MaximumRetryAttempts"),
        # Lambda's default.
        "longest wait in seconds": properties.take("MaximumEventAgeInSeconds", 21600),
    })


def log_group(tree, properties, _template):
    insert(tree, "log group", {
        "name": properties.take("LogGroupName"),
        "retention in days": properties.take("RetentionInDays"),
        "key": properties.take("KmsKeyId"),
        "tags": tags(properties),
    })


def role(tree, properties, _template):
    policies = {}
    for inline in properties.take("Policies", []):
        insert(policies, f"policy {inline['PolicyName']}", policy(inline["PolicyDocument"]))
    insert(tree, f"role {properties.take('RoleName')}", {
        # IAM's default.
        "path": properties.take("Path", "/"),
        "description": properties.take("Description"),
        "trust": policy(properties.take("AssumeRolePolicyDocument")),
        **policies,
        "managed policies": sorted(properties.take("ManagedPolicyArns", [])),
        "boundary": properties.take("PermissionsBoundary"),
        # IAM's default.
        "longest session in seconds": properties.take("MaxSessionDuration", 3600),
        "tags": tags(properties),
    })


def oidc_provider(tree, properties, _template):
    insert(tree, f"OIDC provider {properties.take('Url')}", {
        "audiences": sorted(properties.take("ClientIdList")),
        "thumbprints": properties.take("ThumbprintList"),
        "tags": tags(properties),
    })


def security_group(tree, properties, _template):
    name = properties.take("GroupName")
    group = rules_of(tree, f"the id of {name}")
    insert(group, "name", name)
    insert(group, "description", properties.take("GroupDescription"))
    insert(group, "VPC", properties.take("VpcId"))
    insert(group, "tags", tags(properties))
    for way, target in WAYS.items():
        for inside in properties.take(f"SecurityGroup{way.capitalize()}", []):
            add_rule(group, way, target, Properties("CDK's rule", inside))


# What the target of a rule is called in its template, by the way that the rule is for.
WAYS = {"egress": "Destination", "ingress": "Source"}


def add_rule(group, way, prefix, properties):
    protocol, first, last = (properties.take(key) for key in ("IpProtocol", "FromPort", "ToPort"))
    keys = [f"{prefix}SecurityGroupId", f"{prefix}PrefixListId", "CidrIp", "CidrIpv6"]
    (target,) = [target for target in map(properties.take, keys) if target is not None]
    settings = {"description": properties.take("Description")}
    insert(group.setdefault(way, {}), rule(protocol, first, last, target), settings)
    properties.done()


def rules_of(tree, group_id):
    return tree.setdefault(f"security group, {group_id}", {})


def outer_rule(way):
    def reader(tree, properties, _template):
        add_rule(rules_of(tree, properties.take("GroupId")), way, WAYS[way], properties)

    return reader


def vpc_endpoint(tree, properties, _template):
    insert(tree, f"VPC endpoint {properties.take('ServiceName')}", {
        "type": properties.take("VpcEndpointType"),
        "VPC": properties.take("VpcId"),
        "route tables": sorted(properties.take("RouteTableIds", [])),
        "subnets": sorted(properties.take("SubnetIds", [])),
        "security groups": sorted(properties.take("SecurityGroupIds", [])),
        "private DNS": properties.take("PrivateDnsEnabled"),
        "policy": properties.take("PolicyDocument"),
        "tags": tags(properties),
    })


READERS = {
    **cdk_nightly.READERS,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::Alias": alias,
    "AWS::Lambda::EventInvokeConfig": asynchronous,
    "AWS::Logs::LogGroup": log_group,
    "AWS::IAM::Role": role,
    "AWS::IAM::OIDCProvider": oidc_provider,
    "AWS::EC2::SecurityGroup": security_group,
    "AWS::EC2::SecurityGroupEgress": outer_rule("egress"),
    "AWS::EC2::SecurityGroupIngress": outer_rule("ingress"),
    "AWS::EC2::VPCEndpoint": vpc_endpoint,
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
}
