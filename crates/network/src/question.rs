//! The question: from where, to where.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::{Interface, Protocol};
use crate::packets::single;

/// A Lambda function in one of its subnets. It may have any address of the subnet, and never a public one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub subnet_id: String,
    pub security_group_ids: Vec<String>,
    /// Whether the function may send IPv6 (`Ipv6AllowedForDualStack`).
    pub dual_stack: bool,
}

/// Where the connection should end, as far as it is known: at least one of `range`, `prefix_list`, `subnet_id` and
/// `security_group_ids`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// One address (`/32` or `/128`), or a range all of which should be reached.
    pub range: Option<IpNet>,
    /// The prefix list that stands for the destination, for instance that of S3.
    pub prefix_list: Option<String>,
    /// The subnet of the network interface that has the address.
    pub subnet_id: Option<String>,
    /// The groups of that interface; `None` if they are not known. An interface without any (of a Network
    /// Load Balancer, for instance) filters nothing.
    pub security_group_ids: Option<Vec<String>>,
    pub port: u16,
    /// TCP or UDP.
    pub protocol: Protocol,
}

impl Destination {
    /// Addresses of whose owner nothing is known.
    #[must_use]
    pub fn range(range: IpNet, port: u16) -> Self {
        Self {
            range: Some(range),
            prefix_list: None,
            subnet_id: None,
            security_group_ids: None,
            port,
            protocol: Protocol::Tcp,
        }
    }

    /// An address of an interface that was seen.
    #[must_use]
    pub fn interface(address: IpAddr, interface: &Interface, port: u16) -> Self {
        Self {
            subnet_id: Some(interface.subnet_id.clone()),
            security_group_ids: Some(interface.security_group_ids.clone()),
            ..Self::range(single(address), port)
        }
    }

    /// Whoever is in a security group, where its interfaces are not known.
    #[must_use]
    pub fn group(group_id: &str, port: u16) -> Self {
        Self {
            range: None,
            prefix_list: None,
            subnet_id: None,
            security_group_ids: Some(vec![group_id.to_owned()]),
            port,
            protocol: Protocol::Tcp,
        }
    }

    /// All addresses of a prefix list.
    #[must_use]
    pub fn prefix_list(id: &str, port: u16) -> Self {
        Self {
            range: None,
            prefix_list: Some(id.to_owned()),
            subnet_id: None,
            security_group_ids: None,
            port,
            protocol: Protocol::Tcp,
        }
    }
}
