//! The answer: the path, or what is in the way and how it is seen. Callers put it in words; what is displayed here
//! are short summaries.

use ipnet::IpNet;
use thiserror::Error;

use crate::model::{AclRule, NextHop, Peer, Protocol, Route, Rule, Unseen};
use crate::packets::Packets;

/// Whether a connection gets through, as far as the network can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reachability {
    /// Every rule and route on the way lets it through, and the answers back.
    Reachable(Path),
    /// It leaves what can be seen through `through`, and nothing before it is in the way. What comes after may be.
    BeyondSight { path: Path, through: NextHop },
    /// It cannot work, whatever else is not known.
    Blocked(Box<Blocked>),
    /// Nothing that was seen is in the way, but not everything was seen.
    Unknown { path: Path, unknown: Vec<Unknown> },
}

/// What lets a connection through, in the order in which the packets meet it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path {
    pub steps: Vec<Step>,
}

/// The way there, or the way of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    Forward,
    Return,
}

/// Out of, or into, an interface or a subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Egress,
    Ingress,
}

/// Something that let the packets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    SecurityGroup {
        direction: Direction,
        group_id: String,
        rule: Rule,
    },
    Route {
        leg: Leg,
        subnet_id: String,
        table_id: String,
        route: Route,
    },
    NatGateway {
        id: String,
    },
    Peering {
        id: String,
    },
    GatewayEndpoint {
        id: String,
    },
    /// The rules that matched, in their order.
    NetworkAcl {
        leg: Leg,
        direction: Direction,
        acl_id: String,
        subnet_id: String,
        rules: Vec<AclRule>,
    },
}

/// What is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    pub blocker: Blocker,
    /// Only some connections fail: from some addresses of the subnet, from some ports, or to some addresses.
    pub partly: bool,
    /// The addresses that cannot be reached, or among which the destination is.
    pub destinations: Vec<IpNet>,
    /// What let the packets through before.
    pub path: Path,
    /// What could not be seen before; it does not change the answer. `Cause::Members` says that the members of the
    /// group that names the destination may be in other groups as well, which may let the connection in.
    pub unknown: Vec<Unknown>,
}

/// The first thing that stops a packet.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Blocker {
    /// The destination has IPv6 addresses only, and the function does not send IPv6.
    #[error("the function in {subnet_id} does not send IPv6")]
    NoIpv6 {
        subnet_id: String,
        /// Whether the subnet has an IPv6 range, so that the function's setting is all that is missing.
        subnet_has_ipv6: bool,
    },
    /// No rule of the groups allows it.
    #[error("no {} rule of {} allows {}", direction.name(), one_of(group_ids), list(packets))]
    SecurityGroup {
        direction: Direction,
        /// The groups of the interface: a rule in any of them would do.
        group_ids: Vec<String>,
        /// What is not allowed; the range is that of the other side.
        packets: Vec<Packets>,
        /// The rules that come closest, at most three.
        similar: Vec<SimilarRule>,
        /// What would allow it.
        missing: MissingRule,
    },
    #[error("{acl_id} of {subnet_id} denies {} {}", direction.traffic(), list_denied(denied))]
    NetworkAcl {
        leg: Leg,
        direction: Direction,
        acl_id: String,
        subnet_id: String,
        denied: Vec<Denied>,
        /// Rules that would allow it, with free numbers; empty where no number is free before the rule that denies.
        missing: Vec<AclRule>,
    },
    #[error("{table_id} of {subnet_id} has no route to {}", list(destinations))]
    NoRoute { leg: Leg, subnet_id: String, table_id: String, destinations: Vec<IpNet> },
    /// The target of the route is gone.
    #[error("the route of {table_id} to {} leads nowhere: its target is gone", route.destination)]
    Blackhole { leg: Leg, subnet_id: String, table_id: String, route: Route },
    /// A route that cannot carry the packets: to an internet gateway, since a function has no public address; IPv4 to
    /// an egress-only gateway; on the way back, to something else than what the packets came through.
    #[error("the route of {table_id} to {} leads to {}, which cannot carry this", route.destination, route.next)]
    WrongNextHop { leg: Leg, subnet_id: String, table_id: String, route: Route },
    /// The best route leads to the internet, which carries no private addresses: a more specific route is missing.
    #[error(
        "the route of {table_id} to {} leads to the internet, which does not route private addresses",
        route.destination
    )]
    PrivateOverInternet { subnet_id: String, table_id: String, route: Route },
    #[error("{id} {problem}")]
    NatGateway { id: String, problem: NatProblem },
    #[error("{id} {problem}")]
    Peering { id: String, problem: PeeringProblem },
    #[error("{id} is {state}")]
    GatewayEndpoint { id: String, state: String },
}

