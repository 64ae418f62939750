//! A VPC in which everything works, and short ways to say what is different.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ipnet::IpNet;
use lamex_network::answer::Reachability;
use lamex_network::model::*;
use lamex_network::question::{Destination, Source};
use lamex_network::reachability::reachability;

/// What is asked of what.
pub(crate) struct Situation {
    pub(crate) network: Network,
    pub(crate) source: Source,
    pub(crate) destination: Destination,
}

impl Situation {
    /// The function in `subnet-app`, and the database in `subnet-data` of the same VPC.
    pub(crate) fn new() -> Self {
        let network = network();
        let destination = to_interface(&network, "eni-data", 5432);
        Self { network, source: source(), destination }
    }

    pub(crate) fn answer(&self) -> Reachability {
        reachability(&self.network, &self.source, &self.destination)
    }

    /// The answer in a line.
    pub(crate) fn told(&self) -> String {
        match self.answer() {
            Reachability::Reachable(_) => "reachable".to_owned(),
            Reachability::BeyondSight { through, .. } => format!("beyond {through}"),
            Reachability::Blocked(blocked) if blocked.partly => {
                format!("partly blocked: {}", blocked.blocker)
            }
            Reachability::Blocked(blocked) => format!("blocked: {}", blocked.blocker),
            Reachability::Unknown { unknown, .. } => {
                format!(
                    "unknown: {}",
                    unknown.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
                )
            }
        }
    }

    pub(crate) fn group(&mut self, id: &str) -> &mut SecurityGroup {
        self.network.security_groups.as_mut().unwrap().get_mut(id).unwrap()
    }

    pub(crate) fn table(&mut self, id: &str) -> &mut RouteTable {
        self.network.route_tables.as_mut().unwrap().iter_mut().find(|table| table.id == id).unwrap()
    }

    pub(crate) fn nat_gateway(&mut self) -> &mut NatGateway {
        self.network.nat_gateways.as_mut().unwrap().get_mut("nat-1").unwrap()
    }

    pub(crate) fn peering(&mut self) -> &mut Peering {
        self.network.peerings.as_mut().unwrap().get_mut("pcx-1").unwrap()
    }

    /// Gives a subnet an ACL of its own, `acl-own`.
    pub(crate) fn own_acl(&mut self, subnet_id: &str, ingress: Vec<AclRule>, egress: Vec<AclRule>) {
        let acls = self.network.network_acls.as_mut().unwrap();
        for acl in acls.iter_mut() {
            acl.subnet_ids.retain(|id| id != subnet_id);
        }
        let subnet_ids = vec![subnet_id.to_owned()];
        acls.push(NetworkAcl { id: "acl-own".to_owned(), subnet_ids, ingress, egress });
    }
}

pub(crate) fn source() -> Source {
    Source {
        subnet_id: "subnet-app".to_owned(),
        security_group_ids: vec!["sg-app".to_owned()],
        dual_stack: false,
    }
}

/// The first address of an interface.
pub(crate) fn to_interface(network: &Network, id: &str, port: u16) -> Destination {
    let interfaces = network.interfaces.as_ref().unwrap();
    let interface = interfaces.iter().find(|interface| interface.id == id).unwrap();
    Destination::interface(interface.addresses[0], interface, port)
}

pub(crate) fn to_range(range: &str, port: u16) -> Destination {
    Destination::range(net(range), port)
}

pub(crate) fn net(range: &str) -> IpNet {
    range.parse().unwrap()
}

pub(crate) fn nets(ranges: &[&str]) -> Vec<IpNet> {
    ranges.iter().map(|range| net(range)).collect()
}

pub(crate) fn unseen<T>(action: &str) -> Seen<T> {
    Err(Unseen { action: action.to_owned(), reason: "UnauthorizedOperation".to_owned() })
}

/// A TCP rule: the peer is a range, a group or a prefix list.
pub(crate) fn tcp(ports: RangeInclusive<u16>, peer: &str) -> Rule {
    rule(Protocol::Tcp, Some(ports), peer)
}

