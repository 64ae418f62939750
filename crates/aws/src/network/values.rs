//! Values of EC2's answers.

use std::ops::RangeInclusive;

use ipnet::IpNet;
use lamex_network::model::Protocol;

/// The size of a page, where EC2 allows this many.
pub(super) const PAGE: i32 = 1000;
/// Where it allows no more than these.
pub(super) const SMALL_PAGE: i32 = 100;

pub(super) fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// A range as EC2 writes it; nothing if it is invalid.
pub(super) fn range(text: Option<&str>) -> Option<IpNet> {
    text?.parse::<IpNet>().ok().map(|range| range.trunc())
}

/// EC2 writes a name, or the protocol's number.
pub(super) fn protocol(text: Option<&str>) -> Protocol {
    /// Reserved: values of EC2 that are unknown here do not matter.
    const UNKNOWN: u8 = 255;
    match text.unwrap_or("-1") {
        "-1" => Protocol::All,
        "tcp" | "6" => Protocol::Tcp,
        "udp" | "17" => Protocol::Udp,
        "icmp" | "1" => Protocol::Icmp,
        "icmpv6" => Protocol::Other(58),
        number => Protocol::Other(number.parse().unwrap_or(UNKNOWN)),
    }
}

/// The ports of a rule. Only TCP and UDP have any: those of an ICMP rule are types and codes.
pub(super) fn ports(protocol: Protocol, from: Option<i32>, to: Option<i32>) -> Option<RangeInclusive<u16>> {
    if !matches!(protocol, Protocol::Tcp | Protocol::Udp) {
        return None;
    }
    let (from, to) = (u16::try_from(from?).ok()?, u16::try_from(to?).ok()?);
    Some(from..=to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_names_or_numbers() {
        let read = |text| protocol(Some(text));
        assert_eq!(read("-1"), Protocol::All);
        assert_eq!((read("tcp"), read("6")), (Protocol::Tcp, Protocol::Tcp));
        assert_eq!((read("udp"), read("17")), (Protocol::Udp, Protocol::Udp));
        assert_eq!((read("icmp"), read("1")), (Protocol::Icmp, Protocol::Icmp));
        assert_eq!((read("icmpv6"), read("58")), (Protocol::Other(58), Protocol::Other(58)));
        assert_eq!((read("50"), read("new")), (Protocol::Other(50), Protocol::Other(255)));
    }

    #[test]
    fn only_tcp_and_udp_have_ports() {
        assert_eq!(ports(Protocol::Tcp, Some(0), Some(65_535)), Some(0..=65_535));
        assert_eq!(ports(Protocol::Udp, Some(53), Some(53)), Some(53..=53));
        assert_eq!(ports(Protocol::Tcp, None, None), None);
        assert_eq!(ports(Protocol::Tcp, Some(-1), Some(-1)), None);
        assert_eq!(ports(Protocol::Icmp, Some(8), Some(0)), None);
        assert_eq!(ports(Protocol::All, Some(0), Some(0)), None);
    }

    #[test]
    fn ranges_have_no_host_part() {
        assert_eq!(range(Some("10.0.0.7/16")), "10.0.0.0/16".parse().ok());
        assert_eq!(range(Some("sg-1")), None);
        assert_eq!(range(None), None);
    }
}
