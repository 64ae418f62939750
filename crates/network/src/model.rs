//! What EC2 says of a VPC, without what does not matter to a connection.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use ipnet::IpNet;
use thiserror::Error;

/// What was asked of AWS: the answer, or why there is none.
pub type Seen<T> = Result<T, Unseen>;

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct Unseen {
    /// The IAM action that the call needs: `ec2:DescribeSubnets`. Empty where nothing was refused, and what was
    /// looked for does not exist.
    pub action: String,
    /// What the service said.
    pub reason: String,
}

/// Everything that can stand between a function and its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    pub vpc: Seen<Vpc>,
    /// Of the VPC, and those of targets elsewhere that could be seen, by id.
    pub subnets: Seen<BTreeMap<String, Subnet>>,
    pub security_groups: Seen<BTreeMap<String, SecurityGroup>>,
    pub network_acls: Seen<Vec<NetworkAcl>>,
    pub route_tables: Seen<Vec<RouteTable>>,
    pub nat_gateways: Seen<BTreeMap<String, NatGateway>>,
    pub endpoints: Seen<Vec<Endpoint>>,
    /// The prefix lists that rules, routes and targets name, by id.
    pub prefix_lists: Seen<BTreeMap<String, PrefixList>>,
    pub peerings: Seen<BTreeMap<String, Peering>>,
    /// The network interfaces of the targets.
    pub interfaces: Seen<Vec<Interface>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpc {
    pub id: String,
    /// The associated ranges, of both families.
    pub ranges: Vec<IpNet>,
    /// `enableDnsSupport`: whether the VPC's resolver answers at all.
    pub dns_support: Seen<bool>,
    /// `enableDnsHostnames`: private hosted zones and private endpoint names need it.
    pub dns_hostnames: Seen<bool>,
    /// The servers of the DHCP options beside the VPC's own resolver.
    pub name_servers: Seen<Vec<IpAddr>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    pub id: String,
    pub vpc_id: String,
    pub availability_zone: String,
    /// The IPv4 range and, on a dual-stack subnet, the IPv6 one.
    pub ranges: Vec<IpNet>,
    pub free_addresses: u32,
}

/// A security group: what no rule allows is dropped; answers to what was allowed always pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    pub id: String,
    pub name: String,
    pub vpc_id: String,
    pub ingress: Vec<Rule>,
    pub egress: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub protocol: Protocol,
    /// `None` for all ports, as for protocol -1.
    pub ports: Option<RangeInclusive<u16>>,
    pub peer: Peer,
}

/// Who a security group rule lets talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    Range(IpNet),
    Group(String),
    PrefixList(String),
}

/// An IP protocol, as rules name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `-1`
    All,
    Tcp,
    Udp,
    Icmp,
    /// Any other, by its number.
    Other(u8),
}

/// A network ACL. The rule with the lowest number that matches decides; where none does, the packet is dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkAcl {
    pub id: String,
    pub subnet_ids: Vec<String>,
    pub ingress: Vec<AclRule>,
    pub egress: Vec<AclRule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclRule {
    /// 32767 is the last one, which cannot be removed and denies everything; for IPv6 it is 32768.
    pub number: u32,
    pub allows: bool,
    pub protocol: Protocol,
    /// `None` for all ports.
    pub ports: Option<RangeInclusive<u16>>,
    pub range: IpNet,
}

/// A route table. The longest matching prefix decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTable {
    pub id: String,
    pub vpc_id: String,
    /// Used by every subnet of the VPC that has no other.
    pub is_main: bool,
    pub subnet_ids: Vec<String>,
    pub routes: Vec<Route>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub destination: RouteDestination,
    pub next: NextHop,
    /// Its target is gone.
    pub is_blackhole: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteDestination {
    Range(IpNet),
    PrefixList(String),
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextHop {
    /// Inside the VPC.
    Local,
    NatGateway(String),
    InternetGateway(String),
    EgressOnlyInternetGateway(String),
    TransitGateway(String),
    Peering(String),
    VirtualPrivateGateway(String),
    /// A gateway endpoint or a Gateway Load Balancer's.
    Endpoint(String),
    /// An appliance: an instance or a bare interface.
    Interface(String),
    /// A kind that lamex does not know, as EC2 names it.
    Other(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatGateway {
    pub id: String,
    /// Empty for a regional gateway, which is in no subnet.
    pub subnet_id: String,
    /// `available`, `pending`, `failed`, …
    pub state: String,
    /// A public one has an address on the internet; a private one leads to other private networks.
    pub is_public: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub id: String,
    /// `com.amazonaws.us-east-2.s3`
    pub service: String,
    pub kind: EndpointKind,
    /// `available`, `pending`, …
    pub state: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointKind {
    /// Reached by a route for the service's prefix list.
    Gateway {
        route_table_ids: Vec<String>,
    },
    /// Network interfaces in subnets of the VPC.
    Interface {
        subnet_ids: Vec<String>,
        security_group_ids: Vec<String>,
        private_dns: bool,
    },
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixList {
    pub id: String,
    /// `com.amazonaws.us-east-2.s3`, or a name of the customer's.
    pub name: String,
    pub ranges: Seen<Vec<IpNet>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peering {
    pub id: String,
    /// `active`, `pending-acceptance`, `deleted`, …
    pub state: String,
    pub requester: PeeringSide,
    pub accepter: PeeringSide,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeeringSide {
    pub vpc_id: String,
    pub ranges: Vec<IpNet>,
}

/// A network interface of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    pub id: String,
    pub subnet_id: String,
    pub vpc_id: String,
    pub security_group_ids: Vec<String>,
    /// Its private addresses, of both families.
    pub addresses: Vec<IpAddr>,
    /// What it belongs to, in EC2's words.
    pub description: String,
}
