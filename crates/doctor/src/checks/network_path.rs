//! What the configuration says of the way to a target: from every subnet of the function to every address.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use lamex_config::{Access, Protocol, Reach};
use lamex_network::answer::{Blocked, Blocker, Cause, Direction, Path, Reachability, Step, Unknown};
use lamex_network::model::{self, Interface, NextHop};
use lamex_network::question::Destination;
use lamex_network::reachability::reachability;
use lamex_protocol::probe::TargetProbed;

use super::function_network::FunctionNetwork;
use super::hosted_name::{Hosted, hosted};
use super::internet;
use crate::blocked;
use crate::case::Case;
use crate::facts::Inside;
use crate::finding::{Check, Finding, Level, Tool};

/// What the configuration says of the way to one target.
#[derive(Debug, Clone, Default)]
pub(crate) struct NetworkPath {
    /// What is in the way, from at least one subnet to at least one address.
    pub blocked: Vec<Finding>,
    /// The way is free as far as the VPC goes, and leaves it through this.
    pub beyond: Option<NextHop>,
    /// What could not be looked at.
    pub unknown: Vec<Finding>,
    /// What is in order.
    pub notes: Vec<Finding>,
    /// Whether some subnet has a free way to every address.
    pub is_free_somewhere: bool,
    /// What lets the packets through, as far as it is the same for the whole target.
    pub path: Option<Path>,
}

impl NetworkPath {
    fn free(&mut self, mut path: Path, destination: &Destination) {
        if is_whole_range(destination) {
            // Its parts are reached in different ways, which nobody asked for.
            path.steps.retain(|step| matches!(step, Step::SecurityGroup { .. }));
        }
        self.path.get_or_insert(path);
    }
}

/// The way from each subnet to each address, as one.
pub(crate) fn network_path(
    case: &Case<'_>,
    target: &Reach,
    network: &FunctionNetwork<'_>,
    probed: Option<&TargetProbed>,
) -> NetworkPath {
    let addresses = addresses(case, target, network, probed);
    let protocol = match target.protocol {
        Protocol::Tcp => model::Protocol::Tcp,
        Protocol::Udp => model::Protocol::Udp,
    };
    let destinations: Vec<_> = destinations(target, network, &addresses)
        .into_iter()
        .map(|destination| Destination { protocol, ..destination })
        .collect();
    let mut way = NetworkPath::default();
    // The same group may be in the way from every subnet, and is told once.
    let mut blocked: Vec<(Finding, BTreeSet<&str>)> = Vec::new();
    for subnet_id in network.subnet_ids {
        let source = network.source(subnet_id);
        let mut is_free = !destinations.is_empty();
        for destination in &destinations {
            match reachability(network.vpcs, &source, destination) {
                Reachability::Reachable(path) => way.free(path, destination),
                Reachability::BeyondSight { path, through } => {
                    way.free(path, destination);
                    way.beyond = Some(through);
                }
                Reachability::Unknown { path, unknown } => {
                    way.free(path, destination);
                    let unknown = unknown.iter().filter(|unknown| {
                        // A range says what may be reached, not who has its addresses.
                        !(is_whole_range(destination) && unknown.cause == Cause::Interface)
                    });
                    way.unknown.extend(unknown.map(|unknown| unseen(case, target, network, unknown)));
                }
                Reachability::Blocked(found) if is_about_nothing_real(destination, &found) => {}
                Reachability::Blocked(found) => {
                    is_free = false;
                    let finding = blocked_finding(case, target, network, &found);
                    let is_same = |(other, _): &&mut (Finding, BTreeSet<&str>)| {
                        (other.check, &other.resources, &other.fixes)
                            == (finding.check, &finding.resources, &finding.fixes)
                    };
                    match blocked.iter_mut().find(is_same) {
                        Some((_, subnets)) => {
                            subnets.insert(subnet_id);
                        }
                        None => blocked.push((finding, BTreeSet::from([subnet_id.as_str()]))),
                    }
                }
            }
        }
        way.is_free_somewhere |= is_free;
    }
    way.blocked.extend(blocked.into_iter().map(|(mut finding, subnets)| {
        if subnets.len() < network.subnet_ids.len() {
            let subnets: Vec<_> = subnets.into_iter().collect();
            finding.saw = format!("{} (from {} alone)", finding.saw, subnets.join(", "));
        }
        finding
    }));
    if addresses.is_empty() {
        for finding in internet::findings(case, target, network) {
            match finding.level {
                Level::Problem => way.blocked.push(finding),
                Level::Unknown => way.unknown.push(finding),
                _ => way.notes.push(finding),
            }
        }
    }
    // A permission that is missing stands for what follows from it.
    if way.unknown.iter().any(|finding| !finding.fixes.is_empty()) {
        way.unknown.retain(|finding| !finding.fixes.is_empty());
    }
    way
}

