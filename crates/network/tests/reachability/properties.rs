//! Random rules and routes, against evaluators that look at one packet at a time, as the documentation of AWS puts it.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;

use ipnet::{IpNet, Ipv4Net};
use lamex_network::answer::{Blocked, Blocker, Direction, Reachability};
use lamex_network::model::*;
use lamex_network::routes::choose_routes;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::fixture::*;

/// The other side in these tests: sixteen addresses of the peered VPC, in no subnet that was seen.
const OTHER_SIDE: &str = "10.1.7.0/28";
const PORT: u16 = 443;

fn addresses(range: &str) -> impl Iterator<Item = IpAddr> {
    let range: Ipv4Net = range.parse().unwrap();
    let first = u32::from(range.network());
    (first..=u32::from(range.broadcast())).map(|bits| IpAddr::V4(Ipv4Addr::from(bits)))
}

fn range_near(base: Ipv4Addr) -> impl Strategy<Value = IpNet> {
    let near = (0_u32..24, 24_u8..=32).prop_map(move |(offset, prefix)| {
        IpNet::from(Ipv4Net::new(Ipv4Addr::from(u32::from(base) + offset), prefix).unwrap()).trunc()
    });
    prop_oneof![8 => near, 2 => Just(net("0.0.0.0/0")), 1 => Just(net("::/0"))]
}

fn other_side_range() -> impl Strategy<Value = IpNet> {
    range_near(Ipv4Addr::new(10, 1, 7, 0))
}

fn protocol() -> impl Strategy<Value = Protocol> {
    prop_oneof![
        4 => Just(Protocol::Tcp),
        2 => Just(Protocol::All),
        3 => Just(Protocol::Udp),
        1 => Just(Protocol::Icmp),
    ]
}

/// What a connection or a datagram is sent with.
fn transport() -> impl Strategy<Value = Protocol> {
    prop_oneof![Just(Protocol::Tcp), Just(Protocol::Udp)]
}

fn ports(low: u16, high: u16) -> impl Strategy<Value = Option<RangeInclusive<u16>>> {
    prop_oneof![
        1 => Just(None),
        4 => (low..=high, low..=high).prop_map(|(one, other)| Some(one.min(other)..=one.max(other))),
    ]
}

fn group_rule() -> impl Strategy<Value = Rule> {
    let peer = prop_oneof![
        6 => other_side_range().prop_map(Peer::Range),
        1 => Just(Peer::PrefixList("pl-few".to_owned())),
        1 => Just(Peer::Group("sg-member".to_owned())),
    ];
    (protocol(), ports(PORT - 2, PORT + 2), peer).prop_map(|(protocol, ports, peer)| Rule {
        protocol,
        ports,
        peer,
    })
}

fn acl_rules(
    range: impl Strategy<Value = IpNet>,
    ports: impl Strategy<Value = Option<RangeInclusive<u16>>>,
) -> impl Strategy<Value = Vec<AclRule>> {
    let rule = (2_u32..40, prop::bool::weighted(0.6), protocol(), ports, range).prop_map(
        |(number, allows, protocol, ports, range)| AclRule { number, allows, protocol, ports, range },
    );
    vec(rule, 0..8).prop_map(|mut rules| {
        rules.sort_by_key(|rule| rule.number);
        rules.dedup_by_key(|rule| rule.number);
        rules.reverse();
        rules
    })
}

/// One packet: who is on the other side, with which protocol, to which port.
#[derive(Clone, Copy)]
struct Packet {
    other: IpAddr,
    transport: Protocol,
    port: u16,
}

impl Packet {
    fn is_named_by(self, protocol: Protocol, ports: Option<&RangeInclusive<u16>>) -> bool {
        protocol == Protocol::All
            || (protocol == self.transport && ports.is_none_or(|ports| ports.contains(&self.port)))
    }
}

