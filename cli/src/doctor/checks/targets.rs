//! The targets under `reach`: what the configuration says of the way to them, what the function saw, and the one
//! explained by the other.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use lamex_network::answer::{Blocked, Path, Reachability, Step, Unknown};
use lamex_network::model::{Interface, Network, NextHop};
use lamex_network::question::{Destination, Source};
use lamex_network::reachability::reachability;
use lamex_protocol::probe::TargetProbed;

use super::names::{self, Hosted};
use super::{internet, probed};
use crate::config::{Access, Reach};
use crate::doctor::blocked;
use crate::doctor::case::Case;
use crate::doctor::facts::Inside;
use crate::doctor::finding::{Check, Finding, Level, Tool};

/// Where the function is.
pub(crate) struct Place<'a> {
    pub(crate) network: &'a Network,
    pub(crate) subnet_ids: &'a [String],
    pub(crate) security_group_ids: &'a [String],
    pub(crate) is_dual_stack: bool,
}

/// What the configuration says of the way to one target.
#[derive(Debug, Clone, Default)]
pub(crate) struct Way {
    /// What is in the way, from at least one subnet to at least one address.
    pub(crate) blocked: Vec<Finding>,
    /// The way is free as far as the VPC goes, and leaves it through this.
    pub(crate) beyond: Option<NextHop>,
    /// What could not be looked at.
    pub(crate) unknown: Vec<Finding>,
    /// What is in order.
    notes: Vec<Finding>,
    /// Whether some subnet has a free way to every address.
    pub(crate) is_free_somewhere: bool,
    path: Option<Path>,
}

/// Everything about one target.
pub(crate) fn findings(case: &Case<'_>, target: &Reach, place: Option<&Place<'_>>) -> Vec<Finding> {
    let probed = match &case.facts.inside {
        Inside::Seen { targets, .. } => targets.iter().find(|probed| probed.name == target.name),
        _ => None,
    };
    let mut findings = Vec::new();
    findings.extend(names::target(case, target, probed.and_then(|probed| probed.lookup.as_ref())));
    let way = place.map(|place| way(case, target, place, probed)).unwrap_or_default();
    let connection = probed.and_then(|probed| probed::connection(target, probed, &way));
    let is_connected = connection.as_ref().is_some_and(|finding| finding.level == Level::Ok);
    if place.is_some() {
        findings.extend(told(target, way, is_connected));
    }
    findings.extend(connection);
    findings.extend(probed.and_then(|probed| probed::answer(target, probed, case.now_unix_ms)));
    findings
}

/// The way from each subnet to each address, as one.
fn way(case: &Case<'_>, target: &Reach, place: &Place<'_>, probed: Option<&TargetProbed>) -> Way {
    let destinations = destinations(case, target, place, probed);
    let mut way = Way::default();
    for subnet_id in place.subnet_ids {
        let source = Source {
            subnet_id: subnet_id.clone(),
            security_group_ids: place.security_group_ids.to_vec(),
            dual_stack: place.is_dual_stack,
        };
        let mut is_free = !destinations.is_empty();
        for destination in &destinations {
            match reachability(place.network, &source, destination) {
                Reachability::Reachable(path) => way.path = way.path.or(Some(path)),
                Reachability::BeyondSight { path, through } => {
                    way.path = way.path.or(Some(path));
                    way.beyond = Some(through);
                }
                Reachability::Unknown { path, unknown } => {
                    way.path = way.path.or(Some(path));
                    way.unknown
                        .extend(unknown.iter().filter_map(|unknown| unseen(case, target, place, unknown)));
                }
                Reachability::Blocked(blocked) if is_about_nothing_real(destination, &blocked) => {}
                Reachability::Blocked(blocked) => {
                    is_free = false;
                    way.blocked.push(blocked::finding(case, target, &blocked, place.security_group_ids));
                }
            }
        }
        way.is_free_somewhere |= is_free;
    }
    if addresses(case, target, place, probed).is_empty() {
        for finding in internet::findings(case, target, place) {
            match finding.level {
                Level::Problem => way.blocked.push(finding),
                Level::Unknown => way.unknown.push(finding),
                _ => way.notes.push(finding),
            }
        }
    }
    // The same group is in the way from every subnet.
    let mut seen = BTreeSet::new();
    way.blocked.retain(|finding| seen.insert(finding.saw.clone()));
    let mut seen = BTreeSet::new();
    way.unknown.retain(|finding| seen.insert(finding.saw.clone()));
    way
}

