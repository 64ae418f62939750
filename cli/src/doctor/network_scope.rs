//! The network around a function: first whole VPCs, then what lamex.yaml, the function and that network name
//! beyond them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use lamex_aws::network::{self, Filter, NetworkClient};
use lamex_config::{Access, Lambda, Reach};
use lamex_doctor::facts::Attachment;
use lamex_network::model::{Interface, Network, NextHop, Peer, RouteDestination, Seen};

/// What of the network matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NetworkScope {
    /// The one that the function is attached to comes first; another is that of lamex.yaml.
    pub(super) vpc_ids: Vec<String>,
    subnet_ids: BTreeSet<String>,
    /// The function's groups and the targets'.
    group_ids: BTreeSet<String>,
    target_group_ids: BTreeSet<String>,
    prefix_list_ids: BTreeSet<String>,
}

impl NetworkScope {
    /// What lamex.yaml and the function name; `None` if neither names a VPC.
    pub(super) fn of(lambda: &Lambda, attachment: Option<&Attachment>, targets: &[Reach]) -> Option<Self> {
        let mut place = Self::default();
        if let Some(attachment) = attachment {
            place.vpc_ids.push(attachment.vpc_id.clone());
            place.subnet_ids.extend(attachment.subnet_ids.iter().cloned());
            place.group_ids.extend(attachment.security_group_ids.iter().cloned());
        }
        if let Some(vpc) = &lambda.vpc {
            if !place.vpc_ids.contains(&vpc.id) {
                place.vpc_ids.push(vpc.id.clone());
            }
            place.subnet_ids.extend(vpc.subnet_ids.iter().cloned());
            place.group_ids.extend(vpc.extra_security_group_ids.iter().cloned());
        }
        for target in targets {
            match &target.access {
                Access::SecurityGroupId(id) => {
                    place.group_ids.insert(id.clone());
                    place.target_group_ids.insert(id.clone());
                }
                Access::PrefixListId(id) => {
                    place.prefix_list_ids.insert(id.clone());
                }
                Access::Cidr(_) | Access::Ipv6Cidr(_) => {}
            }
        }
        (!place.vpc_ids.is_empty()).then_some(place)
    }
}

/// Everything of the VPCs, and the interfaces in the targets' security groups.
pub(super) async fn look_around(client: &NetworkClient, place: &NetworkScope) -> Network {
    let of_vpcs = Filter::vpc_ids(&place.vpc_ids);
    let (vpc, subnets, security_groups, network_acls, route_tables, nat_gateways, endpoints, interfaces) = tokio::join!(
        network::vpc(client, &place.vpc_ids[0]),
        network::subnets(client, &of_vpcs),
        network::security_groups(client, &of_vpcs),
        network::network_acls(client, &of_vpcs),
        network::route_tables(client, &of_vpcs),
        network::nat_gateways(client, &of_vpcs),
        network::endpoints(client, &of_vpcs),
        interfaces(client, Filter::group_ids, place.target_group_ids.iter().cloned()),
    );
    Network {
        vpc,
        subnets,
        security_groups,
        network_acls,
        route_tables,
        nat_gateways,
        endpoints,
        prefix_lists: Ok(BTreeMap::new()),
        peerings: Ok(BTreeMap::new()),
        interfaces,
    }
}

/// Adds the interfaces with these addresses, and then whatever the network names and does not hold yet.
pub(super) async fn look_further(
    client: &NetworkClient,
    place: &NetworkScope,
    network: &mut Network,
    addresses: &BTreeSet<IpAddr>,
) {
    add_interfaces(client, network, addresses).await;
    let found: Vec<Interface> = network.interfaces.iter().flatten().cloned().collect();
    let subnet_ids = place.subnet_ids.iter().chain(found.iter().map(|one| &one.subnet_id)).cloned();
    let group_ids = place.group_ids.iter().chain(found.iter().flat_map(|one| &one.security_group_ids));
    let group_ids: BTreeSet<String> = group_ids.cloned().collect();
    let other_vpc_ids: BTreeSet<String> = found
        .iter()
        .map(|one| one.vpc_id.clone())
        .filter(|id| !place.vpc_ids.contains(id) && !has_tables_of(network, id))
        .collect();
    let of_other_vpcs = Filter::vpc_ids(&other_vpc_ids.iter().cloned().collect::<Vec<_>>());
    let is_elsewhere = !other_vpc_ids.is_empty();

    let subnet_ids = missing(&network.subnets, subnet_ids);
    let missing_group_ids = missing(&network.security_groups, group_ids.iter().cloned());
    let prefix_list_ids = missing(&network.prefix_lists, prefix_lists_named(place, network, &group_ids));
    let peering_ids = missing(&network.peerings, peerings_named(network));

    let (subnets, groups, acls, tables, prefix_lists, peerings) = tokio::join!(
        only_if(!subnet_ids.is_empty(), async || {
            network::subnets(client, &Filter::subnet_ids(subnet_ids.clone())).await
        }),
        only_if(!missing_group_ids.is_empty(), async || {
            network::security_groups(client, &Filter::group_ids(missing_group_ids.clone())).await
        }),
        only_if(is_elsewhere && network.network_acls.is_ok(), async || {
            network::network_acls(client, &of_other_vpcs).await
        }),
        only_if(is_elsewhere && network.route_tables.is_ok(), async || {
            network::route_tables(client, &of_other_vpcs).await
        }),
        only_if(!prefix_list_ids.is_empty(), async || {
            Ok(network::prefix_lists(client, &prefix_list_ids).await)
        }),
        only_if(!peering_ids.is_empty(), async || {
            network::peerings(client, &Filter::peering_ids(peering_ids.clone())).await
        }),
    );
    add(&mut network.subnets, subnets);
    add(&mut network.security_groups, groups);
    add(&mut network.network_acls, acls);
    add(&mut network.route_tables, tables);
    add(&mut network.prefix_lists, prefix_lists);
    add(&mut network.peerings, peerings);
}