/// Whether a rule of a group is for one packet.
fn group_rule_allows(rule: &Rule, few: &[IpNet], is_member: bool, packet: Packet) -> bool {
    let right_peer = match &rule.peer {
        Peer::Range(range) => range.contains(&packet.other),
        Peer::PrefixList(_) => few.iter().any(|range| range.contains(&packet.other)),
        Peer::Group(_) => is_member,
    };
    right_peer && packet.is_named_by(rule.protocol, rule.ports.as_ref())
}

/// The rule of an ACL that decides about one packet.
fn deciding_rule(rules: &[AclRule], packet: Packet) -> Option<&AclRule> {
    let matches = |rule: &&AclRule| {
        rule.range.contains(&packet.other) && packet.is_named_by(rule.protocol, rule.ports.as_ref())
    };
    rules.iter().filter(matches).min_by_key(|rule| rule.number)
}

fn acl_allows(rules: &[AclRule], packet: Packet) -> bool {
    deciding_rule(rules, packet).is_some_and(|rule| rule.allows)
}

/// Ephemeral ports on both sides of every border of the rules, and the first and the last.
fn interesting_ports(rules: &[AclRule]) -> Vec<u16> {
    let borders = rules.iter().filter_map(|rule| rule.ports.as_ref()).flat_map(|ports| {
        let (first, last) = (*ports.start(), *ports.end());
        [first.saturating_sub(1), first, last, last.saturating_add(1)]
    });
    let mut interesting: Vec<u16> = borders.filter(|port| *port >= 1024).chain([1024, 65535]).collect();
    interesting.sort_unstable();
    interesting.dedup();
    interesting
}

fn blocked(answer: Reachability) -> Option<Blocked> {
    match answer {
        Reachability::Blocked(blocked) => Some(*blocked),
        _ => None,
    }
}

