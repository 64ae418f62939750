//! Security groups: any rule of any group that matches lets a connection through, and its answers back.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ipnet::IpNet;

use crate::answer::{Cause, Difference, Direction, SimilarRule};
use crate::model::{Network, Peer, PrefixList, Protocol, Rule, SecurityGroup, Seen};
use crate::packets::{ALL_PORTS, Packets, overlap, packets, take};

/// How many similar rules are worth showing.
const SIMILAR_RULES: usize = 3;

/// The other side of a connection, as the rules of a group name it.
pub(crate) struct OtherSide<'a> {
    pub(crate) ranges: &'a [IpNet],
    pub(crate) groups: Membership<'a>,
    pub(crate) prefix_list: Option<&'a str>,
}

/// Which groups the other side is in.
pub(crate) enum Membership<'a> {
    Of(&'a [String]),
    Unknown(Cause),
}

/// What the rules of some groups make of a connection.
pub(crate) struct Coverage {
    pub(crate) allowed_by: Vec<(String, Rule)>,
    pub(crate) missing: Vec<Packets>,
    /// Why some of what is missing may be allowed after all.
    pub(crate) doubts: Vec<Cause>,
    pub(crate) similar: Vec<SimilarRule>,
}

/// What the groups `group_ids` let through between their member and `other`, to `port`.
pub(crate) fn coverage(
    network: &Network,
    group_ids: &[String],
    direction: Direction,
    other: &OtherSide<'_>,
    protocol: Protocol,
    port: u16,
) -> Coverage {
    let mut coverage = Coverage {
        allowed_by: Vec::new(),
        missing: packets(other.ranges, &(port..=port)),
        doubts: Vec::new(),
        similar: Vec::new(),
    };
    let groups = match &network.security_groups {
        Ok(groups) => groups,
        Err(unseen) => {
            coverage.doubts.push(unseen.into());
            return coverage;
        }
    };
    for id in group_ids {
        match groups.get(id) {
            Some(group) => {
                coverage.add_group(group, direction, other, (protocol, port), &network.prefix_lists);
            }
            None => {
                coverage.doubts.push(Cause::NotDescribed { what: "security group", id: id.clone() });
            }
        }
    }
    coverage.similar.sort_by_key(|similar| similar.difference);
    coverage.similar.truncate(SIMILAR_RULES);
    coverage
}

impl Coverage {
    fn add_group(
        &mut self,
        group: &SecurityGroup,
        direction: Direction,
        other: &OtherSide<'_>,
        (protocol, port): (Protocol, u16),
        prefix_lists: &Seen<BTreeMap<String, PrefixList>>,
    ) {
        let rules = match direction {
            Direction::Egress => &group.egress,
            Direction::Ingress => &group.ingress,
        };
        for rule in rules {
            let right_protocol = rule.protocol.covers(protocol);
            let right_port = ports(rule.protocol, rule.ports.as_ref()).contains(&port);
            let right_peer = match_peer(&rule.peer, other, prefix_lists);
            let mut similar = |difference| {
                let rule = rule.clone();
                self.similar.push(SimilarRule { group_id: group.id.clone(), rule, difference });
            };
            match (right_protocol, right_port, &right_peer) {
                (true, true, PeerMatch::Doubt(cause)) => self.doubts.push(cause.clone()),
                (true, true, PeerMatch::Ranges(ranges)) => {
                    if overlap(other.ranges, ranges) != overlap(other.ranges, other.ranges) {
                        similar(Difference::Peer);
                    }
                    self.allow(group, rule, ranges);
                }
                (true, false, PeerMatch::Ranges(ranges)) if matches_some(ranges, other) => {
                    similar(Difference::Ports);
                }
                // A rule of another protocol has ports of another meaning, or none at all.
                (false, true, PeerMatch::Ranges(ranges))
                    if rule.protocol.has_ports() && matches_some(ranges, other) =>
                {
                    similar(Difference::Protocol);
                }
                _ => {}
            }
        }
    }

    fn allow(&mut self, group: &SecurityGroup, rule: &Rule, ranges: &[IpNet]) {
        let mut allows = false;
        for range in ranges {
            allows |= !take(&mut self.missing, &Packets { range: *range, ports: ALL_PORTS }).is_empty();
        }
        if allows {
            self.allowed_by.push((group.id.clone(), rule.clone()));
        }
    }
}

fn matches_some(ranges: &[IpNet], other: &OtherSide<'_>) -> bool {
    !overlap(other.ranges, ranges).is_empty()
}

enum PeerMatch {
    /// The rule is for these addresses.
    Ranges(Vec<IpNet>),
    /// Which addresses the rule is for, or whether the other side is among them, is not known.
    Doubt(Cause),
}

fn match_peer(
    peer: &Peer,
    other: &OtherSide<'_>,
    prefix_lists: &Seen<BTreeMap<String, PrefixList>>,
) -> PeerMatch {
    match peer {
        Peer::Range(range) => PeerMatch::Ranges(vec![*range]),
        Peer::Group(id) => match &other.groups {
            Membership::Of(ids) if ids.contains(id) => PeerMatch::Ranges(other.ranges.to_vec()),
            Membership::Of(_) => PeerMatch::Ranges(Vec::new()),
            Membership::Unknown(cause) => PeerMatch::Doubt(cause.clone()),
        },
        Peer::PrefixList(id) if other.prefix_list == Some(id.as_str()) => {
            PeerMatch::Ranges(other.ranges.to_vec())
        }
        Peer::PrefixList(id) => match prefix_list_ranges(prefix_lists, id) {
            Ok(ranges) => PeerMatch::Ranges(ranges.to_vec()),
            Err(cause) => PeerMatch::Doubt(cause),
        },
    }
}

/// The ranges of a prefix list.
pub(crate) fn prefix_list_ranges<'n>(
    prefix_lists: &'n Seen<BTreeMap<String, PrefixList>>,
    id: &str,
) -> Result<&'n [IpNet], Cause> {
    let list = prefix_lists
        .as_ref()
        .map_err(Cause::from)?
        .get(id)
        .ok_or_else(|| Cause::NotDescribed { what: "prefix list", id: id.to_owned() })?;
    list.ranges.as_ref().map(Vec::as_slice).map_err(Cause::from)
}

/// The ports of a rule; protocol -1 has none and matches all.
pub(crate) fn ports(protocol: Protocol, ports: Option<&RangeInclusive<u16>>) -> RangeInclusive<u16> {
    match ports {
        Some(ports) if protocol != Protocol::All => ports.clone(),
        _ => ALL_PORTS,
    }
}
