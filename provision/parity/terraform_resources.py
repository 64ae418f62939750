"""Terraform's resources as settings, from a mocked plan and a mocked apply of one configuration."""

import hashlib
import json

import terraform_nightly
from settings import Kit, Properties, flat, insert, policy, rule


def settings(case, root, plan, state):
    outputs = state.get("outputs", {})
    tree = {"outputs": {camel_case(name): output.get("value") for name, output in outputs.items()}}
    for address, kind, given in configured(case, plan, state):
        if kind == "terraform_data":
            # Says what the state is of; nothing of it is on AWS.
            continue
        reader = READERS.get(kind)
        if reader is None:
            raise Kit(f"Terraform makes {address}, which nothing here compares: teach both readers")
        properties = Properties(f"Terraform's {address}", given)
        reader(tree, properties, root)
        properties.done()
    return flat(tree)


def camel_case(name):
    """The outputs of a stack have letters and digits alone: `role_arn` is `RoleArn` there."""
    return "".join(part.capitalize() for part in name.split("_"))


# What others refer to of a resource, and what the mock says it is: what AWS will say, or words for what only AWS knows,
# and the same words as for CDK.
ENVIRONMENT_IDENTITIES = {
    "module.runner.aws_lambda_function.runner": ("arn", "arn:{partition}:lambda:{region}:{account}:function:{function}"),
    "module.runner.aws_lambda_alias.live": ("arn", "arn:{partition}:lambda:{region}:{account}:function:{function}:live"),
    "module.runner.aws_iam_role.execution[0]": ("arn", "arn:{partition}:iam::{account}:role{path}{prefix}{function}-lamex"),
    "module.runner.aws_security_group.runner[0]": ("id", "the id of {group}"),
    "module.schedule[0].aws_iam_role.schedule": ("arn", "arn:{partition}:iam::{account}:role{path}{prefix}{function}-lamex-schedule"),
    "module.ci_access[0].aws_iam_role.ci": ("arn", "arn:{partition}:iam::{account}:role{path}{prefix}{function}-lamex-ci"),
    "module.vpc_endpoints[0].aws_security_group.endpoints[0]": ("id", "the id of {group}-endpoints"),
    'module.vpc_endpoints[0].aws_vpc_endpoint.gateway["s3"]': ("prefix_list_id", "the prefix list of s3"),
    'module.vpc_endpoints[0].aws_vpc_endpoint.gateway["dynamodb"]': ("prefix_list_id", "the prefix list of dynamodb"),
}
ACCOUNT_IDENTITIES = {
    "module.oidc_provider[0].aws_iam_openid_connect_provider.ci": (
        "arn",
        "arn:{partition}:iam::{account}:oidc-provider/{issuer}",
    ),
}


def identities(case):
    """The table for a case: attribute and value by address."""
    issuer = case.settings.get("oidc_provider", {}).get("issuer", "https://token.actions.githubusercontent.com")
    prefix = case.settings.get("name_prefix", "")
    words = {
        "partition": case.partition,
        "region": case.merged("region"),
        "account": case.merged("account"),
        "function": case.merged("function"),
        "prefix": prefix,
        "path": case.settings.get("role_path", "/"),
        "group": case.settings.get("security_group_name", f"{prefix}{case.merged('function')}-lamex"),
        "issuer": issuer.removeprefix("https://"),
    }
    known = ACCOUNT_IDENTITIES if case.is_account else ENVIRONMENT_IDENTITIES
    return {address: (attribute, text.format(**words)) for address, (attribute, text) in known.items()}


def policies(state):
    """The documents of every role, by its name: its trust, then its own policy."""
    found = {}
    for resource in all_resources(state["root_module"]):
        values = resource["values"]
        if resource["type"] == "aws_iam_role":
            found.setdefault(values["name"], {})["trust"] = json.loads(values["assume_role_policy"])
        elif resource["type"] == "aws_iam_role_policy":
            found.setdefault(values["role"], {})["policy"] = json.loads(values["policy"])
    return found