/// A range under `reach` says what may be reached, not that every address in it exists: what stops only a part of
/// it, other than the function's own rules, stops nobody.
fn is_about_nothing_real(destination: &Destination, blocked: &Blocked) -> bool {
    use lamex_network::answer::{Blocker, Direction};
    let is_whole_range = destination.range.is_some_and(|range| range.prefix_len() < range.max_prefix_len())
        || destination.prefix_list.is_some();
    let is_egress = matches!(blocked.blocker, Blocker::SecurityGroup { direction: Direction::Egress, .. });
    is_whole_range && blocked.partly && !is_egress
}

/// Where the connections end, as exactly as it is known.
fn destinations(
    case: &Case<'_>,
    target: &Reach,
    place: &Place<'_>,
    probed: Option<&TargetProbed>,
) -> Vec<Destination> {
    let port = target.port;
    let interfaces = place.network.interfaces.as_ref().map_or(&[][..], Vec::as_slice);
    let addresses = addresses(case, target, place, probed);
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
            let members = members(interfaces, id, place.is_dual_stack, port);
            if members.is_empty() { vec![Destination::group(id, port)] } else { members }
        }
        Access::PrefixListId(id) => vec![Destination::prefix_list(id, port)],
        Access::Cidr(range) | Access::Ipv6Cidr(range) => {
            range.parse().map(|range| Destination::range(range, port)).into_iter().collect()
        }
    }
}

/// The target's addresses, where they are known; of IPv6 ones only where the function has no choice or can.
fn addresses(
    case: &Case<'_>,
    target: &Reach,
    place: &Place<'_>,
    probed: Option<&TargetProbed>,
) -> Vec<IpAddr> {
    if let Ok(address) = target.host.parse() {
        return vec![address];
    }
    let lookup = probed.and_then(|probed| probed.lookup.as_ref());
    let all: Vec<IpAddr> = match lookup {
        Some(lookup) => lookup.addresses.iter().filter_map(|address| address.parse().ok()).collect(),
        None => match names::hosted(case, &target.host) {
            Hosted::Found(addresses) => addresses.to_vec(),
            _ => Vec::new(),
        },
    };
    // A client tries the next address where it cannot use one.
    let usable: Vec<_> =
        all.iter().copied().filter(|address| address.is_ipv4() || place.is_dual_stack).collect();
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

/// What could not be looked at, where that is worth a line.
fn unseen(case: &Case<'_>, target: &Reach, place: &Place<'_>, unknown: &Unknown) -> Option<Finding> {
    const CHECK: Check = Check::TargetPath;
    let finding = match unknown.cause.action() {
        Some(action) => Finding::unknown(CHECK, format!("not known: {unknown}"))
            .fix(Tool::Words, format!("allow the caller `{action}`")),
        None => match (&target.access, &place.network.interfaces) {
            // The interfaces were asked for, and there are none.
            (Access::SecurityGroupId(id), Ok(_)) if matches!(case.facts.inside, Inside::NotAsked) => {
                Finding::unknown(CHECK, format!("no network interface in {id} can be seen"))
                    .resources([id])
                    .why("The service does not run, or is in another account: only the function can tell.")
            }
            _ => Finding::unknown(CHECK, unknown.to_string()),
        },
    };
    Some(finding.about(&target.name))
}

/// What is said of the way. What blocks it, and yet did not, is no problem.
fn told(target: &Reach, way: Way, is_connected: bool) -> Vec<Finding> {
    let Way { blocked, unknown, beyond, is_free_somewhere, path, notes } = way;
    if !blocked.is_empty() {
        if !is_connected || is_free_somewhere {
            return blocked;
        }
        return blocked
            .into_iter()
            .map(|finding| Finding { level: Level::Warning, ..finding })
            .map(|finding| finding.why("The connection was made nevertheless: the configuration has just changed, or the traffic takes a way that cannot be seen from here."))
            .collect();
    }
    if !unknown.is_empty() {
        return if is_connected { Vec::new() } else { unknown };
    }
    let Some(path) = path else { return Vec::new() };
    let beyond = beyond
        .map_or_else(String::new, |through| format!("; what is beyond {through} cannot be seen from here"));
    let saw = format!("the way is free: {}{beyond}", describe(&path));
    let mut findings = vec![Finding::ok(Check::TargetPath, saw).about(&target.name)];
    findings.extend(notes);
    findings
}

fn describe(path: &Path) -> String {
    let mut steps = Vec::new();
    for step in &path.steps {
        let text = match step {
            Step::SecurityGroup { direction, group_id, .. } => format!("{} of {group_id}", direction.name()),
            Step::Route { table_id, route, .. } => {
                format!("{} → {} of {table_id}", route.destination, route.next)
            }
            Step::NatGateway { id } | Step::Peering { id } | Step::GatewayEndpoint { id } => id.clone(),
            Step::NetworkAcl { acl_id, .. } => acl_id.clone(),
        };
        if !steps.contains(&text) {
            steps.push(text);
        }
    }
    steps.join(", ")
}
