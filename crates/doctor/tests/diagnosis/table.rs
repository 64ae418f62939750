//! One misconfiguration a row, and exactly what doctor must say of it: nothing more, nothing less.

use std::collections::BTreeSet;

use lamex_doctor::facts::Inside;
use lamex_doctor::finding::Level::{self, Problem, Unknown, Warning};
use lamex_doctor::finding::{Check, Fix, Tool};
use lamex_network::model::{NextHop, Peer, Protocol, Route, RouteDestination, Unseen};
use lamex_protocol::probe::{
    Answer, CertificateProblem, ConnectionOutcome, DatagramOutcome, GrpcHealth, LookupOutcome, TlsAnswer,
};

use crate::fixture::*;

type Expected = (Level, &'static str, &'static str, &'static str);

/// Breaks one thing, and expects these findings beside those that are in order: level, check, subject and a part of
/// what was seen.
struct Row {
    name: &'static str,
    world: fn() -> World,
    change: fn(&mut World),
    expected: &'static [Expected],
}

const fn still(name: &'static str, change: fn(&mut World), expected: &'static [Expected]) -> Row {
    Row { name, world: World::still, change, expected }
}

const fn probed(name: &'static str, change: fn(&mut World), expected: &'static [Expected]) -> Row {
    Row { name, world: World::probed, change, expected }
}

/// Only the first of these is in order.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    still("everything in order", |_| {}, &[]),
    probed("everything in order, seen from inside", |_| {}, &[]),

    // The caller.
    still("no credentials", |w| w.facts.caller = Err(unseen("sts:GetCallerIdentity")),
        &[(Unknown, "caller.account", "", "AccessDenied")]),
    still("wrong account", |w| w.facts.caller.as_mut().unwrap().account = "999999999999".to_owned(),
        &[(Problem, "caller.account", "", "999999999999")]),
    still("may not invoke", |w| { w.facts.permissions.as_mut().unwrap().insert("lambda:InvokeFunction".to_owned(), false); },
        &[(Problem, "caller.permissions", "", "lambda:InvokeFunction")]),
    still("may not deploy", |w| { w.facts.permissions.as_mut().unwrap().insert("lambda:UpdateAlias".to_owned(), false); },
        &[(Warning, "caller.permissions", "", "lambda:UpdateAlias")]),
    still("may not list aliases", |w| { w.facts.permissions.as_mut().unwrap().insert("lambda:ListAliases".to_owned(), false); },
        &[(Warning, "caller.permissions", "", "lambda:ListAliases")]),
    still("may not delete versions", |w| { w.facts.permissions.as_mut().unwrap().insert("lambda:DeleteFunction".to_owned(), false); },
        &[(Warning, "caller.permissions", "", "lambda:DeleteFunction")]),
    still("may not describe", |w| { w.facts.permissions.as_mut().unwrap().insert("ec2:DescribeSubnets".to_owned(), false); },
        &[(Warning, "caller.permissions", "", "ec2:DescribeSubnets")]),
    still("may not simulate", |w| w.facts.permissions = Err(unseen("iam:SimulatePrincipalPolicy")),
        &[(Unknown, "caller.permissions", "", "AccessDenied")]),

    // The function.
    still("no function", |w| w.facts.function = Ok(None),
        &[(Problem, "function.exists", "", "no function system-tests-staging in us-east-2")]),
    still("function unseen", |w| w.facts.function = Err(unseen("lambda:GetFunctionConfiguration")),
        &[(Unknown, "function.exists", "", "AccessDenied")]),
    still("no alias", |w| w.function().live = Ok(None),
        &[(Problem, "function.qualifier", "", "no alias or version live")]),
    still("alias unseen", |w| w.function().live = Err(unseen("lambda:GetAlias")),
        &[(Unknown, "function.qualifier", "", "AccessDenied")]),
    still("alias on $LATEST", |w| w.live().configuration.version = "$LATEST".to_owned(),
        &[(Warning, "function.qualifier", "", "live is $LATEST")]),
    still("weighted alias", |w| { w.live().weights.as_mut().unwrap().insert("3".to_owned(), "10%".to_owned()); },
        &[(Warning, "function.qualifier", "", "version 3 (10%)")]),
    still("weights unseen", |w| w.live().weights = Err(unseen("lambda:GetAlias")),
        &[(Unknown, "function.qualifier", "", "AccessDenied")]),
    still("function pending", |w| w.configure(|c| c.state = "Pending".to_owned()),
        &[(Warning, "function.state", "", "Pending")]),
    still("function failed", |w| w.configure(|c| { c.state = "Failed".to_owned(); c.state_reason = Some("no free addresses".to_owned()); }),
        &[(Problem, "function.state", "", "Failed: no free addresses")]),
    still("function inactive", |w| w.configure(|c| c.state = "Inactive".to_owned()),
        &[(Warning, "function.state", "", "Inactive")]),
    still("update failed", |w| w.function().latest.last_update = "Failed".to_owned(),
        &[(Problem, "function.update", "", "Failed")]),
    still("old runtime", |w| w.configure(|c| c.runtime = "provided.al2".to_owned()),
        &[(Warning, "function.runtime", "", "provided.al2")]),
    still("another runtime", |w| w.configure(|c| c.runtime = "go1.x".to_owned()),
        &[(Problem, "function.runtime", "", "go1.x")]),
    still("wrong architecture", |w| w.configure(|c| c.architecture = "x86_64".to_owned()),
        &[(Problem, "function.architecture", "", "x86_64, lamex.yaml says arm64")]),
    still("alias to an old version: code", |w| { w.live().configuration.code_sha256 = "older".to_owned(); w.facts.package = None; },
        &[(Warning, "function.live", "", "other code than version 7")]),
    still("alias to an old version: settings", |w| w.live().configuration.memory_mb = 512,
        &[(Warning, "function.live", "", "other settings"), (Problem, "function.limits", "", "memory 512 MB instead of 1769 MB")]),
    still("another package in dist", |w| w.package().code_sha256 = "newer".to_owned(),
        &[(Warning, "function.package", "", "not the package")]),
    still("another timeout", |w| w.configure(|c| c.timeout_s = 60),
        &[(Problem, "function.limits", "", "timeout 60 s instead of 900 s")]),
    still("variable missing", |w| w.configure(|c| { c.variables.as_mut().unwrap().remove("TOKEN"); }),
        &[(Problem, "function.variables", "TOKEN", "not set")]),
    still("variable differs", |w| w.configure(|c| { c.variables.as_mut().unwrap().insert("TOKEN".to_owned(), "other-secret".to_owned()); }),
        &[(Problem, "function.variables", "TOKEN", "another value")]),
    still("variable that lamex.yaml does not have", |w| w.configure(|c| { c.variables.as_mut().unwrap().insert("SKIP_SLOW".to_owned(), "1".to_owned()); }),
        &[(Problem, "function.variables", "SKIP_SLOW", "lamex.yaml does not have it")]),
    still("variable that a command requires", |w| w.commands[0].requires = vec!["ORDERS_ADDR".to_owned(), "API_KEY".to_owned(), "AWS_REGION".to_owned()],
        &[(Problem, "function.variables", "API_KEY", "not set, and required by orders")]),
    still("variable that a command requires and lamex.yaml sets", |w| { w.commands[0].requires = vec!["TOKEN".to_owned()]; w.configure(|c| { c.variables.as_mut().unwrap().remove("TOKEN"); }); },
        &[(Problem, "function.variables", "TOKEN", "it is not set")]),
    still("variable that a command requires and is not to run", |w| { w.commands[0].requires = vec!["API_KEY".to_owned()]; w.commands[0].destructive = true; }, &[]),
    probed("variable that a command requires and the runtime sets", |w| { w.commands[0].requires = vec!["LAYER_PATH".to_owned()]; w.host().variables.push("LAYER_PATH".to_owned()); }, &[]),
    still("variable not published", |w| { w.live().configuration.variables.as_mut().unwrap().remove("TOKEN"); },
        &[(Warning, "function.live", "", "other variables"), (Problem, "function.variables", "TOKEN", "not set")]),
    still("variables unreadable", |w| w.configure(|c| c.variables = Err("KMS access denied".to_owned())),
        &[(Problem, "function.variables", "", "KMS access denied")]),
    still("variables near the limit", |w| w.configure(|c| { c.variables.as_mut().unwrap().insert("BIG".to_owned(), "x".repeat(3_900)); }),
        &[(Problem, "function.variables", "BIG", "lamex.yaml does not have it"), (Warning, "function.variables.size", "", "of 4096 bytes")]),
    still("destructive allowed on one side", |w| w.environment.allow_destructive = true,
        &[(Problem, "function.destructive", "", "does not have LAMEX_ALLOW_DESTRUCTIVE=true")]),
    still("destructive allowed on the other", |w| w.configure(|c| { c.variables.as_mut().unwrap().insert("LAMEX_ALLOW_DESTRUCTIVE".to_owned(), "true".to_owned()); }),
        &[(Problem, "function.destructive", "", "lamex.yaml does not")]),
    still("less /tmp", |w| w.configure(|c| c.ephemeral_storage_mb = 2048),
        &[(Warning, "function.limits", "", "/tmp 2048 MB instead of 512 MB")]),
    still("stale package", |w| w.package().stale = Some("dist/lamex.zip is out of date with lamex.yaml".to_owned()),
        &[(Problem, "package.fresh", "", "dist/lamex.zip is out of date with lamex.yaml")]),
    still("another runner in the package", |w| w.package().warning = Some("dist/lamex.zip has a different runner".to_owned()),
        &[(Warning, "package.fresh", "", "a different runner")]),
    still("wrong subnets", |w| w.configure(|c| c.vpc.as_mut().unwrap().subnet_ids = vec![SUBNET_A.to_owned()]),
        &[(Problem, "function.vpc", "", "the function is in subnet-0000000a, lamex.yaml says subnet-0000000a, subnet-0000000b")]),
    still("extra group missing", |w| w.lambda.vpc.as_mut().unwrap().extra_security_group_ids.push(OTHER_GROUP.to_owned()),
        &[(Problem, "function.vpc", "", "not in the security group sg-0000000d")]),
    still("not attached", |w| w.configure(|c| c.vpc = None),
        &[(Problem, "function.vpc", "", "not attached")]),

    // The role.
    still("no role", |w| w.facts.role = Ok(None),
        &[(Problem, "role.exists", "", "no role")]),
    still("role unseen", |w| w.facts.role = Err(unseen("iam:GetRole")),
        &[(Unknown, "role.exists", "", "AccessDenied")]),
    still("role not for Lambda", |w| w.role().trusts_lambda = false,
        &[(Problem, "role.trust", "", "lambda.amazonaws.com")]),
    still("role without ENI actions", |w| { w.role().permissions.as_mut().unwrap().insert("ec2:CreateNetworkInterface".to_owned(), false); },
        &[(Problem, "role.actions", "", "may not ec2:CreateNetworkInterface")]),
    still("role without log actions", |w| { w.role().permissions.as_mut().unwrap().insert("logs:PutLogEvents".to_owned(), false); },
        &[(Warning, "role.actions", "", "may not logs:PutLogEvents")]),
    still("role without what lamex.yaml promises", |w| w.role().promised = Ok(vec![false]),
        &[(Problem, "role.statements", "", "may not sqs:SendMessage on arn:aws:sqs:us-east-2:123456789012:orders")]),
    still("role not simulated", |w| w.role().promised = Err(unseen("iam:SimulatePrincipalPolicy")),
        &[(Unknown, "role.statements", "", "AccessDenied")]),
    still("role without the Deny", |w| w.role().denies_interfaces_to_code = Ok(false),
        &[(Warning, "role.deny", "", "network interfaces")]),
    still("the Deny may be elsewhere", |w| { w.role().denies_interfaces_to_code = Ok(false); w.role().attached_own_policies = Ok(vec!["team".to_owned()]); },
        &[(Unknown, "role.deny", "", "team was not read")]),

    // Subnets.
    still("subnet gone", |w| { w.network().subnets.as_mut().unwrap().remove(SUBNET_B); w.lambda.reach.clear(); },
        &[(Problem, "subnet.exists", SUBNET_B, "does not exist")]),
    still("subnet of another VPC", |w| { w.subnet(SUBNET_B).vpc_id = "vpc-0000000b".to_owned(); w.lambda.reach.clear(); },
        &[(Problem, "subnet.exists", SUBNET_B, "in vpc-0000000b, not in vpc-0000000a")]),
    still("no free addresses", |w| w.subnet(SUBNET_A).free_addresses = 0,
        &[(Problem, "subnet.addresses", SUBNET_A, "no address is free")]),
    still("few free addresses", |w| w.subnet(SUBNET_A).free_addresses = 3,
        &[(Warning, "subnet.addresses", SUBNET_A, "3 addresses")]),
    still("one availability zone", |w| w.subnet(SUBNET_B).availability_zone = "us-east-2a".to_owned(),
        &[(Warning, "subnet.zones", "", "us-east-2a")]),
    still("subnets unseen", |w| w.network().subnets = Err(unseen("ec2:DescribeSubnets")),
        &[(Unknown, "subnet.exists", "", "AccessDenied"), (Unknown, "target.path", "billing", "ec2:DescribeSubnets"), (Unknown, "target.path", "tokens", "ec2:DescribeSubnets")]),

    // Security groups.
    still("missing egress", |w| w.group(FUNCTION_GROUP).egress.retain(|rule| rule.peer != group(ORDERS_GROUP)),
        &[(Problem, "target.egress", "orders-grpc", "no egress rule of sg-0000000f allows TCP 50051")]),
    still("egress to the wrong group", |w| w.group(FUNCTION_GROUP).egress[0].peer = group(OTHER_GROUP),
        &[(Problem, "target.egress", "orders-grpc", "no egress rule of sg-0000000f allows TCP 50051")]),
    still("egress to the wrong port", |w| w.group(FUNCTION_GROUP).egress[0] = tcp(5051, group(ORDERS_GROUP)),
        &[(Problem, "target.egress", "orders-grpc", "TCP 50051")]),
    still("egress for UDP", |w| w.group(FUNCTION_GROUP).egress[0].protocol = Protocol::Udp,
        &[(Problem, "target.egress", "orders-grpc", "TCP 50051")]),
    still("no egress for the prefix list", |w| w.group(FUNCTION_GROUP).egress.retain(|rule| rule.ports != Some(443..=443) || rule.peer == Peer::Range(range("10.1.0.0/16"))),
        &[(Problem, "target.egress", "tokens", "TCP 443"), (Problem, "target.egress", "table", "TCP 443 to pl-0000000a")]),
    still("missing ingress", |w| w.group(ORDERS_GROUP).ingress.retain(|rule| rule.ports != Some(50051..=50051)),
        &[(Problem, "target.ingress", "orders-grpc", "no ingress rule of sg-0000000a allows TCP 50051")]),
    still("ingress from the wrong group", |w| w.group(ORDERS_GROUP).ingress[0].peer = group(OTHER_GROUP),
        &[(Problem, "target.ingress", "orders-grpc", "sg-0000000a")]),
    still("ingress from the wrong range", |w| w.group(VAULT_GROUP).ingress[0].peer = Peer::Range(range("10.9.0.0/16")),
        &[(Problem, "target.ingress", "vault", "sg-0000000b")]),
    still("ingress from one subnet only", |w| w.group(VAULT_GROUP).ingress[0].peer = Peer::Range(range("10.0.1.0/24")),
        &[(Problem, "target.ingress", "vault", "(from subnet-0000000b alone)")]),
    still("ingress for UDP", |w| w.group(VAULT_GROUP).ingress[0].protocol = Protocol::Udp,
        &[(Problem, "target.ingress", "vault", "TCP 8200")]),
    still("groups unseen", |w| w.network().security_groups = Err(unseen("ec2:DescribeSecurityGroups")),
        &[(Unknown, "target.path", "*", "ec2:DescribeSecurityGroups")]),

    // UDP.
    still("a target over UDP in order", |w| w.add_udp(8125), &[]),
    still("egress for TCP, and the target is reached by UDP", |w| { w.add_udp(8125); w.group(FUNCTION_GROUP).egress.last_mut().unwrap().protocol = Protocol::Tcp; },
        &[(Problem, "target.egress", "udp", "no egress rule of sg-0000000f allows UDP 8125")]),
    still("ingress for TCP, and the target is reached by UDP", |w| { w.add_udp(8125); w.group(OTHER_GROUP).ingress[0].protocol = Protocol::Tcp; },
        &[(Problem, "target.ingress", "udp", "no ingress rule of sg-0000000d allows UDP 8125")]),
    still("ACL lets the answers of TCP back, and not those of UDP", |w| { w.add_udp(8125); w.acl(FUNCTION_ACL).ingress = vec![acl_rule(100, true, 0..=65535)]; },
        &[(Problem, "target.acl", "udp", "acl-0000000a drops UDP packets into subnet-0000000")]),

    // Network ACLs.
    still("ACL denies the port", |w| w.acl(SERVICES_ACL).ingress.insert(0, acl_rule(90, false, 8200..=8200)),
        &[(Problem, "target.acl", "vault", "acl-0000000b drops packets into subnet-0000000c")]),
    still("lower-numbered deny wins", |w| { w.acl(FUNCTION_ACL).egress.push(acl_rule(10, false, 8200..=8200)); w.acl(FUNCTION_ACL).egress.push(acl_rule(20, true, 8200..=8200)); },
        &[(Problem, "target.acl", "vault", "rule 10")]),
    still("higher-numbered deny does not matter", |w| w.acl(FUNCTION_ACL).egress.push(acl_rule(200, false, 8200..=8200)), &[]),
    still("ACL denies return traffic", |w| w.acl(SERVICES_ACL).egress = vec![acl_rule(100, true, 443..=443)],
        &[(Problem, "target.acl", "orders-grpc", "acl-0000000b drops packets out of subnet-0000000c"),
          (Problem, "target.acl", "orders-http", "acl-0000000b drops packets out of subnet-0000000c"),
          (Problem, "target.acl", "vault", "acl-0000000b drops packets out of subnet-0000000c")]),
    still("ACL denies some return ports", |w| w.acl(FUNCTION_ACL).ingress.insert(0, acl_rule(50, false, 1024..=2000)),
        &[(Problem, "target.acl", "*", "some connections fail")]),
    still("ACLs unseen", |w| w.network().network_acls = Err(unseen("ec2:DescribeNetworkAcls")),
        &[(Unknown, "target.path", "*", "ec2:DescribeNetworkAcls")]),

    // Routes.
    still("no NAT", |w| w.table(PRIVATE_TABLE).routes.retain(|route| !matches!(route.next, NextHop::NatGateway(_))),
        &[(Problem, "target.endpoint", "tokens", "no VPC endpoint that leads to com.amazonaws.us-east-2.sts")]),
    still("no NAT, and a database", |w| w.only_reach("orders.cluster-abcdefghijkl.us-east-2.rds.amazonaws.com"), &[]),
    still("no NAT, and a load balancer", |w| w.only_reach("orders-0123456789abcdef.elb.us-east-2.amazonaws.com"), &[]),
    still("no NAT, and a cache", |w| w.only_reach("master.orders.abc123.use2.cache.amazonaws.com"), &[]),
    still("no NAT, and a VPC endpoint by its own name", |w| w.only_reach("vpce-0123456789abcdef0-abcdefgh.sts.us-east-2.vpce.amazonaws.com"), &[]),
    still("no NAT, and a registry", |w| w.only_reach("123456789012.dkr.ecr.us-east-2.amazonaws.com"),
        &[(Problem, "target.endpoint", "orders-grpc", "leads to com.amazonaws.us-east-2.ecr.dkr")]),
    still("no NAT, and a bucket", |w| w.only_reach("bucket.s3.us-east-2.amazonaws.com"),
        &[(Problem, "target.endpoint", "orders-grpc", "leads to com.amazonaws.us-east-2.s3")]),
    still("no NAT, and a function's URL", |w| w.only_reach("abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-2.on.aws"),
        &[(Problem, "target.route", "orders-grpc", "has no route to 0.0.0.0/0")]),
    still("NAT gateway deleted", |w| w.network().nat_gateways.as_mut().unwrap().get_mut(NAT).unwrap().state = "deleted".to_owned(),
        &[(Problem, "target.endpoint", "tokens", "nat-0000000a is deleted")]),
    still("NAT gateway in a private subnet", |w| w.route(PUBLIC_TABLE, "0.0.0.0/0").next = NextHop::NatGateway("nat-0000000a".to_owned()),
        &[(Problem, "target.endpoint", "tokens", "does not lead to an internet gateway")]),
    still("function in a public subnet", |w| w.route(PRIVATE_TABLE, "0.0.0.0/0").next = NextHop::InternetGateway("igw-0000000a".to_owned()),
        &[(Problem, "target.endpoint", "tokens", "igw-0000000a")]),
    still("blackhole route", |w| w.route(PRIVATE_TABLE, "10.1.0.0/16").is_blackhole = true,
        &[(Warning, "subnet.routes", SUBNET_A, "10.1.0.0/16"), (Warning, "subnet.routes", SUBNET_B, "10.1.0.0/16"), (Problem, "target.route", "billing", "blackhole")]),
    still("no route to the peer", |w| w.table(PRIVATE_TABLE).routes.retain(|route| !matches!(route.next, NextHop::Peering(_))),
        &[(Problem, "target.route", "billing", "leads to the internet")]),
    still("peering not accepted", |w| w.network().peerings.as_mut().unwrap().get_mut(PEERING).unwrap().state = "pending-acceptance".to_owned(),
        &[(Problem, "target.route", "billing", "pcx-0000000a is pending-acceptance")]),
    still("peering to another range", |w| w.network().peerings.as_mut().unwrap().get_mut(PEERING).unwrap().accepter.ranges = vec![range("10.2.0.0/16")],
        &[(Problem, "target.route", "billing", "no such address")]),
    still("gateway endpoint of another table", |w| {
            w.table(PRIVATE_TABLE).routes.retain(|route| !matches!(route.next, NextHop::Endpoint(_) | NextHop::NatGateway(_)));
            w.lambda.reach.retain(|target| target.name == "table");
        },
        &[(Problem, "target.route", "table", "has no route")]),
    still("through a transit gateway", |w| w.route(PRIVATE_TABLE, "10.1.0.0/16").next = NextHop::TransitGateway("tgw-0000000a".to_owned()), &[]),
    still("IPv6 only", |w| {
            w.lambda.reach.retain(|target| target.name == "vault");
            w.lambda.reach[0].host = "fd00::7".to_owned();
            w.lambda.reach[0].access = range("fd00::/8").into();
            w.group(FUNCTION_GROUP).egress.push(tcp(8200, Peer::Range(range("fd00::/8"))));
        },
        &[(Problem, "target.route", "vault", "does not send IPv6")]),
    still("IPv6 only, and the subnets have it", |w| {
            w.lambda.reach.retain(|target| target.name == "vault");
            w.lambda.reach[0].host = "fd00::7".to_owned();
            w.lambda.reach[0].access = range("fd00::/8").into();
            w.group(FUNCTION_GROUP).egress.push(tcp(8200, Peer::Range(range("fd00::/8"))));
            for subnet in [SUBNET_A, SUBNET_B] { w.subnet(subnet).ranges.push(range("fd01::/64")); }
        },
        &[(Problem, "target.route", "vault", "does not send IPv6")]),
    still("routes unseen", |w| w.network().route_tables = Err(unseen("ec2:DescribeRouteTables")),
        &[(Unknown, "subnet.routes", "", "AccessDenied"), (Unknown, "target.path", "*", "ec2:DescribeRouteTables")]),
    still("a more specific route leads away", |w| w.table(PRIVATE_TABLE).routes.push(Route { destination: RouteDestination::Range(range("10.0.20.0/24")), next: NextHop::NatGateway(NAT.to_owned()), is_blackhole: true }),
        &[(Warning, "subnet.routes", SUBNET_A, "10.0.20.0/24"), (Warning, "subnet.routes", SUBNET_B, "10.0.20.0/24"),
          (Problem, "target.route", "orders-grpc", "blackhole"), (Problem, "target.route", "orders-http", "blackhole"), (Problem, "target.route", "vault", "blackhole")]),

    // Names.
    still("no VPC", |w| w.facts.network.as_mut().unwrap().vpc = Err(Unseen { action: String::new(), reason: "there is no VPC vpc-1".to_owned() }),
        &[(Problem, "vpc.exists", "", "there is no VPC vpc-1 in us-east-2")]),
    still("VPC DNS off", |w| w.vpc().dns_support = Ok(false),
        &[(Problem, "vpc.dns", "", "enableDnsSupport")]),
    still("VPC host names off", |w| w.vpc().dns_hostnames = Ok(false),
        &[(Problem, "vpc.dns", "", "enableDnsHostnames")]),
    still("DNS servers that no rule allows", |w| w.vpc().name_servers = Ok(vec!["10.0.20.53".parse().unwrap()]),
        &[(Problem, "vpc.dns", "", "UDP 53 to 10.0.20.53/32"), (Unknown, "target.name", "*", "in no private hosted zone")]),
    still("DNS servers that a rule allows", |w| {
            w.vpc().name_servers = Ok(vec!["10.0.20.53".parse().unwrap()]);
            w.group(FUNCTION_GROUP).egress.push(udp(53, Peer::Range(range("10.0.20.53/32"))));
        },
        &[(Unknown, "target.name", "*", "in no private hosted zone")]),
    still("DNS servers that a rule allows for TCP alone", |w| {
            w.vpc().name_servers = Ok(vec!["10.0.20.53".parse().unwrap()]);
            w.group(FUNCTION_GROUP).egress.push(tcp(53, Peer::Range(range("10.0.20.53/32"))));
        },
        &[(Problem, "vpc.dns", "", "UDP 53 to 10.0.20.53/32"), (Unknown, "target.name", "*", "in no private hosted zone")]),
    still("DNS servers whose own group lets nobody in", |w| {
            w.add_udp(53);
            w.vpc().name_servers = Ok(vec!["10.0.20.40".parse().unwrap()]);
            w.group(OTHER_GROUP).ingress.clear();
        },
        &[(Problem, "vpc.dns", "", "no ingress rule of sg-0000000d allows UDP 53"), (Problem, "target.ingress", "udp", "UDP 53"),
          (Unknown, "target.name", "*", "in no private hosted zone")]),
    still("DNS servers behind an ACL for TCP alone", |w| {
            w.vpc().name_servers = Ok(vec!["10.0.20.53".parse().unwrap()]);
            w.group(FUNCTION_GROUP).egress.push(udp(53, Peer::Range(range("10.0.20.53/32"))));
            w.acl(SERVICES_ACL).ingress = vec![acl_rule(100, true, 0..=65535)];
        },
        &[(Problem, "vpc.dns", "", "acl-0000000b drops UDP packets into subnet-0000000c"), (Unknown, "target.name", "*", "in no private hosted zone")]),
    still("private zone not associated", |w| w.zone().is_associated = false,
        &[(Problem, "target.name", "orders-grpc", "orders.internal"), (Problem, "target.name", "orders-http", "orders.internal"), (Problem, "target.name", "vault", "vault.internal")]),
    still("no record", |w| w.zone().records.as_mut().unwrap().retain(|record| record.name != "vault.internal"),
        &[(Problem, "target.name", "vault", "vault.internal")]),
    still("zones unseen", |w| w.facts.zones = Err(unseen("route53:ListHostedZonesByVPC")),
        &[(Unknown, "target.name", "orders-grpc", "AccessDenied"), (Unknown, "target.name", "orders-http", "AccessDenied"), (Unknown, "target.name", "vault", "AccessDenied")]),

    // From inside.
    still("no answer from inside", |w| w.facts.inside = Inside::Failed("Runtime.ExitError".to_owned()),
        &[(Problem, "inside.probe", "", "Runtime.ExitError")]),
    probed("name not found", |w| { let seen = w.seen("vault"); seen.lookup.as_mut().unwrap().outcome = LookupOutcome::NoSuchName; seen.lookup.as_mut().unwrap().addresses.clear(); seen.connections.clear(); seen.answer = None; w.zone().is_associated = false; },
        &[(Problem, "target.name", "vault", "the name vault.internal does not exist")]),
    probed("DNS timed out", |w| { let seen = w.seen("vault"); seen.lookup.as_mut().unwrap().outcome = LookupOutcome::TimedOut; seen.lookup.as_mut().unwrap().addresses.clear(); seen.connections.clear(); seen.answer = None; },
        &[(Problem, "target.name", "vault", "no DNS server answered")]),
    probed("refused", |w| w.connect("vault", ConnectionOutcome::Refused),
        &[(Problem, "target.connection", "vault", "10.0.20.30:8200 refused")]),
    probed("timed out, and nothing explains it", |w| w.connect("vault", ConnectionOutcome::TimedOut),
        &[(Problem, "target.connection", "vault", "did not answer within 5000 ms")]),
    probed("timed out, and the configuration explains it", |w| { w.group(VAULT_GROUP).ingress.clear(); w.connect("vault", ConnectionOutcome::TimedOut); },
        &[(Problem, "target.ingress", "vault", "sg-0000000b"), (Problem, "target.connection", "vault", "did not answer")]),
    probed("connected, and the configuration denies it", |w| w.group(VAULT_GROUP).ingress.clear(),
        &[(Warning, "target.ingress", "vault", "sg-0000000b")]),
    probed("the name leads to another group", |w| { w.lead("orders-grpc", "10.0.20.99"); w.add_interface("10.0.20.99", OTHER_GROUP); w.connect("orders-grpc", ConnectionOutcome::TimedOut); },
        &[(Problem, "target.egress", "orders-grpc", "TCP 50051 to sg-0000000d"), (Problem, "target.connection", "orders-grpc", "10.0.20.99:50051")]),
    probed("nobody has the address", |w| { w.lead("orders-grpc", "10.0.20.99"); w.connect("orders-grpc", ConnectionOutcome::TimedOut); },
        &[(Unknown, "target.path", "orders-grpc", "no network interface"), (Problem, "target.connection", "orders-grpc", "10.0.20.99:50051")]),
    probed("a datagram is answered", |w| { w.add_udp(8125); w.send_udp(DatagramOutcome::Answered); }, &[]),
    probed("a datagram is not answered, as is usual", |w| { w.add_udp(8125); w.send_udp(DatagramOutcome::NoAnswer); },
        &[(Unknown, "target.connection", "udp", "sent to 10.0.20.40 port 8125; no answer within 5000 ms; UDP services need not answer")]),
    probed("a DNS server does not answer", |w| { w.add_udp(53); w.send_udp(DatagramOutcome::NoAnswer); },
        &[(Warning, "target.connection", "udp", "a DNS query was sent to 10.0.20.40 port 53; no answer came")]),
    probed("a datagram is refused", |w| { w.add_udp(8125); w.send_udp(DatagramOutcome::Refused); },
        &[(Problem, "target.connection", "udp", "sent to 10.0.20.40 port 8125; refused (ICMP port unreachable)")]),
    probed("a datagram cannot be sent", |w| { w.add_udp(8125); w.send_udp(DatagramOutcome::Unreachable); },
        &[(Problem, "target.connection", "udp", "10.0.20.40 port 8125 cannot be reached")]),
    probed("a datagram came to an end that a newer runner knows", |w| { w.add_udp(8125); w.send_udp(DatagramOutcome::Unknown); },
        &[(Unknown, "target.connection", "udp", "does not know the outcome")]),
    probed("a datagram is not answered, and the configuration explains it", |w| { w.add_udp(8125); w.group(OTHER_GROUP).ingress.clear(); w.send_udp(DatagramOutcome::NoAnswer); },
        &[(Problem, "target.ingress", "udp", "UDP 8125"), (Unknown, "target.connection", "udp", "no answer")]),
    probed("a datagram is answered, and the configuration denies it", |w| { w.add_udp(8125); w.group(OTHER_GROUP).ingress.clear(); w.send_udp(DatagramOutcome::Answered); },
        &[(Warning, "target.ingress", "udp", "UDP 8125")]),
    probed("gRPC over TLS in order", |w| w.grpc_over_tls(TlsAnswer { not_after_unix_s: 1_800_000_000, ..TlsAnswer::default() }), &[]),
    probed("gRPC over TLS, and the certificate expires soon", |w| w.grpc_over_tls(TlsAnswer { not_after_unix_s: 1_790_400_000, ..TlsAnswer::default() }),
        &[(Warning, "target.answer", "orders-grpc", "expires in 4 days")]),
    probed("gRPC over TLS, and the certificate is not trusted", |w| {
            w.lambda.reach[0].tls = true;
            w.seen("orders-grpc").answer = Some(Answer::Tls(TlsAnswer { problem: Some(CertificateProblem::UnknownIssuer), issuer: "CN=private".to_owned(), ..TlsAnswer::default() }));
        },
        &[(Problem, "target.answer", "orders-grpc", "comes from CN=private, which is not trusted here; the gRPC health service was not asked")]),
    probed("certificate expired", |w| w.seen("vault").answer = Some(Answer::Tls(TlsAnswer { problem: Some(CertificateProblem::Expired), not_after_unix_s: 1_789_000_000, ..TlsAnswer::default() })),
        &[(Problem, "target.answer", "vault", "expired 11 days ago")]),
    probed("certificate for another name", |w| w.seen("vault").answer = Some(Answer::Tls(TlsAnswer { problem: Some(CertificateProblem::WrongName), names: vec!["other.internal".to_owned()], ..TlsAnswer::default() })),
        &[(Problem, "target.answer", "vault", "for other.internal, not for vault.internal")]),
    probed("not serving", |w| w.seen("orders-grpc").answer = Some(Answer::Grpc { health: GrpcHealth::NotServing, message: None, tls: None }),
        &[(Problem, "target.answer", "orders-grpc", "NOT_SERVING")]),
    probed("HTTP 503", |w| w.seen("orders-http").answer = Some(Answer::Http { status: 503 }),
        &[(Warning, "target.answer", "orders-http", "503")]),
    probed("speaks something else", |w| w.seen("orders-http").answer = Some(Answer::Failed { timed_out: false, message: "it speaks TLS".to_owned() }),
        &[(Problem, "target.answer", "orders-http", "it speaks TLS")]),
    probed("/tmp full", |w| w.host().tmp.free_bytes = 0,
        &[(Warning, "inside.tmp", "", "0 MiB of 512 MiB")]),
    probed("/tmp unusable", |w| w.host().tmp.problem = Some("No space left on device".to_owned()),
        &[(Problem, "inside.tmp", "", "No space left on device")]),
    probed("clock off", |w| w.host().clock_unix_ms += 3_600_000,
        &[(Warning, "inside.clock", "", "3600 s")]),
    probed("variable lost on the way", |w| w.host().variables.retain(|name| name != "TOKEN"),
        &[(Problem, "inside.variables", "", "TOKEN")]),
];

