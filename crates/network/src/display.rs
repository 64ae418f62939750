//! Parts of the model as EC2's console writes them, and what protocols match.

use std::fmt;

use crate::model::{NextHop, Peer, Protocol, RouteDestination};

impl Protocol {
    /// Whether a rule for `self` is one for `other`, too.
    pub(crate) fn covers(self, other: Protocol) -> bool {
        self == Protocol::All || self.number() == other.number()
    }

    /// Whether a range of ports means something.
    pub(crate) fn has_ports(self) -> bool {
        matches!(self.number(), Some(6 | 17))
    }

    fn number(self) -> Option<u8> {
        match self {
            Self::All => None,
            Self::Tcp => Some(6),
            Self::Udp => Some(17),
            Self::Icmp => Some(1),
            Self::Other(number) => Some(number),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => out.write_str("all protocols"),
            Self::Tcp => out.write_str("TCP"),
            Self::Udp => out.write_str("UDP"),
            Self::Icmp => out.write_str("ICMP"),
            Self::Other(number) => write!(out, "protocol {number}"),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) => range.fmt(out),
            Self::Group(id) | Self::PrefixList(id) => out.write_str(id),
        }
    }
}

impl fmt::Display for RouteDestination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) => range.fmt(out),
            Self::PrefixList(id) => out.write_str(id),
        }
    }
}

impl fmt::Display for NextHop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => out.write_str("local"),
            Self::NatGateway(id)
            | Self::InternetGateway(id)
            | Self::EgressOnlyInternetGateway(id)
            | Self::TransitGateway(id)
            | Self::Peering(id)
            | Self::VirtualPrivateGateway(id)
            | Self::Endpoint(id)
            | Self::Interface(id)
            | Self::Other(id) => out.write_str(id),
        }
    }
}
