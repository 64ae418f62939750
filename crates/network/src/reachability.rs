//! The answer, put together: the parts of the destination that packets reach on different ways, each walked in the
//! order in which a packet travels.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::addresses::{Addresses, destination_addresses, known_subnet, source_addresses};
use crate::answer::{Blocked, Blocker, Cause, Check, Direction, Leg, Path, Reachability, Step, Unknown};
use crate::checks::{Stop, Walk};
use crate::model::{Network, NextHop, Route, RouteTable};
use crate::next_hop::{End, Onward};
use crate::packets::{joined, overlap, single};
use crate::question::{Destination, Source};
use crate::routes::choose_routes;

/// Whether `source` can open a connection to `destination` and get answers: the path, or the first thing that blocks
/// it. What could not be seen makes the answer unknown, unless something else blocks the connection anyway.
///
/// What decides is the network alone: neither names, nor endpoint policies, nor whether anything listens. What leaves
/// through a NAT gateway to the internet counts as reachable: it arrives with the gateway's address, and what the
/// groups of a destination say of that is not looked at.
#[must_use]
pub fn reachability(network: &Network, source: &Source, destination: &Destination) -> Reachability {
    let to = destination_addresses(network, destination);
    let from = match sending_addresses(network, source, &to) {
        Ok(from) => from,
        Err(stop) => return Walk::new(network, source, destination, to.clone(), to).stopped(*stop),
    };
    let mut walk = Walk::new(network, source, destination, from, to);
    if let Err(stop) = walk.source_groups() {
        return walk.stopped(*stop);
    }
    let parts = walk.parts();
    let all = walk.to.clone();
    let answers = parts.into_iter().map(|part| walk.clone().follow(part)).collect();
    combined(answers, &all)
}

/// The way of a function in `subnet_id` to the internet over IPv4, by routes alone: whatever groups and ACLs let
/// through. Without a public address, it needs a NAT gateway, or something beyond sight.
#[must_use]
pub fn way_to_the_internet(network: &Network, subnet_id: &str) -> Reachability {
    let source =
        Source { subnet_id: subnet_id.to_owned(), security_group_ids: Vec::new(), dual_stack: false };
    let destination = Destination::range(single(ON_THE_INTERNET), 443);
    let to = destination_addresses(network, &destination);
    let mut walk = Walk::new(network, &source, &destination, to.clone(), to);
    let Some(part) = walk.parts().into_iter().next() else { return Reachability::Reachable(walk.path) };
    match walk.take_hop(part.hop) {
        Ok(onward) => walk.arrived(onward.end),
        Err(stop) => walk.stopped(*stop),
    }
}

/// An address reserved for documentation: public, and of nobody, so that only routes for the whole internet match.
const ON_THE_INTERNET: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));

/// A part of the destination that packets reach on one way.
struct Part<'n> {
    to: Addresses,
    hop: Hop<'n>,
    subnet_id: Option<String>,
}

/// Where the route table of the function's subnet leads.
#[derive(Clone, Copy)]
enum Hop<'n> {
    Route(&'n RouteTable, &'n Route),
    NoRoute(&'n RouteTable),
    /// The table is not known, but the destination is in the VPC.
    Local,
    Unknown,
}

fn sending_addresses(network: &Network, source: &Source, to: &Addresses) -> Result<Addresses, Box<Stop>> {
    let Some(like) = to.ranges.first() else { return Ok(to.clone()) };
    let from = source_addresses(network, source, like);
    let can_send = matches!(like, IpNet::V4(_)) || (source.dual_stack && from.is_some());
    if can_send {
        return Ok(from.unwrap_or_else(|| Addresses::all(&[])));
    }
    let subnet_has_ipv6 = known_subnet(network, &source.subnet_id)
        .is_some_and(|subnet| subnet.ranges.iter().any(|range| matches!(range, IpNet::V6(_))));
    Err(Stop::new(Blocker::NoIpv6 { subnet_id: source.subnet_id.clone(), subnet_has_ipv6 }))
}