def configured(case, plan, state):
    """Address, type and what the configuration sets of every resource: without what the provider would fill in."""
    known = identities(case)
    values = [value for _, value in known.values()]

    def is_reference(value):
        return any(json.dumps(one)[1:-1] in json.dumps(value) for one in values)

    def given(after, unknown, value):
        """Of `value`, which is applied, what is planned (`after`), or was not known then and refers to something."""
        if isinstance(value, dict):
            after, unknown = after or {}, unknown if isinstance(unknown, dict) else dict.fromkeys(value, unknown)
            return {key: given(after.get(key), unknown.get(key), item) for key, item in value.items()}
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            first = lambda planned: planned[0] if isinstance(planned, list) and planned else planned
            return [given(first(after), first(unknown), value[0])]
        if after is not None and after != [] or unknown and is_reference(value):
            return value
        return None

    applied = {resource["address"]: resource for resource in all_resources(state["root_module"])}
    changes = {change["address"]: change for change in plan["resource_changes"] if change["mode"] == "managed"}
    if changes.keys() != applied.keys():
        raise Kit(f"planned and applied differ: {sorted(changes.keys() ^ applied.keys())}")
    for address, resource in applied.items():
        change = changes[address]["change"]
        # What others refer to it by is not set by the configuration.
        own, _ = known.get(address, (None, None))
        values_but_own = {key: value for key, value in resource["values"].items() if key != own}
        yield address, resource["type"], given(change["after"], change["after_unknown"], values_but_own)


def all_resources(module):
    found = [resource for resource in module.get("resources", []) if resource["mode"] == "managed"]
    for child in module.get("child_modules", []):
        found += all_resources(child)
    return found


def function(tree, properties, root):
    logging, vpc = properties.block("logging_config"), properties.block("vpc_config")
    storage, tracing = properties.block("ephemeral_storage"), properties.block("tracing_config")
    placeholder = root / properties.take("filename")
    concurrency = properties.take("reserved_concurrent_executions")
    # Of no meaning without groups to put it into.
    properties.take("replace_security_groups_on_destroy")
    insert(tree, "function", {
        "name": properties.take("function_name"),
        "description": properties.take("description"),
        "role": properties.take("role"),
        "runtime": properties.take("runtime"),
        "handler": properties.take("handler"),
        "architectures": properties.take("architectures"),
        "memory in MB": properties.take("memory_size"),
        "timeout in seconds": properties.take("timeout"),
        "layers": properties.take("layers"),
        "key of the variables": properties.take("kms_key_arn"),
        "ephemeral storage in MB": storage.take("size"),
        "environment": properties.block("environment").take("variables"),
        "placeholder": hashlib.sha256(placeholder.read_bytes()).hexdigest(),
        "subnets": sorted(vpc.take("subnet_ids")),
        "security groups": sorted(vpc.take("security_group_ids")),
        "dual stack": vpc.take("ipv6_allowed_for_dual_stack"),
        "log format": logging.take("log_format"),
        "log group": logging.take("log_group"),
        "tracing": tracing.take("mode"),
        # -1 is how the provider says that there is none.
        "reserved concurrency": None if concurrency == -1 else concurrency,
        "put into other groups before it is deleted": properties.take("replacement_security_group_ids"),
        "tags": properties.take("tags"),
    })
    for block in (logging, vpc, storage, tracing):
        block.done()


def alias(tree, properties, _root):
    insert(tree, f"alias {properties.take('name')}", {
        "function": properties.take("function_name"),
        "version": properties.take("function_version"),
        "description": properties.take("description"),
    })


def asynchronous(tree, properties, _root):
    # Without a qualifier, the provider speaks of the unpublished function.
    insert(tree, f"asynchronous events of {properties.take('qualifier', '$LATEST')}", {
        "function": properties.take("function_name"),
        "retries": properties.take("maximum_retry_attempts"),
        "longest wait in seconds": properties.take("maximum_event_age_in_seconds"),
    })


def log_group(tree, properties, _root):
    insert(tree, "log group", {
        "name": properties.take("name"),
        "retention in days": properties.take("retention_in_days"),
        "key": properties.take("kms_key_id"),
        "kept when it is deleted": properties.take("skip_destroy", False),
        "tags": properties.take("tags"),
    })


def role_of(tree, name):
    return tree.setdefault(f"role {name}", {})


def role(tree, properties, _root):
    found = role_of(tree, properties.take("name"))
    insert(found, "path", properties.take("path"))
    insert(found, "description", properties.take("description"))
    insert(found, "trust", policy(properties.take("assume_role_policy")))
    insert(found, "boundary", properties.take("permissions_boundary"))
    # IAM's default.
    insert(found, "longest session in seconds", properties.take("max_session_duration", 3600))
    insert(found, "tags", properties.take("tags"))


def role_policy(tree, properties, _root):
    found = role_of(tree, properties.take("role"))
    insert(found, f"policy {properties.take('name')}", policy(properties.take("policy")))


def role_attachment(tree, properties, _root):
    attached = role_of(tree, properties.take("role")).setdefault("managed policies", [])
    attached.append(properties.take("policy_arn"))
    attached.sort()


def oidc_provider(tree, properties, _root):
    insert(tree, f"OIDC provider {properties.take('url')}", {
        "audiences": sorted(properties.take("client_id_list")),
        "thumbprints": properties.take("thumbprint_list"),
        "tags": properties.take("tags"),
    })


