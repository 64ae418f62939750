//! Network interfaces.

use std::net::IpAddr;

use aws_sdk_ec2::types;
use lamex_network::model::{Interface, Seen};

use super::values::{PAGE, text};
use super::{Filter, NetworkClient};
use crate::error;

/// # Errors
/// EC2 would not show them.
pub async fn interfaces(client: &NetworkClient, filter: &Filter) -> Seen<Vec<Interface>> {
    let request = client.ec2.describe_network_interfaces().filters(filter.for_ec2());
    let interfaces: Result<Vec<_>, _> =
        request.into_paginator().page_size(PAGE).items().send().collect().await;
    let interfaces = interfaces.map_err(|error| error::unseen("ec2:DescribeNetworkInterfaces", &error))?;
    Ok(interfaces.iter().map(interface_of).collect())
}

fn interface_of(interface: &types::NetworkInterface) -> Interface {
    let ipv4 = interface.private_ip_addresses().iter().map(|address| address.private_ip_address());
    let ipv6 = interface.ipv6_addresses().iter().map(|address| address.ipv6_address());
    // The first address is named a second time.
    let mut addresses: Vec<IpAddr> = [interface.private_ip_address()]
        .into_iter()
        .chain(ipv4)
        .chain(ipv6)
        .filter_map(|text| text?.parse().ok())
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    Interface {
        id: text(interface.network_interface_id()),
        subnet_id: text(interface.subnet_id()),
        vpc_id: text(interface.vpc_id()),
        security_group_ids: interface.groups().iter().map(|group| text(group.group_id())).collect(),
        addresses,
        description: text(interface.description()),
    }
}