async fn add_interfaces(client: &NetworkClient, network: &mut Network, addresses: &BTreeSet<IpAddr>) {
    let known: BTreeSet<IpAddr> =
        network.interfaces.iter().flatten().flat_map(|one| &one.addresses).copied().collect();
    let text = |is_kind: fn(&IpAddr) -> bool| {
        let unknown = addresses.difference(&known).filter(move |address| is_kind(address));
        unknown.map(ToString::to_string).collect::<Vec<_>>()
    };
    if network.interfaces.is_err() {
        return;
    }
    let (ipv4, ipv6) = tokio::join!(
        interfaces(client, Filter::ipv4_addresses, text(IpAddr::is_ipv4)),
        interfaces(client, Filter::ipv6_addresses, text(IpAddr::is_ipv6)),
    );
    add(&mut network.interfaces, Some(ipv4));
    add(&mut network.interfaces, Some(ipv6));
}

/// Nothing to look for is no call.
async fn interfaces(
    client: &NetworkClient,
    filter: fn(Vec<String>) -> Filter,
    values: impl IntoIterator<Item = String>,
) -> Seen<Vec<Interface>> {
    let values: Vec<_> = values.into_iter().collect();
    if values.is_empty() {
        return Ok(Vec::new());
    }
    network::interfaces(client, &filter(values)).await
}

async fn only_if<T>(is_needed: bool, ask: impl AsyncFnOnce() -> Seen<T>) -> Option<Seen<T>> {
    if is_needed { Some(ask().await) } else { None }
}

/// What else was seen. Where that failed, nothing is known for certain: what is absent may exist.
fn add<T: IntoIterator + Extend<T::Item>>(seen: &mut Seen<T>, more: Option<Seen<T>>) {
    match (&mut *seen, more) {
        (Ok(all), Some(Ok(more))) => all.extend(more),
        (Ok(_), Some(Err(unseen))) => *seen = Err(unseen),
        (_, None) | (Err(_), Some(_)) => {}
    }
}

/// The ids that are not there; none where nothing could be seen.
fn missing<T>(seen: &Seen<BTreeMap<String, T>>, wanted: impl IntoIterator<Item = String>) -> Vec<String> {
    let Ok(seen) = seen else { return Vec::new() };
    let missing: BTreeSet<_> =
        wanted.into_iter().filter(|id| !id.is_empty() && !seen.contains_key(id)).collect();
    missing.into_iter().collect()
}

fn has_tables_of(network: &Network, vpc_id: &str) -> bool {
    network.route_tables.iter().flatten().any(|table| table.vpc_id == vpc_id)
}

/// By the targets, by routes, and by the rules of these groups and of the endpoints' ones.
fn prefix_lists_named(
    place: &NetworkScope,
    network: &Network,
    group_ids: &BTreeSet<String>,
) -> BTreeSet<String> {
    let routes = network.route_tables.iter().flatten().flat_map(|table| &table.routes);
    let of_routes = routes.filter_map(|route| match &route.destination {
        RouteDestination::PrefixList(id) => Some(id),
        RouteDestination::Range(_) => None,
    });
    let groups = network.security_groups.iter().flatten().filter(|(id, _)| group_ids.contains(*id));
    let rules = groups.flat_map(|(_, group)| group.ingress.iter().chain(&group.egress));
    let of_rules = rules.filter_map(|rule| match &rule.peer {
        Peer::PrefixList(id) => Some(id),
        Peer::Range(_) | Peer::Group(_) => None,
    });
    place.prefix_list_ids.iter().chain(of_routes).chain(of_rules).cloned().collect()
}

fn peerings_named(network: &Network) -> BTreeSet<String> {
    let routes = network.route_tables.iter().flatten().flat_map(|table| &table.routes);
    routes
        .filter_map(|route| match &route.next {
            NextHop::Peering(id) => Some(id.clone()),
            _ => None,
        })
        .collect()
}