def rules_of(tree, group_id):
    return tree.setdefault(f"security group, {group_id}", {})


def security_group(tree, properties, _root):
    name = properties.take("name")
    group = rules_of(tree, f"the id of {name}")
    insert(group, "name", name)
    insert(group, "description", properties.take("description"))
    insert(group, "VPC", properties.take("vpc_id"))
    insert(group, "tags", properties.take("tags"))


def outer_rule(way):
    def reader(tree, properties, _root):
        group = rules_of(tree, properties.take("security_group_id"))
        protocol, first, last = (properties.take(key) for key in ("ip_protocol", "from_port", "to_port"))
        keys = ["referenced_security_group_id", "prefix_list_id", "cidr_ipv4", "cidr_ipv6"]
        (target,) = [target for target in map(properties.take, keys) if target is not None]
        insert(group.setdefault(way, {}), rule(protocol, first, last, target), {
            "description": properties.take("description"),
            "tags": properties.take("tags"),
        })

    return reader


def vpc_endpoint(tree, properties, _root):
    insert(tree, f"VPC endpoint {properties.take('service_name')}", {
        "type": properties.take("vpc_endpoint_type"),
        "VPC": properties.take("vpc_id"),
        "route tables": sorted(properties.take("route_table_ids", [])),
        "subnets": sorted(properties.take("subnet_ids", [])),
        "security groups": sorted(properties.take("security_group_ids", [])),
        "private DNS": properties.take("private_dns_enabled"),
        "policy": properties.take("policy"),
        "tags": properties.take("tags"),
    })


def bucket_of(tree, properties):
    return tree.setdefault(f"bucket {properties.take('bucket')}", {})


def bucket(tree, properties, _root):
    insert(bucket_of(tree, properties), "tags", properties.take("tags"))


def bucket_ownership(tree, properties, _root):
    rules = properties.block("rule")
    insert(bucket_of(tree, properties), "object ownership", rules.take("object_ownership"))
    rules.done()


def bucket_access(tree, properties, _root):
    keys = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]
    insert(bucket_of(tree, properties), "public access", {key.replace("_", " "): properties.take(key) for key in keys})


def bucket_versioning(tree, properties, _root):
    versioning = properties.block("versioning_configuration")
    insert(bucket_of(tree, properties), "versioning", versioning.take("status"))
    versioning.done()


def bucket_encryption(tree, properties, _root):
    rules = properties.block("rule")
    by_default = rules.block("apply_server_side_encryption_by_default")
    insert(bucket_of(tree, properties), "encryption", {
        "algorithm": by_default.take("sse_algorithm"),
        "key": by_default.take("kms_master_key_id"),
        "bucket key": rules.take("bucket_key_enabled"),
    })
    by_default.done()
    rules.done()


def bucket_policy(tree, properties, _root):
    insert(bucket_of(tree, properties), "policy", policy(properties.take("policy")))


def bucket_lifecycle(tree, properties, _root):
    found = properties.block("rule")
    expiration, noncurrent = found.block("expiration"), found.block("noncurrent_version_expiration")
    filters, abort = found.block("filter"), found.block("abort_incomplete_multipart_upload")
    insert(bucket_of(tree, properties), f"lifecycle {found.take('id')}", {
        "status": found.take("status"),
        "prefix": filters.take("prefix"),
        "days": expiration.take("days"),
        "days of old versions": noncurrent.take("noncurrent_days"),
        "days of incomplete uploads": abort.take("days_after_initiation"),
    })
    for block in (expiration, noncurrent, filters, abort, found):
        block.done()


READERS = {
    **terraform_nightly.READERS,
    "aws_lambda_function": function,
    "aws_lambda_alias": alias,
    "aws_lambda_function_event_invoke_config": asynchronous,
    "aws_cloudwatch_log_group": log_group,
    "aws_iam_role": role,
    "aws_iam_role_policy": role_policy,
    "aws_iam_role_policy_attachment": role_attachment,
    "aws_iam_openid_connect_provider": oidc_provider,
    "aws_security_group": security_group,
    "aws_vpc_security_group_egress_rule": outer_rule("egress"),
    "aws_vpc_security_group_ingress_rule": outer_rule("ingress"),
    "aws_vpc_endpoint": vpc_endpoint,
    "aws_s3_bucket": bucket,
    "aws_s3_bucket_ownership_controls": bucket_ownership,
    "aws_s3_bucket_public_access_block": bucket_access,
    "aws_s3_bucket_versioning": bucket_versioning,
    "aws_s3_bucket_server_side_encryption_configuration": bucket_encryption,
    "aws_s3_bucket_policy": bucket_policy,
    "aws_s3_bucket_lifecycle_configuration": bucket_lifecycle,
}
