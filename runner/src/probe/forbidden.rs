//! Addresses that a probe does not talk to: whoever may invoke the function must not reach what only the
//! function itself may talk to, such as the Runtime API and the services that hand out credentials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What is allowed beside ordinary addresses.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    pub allows_loopback: bool,
    /// Forbidden whatever else is allowed.
    pub runtime_api: Option<SocketAddr>,
}

impl Rules {
    /// Why nothing is sent to this address; `None` if something is.
    #[must_use]
    pub fn objection(&self, to: SocketAddr) -> Option<&'static str> {
        let address = meant(to.ip());
        if self.runtime_api.is_some_and(|api| (meant(api.ip()), api.port()) == (address, to.port())) {
            return Some("it is the address of the Runtime API");
        }
        match address {
            address if address.is_loopback() => {
                (!self.allows_loopback).then_some("it is a loopback address: the function's own host")
            }
            IpAddr::V4(address) => objection_v4(address),
            IpAddr::V6(address) => objection_v6(address),
        }
    }
}

/// The IPv4 address where an IPv6 address is one in another form.
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let [high @ .., third, fourth] = v6.segments();
    let low = Ipv4Addr::from_bits((u32::from(third) << 16) | u32::from(fourth));
    match high {
        // ::ffff:0:0/96 is IPv4-mapped, 64:ff9b::/96 goes through NAT64.
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => IpAddr::V4(low),
        // ::/96, the deprecated IPv4-compatible form, of which ::/127 has a meaning of its own.
        [0, 0, 0, 0, 0, 0] if low.to_bits() > 1 => IpAddr::V4(low),
        _ => address,
    }
}

fn objection_v4(address: Ipv4Addr) -> Option<&'static str> {
    if address.octets()[0] == 0 {
        Some("it is in 0.0.0.0/8, which means this host")
    } else if address.is_link_local() {
        Some("it is a link-local address, where the instance's credentials are")
    } else if address.is_multicast() || address.is_broadcast() {
        Some("it is a multicast or broadcast address")
    } else {
        None
    }
}

fn objection_v6(address: Ipv6Addr) -> Option<&'static str> {
    if address.is_unspecified() {
        Some("it is the unspecified address, which means this host")
    } else if address.is_unicast_link_local() {
        Some("it is a link-local address")
    } else if address.is_multicast() {
        Some("it is a multicast address")
    } else if address.segments()[..2] == [0xfd00, 0x0ec2] {
        Some("it is in fd00:ec2::/32, where the instance's credentials are")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objection(rules: Rules, address: &str, port: u16) -> Option<&'static str> {
        rules.objection(SocketAddr::new(address.parse().unwrap(), port))
    }

    #[test]
    fn what_only_the_function_may_talk_to_is_forbidden_in_every_form() {
        let forbidden = [
            "127.0.0.1",
            "127.255.255.254",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::127.0.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "::ffff:0.0.0.0",
            "169.254.169.254",
            "169.254.100.1",
            "::ffff:169.254.169.254",
            "::ffff:a9fe:a9fe",
            "64:ff9b::a9fe:a9fe",
            "fe80::1",
            "febf::1",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "224.0.0.1",
            "239.255.255.255",
            "255.255.255.255",
            "ff02::1",
        ];
        for address in forbidden {
            assert!(objection(Rules::default(), address, 443).is_some(), "{address}");
        }
        let allowed = [
            "10.0.0.1",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "2600:1f18::1",
            "fd00:ec3::1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "fec0::1",
        ];
        for address in allowed {
            assert_eq!(objection(Rules::default(), address, 443), None, "{address}");
        }
    }

    #[test]
    fn the_variable_for_tests_lifts_loopback_and_nothing_else() {
        let runtime_api = Some("127.0.0.1:9001".parse().unwrap());
        let rules = Rules { allows_loopback: true, runtime_api };
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(objection(rules, address, 443), None, "{address}");
        }
        for address in ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "fd00:ec2::254"] {
            assert!(objection(rules, address, 443).is_some(), "{address}");
        }
        for address in ["127.0.0.1", "::ffff:127.0.0.1"] {
            assert!(objection(rules, address, 9001).is_some_and(|why| why.contains("Runtime API")));
        }
    }
}