fn blocked_finding(
    case: &Case<'_>,
    target: &Reach,
    network: &FunctionNetwork<'_>,
    found: &Blocked,
) -> Finding {
    let finding = blocked::finding(case, target, found, network.security_group_ids);
    // Who is in the target's group may be in another one that lets the connection in.
    if found.unknown.iter().any(|unknown| unknown.cause == Cause::Members) {
        return Finding { level: Level::Warning, ..finding };
    }
    finding
}

/// A range under `reach` says what may be reached, not that every address in it exists: what stops only a part of
/// it, other than the function's own rules, stops nobody.
fn is_about_nothing_real(destination: &Destination, blocked: &Blocked) -> bool {
    let is_egress = matches!(blocked.blocker, Blocker::SecurityGroup { direction: Direction::Egress, .. });
    is_whole_range(destination) && blocked.partly && !is_egress
}

fn is_whole_range(destination: &Destination) -> bool {
    destination.range.is_some_and(|range| range.prefix_len() < range.max_prefix_len())
        || destination.prefix_list.is_some()
}

/// Where the connections end, as exactly as it is known.
fn destinations(target: &Reach, network: &FunctionNetwork<'_>, addresses: &[IpAddr]) -> Vec<Destination> {
    let port = target.port;
    let interfaces = network.vpcs.interfaces.as_ref().map_or(&[][..], Vec::as_slice);
    if !addresses.is_empty() {
        let destination = |address: &IpAddr| {
            let interface = interfaces.iter().find(|interface| interface.addresses.contains(address));
            interface.map_or_else(
                || Destination::range(IpNet::from(*address), port),
                |interface| Destination::interface(*address, interface, port),
            )
        };
        return addresses.iter().map(destination).collect();
    }
    match &target.access {
        Access::SecurityGroupId(id) => {
            let members = members(interfaces, id, network.is_dual_stack, port);
            if members.is_empty() { vec![Destination::group(id, port)] } else { members }
        }
        Access::PrefixListId(id) => vec![Destination::prefix_list(id, port)],
        Access::Cidr(range) => vec![Destination::range((*range).into(), port)],
        Access::Ipv6Cidr(range) => vec![Destination::range((*range).into(), port)],
    }
}

/// The target's addresses, where they are known; of IPv6 ones only where the function has no choice or can.
fn addresses(
    case: &Case<'_>,
    target: &Reach,
    network: &FunctionNetwork<'_>,
    probed: Option<&TargetProbed>,
) -> Vec<IpAddr> {
    if let Ok(address) = target.host.parse() {
        return vec![address];
    }
    let lookup = probed.and_then(|probed| probed.lookup.as_ref());
    let all: Vec<IpAddr> = match lookup {
        Some(lookup) => lookup.addresses.iter().filter_map(|address| address.parse().ok()).collect(),
        None => match hosted(case, &target.host) {
            Hosted::Found(addresses) => addresses.to_vec(),
            _ => Vec::new(),
        },
    };
    // A client tries the next address where it cannot use one.
    let usable: Vec<_> =
        all.iter().copied().filter(|address| address.is_ipv4() || network.is_dual_stack).collect();
    if usable.is_empty() { all } else { usable }
}

/// One interface for each subnet and set of groups: the others of a large service are reached alike.
fn members(interfaces: &[Interface], group_id: &str, is_dual_stack: bool, port: u16) -> Vec<Destination> {
    let mut seen = BTreeSet::new();
    interfaces
        .iter()
        .filter(|interface| interface.security_group_ids.iter().any(|id| id == group_id))
        .filter(|interface| seen.insert((&interface.subnet_id, &interface.security_group_ids)))
        .filter_map(|interface| {
            let usable = interface.addresses.iter().find(|address| address.is_ipv4() || is_dual_stack);
            Some(Destination::interface(*usable.or(interface.addresses.first())?, interface, port))
        })
        .collect()
}

/// What could not be looked at.
fn unseen(case: &Case<'_>, target: &Reach, network: &FunctionNetwork<'_>, unknown: &Unknown) -> Finding {
    const CHECK: Check = Check::TargetPath;
    let finding = match unknown.cause.action() {
        Some(action) => Finding::unknown(CHECK, format!("unknown: {unknown}"))
            .fix(Tool::Words, format!("allow the caller `{action}`")),
        None => match (&target.access, &network.vpcs.interfaces) {
            // The interfaces were asked for, and there are none.
            (Access::SecurityGroupId(id), Ok(_)) if matches!(case.facts.inside, Inside::NotAsked) => {
                Finding::unknown(CHECK, format!("no network interface in {id} can be seen"))
                    .resources([id])
                    .why("The service does not run, or is in another account: only the function can tell.")
            }
            _ => Finding::unknown(CHECK, unknown.to_string()),
        },
    };
    finding.about(&target.name)
}