impl<'n> Walk<'n> {
    /// The destination by route and, where packets are delivered to a subnet that was seen, by subnet.
    fn parts(&mut self) -> Vec<Part<'n>> {
        let table = self.table_in_vpc(&self.source.subnet_id);
        let choices = table.and_then(|table| {
            let lists = &self.network.prefix_lists;
            let prefix_list = self.destination.prefix_list.as_deref();
            choose_routes(table, lists, &self.to.ranges, prefix_list).map(|choices| (table, choices))
        });
        let by_route: Vec<(Addresses, Hop<'n>)> = match choices {
            Ok((table, choices)) => choices
                .into_iter()
                .map(|choice| {
                    let hop = choice.route.map_or(Hop::NoRoute(table), |route| Hop::Route(table, route));
                    (self.to.part(&choice.destinations), hop)
                })
                .collect(),
            Err(cause) => {
                let subnet_id = self.source.subnet_id.clone();
                self.not_known(Check::Route { leg: Leg::Forward, subnet_id }, cause);
                let hop = if self.is_in_vpc(&self.to.ranges) { Hop::Local } else { Hop::Unknown };
                vec![(self.to.clone(), hop)]
            }
        };
        by_route.into_iter().flat_map(|(to, hop)| self.by_subnet(to, hop)).collect()
    }

    fn by_subnet(&self, to: Addresses, hop: Hop<'n>) -> Vec<Part<'n>> {
        let vpc_id = match hop {
            Hop::Local => self.vpc_id,
            Hop::Route(_, Route { next: NextHop::Local, .. }) => self.vpc_id,
            Hop::Route(_, Route { next: NextHop::Peering(id), .. }) => self.peer_vpc_id(id),
            _ => return vec![Part { to, hop, subnet_id: None }],
        };
        if let Some(id) = &self.destination.subnet_id {
            return vec![Part { to, hop, subnet_id: Some(id.clone()) }];
        }
        let mut parts = Vec::new();
        for subnet in self.network.subnets.iter().flat_map(|subnets| subnets.values()) {
            let ranges = overlap(&to.ranges, &subnet.ranges);
            if vpc_id == Some(subnet.vpc_id.as_str()) && !ranges.is_empty() {
                parts.push(Part { to: to.part(&ranges), hop, subnet_id: Some(subnet.id.clone()) });
            }
        }
        if parts.is_empty() { vec![Part { to, hop, subnet_id: None }] } else { parts }
    }

    /// Follows the packets to one part of the destination, and the answers back.
    fn follow(mut self, part: Part<'n>) -> Reachability {
        self.to = part.to;
        match self.try_follow(part.hop, part.subnet_id.as_deref()) {
            Ok(end) => self.arrived(end),
            Err(stop) => self.stopped(*stop),
        }
    }

    fn take_hop(&mut self, hop: Hop<'n>) -> Result<Onward, Box<Stop>> {
        match hop {
            Hop::Route(table, route) => self.next_hop(table, route),
            Hop::NoRoute(table) => Err(Stop::new(Blocker::NoRoute {
                leg: Leg::Forward,
                subnet_id: self.source.subnet_id.clone(),
                table_id: table.id.clone(),
                destinations: self.to.ranges.clone(),
            })),
            Hop::Local => Ok(End::Delivered.into()),
            Hop::Unknown => Ok(End::Outside.into()),
        }
    }

    fn try_follow(&mut self, hop: Hop<'n>, subnet_id: Option<&str>) -> Result<End, Box<Stop>> {
        let own_subnet = self.source.subnet_id.clone();
        let onward = self.take_hop(hop)?;
        let next = match hop {
            Hop::Route(_, route) => Some(&route.next),
            _ => None,
        };
        let leaves_subnet = match (next, subnet_id) {
            (Some(next), _) if *next != NextHop::Local => Some(true),
            (_, Some(id)) => Some(id != own_subnet),
            (_, None) => overlap(&self.from.ranges, &self.to.ranges).is_empty().then_some(true),
        };
        if onward.end != End::Delivered {
            let leaves = |leg| leaves_subnet.filter(|_| !onward.may_stay_in_subnet(leg));
            self.own_acl(Leg::Forward, leaves(Leg::Forward))?;
            if let Some(nat_subnet) = &onward.nat_subnet {
                self.nat_acls(nat_subnet)?;
            }
            self.own_acl(Leg::Return, leaves(Leg::Return))?;
            return Ok(onward.end);
        }

        let peering = next.filter(|next| **next != NextHop::Local);
        self.own_acl(Leg::Forward, leaves_subnet)?;
        let other_subnet = subnet_id.filter(|id| *id != own_subnet);
        if let Some(id) = other_subnet {
            self.destination_acl(Leg::Forward, id)?;
        }
        let not_in_sight = peering.filter(|_| subnet_id.is_none() && self.network.subnets.is_ok());
        if not_in_sight.is_none() || self.destination.security_group_ids.is_some() {
            self.destination_groups(peering.is_none())?;
        }
        let mut end = End::Delivered;
        if let Some(id) = other_subnet {
            self.destination_acl(Leg::Return, id)?;
            end = self.route_back(id, peering.unwrap_or(&NextHop::Local))?;
        } else if let Some(peering) = not_in_sight {
            end = End::BeyondSight(peering.clone());
        } else if subnet_id.is_none() {
            self.destination_subnet_not_known();
        }
        self.own_acl(Leg::Return, leaves_subnet)?;
        Ok(end)
    }

    fn destination_subnet_not_known(&mut self) {
        let cause = match &self.network.subnets {
            Err(unseen) => unseen.into(),
            Ok(_) => Cause::NotDescribed {
                what: "a subnet with",
                id: self.to.ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            },
        };
        self.not_known(Check::Subnets, cause);
    }

    fn arrived(self, end: End) -> Reachability {
        match end {
            _ if !self.unknown.is_empty() => Reachability::Unknown { path: self.path, unknown: self.unknown },
            End::BeyondSight(through) => Reachability::BeyondSight { path: self.path, through },
            End::Delivered | End::Outside => Reachability::Reachable(self.path),
        }
    }

    fn stopped(mut self, stop: Stop) -> Reachability {
        let named_by_group = self.destination.range.is_none() && self.destination.subnet_id.is_none();
        if let Blocker::SecurityGroup { direction, .. } = &stop.blocker
            && named_by_group
            && self.destination.security_group_ids.is_some()
        {
            let check = match direction {
                Direction::Egress => Check::Egress,
                Direction::Ingress => Check::Ingress,
            };
            self.not_known(check, Cause::Members);
        }
        Reachability::Blocked(Box::new(Blocked {
            blocker: stop.blocker,
            partly: stop.partly,
            destinations: self.to.ranges,
            path: self.path,
            unknown: self.unknown,
        }))
    }
}

