//! Route tables: which one a subnet has, and where it leads.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ipnet::IpNet;

use crate::answer::Cause;
use crate::groups::prefix_list_ranges;
use crate::model::{Network, NextHop, PrefixList, Route, RouteDestination, RouteTable, Seen};
use crate::packets::{ALL_PORTS, Packets, is_private, joined, packets, take};

/// Addresses, and the route that their packets take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<'n> {
    pub destinations: Vec<IpNet>,
    /// `None` if no route matches.
    pub route: Option<&'n Route>,
}

/// The route table that a subnet uses: the one that it is associated with, or else the main one of its VPC.
///
/// # Errors
/// When the tables, or which VPC the subnet is in, could not be seen.
pub fn subnet_table<'n>(network: &'n Network, subnet_id: &str) -> Result<&'n RouteTable, Cause> {
    let tables = network.route_tables.as_ref().map_err(Cause::from)?;
    if let Some(table) = tables.iter().find(|table| table.subnet_ids.iter().any(|id| id == subnet_id)) {
        return Ok(table);
    }
    let subnets = network.subnets.as_ref().map_err(Cause::from)?;
    let subnet = subnets
        .get(subnet_id)
        .ok_or_else(|| Cause::NotDescribed { what: "subnet", id: subnet_id.to_owned() })?;
    tables
        .iter()
        .find(|table| table.is_main && table.vpc_id == subnet.vpc_id)
        .ok_or_else(|| Cause::NotDescribed { what: "the main route table of", id: subnet.vpc_id.clone() })
}

/// The routes of `table` for all of `destinations`: the longest prefix wins, address by address.
///
/// `prefix_list` is the prefix list that `destinations` stand for, if any: a route for that very list needs no look at
/// its addresses.
///
/// # Errors
/// When the table has a route for a prefix list whose addresses are not known and may be among `destinations`.
pub fn choose_routes<'n>(
    table: &'n RouteTable,
    prefix_lists: &Seen<BTreeMap<String, PrefixList>>,
    destinations: &[IpNet],
    prefix_list: Option<&str>,
) -> Result<Vec<Choice<'n>>, Cause> {
    let mut candidates: Vec<(IpNet, &Route)> = Vec::new();
    for route in &table.routes {
        match &route.destination {
            RouteDestination::Range(range) => candidates.push((*range, route)),
            RouteDestination::PrefixList(id) => match prefix_list_ranges(prefix_lists, id) {
                Ok(ranges) => candidates.extend(ranges.iter().map(|range| (*range, route))),
                Err(_) if prefix_list == Some(id.as_str()) => {
                    return Ok(vec![Choice { destinations: destinations.to_vec(), route: Some(route) }]);
                }
                Err(_) if leads_to_a_service(route) && destinations.iter().all(is_private) => {}
                Err(cause) => return Err(cause),
            },
        }
    }
    let local: Vec<IpNet> = candidates
        .iter()
        .filter(|(_, route)| route.next == NextHop::Local)
        .map(|(range, _)| *range)
        .collect();
    candidates.retain(|(range, route)| {
        !may_be_propagated(route) || !local.iter().any(|local| local.contains(range))
    });
    candidates.sort_by_key(|(range, route)| (Reverse(range.prefix_len()), rank(route)));

    let mut remaining = packets(destinations, &ALL_PORTS);
    let mut choices: Vec<Choice<'n>> = Vec::new();
    for (range, route) in candidates {
        let taken = take(&mut remaining, &Packets { range, ports: ALL_PORTS });
        add(&mut choices, &taken, Some(route));
    }
    add(&mut choices, &remaining, None);
    Ok(choices)
}

/// Adds what a route takes to what it took before under another of its prefixes.
fn add<'n>(choices: &mut Vec<Choice<'n>>, taken: &[Packets], route: Option<&'n Route>) {
    if taken.is_empty() {
        return;
    }
    let ranges = taken.iter().map(|packets| packets.range);
    match choices.iter_mut().find(|choice| choice.route == route) {
        Some(choice) => {
            choice.destinations.extend(ranges);
            choice.destinations = joined(&choice.destinations);
        }
        None => choices.push(Choice { destinations: joined(&ranges.collect::<Vec<_>>()), route }),
    }
}

/// The lists of AWS services hold public addresses only, and only those have endpoints.
fn leads_to_a_service(route: &Route) -> bool {
    matches!(route.next, NextHop::Endpoint(_))
}

/// The VPC's own route wins over more specific ones that a virtual private gateway propagates, and equally specific
/// static ones do as well. Static routes to such a gateway cannot be inside the VPC's range.
fn may_be_propagated(route: &Route) -> bool {
    matches!(route.next, NextHop::VirtualPrivateGateway(_))
}

/// Which of two equally specific routes wins: a range before a prefix list, a static route before a propagated one.
fn rank(route: &Route) -> (bool, bool) {
    (matches!(route.destination, RouteDestination::PrefixList(_)), may_be_propagated(route))
}