/// Every target of the fixture inside the VPC, which a subject of `*` stands for.
const INSIDE: [&str; 3] = ["orders-grpc", "orders-http", "vault"];

#[test]
fn every_misconfiguration_is_told_and_nothing_else() {
    let mut wrong = Vec::new();
    for row in TABLE {
        let mut world = (row.world)();
        (row.change)(&mut world);
        let findings = world.diagnose();
        let told: Vec<_> = findings.iter().filter(|finding| finding.level != Level::Ok).collect();
        let is_expected = |finding: &lamex_doctor::finding::Finding,
                           (level, check, subject, saw): &Expected| {
            let about = finding.subject.as_deref().unwrap_or_default();
            finding.level == *level
                && finding.check.name() == *check
                && (about == *subject || *subject == "*")
                && finding.saw.contains(saw)
        };
        let unexpected =
            told.iter().filter(|finding| !row.expected.iter().any(|expected| is_expected(finding, expected)));
        let missing = row.expected.iter().filter(|expected| {
            let subjects: &[&str] =
                if expected.2 == "*" { &INSIDE } else { std::slice::from_ref(&expected.2) };
            !subjects.iter().all(|subject| {
                told.iter()
                    .any(|finding| is_expected(finding, &(expected.0, expected.1, subject, expected.3)))
            })
        });
        let unexpected: Vec<_> = unexpected.map(|finding| format!("unexpected: {finding:?}")).collect();
        let missing: Vec<_> = missing.map(|expected| format!("missing: {expected:?}")).collect();
        if !unexpected.is_empty() || !missing.is_empty() {
            wrong.push(format!("{}\n  {}", row.name, [unexpected, missing].concat().join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All fixes that are printed, in all rows.
pub(super) fn fixes() -> Vec<Fix> {
    let of_row = |row: &Row| {
        let mut world = (row.world)();
        (row.change)(&mut world);
        world.diagnose().into_iter().flat_map(|finding| finding.fixes)
    };
    TABLE.iter().flat_map(of_row).collect()
}

#[test]
fn a_dns_server_gets_an_entry_of_its_own_where_it_has_none() {
    let fixes = |world: &World| {
        let findings = world.diagnose();
        let finding =
            findings.iter().find(|finding| finding.check == Check::VpcDns && finding.level == Problem);
        let fixes = finding.unwrap().fixes.clone();
        fixes.into_iter().filter(|fix| fix.with == Tool::LamexYaml).map(|fix| fix.text).collect::<Vec<_>>()
    };
    let mut world = World::still();
    world.vpc().name_servers = Ok(vec!["10.0.20.40".parse().unwrap()]);
    let entry = "- { name: dns-10-0-20-40, host: 10.0.20.40, port: 53, protocol: udp, cidr: 10.0.20.40/32 }   # one more entry of `reach`";
    assert_eq!(fixes(&world), [entry]);
    // Listed and not applied yet.
    world.add_udp(53);
    world.group(FUNCTION_GROUP).egress.pop();
    assert_eq!(fixes(&world), Vec::<String>::new());
}

#[test]
fn every_problem_says_what_to_do_or_why() {
    for row in TABLE {
        let mut world = (row.world)();
        (row.change)(&mut world);
        for finding in world.diagnose() {
            let helps = finding.why.is_some() || !finding.fixes.is_empty();
            assert!(finding.level != Problem || helps, "{}: {finding:?}", row.name);
        }
    }
}

#[test]
fn values_of_variables_are_never_told() {
    for row in TABLE {
        let mut world = (row.world)();
        (row.change)(&mut world);
        let told = format!("{:?}", world.diagnose());
        assert!(!told.contains("secret"), "{}: {told}", row.name);
    }
}

#[test]
fn every_check_says_something_in_some_row() {
    let mut silent: BTreeSet<_> = Check::ALL.iter().map(|check| check.name()).collect();
    for row in TABLE {
        let mut world = (row.world)();
        (row.change)(&mut world);
        for finding in world.diagnose() {
            silent.remove(finding.check.name());
        }
    }
    assert!(silent.is_empty(), "{silent:?}");
}
