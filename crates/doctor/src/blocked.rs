//! What blocks a connection, in words and with the fix.

use ipnet::IpNet;
use lamex_config::{Access, Reach};
use lamex_network::answer::{
    Blocked, Blocker, Denied, Difference, Direction, Leg, MissingRule, NatProblem, PeeringProblem,
    SimilarRule,
};
use lamex_network::model::{NextHop, Peer, Protocol, Route, RouteDestination, Rule};

use super::case::Case;
use super::finding::{Check, Finding, Tool};
use super::snippets::{acl_rule, entry, rule};

/// Where a setting of the kits goes.
const SETTING: &str = "the setting goes beside the others: in the .tfvars that you apply with, or in the context that you deploy with";

/// The finding about a blocker; `function_groups` are the function's security groups.
pub(crate) fn finding(
    case: &Case<'_>,
    target: &Reach,
    blocked: &Blocked,
    function_groups: &[String],
) -> Finding {
    let some = if blocked.partly { "some connections fail: " } else { "" };
    let problem = |check, saw: String| Finding::problem(check, format!("{some}{saw}")).about(&target.name);
    match &blocked.blocker {
        Blocker::SecurityGroup { direction, similar, missing, .. } => {
            let destinations = &blocked.destinations;
            security_group(case, target, *direction, similar, missing, destinations, function_groups, problem)
        }
        Blocker::NetworkAcl { leg, direction, acl_id, subnet_id, denied, missing } => {
            let way = match direction {
                Direction::Egress => "out of",
                Direction::Ingress => "into",
            };
            let packets = match target.protocol {
                lamex_config::Protocol::Tcp => "packets",
                lamex_config::Protocol::Udp => "UDP packets",
            };
            let denied = denied.iter().map(describe_denied).collect::<Vec<_>>().join("; ");
            let finding = problem(Check::TargetAcl, format!("the network ACL {acl_id} drops {packets} {way} {subnet_id}: {denied}"))
                .resources([acl_id, subnet_id])
                .why(match leg {
                    Leg::Forward => "A network ACL applies to whole subnets, in addition to security groups.",
                    Leg::Return => {
            "A network ACL is stateless: the answers, which go to a port between 1024 and 65535, need a rule \
             of their own."
        }
                });
            missing.iter().fold(finding, |finding, rule| acl_rule(case, finding, acl_id, *direction, rule))
        }
        Blocker::NoIpv6 { subnet_id, subnet_has_ipv6 } => {
            let saw = format!(
                "{} has IPv6 addresses only, and the function in {subnet_id} does not send IPv6",
                target.host
            );
            let finding = problem(Check::TargetRoute, saw).resources([subnet_id]);
            if *subnet_has_ipv6 {
                finding
                    .fix(Tool::Terraform, "dual_stack = true")
                    .fix(Tool::Cdk, "\"dual_stack\": true")
                    .fix(Tool::Words, SETTING)
            } else {
                finding.fix(
                    Tool::Words,
                    format!("give {subnet_id} an IPv6 range, then the function `dual_stack`"),
                )
            }
        }
        Blocker::NoRoute { leg, subnet_id, table_id, destinations } => {
            let to = list(destinations);
            let (why, fix) = match leg {
                Leg::Forward => (
                    "The packets never leave the subnet.",
                    "a NAT gateway for the internet, a peering connection or a transit gateway for other private networks, or a VPC endpoint for an AWS service",
                ),
                Leg::Return => (
                    "The request arrives, but the answer does not come back.",
                    "the same peering connection or gateway that the request came through",
                ),
            };
            problem(
                Check::TargetRoute,
                format!("the route table {table_id} of {subnet_id} has no route to {to}"),
            )
            .resources([table_id, subnet_id])
            .why(why)
            .fix(Tool::Words, format!("add a route for {to} to {table_id}: {fix}"))
        }
        Blocker::Blackhole { subnet_id, table_id, route, .. } => {
            let saw =
                format!("the route {} → {} of {table_id} is a blackhole", route.destination, route.next);
            let finding = problem(Check::TargetRoute, saw)
                .resources([table_id.clone(), subnet_id.clone(), route.next.to_string()])
                .why("Its target was deleted; packets that match it are dropped.")
                .fix(
                    Tool::Words,
                    format!("point the route to an existing target, or delete it from {table_id}"),
                );
            match replaced_route(table_id, route) {
                Some(command) => finding.fix(Tool::Aws, case.aws(&command)),
                None => finding,
            }
        }
        Blocker::WrongNextHop { leg, subnet_id, table_id, route } => {
            let saw =
                format!("the route {} → {} of {table_id} cannot carry it", route.destination, route.next);
            let why = match (&route.next, leg) {
                (NextHop::InternetGateway(_), Leg::Forward) => {
                    "A function has no public address, not even in a public subnet: an internet gateway \
                     drops its packets."
                }
                (NextHop::EgressOnlyInternetGateway(_), Leg::Forward) => {
                    "An egress-only internet gateway carries IPv6 alone."
                }
                (_, Leg::Return) => "The answers would take a different path from the request.",
                _ => "It does not lead to the packets' destination.",
            };
            let finding = problem(Check::TargetRoute, saw)
                .resources([table_id.clone(), subnet_id.clone(), route.next.to_string()])
                .why(why);
            match &route.next {
                NextHop::InternetGateway(_) => finding
                    .fix(Tool::LamexYaml, "vpc: { subnet_ids: […] }   # private subnets, whose route table leads to a NAT gateway")
                    .fix(Tool::Words, "or create a VPC endpoint, if it is a service of AWS"),
                _ => finding.fix(Tool::Words, format!("add a more specific route to {table_id}")),
            }
        }
        Blocker::PrivateOverInternet { subnet_id, table_id, route } => {
            let to = list(&blocked.destinations);
            let saw = format!(
                "the best route of {table_id} to {to} is {} → {}, which leads to the internet",
                route.destination, route.next
            );
            problem(Check::TargetRoute, saw)
                .resources([table_id.clone(), subnet_id.clone(), route.next.to_string()])
                .why("The internet does not route private addresses.")
                .fix(
                    Tool::Words,
                    format!(
                        "add a route for {to} to {table_id}: a peering connection, a transit gateway or a VPN"
                    ),
                )
        }
        Blocker::NatGateway { id, problem: nat } => {
            let finding = problem(Check::TargetRoute, format!("the NAT gateway {id} {nat}")).resources([id]);
            match nat {
                NatProblem::State(_) => {
                finding.fix(Tool::Words, "create another NAT gateway and point the route to it")
            },
                NatProblem::Route { subnet_id, table_id, .. } => finding
                    .resources([subnet_id, table_id])
                    .why("A public NAT gateway must itself be in a public subnet.")
                    .fix(Tool::Aws, case.aws(&format!("ec2 create-route --route-table-id {table_id} --destination-cidr-block 0.0.0.0/0 --gateway-id igw-…"))),
                NatProblem::Private => finding.fix(Tool::Words, "use a public NAT gateway for the internet"),
            }
        }
        Blocker::Peering { id, problem: peering } => {
            let finding =
                problem(Check::TargetRoute, format!("the peering connection {id} {peering}")).resources([id]);
            match peering {
                PeeringProblem::State(state) if state == "pending-acceptance" => finding.fix(
                    Tool::Aws,
                    case.aws(&format!("ec2 accept-vpc-peering-connection --vpc-peering-connection-id {id}")),
                ),
                PeeringProblem::State(_) => {
                    finding.fix(Tool::Words, "create it again and point the routes to it")
                }
                PeeringProblem::OtherRange { .. } => finding.fix(
                    Tool::Words,
                    "point the route to the peering connection of the VPC that has the address",
                ),
            }
        }
        Blocker::GatewayEndpoint { id, state } => {
            problem(Check::TargetEndpoint, format!("the VPC endpoint {id} is {state}")).resources([id])
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one blocker")]
fn security_group(
    case: &Case<'_>,
    target: &Reach,
    direction: Direction,
    similar: &[SimilarRule],
    missing: &MissingRule,
    destinations: &[IpNet],
    function_groups: &[String],
    problem: impl Fn(Check, String) -> Finding,
) -> Finding {
    let peers = missing.peers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let what = format!("{} {}", missing.protocol, missing.port);
    let groups = missing.group_ids.join(", ");
    let finding = match direction {
        Direction::Egress => {
            problem(Check::TargetEgress, format!("no egress rule of {groups} allows {what} to {peers}"))
                .why(with_similar("The function's security groups drop the packets.", similar))
        }
        Direction::Ingress if missing.group_ids.is_empty() => problem(
            Check::TargetIngress,
            format!("the target is in no security group that allows {what} from {peers}"),
        ),
        Direction::Ingress => {
            problem(Check::TargetIngress, format!("no ingress rule of {groups} allows {what} from {peers}"))
                .why(with_similar("The target's security groups drop the packets.", similar))
        }
    };
    let finding = finding.resources(&missing.group_ids).resources(missing.peers.iter().filter_map(group_of));
    let Some(group) = group_to_change(case, target, missing, function_groups) else { return finding };
    let is_own = direction == Direction::Egress
        && case.lambda.vpc.as_ref().is_none_or(|vpc| !vpc.extra_security_group_ids.contains(&group));
    // What lamex.yaml lists is the kits' to allow; what it does not list has to be listed first.
    let finding = match (is_own, missing.peers.first()) {
        (true, Some(peer)) if is_declared(case, target, peer, destinations) => case.apply(finding),
        (true, Some(peer)) => case.apply(finding.fix(Tool::LamexYaml, entry(target, peer))),
        _ => finding,
    };
    missing
        .peers
        .iter()
        .fold(finding, |finding, peer| rule(case, finding, target, direction, &group, missing, peer, is_own))
}

fn group_of(peer: &Peer) -> Option<&String> {
    match peer {
        Peer::Group(id) | Peer::PrefixList(id) => Some(id),
        Peer::Range(_) => None,
    }
}

/// The group in which a rule is missing: the function's own, and the one that `reach` names.
fn group_to_change(
    case: &Case<'_>,
    target: &Reach,
    missing: &MissingRule,
    function_groups: &[String],
) -> Option<String> {
    let groups = &missing.group_ids;
    let preferred = match missing.direction {
        Direction::Egress => {
            let extra = case.lambda.vpc.as_ref().map_or(&[][..], |vpc| &vpc.extra_security_group_ids);
            function_groups.iter().find(|group| !extra.contains(group))
        }
        Direction::Ingress => match &target.access {
            Access::SecurityGroupId(id) => Some(id),
            _ => None,
        },
    };
    preferred.filter(|group| groups.contains(group)).or(groups.first()).cloned()
}

/// Whether lamex.yaml lists it already. A DNS server of the VPC may be a target that lamex.yaml does not have.
fn is_declared(case: &Case<'_>, target: &Reach, peer: &Peer, destinations: &[IpNet]) -> bool {
    if !case.lambda.reach.contains(target) {
        return false;
    }
    match (&target.access, peer) {
        (Access::SecurityGroupId(declared), Peer::Group(id)) => declared == id,
        (Access::PrefixListId(declared), Peer::PrefixList(id)) => declared == id,
        (access @ (Access::Cidr(_) | Access::Ipv6Cidr(_)), peer) => {
            access.range().is_some_and(|declared| match peer {
                Peer::Range(range) => declared.contains(range),
                // A rule for the range lets through what one for the group would.
                _ => destinations.iter().all(|destination| declared.contains(destination)),
            })
        }
        _ => false,
    }
}

fn describe_denied(denied: &Denied) -> String {
    match &denied.rule {
        Some(rule) => format!("{} by rule {}", denied.packets, rule.number),
        None => format!("{}, which no rule allows", denied.packets),
    }
}

/// The sentence, with the rules that come close: most mistakes are one field of a rule.
fn with_similar(sentence: &str, similar: &[SimilarRule]) -> String {
    let close = similar.iter().map(|similar| {
        let but = match similar.difference {
            Difference::Ports => "other ports",
            Difference::Protocol => "another protocol",
            Difference::Peer => "another peer",
        };
        format!("{} has {} ({but})", similar.group_id, describe(&similar.rule))
    });
    let close: Vec<_> = close.collect();
    if close.is_empty() { sentence.to_owned() } else { format!("{sentence} Close: {}.", close.join("; ")) }
}

fn describe(rule: &Rule) -> String {
    let ports = match &rule.ports {
        None => "all ports".to_owned(),
        Some(ports) if ports.start() == ports.end() => ports.start().to_string(),
        Some(ports) => format!("{}–{}", ports.start(), ports.end()),
    };
    match rule.protocol {
        Protocol::All | Protocol::Icmp => format!("{} for {}", rule.protocol, rule.peer),
        protocol => format!("{protocol} {ports} for {}", rule.peer),
    }
}

fn list(ranges: &[ipnet::IpNet]) -> String {
    ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The command that leads a route to another gateway of its kind, where it is one that can be replaced so.
fn replaced_route(table_id: &str, route: &Route) -> Option<String> {
    let next = match &route.next {
        NextHop::NatGateway(_) => "--nat-gateway-id nat-…",
        NextHop::Peering(_) => "--vpc-peering-connection-id pcx-…",
        NextHop::TransitGateway(_) => "--transit-gateway-id tgw-…",
        _ => return None,
    };
    let destination = match &route.destination {
        RouteDestination::Range(range @ IpNet::V4(_)) => format!("--destination-cidr-block {range}"),
        RouteDestination::Range(range @ IpNet::V6(_)) => format!("--destination-ipv6-cidr-block {range}"),
        RouteDestination::PrefixList(id) => format!("--destination-prefix-list-id {id}"),
    };
    Some(format!("ec2 replace-route --route-table-id {table_id} {destination} {next}"))
}