/// The answer for the whole destination from those for its parts.
fn combined(answers: Vec<Reachability>, to: &Addresses) -> Reachability {
    let count = answers.len();
    let mut blocked: Vec<Box<Blocked>> = Vec::new();
    let mut beyond = None;
    let mut steps: Vec<Step> = Vec::new();
    let mut unknown: Vec<Unknown> = Vec::new();
    for answer in answers {
        let (path, more) = match answer {
            Reachability::Reachable(path) => (path, Vec::new()),
            Reachability::Unknown { path, unknown } => (path, unknown),
            Reachability::BeyondSight { path, through } => {
                beyond.get_or_insert(through);
                (path, Vec::new())
            }
            Reachability::Blocked(part) => {
                blocked.push(part);
                continue;
            }
        };
        add_new(&mut steps, path.steps);
        add_new(&mut unknown, more);
    }
    let all_blocked = blocked.len() == count;
    if let Some(cause) = &to.some
        && !blocked.is_empty()
        && !all_blocked
    {
        add_new(&mut unknown, vec![Unknown { check: Check::Subnets, cause: cause.clone() }]);
    } else if !blocked.is_empty() {
        let mut blocked = blocked.into_iter();
        if let Some(mut first) = blocked.next() {
            let same = blocked.filter(|other| other.blocker == first.blocker);
            let more: Vec<IpNet> = same.flat_map(|other| other.destinations.clone()).collect();
            first.destinations = joined(&[first.destinations, more].concat());
            first.partly |= !all_blocked;
            return Reachability::Blocked(first);
        }
    }
    let path = Path { steps };
    match beyond {
        _ if !unknown.is_empty() => Reachability::Unknown { path, unknown },
        Some(through) => Reachability::BeyondSight { path, through },
        None => Reachability::Reachable(path),
    }
}

fn add_new<T: PartialEq>(known: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !known.contains(&item) {
            known.push(item);
        }
    }
}
