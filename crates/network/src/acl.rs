//! Network ACLs: the rule with the lowest number that matches a packet decides, in each direction on its own.

use ipnet::IpNet;

use crate::answer::{Denied, Direction};
use crate::groups::ports;
use crate::model::{AclRule, NetworkAcl, Protocol};
use crate::packets::{Packets, joined, take, tidy};

/// The rule that every ACL ends in. It denies everything and cannot be removed. The one for IPv6 comes after it.
const LAST_RULE: u32 = 32767;
/// The distance between rules that EC2's console proposes.
const STEP: u32 = 100;

/// What an ACL makes of packets.
pub(crate) struct Decision {
    /// The rules that let some through, in their order.
    pub(crate) allowed_by: Vec<AclRule>,
    pub(crate) denied: Vec<Denied>,
}

/// What `acl` does with `packets`, whose ranges are of the other side.
pub(crate) fn decide(
    acl: &NetworkAcl,
    direction: Direction,
    protocol: Protocol,
    packets: Vec<Packets>,
) -> Decision {
    let mut remaining = packets;
    let mut decision = Decision { allowed_by: Vec::new(), denied: Vec::new() };
    for rule in in_order(acl, direction).into_iter().filter(|rule| rule.protocol.covers(protocol)) {
        let filter = Packets { range: rule.range, ports: ports(rule.protocol, rule.ports.as_ref()) };
        let matched = take(&mut remaining, &filter);
        if matched.is_empty() {
            continue;
        }
        if rule.allows {
            decision.allowed_by.push(rule.clone());
        } else {
            decision.deny(&matched, Some(rule));
        }
    }
    decision.deny(&remaining, None);
    decision
}

impl Decision {
    fn deny(&mut self, packets: &[Packets], rule: Option<&AclRule>) {
        let denied = tidy(packets).into_iter().map(|packets| Denied { packets, rule: rule.cloned() });
        self.denied.extend(denied);
    }
}

fn in_order(acl: &NetworkAcl, direction: Direction) -> Vec<&AclRule> {
    let mut rules: Vec<&AclRule> = match direction {
        Direction::Egress => acl.egress.iter().collect(),
        Direction::Ingress => acl.ingress.iter().collect(),
    };
    rules.sort_by_key(|rule| rule.number);
    rules
}

/// Rules that would let `denied` through, one for each range and each of the ports' ranges, with numbers that are free;
/// none if there are not enough free numbers before the first rule that denies.
pub(crate) fn missing_rules(
    acl: &NetworkAcl,
    direction: Direction,
    protocol: Protocol,
    denied: &[Denied],
) -> Vec<AclRule> {
    let rules = in_order(acl, direction);
    let limit = denied.iter().map(|denied| denied.rule.as_ref().map_or(LAST_RULE, |rule| rule.number)).min();
    let Some(limit) = limit.map(|number| number.min(LAST_RULE)) else { return Vec::new() };
    let ranges: Vec<IpNet> = denied.iter().map(|denied| denied.packets.range).collect();
    let first = denied.iter().map(|denied| *denied.packets.ports.start()).min().unwrap_or(0);
    let last = denied.iter().map(|denied| *denied.packets.ports.end()).max().unwrap_or(u16::MAX);
    let wanted = joined(&ranges);
    let numbers = free_numbers(&rules, limit, wanted.len());
    wanted
        .into_iter()
        .zip(numbers)
        .map(|(range, number)| AclRule { number, allows: true, protocol, ports: Some(first..=last), range })
        .collect()
}

/// `count` free numbers below `limit`, or none at all. Round ones after the rules that are there, if possible.
fn free_numbers(rules: &[&AclRule], limit: u32, count: usize) -> Vec<u32> {
    let before = rules.iter().map(|rule| rule.number).filter(|number| *number < limit).max().unwrap_or(0);
    let round: Vec<u32> =
        (before / STEP + 1..).map(|hundred| hundred * STEP).take_while(|n| *n < limit).take(count).collect();
    if round.len() == count {
        return round;
    }
    let is_free = |number: &u32| rules.iter().all(|rule| rule.number != *number);
    let mut free: Vec<u32> = (1..limit).rev().filter(is_free).take(count).collect();
    free.reverse();
    if free.len() == count { free } else { Vec::new() }
}
