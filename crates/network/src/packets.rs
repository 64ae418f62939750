//! Sets of packets: which addresses, on which ports. Rules take parts out of them.

use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use ipnet::IpNet;

/// Every port.
pub(crate) const ALL_PORTS: RangeInclusive<u16> = 0..=u16::MAX;

/// Packets to or from every address of a range, on every port of a range of ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packets {
    /// The addresses of the other side.
    pub range: IpNet,
    /// The ports that the packets are sent to.
    pub ports: RangeInclusive<u16>,
}

impl Packets {
    /// What both have.
    pub(crate) fn intersection(&self, other: &Packets) -> Option<Packets> {
        let range = narrower(self.range, other.range)?;
        let first = *self.ports.start().max(other.ports.start());
        let last = *self.ports.end().min(other.ports.end());
        (first <= last).then_some(Packets { range, ports: first..=last })
    }

    /// What is left without `hole`, in pieces that do not overlap.
    fn without(&self, hole: &Packets) -> Vec<Packets> {
        let Some(gone) = self.intersection(hole) else { return vec![self.clone()] };
        let mut left: Vec<Packets> = without(self.range, gone.range)
            .into_iter()
            .map(|range| Packets { range, ports: self.ports.clone() })
            .collect();
        if self.ports.start() < gone.ports.start() {
            left.push(Packets { range: gone.range, ports: *self.ports.start()..=*gone.ports.start() - 1 });
        }
        if gone.ports.end() < self.ports.end() {
            left.push(Packets { range: gone.range, ports: *gone.ports.end() + 1..=*self.ports.end() });
        }
        left
    }
}

impl fmt::Display for Packets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ports.start() == self.ports.end() {
            write!(out, "{}, port {}", self.range, self.ports.start())
        } else {
            write!(out, "{}, ports {} to {}", self.range, self.ports.start(), self.ports.end())
        }
    }
}

/// All of `ranges` on `ports`, each address once.
pub(crate) fn packets(ranges: &[IpNet], ports: &RangeInclusive<u16>) -> Vec<Packets> {
    joined(ranges).into_iter().map(|range| Packets { range, ports: ports.clone() }).collect()
}

/// Removes from `remaining` what `filter` matches, and returns it.
pub(crate) fn take(remaining: &mut Vec<Packets>, filter: &Packets) -> Vec<Packets> {
    let taken = remaining.iter().filter_map(|piece| piece.intersection(filter)).collect();
    *remaining = remaining.iter().flat_map(|piece| piece.without(filter)).collect();
    taken
}

/// The same packets in fewer pieces, for people to read.
pub(crate) fn tidy(pieces: &[Packets]) -> Vec<Packets> {
    let mut tidied: Vec<Packets> = Vec::new();
    for piece in pieces {
        if tidied.iter().any(|known| known.ports == piece.ports) {
            continue;
        }
        let ranges: Vec<IpNet> =
            pieces.iter().filter(|other| other.ports == piece.ports).map(|other| other.range).collect();
        tidied.extend(packets(&ranges, &piece.ports));
    }
    tidied
}

/// The same addresses in as few ranges as possible, in order.
pub(crate) fn joined(ranges: &[IpNet]) -> Vec<IpNet> {
    let mut joined = IpNet::aggregate(&ranges.to_vec());
    joined.sort();
    joined
}

/// The part of `ranges` that lies in `within`.
pub(crate) fn overlap(ranges: &[IpNet], within: &[IpNet]) -> Vec<IpNet> {
    let both = ranges.iter().flat_map(|range| within.iter().filter_map(|other| narrower(*range, *other)));
    joined(&both.collect::<Vec<_>>())
}

/// What two ranges have in common: one of them, since ranges are nested or apart.
fn narrower(one: IpNet, other: IpNet) -> Option<IpNet> {
    if one.contains(&other) {
        Some(other.trunc())
    } else if other.contains(&one) {
        Some(one.trunc())
    } else {
        None
    }
}

/// A range without a part of it, by halves.
fn without(whole: IpNet, hole: IpNet) -> Vec<IpNet> {
    let mut left = Vec::new();
    let mut rest = whole;
    while rest.prefix_len() < hole.prefix_len() {
        let Ok(halves) = rest.subnets(rest.prefix_len() + 1) else { break };
        for half in halves {
            if half.contains(&hole) {
                rest = half;
            } else {
                left.push(half);
            }
        }
    }
    left
}

/// The range that is all addresses of the family of `range`.
pub(crate) fn everything_like(range: &IpNet) -> IpNet {
    match range {
        IpNet::V4(_) => IpNet::V4(ipnet::Ipv4Net::default()),
        IpNet::V6(_) => IpNet::V6(ipnet::Ipv6Net::default()),
    }
}

pub(crate) fn same_family(one: &IpNet, other: &IpNet) -> bool {
    everything_like(one) == everything_like(other)
}

/// Whether the internet carries no packet to any address of `range`.
pub(crate) fn is_private(range: &IpNet) -> bool {
    const PRIVATE: [&str; 6] =
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7"];
    PRIVATE.iter().filter_map(|private| private.parse::<IpNet>().ok()).any(|private| private.contains(range))
}

/// The range of one address.
pub(crate) fn single(address: IpAddr) -> IpNet {
    IpNet::from(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(range: &str, ports: RangeInclusive<u16>) -> Packets {
        Packets { range: range.parse().unwrap(), ports }
    }

    #[test]
    fn a_filter_leaves_the_rest() {
        let mut remaining = vec![piece("10.0.0.0/30", 1..=10)];
        let taken = take(&mut remaining, &piece("10.0.0.2/32", 3..=4));
        assert_eq!(taken, [piece("10.0.0.2/32", 3..=4)]);
        assert_eq!(
            remaining,
            [
                piece("10.0.0.0/31", 1..=10),
                piece("10.0.0.3/32", 1..=10),
                piece("10.0.0.2/32", 1..=2),
                piece("10.0.0.2/32", 5..=10),
            ]
        );
    }

    #[test]
    fn families_have_nothing_in_common() {
        let mut remaining = vec![piece("10.0.0.0/8", 443..=443)];
        assert!(take(&mut remaining, &piece("::/0", ALL_PORTS)).is_empty());
        assert_eq!(remaining, [piece("10.0.0.0/8", 443..=443)]);
    }

    #[test]
    fn the_ends_of_the_port_range_are_ports() {
        let mut remaining = vec![piece("10.0.0.1/32", ALL_PORTS)];
        take(&mut remaining, &piece("0.0.0.0/0", 0..=0));
        take(&mut remaining, &piece("0.0.0.0/0", 65535..=65535));
        assert_eq!(remaining, [piece("10.0.0.1/32", 1..=65534)]);
    }

    #[test]
    fn private_is_what_the_internet_does_not_carry() {
        let private = |range: &str| is_private(&range.parse().unwrap());
        assert!(private("10.9.0.0/16") && private("172.31.0.1/32") && private("fd00::1/128"));
        assert!(!private("172.32.0.1/32") && !private("8.0.0.0/6") && !private("2600:1f16::/36"));
    }
}