pub(crate) fn rule(protocol: Protocol, ports: Option<RangeInclusive<u16>>, peer: &str) -> Rule {
    let peer = match peer {
        id if id.starts_with("sg-") => Peer::Group(id.to_owned()),
        id if id.starts_with("pl-") => Peer::PrefixList(id.to_owned()),
        range => Peer::Range(net(range)),
    };
    Rule { protocol, ports, peer }
}

pub(crate) fn acl_rule(number: u32, allows: bool, ports: RangeInclusive<u16>, range: &str) -> AclRule {
    AclRule { number, allows, protocol: Protocol::Tcp, ports: Some(ports), range: net(range) }
}

/// The rules of a default ACL: everything passes.
pub(crate) fn acl_allows_all() -> Vec<AclRule> {
    let any = |number, allows, range: &str| AclRule {
        number,
        allows,
        protocol: Protocol::All,
        ports: None,
        range: net(range),
    };
    vec![
        any(100, true, "0.0.0.0/0"),
        any(101, true, "::/0"),
        any(32767, false, "0.0.0.0/0"),
        any(32768, false, "::/0"),
    ]
}

pub(crate) fn route(destination: &str, next: NextHop) -> Route {
    let destination = match destination {
        id if id.starts_with("pl-") => RouteDestination::PrefixList(id.to_owned()),
        range => RouteDestination::Range(net(range)),
    };
    Route { destination, next, is_blackhole: false }
}

pub(crate) fn group(id: &str, vpc_id: &str, ingress: Vec<Rule>, egress: Vec<Rule>) -> SecurityGroup {
    SecurityGroup { id: id.to_owned(), name: id.to_owned(), vpc_id: vpc_id.to_owned(), ingress, egress }
}

pub(crate) fn all_traffic() -> Vec<Rule> {
    vec![rule(Protocol::All, None, "0.0.0.0/0"), rule(Protocol::All, None, "::/0")]
}

fn by_id<T>(items: Vec<T>, id: impl Fn(&T) -> &String) -> Seen<BTreeMap<String, T>> {
    Ok(items.into_iter().map(|item| (id(&item).clone(), item)).collect())
}

fn subnet(id: &str, vpc_id: &str, ranges: &[&str]) -> Subnet {
    Subnet {
        id: id.to_owned(),
        vpc_id: vpc_id.to_owned(),
        availability_zone: "us-east-2a".to_owned(),
        ranges: nets(ranges),
        free_addresses: 200,
    }
}

fn table(id: &str, vpc_id: &str, subnet_ids: &[&str], routes: Vec<Route>) -> RouteTable {
    let subnet_ids: Vec<String> = subnet_ids.iter().map(|id| (*id).to_owned()).collect();
    let is_main = subnet_ids.is_empty();
    RouteTable { id: id.to_owned(), vpc_id: vpc_id.to_owned(), is_main, subnet_ids, routes }
}

fn interface(id: &str, subnet_id: &str, vpc_id: &str, group_id: &str, addresses: &[&str]) -> Interface {
    Interface {
        id: id.to_owned(),
        subnet_id: subnet_id.to_owned(),
        vpc_id: vpc_id.to_owned(),
        security_group_ids: vec![group_id.to_owned()],
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        description: String::new(),
    }
}

fn local() -> Vec<Route> {
    vec![route("10.0.0.0/16", NextHop::Local), route("2600:1f16:1::/56", NextHop::Local)]
}