/// Does what a blocker says is missing; `false` where it says nothing.
fn mend(situation: &mut Situation, blocker: &Blocker) -> bool {
    match blocker {
        Blocker::SecurityGroup { missing, .. } => {
            for peer in &missing.peers {
                let ports = Some(missing.port..=missing.port);
                let rule = Rule { protocol: missing.protocol, ports, peer: peer.clone() };
                let group = situation.group(&missing.group_ids[0]);
                match missing.direction {
                    Direction::Egress => group.egress.push(rule),
                    Direction::Ingress => group.ingress.push(rule),
                }
            }
            true
        }
        Blocker::NetworkAcl { acl_id, direction, missing, .. } => {
            let acls = situation.network.network_acls.as_mut().unwrap();
            let acl = acls.iter_mut().find(|acl| acl.id == *acl_id).unwrap();
            let rules = match direction {
                Direction::Egress => &mut acl.egress,
                Direction::Ingress => &mut acl.ingress,
            };
            for rule in missing {
                assert!(rules.iter().all(|other| other.number != rule.number), "{} is taken", rule.number);
                rules.push(rule.clone());
            }
            !missing.is_empty()
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn groups_allow_what_some_rule_allows(
        first in vec(group_rule(), 0..4),
        second in vec(group_rule(), 0..4),
        few in vec(other_side_range(), 0..3),
        is_member: bool,
        transport in transport(),
    ) {
        let mut situation = Situation::new();
        situation.destination = to_range(OTHER_SIDE, PORT);
        situation.destination.protocol = transport;
        let own_group = if is_member { "sg-member" } else { "sg-other" };
        situation.destination.security_group_ids = Some(vec![own_group.to_owned()]);
        let list = PrefixList { id: "pl-few".into(), name: "few".into(), ranges: Ok(few.clone()) };
        situation.network.prefix_lists.as_mut().unwrap().insert("pl-few".into(), list);
        situation.group("sg-app").egress = first.clone();
        let groups = situation.network.security_groups.as_mut().unwrap();
        groups.insert("sg-second".into(), group("sg-second", "vpc-1", Vec::new(), second.clone()));
        situation.source.security_group_ids.push("sg-second".into());

        let allowed = |other| {
            let packet = Packet { other, transport, port: PORT };
            first.iter().chain(&second).any(|rule| group_rule_allows(rule, &few, is_member, packet))
        };
        let found = blocked(situation.answer());
        let missing = match &found {
            Some(Blocked { blocker: Blocker::SecurityGroup { packets, .. }, .. }) => packets.clone(),
            Some(other) => panic!("{other:?}"),
            None => Vec::new(),
        };
        for other in addresses(OTHER_SIDE) {
            let is_missing = missing.iter().any(|packets| packets.range.contains(&other));
            prop_assert_eq!(is_missing, !allowed(other), "{}", other);
        }
        if let Some(found) = found {
            prop_assert_eq!(found.partly, addresses(OTHER_SIDE).any(allowed));
            mend(&mut situation, &found.blocker);
            prop_assert_eq!(blocked(situation.answer()), None);
        }
    }

    #[test]
    fn the_first_rule_of_an_acl_that_matches_decides(
        rules in acl_rules(other_side_range(), prop_oneof![ports(1020, 1032), ports(65530, 65535), ports(0, 65535)]),
        transport in transport(),
    ) {
        let mut situation = Situation::new();
        situation.destination = to_range(OTHER_SIDE, PORT);
        situation.destination.protocol = transport;
        situation.own_acl("subnet-app", rules.clone(), acl_allows_all());
        let found = blocked(situation.answer());
        let denied = match &found {
            Some(Blocked { blocker: Blocker::NetworkAcl { denied, .. }, .. }) => denied.clone(),
            Some(other) => panic!("{other:?}"),
            None => Vec::new(),
        };
        let mut some_pass = false;
        for other in addresses(OTHER_SIDE) {
            for port in interesting_ports(&rules) {
                let decides = deciding_rule(&rules, Packet { other, transport, port });
                let passes = decides.is_some_and(|rule| rule.allows);
                some_pass |= passes;
                let by: Vec<Option<&AclRule>> = denied
                    .iter()
                    .filter(|denied| denied.packets.range.contains(&other) && denied.packets.ports.contains(&port))
                    .map(|denied| denied.rule.as_ref())
                    .collect();
                let expected = if passes { Vec::new() } else { vec![decides] };
                prop_assert_eq!(by, expected, "{} {}", other, port);
            }
        }
        if let Some(found) = found {
            prop_assert_eq!(found.partly, some_pass);
            if mend(&mut situation, &found.blocker) {
                prop_assert_eq!(blocked(situation.answer()), None);
            }
        }
    }

    #[test]
    fn the_longest_prefix_decides(
        ranges in vec(other_side_range(), 0..8),
        few in vec(other_side_range(), 0..3),
    ) {
        let mut ranges = ranges;
        ranges.sort();
        ranges.dedup();
        let mut routes: Vec<Route> = ranges
            .iter()
            .enumerate()
            .map(|(index, range)| route(&range.to_string(), NextHop::TransitGateway(format!("tgw-{index}"))))
            .collect();
        routes.insert(0, route("pl-few", NextHop::Interface("eni-few".to_owned())));
        let mut network = network();
        let list = PrefixList { id: "pl-few".into(), name: "few".into(), ranges: Ok(few.clone()) };
        network.prefix_lists.as_mut().unwrap().insert("pl-few".into(), list);
        let mut table = network.route_tables.unwrap().remove(0);
        table.routes = routes.clone();
        let choices = choose_routes(&table, &network.prefix_lists, &[net(OTHER_SIDE)], None).unwrap();
        for address in addresses(OTHER_SIDE) {
            // Of two equally long ones, the route for a range comes before the one for a prefix list.
            let of_route = |route: &Route| match &route.destination {
                RouteDestination::Range(range) => range.contains(&address).then(|| (range.prefix_len(), 1)),
                RouteDestination::PrefixList(_) => {
                    let lengths = few.iter().filter(|range| range.contains(&address)).map(IpNet::prefix_len);
                    lengths.max().map(|length| (length, 0))
                }
            };
            let matching = routes.iter().filter(|route| of_route(route).is_some());
            let expected = matching.max_by_key(|route| of_route(route));
            let chosen: Vec<Option<&Route>> = choices
                .iter()
                .filter(|choice| choice.destinations.iter().any(|range| range.contains(&address)))
                .map(|choice| choice.route)
                .collect();
            prop_assert_eq!(chosen, vec![expected], "{}", address);
        }
    }

    #[test]
    fn a_connection_works_when_all_its_packets_pass(
        app_in in acl_rules(range_near(Ipv4Addr::new(10, 0, 2, 0)), ports(1000, 1100)),
        app_out in acl_rules(range_near(Ipv4Addr::new(10, 0, 2, 0)), ports(PORT - 2, PORT + 2)),
        data_in in acl_rules(range_near(Ipv4Addr::new(10, 0, 1, 0)), ports(PORT - 2, PORT + 2)),
        data_out in acl_rules(range_near(Ipv4Addr::new(10, 0, 1, 0)), ports(1000, 1100)),
        default_acl in prop::array::uniform4(prop::bool::weighted(0.7)),
        ingress in vec(
            (protocol(), ports(PORT - 2, PORT + 2), range_near(Ipv4Addr::new(10, 0, 1, 0))), 0..8),
        transport in transport(),
    ) {
        let or_default = |rules: Vec<AclRule>, default| if default { acl_allows_all() } else { rules };
        let app_in = or_default(app_in, default_acl[0]);
        let app_out = or_default(app_out, default_acl[1]);
        let data_in = or_default(data_in, default_acl[2]);
        let data_out = or_default(data_out, default_acl[3]);
        let ingress: Vec<Rule> = ingress
            .into_iter()
            .map(|(protocol, ports, range)| Rule { protocol, ports, peer: Peer::Range(range) })
            .collect();
        let mut situation = Situation::new();
        situation.network.subnets.as_mut().unwrap().get_mut("subnet-app").unwrap().ranges = nets(&["10.0.1.0/28"]);
        situation.destination.port = PORT;
        situation.destination.protocol = transport;
        let target: IpAddr = "10.0.2.10".parse().unwrap();
        situation.own_acl("subnet-data", data_in.clone(), data_out.clone());
        situation.network.network_acls.as_mut().unwrap().last_mut().unwrap().id = "acl-data".into();
        situation.own_acl("subnet-app", app_in.clone(), app_out.clone());
        situation.group("sg-data").ingress = ingress.clone();

        let ephemeral = interesting_ports(&[app_in.clone(), data_out.clone()].concat());
        let mut passing = 0;
        let mut stopped = 0;
        for own in addresses("10.0.1.0/28") {
            for port in &ephemeral {
                let to = |other, port| Packet { other, transport, port };
                let passes = acl_allows(&app_out, to(target, PORT))
                    && acl_allows(&data_in, to(own, PORT))
                    && ingress.iter().any(|rule| group_rule_allows(rule, &[], false, to(own, PORT)))
                    && acl_allows(&data_out, to(own, *port))
                    && acl_allows(&app_in, to(target, *port));
                if passes { passing += 1 } else { stopped += 1 }
            }
        }
        match situation.answer() {
            Reachability::Reachable(_) => prop_assert_eq!(stopped, 0),
            Reachability::Blocked(found) => {
                prop_assert!(stopped > 0);
                prop_assert!(found.partly || passing == 0);
            }
            other => panic!("{other:?}"),
        }
        // Whatever is in the way, what is said to be missing mends it, one thing after the other.
        for _ in 0..6 {
            let Some(found) = blocked(situation.answer()) else { return Ok(()) };
            if !mend(&mut situation, &found.blocker) {
                return Ok(());
            }
        }
        prop_assert_eq!(situation.told(), "reachable");
    }
}
