//! Subnets.

use std::collections::BTreeMap;

use aws_sdk_ec2::types;
use lamex_network::model::{Seen, Subnet};

use super::values::{PAGE, range, text};
use super::{Filter, NetworkClient};
use crate::error;

/// By id.
///
/// # Errors
/// EC2 would not show them.
pub async fn subnets(client: &NetworkClient, filter: &Filter) -> Seen<BTreeMap<String, Subnet>> {
    let request = client.ec2.describe_subnets().filters(filter.for_ec2());
    let subnets: Result<Vec<_>, _> = request.into_paginator().page_size(PAGE).items().send().collect().await;
    let subnets = subnets.map_err(|error| error::unseen("ec2:DescribeSubnets", &error))?;
    Ok(subnets.iter().map(subnet_of).map(|subnet| (subnet.id.clone(), subnet)).collect())
}

fn subnet_of(subnet: &types::Subnet) -> Subnet {
    let ipv6 = subnet.ipv6_cidr_block_association_set().iter().map(|one| one.ipv6_cidr_block());
    Subnet {
        id: text(subnet.subnet_id()),
        vpc_id: text(subnet.vpc_id()),
        availability_zone: text(subnet.availability_zone()),
        ranges: [subnet.cidr_block()].into_iter().chain(ipv6).filter_map(range).collect(),
        free_addresses: subnet
            .available_ip_address_count()
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or_default(),
    }
}