/// Why a NAT gateway carries nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NatProblem {
    #[error("is {0}, not available")]
    State(String),
    /// The table of the gateway's own subnet does not lead to the internet.
    #[error("is in {subnet_id}, whose {table_id} does not lead to an internet gateway")]
    Route {
        subnet_id: String,
        table_id: String,
        /// What the table has instead.
        route: Option<Route>,
    },
    /// A private one does not translate to a public address; an internet gateway drops its packets.
    #[error("is a private one, which cannot reach the internet")]
    Private,
}

/// Why a peering connection does not carry the packets.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PeeringProblem {
    #[error("is {0}, not active")]
    State(String),
    #[error("leads to {vpc_id} ({}), which has no such address", list(ranges))]
    OtherRange { vpc_id: String, ranges: Vec<IpNet> },
}

/// A rule that differs in one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimilarRule {
    pub group_id: String,
    pub rule: Rule,
    pub difference: Difference,
}

/// What a similar rule has otherwise, from the closest to the farthest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Right peer and protocol, other ports.
    Ports,
    /// Right peer and port, other protocol.
    Protocol,
    /// Right protocol and port, other peer, or only a part of the addresses.
    Peer,
}

/// The rules that would let a connection through: one for each peer, in any one of the groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRule {
    pub direction: Direction,
    pub group_ids: Vec<String>,
    pub protocol: Protocol,
    pub port: u16,
    pub peers: Vec<Peer>,
}

/// Packets that a network ACL drops, and the rule that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    pub packets: Packets,
    /// `None` if no rule matches, which denies as well.
    pub rule: Option<AclRule>,
}

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{check}: {cause}")]
pub struct Unknown {
    pub check: Check,
    pub cause: Cause,
}

/// What would have been looked at.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Check {
    #[error("the security groups of the function")]
    Egress,
    #[error("the security groups of the destination")]
    Ingress,
    #[error("the route from {subnet_id}")]
    Route { leg: Leg, subnet_id: String },
    #[error("the network ACL of {subnet_id} for {} traffic", direction.traffic())]
    NetworkAcl { leg: Leg, direction: Direction, subnet_id: String },
    /// Which subnet the destination is in, or the source's range.
    #[error("the subnets")]
    Subnets,
    #[error("{0}")]
    NatGateway(String),
    #[error("{0}")]
    Peering(String),
    #[error("{0}")]
    Endpoint(String),
}

/// Why it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Cause {
    /// The call failed.
    #[error("needs {}: {}", .0.action, .0.reason)]
    Unseen(Unseen),
    /// The call succeeded, and its answer has no such thing: of another account, or gone meanwhile.
    #[error("{what} {id} is not among what AWS describes")]
    NotDescribed { what: &'static str, id: String },
    /// It is not known which network interface has the address, and so not which groups it is in.
    #[error("no network interface with the address is known")]
    Interface,
    /// Which interfaces are in the group is not known, and so neither are their addresses, nor their other groups.
    #[error("the members of the group are not known")]
    Members,
    /// The ACL denies what leaves the subnet, but the destination, or what carries the packets on (an appliance, an
    /// attachment of a transit gateway), may be in the same subnet, where ACLs do not filter.
    #[error("it denies this, unless what comes next is in the same subnet")]
    MayStayInSubnet,
}

impl Cause {
    /// The IAM action that would help, where a call failed.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        match self {
            Self::Unseen(unseen) => Some(&unseen.action),
            _ => None,
        }
    }
}

impl From<&Unseen> for Cause {
    fn from(unseen: &Unseen) -> Self {
        Self::Unseen(unseen.clone())
    }
}

impl Direction {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Egress => "egress",
            Self::Ingress => "ingress",
        }
    }

    fn traffic(self) -> &'static str {
        match self {
            Self::Egress => "outbound",
            Self::Ingress => "inbound",
        }
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn one_of(ids: &[String]) -> String {
    ids.join(" or ")
}

fn list_denied(denied: &[Denied]) -> String {
    let told = denied.iter().map(|denied| match &denied.rule {
        Some(rule) => format!("{} (rule {})", denied.packets, rule.number),
        None => format!("{} (no rule)", denied.packets),
    });
    told.collect::<Vec<_>>().join("; ")
}
