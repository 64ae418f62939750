//! Route tables, and what their routes lead to.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{self, ConnectivityType, RouteState};
use lamex_network::model::{
    NatGateway, NextHop, Peering, PeeringSide, Route, RouteDestination, RouteTable, Seen,
};

use super::values::{PAGE, SMALL_PAGE, range, text};
use super::{Filter, NetworkClient};
use crate::error;

/// # Errors
/// EC2 would not show them.
pub async fn route_tables(client: &NetworkClient, filter: &Filter) -> Seen<Vec<RouteTable>> {
    let request = client.ec2.describe_route_tables().filters(filter.for_ec2());
    let tables: Result<Vec<_>, _> =
        request.into_paginator().page_size(SMALL_PAGE).items().send().collect().await;
    let tables = tables.map_err(|error| error::unseen("ec2:DescribeRouteTables", &error))?;
    Ok(tables.iter().map(table_of).collect())
}

/// By id.
///
/// # Errors
/// EC2 would not show them.
pub async fn nat_gateways(client: &NetworkClient, filter: &Filter) -> Seen<BTreeMap<String, NatGateway>> {
    let request = client.ec2.describe_nat_gateways().filter(filter.for_ec2());
    let gateways: Result<Vec<_>, _> = request.into_paginator().page_size(PAGE).items().send().collect().await;
    let gateways = gateways.map_err(|error| error::unseen("ec2:DescribeNatGateways", &error))?;
    let gateways = gateways.iter().map(|gateway| NatGateway {
        id: text(gateway.nat_gateway_id()),
        subnet_id: text(gateway.subnet_id()),
        state: text(gateway.state().map(|state| state.as_str())),
        is_public: gateway.connectivity_type() != Some(&ConnectivityType::Private),
    });
    Ok(gateways.map(|gateway| (gateway.id.clone(), gateway)).collect())
}

/// By id.
///
/// # Errors
/// EC2 would not show them.
pub async fn peerings(client: &NetworkClient, filter: &Filter) -> Seen<BTreeMap<String, Peering>> {
    let request = client.ec2.describe_vpc_peering_connections().filters(filter.for_ec2());
    let peerings: Result<Vec<_>, _> = request.into_paginator().page_size(PAGE).items().send().collect().await;
    let peerings = peerings.map_err(|error| error::unseen("ec2:DescribeVpcPeeringConnections", &error))?;
    let peerings = peerings.iter().map(|peering| Peering {
        id: text(peering.vpc_peering_connection_id()),
        state: text(peering.status().and_then(|status| status.code()).map(|code| code.as_str())),
        requester: side_of(peering.requester_vpc_info()),
        accepter: side_of(peering.accepter_vpc_info()),
    });
    Ok(peerings.map(|peering| (peering.id.clone(), peering)).collect())
}

fn table_of(table: &types::RouteTable) -> RouteTable {
    let subnet_ids = table.associations().iter().filter_map(|association| association.subnet_id());
    RouteTable {
        id: text(table.route_table_id()),
        vpc_id: text(table.vpc_id()),
        is_main: table.associations().iter().any(|association| association.main() == Some(true)),
        subnet_ids: subnet_ids.map(str::to_owned).collect(),
        routes: table.routes().iter().filter_map(route_of).collect(),
    }
}

fn route_of(route: &types::Route) -> Option<Route> {
    let destination = match route.destination_prefix_list_id() {
        Some(id) => RouteDestination::PrefixList(id.to_owned()),
        None => RouteDestination::Range(range(
            route.destination_cidr_block().or(route.destination_ipv6_cidr_block()),
        )?),
    };
    let is_blackhole = route.state() == Some(&RouteState::Blackhole);
    Some(Route { destination, next: next_hop(route), is_blackhole })
}

fn next_hop(route: &types::Route) -> NextHop {
    let of = |kind: fn(String) -> NextHop, id: Option<&str>| id.map(|id| kind(id.to_owned()));
    of(NextHop::NatGateway, route.nat_gateway_id())
        .or_else(|| of(NextHop::TransitGateway, route.transit_gateway_id()))
        .or_else(|| of(NextHop::Peering, route.vpc_peering_connection_id()))
        .or_else(|| of(NextHop::EgressOnlyInternetGateway, route.egress_only_internet_gateway_id()))
        // Of an instance both are named; the interface is what the route is for.
        .or_else(|| of(NextHop::Interface, route.network_interface_id().or(route.instance_id())))
        .or_else(|| route.gateway_id().map(gateway))
        .or_else(|| of(NextHop::Other, route.local_gateway_id()))
        .or_else(|| of(NextHop::Other, route.carrier_gateway_id()))
        .or_else(|| of(NextHop::Other, route.core_network_arn()))
        .or_else(|| of(NextHop::Other, route.odb_network_arn()))
        .unwrap_or_else(|| NextHop::Other(String::new()))
}

fn gateway(id: &str) -> NextHop {
    match id.split_once('-').map_or(id, |(kind, _)| kind) {
        "local" => NextHop::Local,
        "igw" => NextHop::InternetGateway(id.to_owned()),
        "vgw" => NextHop::VirtualPrivateGateway(id.to_owned()),
        "vpce" => NextHop::Endpoint(id.to_owned()),
        _ => NextHop::Other(id.to_owned()),
    }
}

fn side_of(side: Option<&types::VpcPeeringConnectionVpcInfo>) -> PeeringSide {
    let Some(side) = side else { return PeeringSide { vpc_id: String::new(), ranges: Vec::new() } };
    let ipv4 = side.cidr_block_set().iter().map(|block| block.cidr_block());
    let ipv6 = side.ipv6_cidr_block_set().iter().map(|block| block.ipv6_cidr_block());
    // The first range alone, or all of them; it depends on the state.
    let mut ranges: Vec<_> =
        [side.cidr_block()].into_iter().chain(ipv4).chain(ipv6).filter_map(range).collect();
    ranges.sort_unstable();
    ranges.dedup();
    PeeringSide { vpc_id: text(side.vpc_id()), ranges }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(set: impl FnOnce(types::builders::RouteBuilder) -> types::builders::RouteBuilder) -> NextHop {
        next_hop(&set(types::Route::builder()).build())
    }

    #[test]
    fn every_kind_of_next_hop_is_told_apart() {
        let id = || "some-1".to_owned();
        assert_eq!(next(|route| route.gateway_id("local")), NextHop::Local);
        assert_eq!(next(|route| route.gateway_id("igw-1")), NextHop::InternetGateway("igw-1".to_owned()));
        assert_eq!(
            next(|route| route.gateway_id("vgw-1")),
            NextHop::VirtualPrivateGateway("vgw-1".to_owned())
        );
        assert_eq!(next(|route| route.gateway_id("vpce-1")), NextHop::Endpoint("vpce-1".to_owned()));
        assert_eq!(next(|route| route.nat_gateway_id("some-1")), NextHop::NatGateway(id()));
        assert_eq!(next(|route| route.transit_gateway_id("some-1")), NextHop::TransitGateway(id()));
        assert_eq!(next(|route| route.vpc_peering_connection_id("some-1")), NextHop::Peering(id()));
        assert_eq!(
            next(|route| route.egress_only_internet_gateway_id("some-1")),
            NextHop::EgressOnlyInternetGateway(id())
        );
        assert_eq!(
            next(|route| route.instance_id("i-1").network_interface_id("eni-1")),
            NextHop::Interface("eni-1".to_owned())
        );
        assert_eq!(next(|route| route.carrier_gateway_id("some-1")), NextHop::Other(id()));
    }
}