/// A dual-stack VPC with a NAT gateway, an egress-only gateway, a gateway endpoint for S3, a transit gateway for
/// 10.2.0.0/16 and a peering connection with a VPC of the same account.
pub(crate) fn network() -> Network {
    let (own, peer) = ("vpc-1", "vpc-2");
    let private = [
        route("0.0.0.0/0", NextHop::NatGateway("nat-1".to_owned())),
        route("::/0", NextHop::EgressOnlyInternetGateway("eigw-1".to_owned())),
        route("pl-s3", NextHop::Endpoint("vpce-s3".to_owned())),
        route("10.1.0.0/16", NextHop::Peering("pcx-1".to_owned())),
        route("10.2.0.0/16", NextHop::TransitGateway("tgw-1".to_owned())),
    ];
    let peered = vec![
        route("10.1.0.0/16", NextHop::Local),
        route("10.0.0.0/16", NextHop::Peering("pcx-1".to_owned())),
    ];
    let public = [route("0.0.0.0/0", NextHop::InternetGateway("igw-1".to_owned()))];
    let side = |vpc_id: &str, range| PeeringSide { vpc_id: vpc_id.to_owned(), ranges: nets(&[range]) };
    Network {
        vpc: Ok(Vpc {
            id: own.to_owned(),
            ranges: nets(&["10.0.0.0/16", "2600:1f16:1::/56"]),
            dns_support: Ok(true),
            dns_hostnames: Ok(true),
            name_servers: Ok(Vec::new()),
        }),
        subnets: by_id(
            vec![
                subnet("subnet-app", own, &["10.0.1.0/24", "2600:1f16:1:1::/64"]),
                subnet("subnet-data", own, &["10.0.2.0/24", "2600:1f16:1:2::/64"]),
                subnet("subnet-public", own, &["10.0.9.0/24"]),
                subnet("subnet-peer", peer, &["10.1.1.0/24"]),
            ],
            |subnet| &subnet.id,
        ),
        security_groups: by_id(
            vec![
                group("sg-app", own, Vec::new(), all_traffic()),
                group("sg-data", own, vec![tcp(5432..=5432, "sg-app")], all_traffic()),
                group("sg-peer", peer, vec![tcp(443..=443, "10.0.1.0/24")], all_traffic()),
            ],
            |group| &group.id,
        ),
        network_acls: Ok(vec![NetworkAcl {
            id: "acl-default".to_owned(),
            subnet_ids: ["subnet-app", "subnet-data", "subnet-public", "subnet-peer"]
                .map(str::to_owned)
                .to_vec(),
            ingress: acl_allows_all(),
            egress: acl_allows_all(),
        }]),
        route_tables: Ok(vec![
            table("rtb-main", own, &[], local()),
            table("rtb-private", own, &["subnet-app"], [&local()[..], &private].concat()),
            table("rtb-public", own, &["subnet-public"], [&local()[..], &public].concat()),
            table("rtb-peer", peer, &["subnet-peer"], peered),
        ]),
        nat_gateways: by_id(
            vec![NatGateway {
                id: "nat-1".to_owned(),
                subnet_id: "subnet-public".to_owned(),
                state: "available".to_owned(),
                is_public: true,
            }],
            |gateway| &gateway.id,
        ),
        endpoints: Ok(vec![Endpoint {
            id: "vpce-s3".to_owned(),
            service: "com.amazonaws.us-east-2.s3".to_owned(),
            kind: EndpointKind::Gateway { route_table_ids: vec!["rtb-private".to_owned()] },
            state: "available".to_owned(),
        }]),
        prefix_lists: by_id(
            vec![PrefixList {
                id: "pl-s3".to_owned(),
                name: "com.amazonaws.us-east-2.s3".to_owned(),
                ranges: Ok(nets(&["52.219.80.0/20", "3.5.128.0/22"])),
            }],
            |list| &list.id,
        ),
        peerings: by_id(
            vec![Peering {
                id: "pcx-1".to_owned(),
                state: "active".to_owned(),
                requester: side(own, "10.0.0.0/16"),
                accepter: side(peer, "10.1.0.0/16"),
            }],
            |peering| &peering.id,
        ),
        interfaces: Ok(vec![
            interface("eni-data", "subnet-data", own, "sg-data", &["10.0.2.10", "2600:1f16:1:2::a"]),
            interface("eni-near", "subnet-app", own, "sg-data", &["10.0.1.77"]),
            interface("eni-peer", "subnet-peer", peer, "sg-peer", &["10.1.1.10"]),
        ]),
    }
}
