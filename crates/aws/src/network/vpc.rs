//! A VPC, its DNS attributes, and the name servers that its DHCP options hand out.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use aws_sdk_ec2::types::{self, VpcAttributeName, VpcCidrBlockStateCode};
use ipnet::IpNet;
use lamex_network::model::{Seen, Unseen, Vpc};

use super::values::{PAGE, range};
use super::{Filter, NetworkClient};
use crate::error;

const DHCP_ACTION: &str = "ec2:DescribeDhcpOptions";

/// # Errors
/// EC2 would not show it, or there is no such VPC.
pub async fn vpc(client: &NetworkClient, id: &str) -> Seen<Vpc> {
    let (vpc, dns_support, dns_hostnames, options) = tokio::join!(
        described(client, id),
        attribute(client, id, VpcAttributeName::EnableDnsSupport),
        attribute(client, id, VpcAttributeName::EnableDnsHostnames),
        // Of the region: there are few, and which ones are the VPC's is not known yet.
        dhcp_options(client)
    );
    let vpc = vpc?;
    let ranges = ranges_of(&vpc);
    let name_servers = options.and_then(|options| name_servers(&vpc, &ranges, &options));
    Ok(Vpc { id: id.to_owned(), ranges, dns_support, dns_hostnames, name_servers })
}

async fn described(client: &NetworkClient, id: &str) -> Seen<types::Vpc> {
    const ACTION: &str = "ec2:DescribeVpcs";
    let filter = Filter::vpc_ids(&[id.to_owned()]).for_ec2();
    let answer = client.ec2.describe_vpcs().filters(filter).send().await;
    let answer = answer.map_err(|error| error::unseen(ACTION, &error))?;
    let vpc = answer.vpcs.and_then(|vpcs| vpcs.into_iter().next());
    vpc.ok_or_else(|| Unseen { action: String::new(), reason: format!("there is no VPC {id}") })
}

async fn attribute(client: &NetworkClient, id: &str, name: VpcAttributeName) -> Seen<bool> {
    let answer = client.ec2.describe_vpc_attribute().vpc_id(id).attribute(name).send().await;
    let answer = answer.map_err(|error| error::unseen("ec2:DescribeVpcAttribute", &error))?;
    let value = answer.enable_dns_support().or(answer.enable_dns_hostnames());
    Ok(value.and_then(|value| value.value()).unwrap_or_default())
}

async fn dhcp_options(client: &NetworkClient) -> Seen<Vec<types::DhcpOptions>> {
    let pages = client.ec2.describe_dhcp_options().into_paginator().page_size(PAGE).items().send();
    let options: Result<Vec<_>, _> = pages.collect().await;
    options.map_err(|error| error::unseen(DHCP_ACTION, &error))
}

/// Of both families, without what is being taken away.
fn ranges_of(vpc: &types::Vpc) -> Vec<IpNet> {
    let gone = [VpcCidrBlockStateCode::Disassociated, VpcCidrBlockStateCode::Disassociating];
    let stays = |state: Option<&types::VpcCidrBlockState>| {
        !state.and_then(|state| state.state()).is_some_and(|state| gone.contains(state))
    };
    let ipv4 = vpc.cidr_block_association_set().iter().filter(|one| stays(one.cidr_block_state()));
    let ipv6 = vpc.ipv6_cidr_block_association_set().iter().filter(|one| stays(one.ipv6_cidr_block_state()));
    let all = ipv4.map(|one| one.cidr_block()).chain(ipv6.map(|one| one.ipv6_cidr_block()));
    // The first range is named a second time.
    let ranges: BTreeSet<_> = all.chain([vpc.cidr_block()]).filter_map(range).collect();
    ranges.into_iter().collect()
}

/// Those beside the VPC's own resolver, which needs no rule and no route.
fn name_servers(vpc: &types::Vpc, ranges: &[IpNet], options: &[types::DhcpOptions]) -> Seen<Vec<IpAddr>> {
    let id = vpc.dhcp_options_id().unwrap_or_default();
    let Some(own) = options.iter().find(|option| option.dhcp_options_id() == Some(id)) else {
        let reason = format!("it does not show {id}, the DHCP options of the VPC");
        return Err(Unseen { action: DHCP_ACTION.to_owned(), reason });
    };
    let servers = own.dhcp_configurations().iter().filter(|entry| entry.key() == Some("domain-name-servers"));
    let servers = servers.flat_map(|entry| entry.values()).filter_map(|value| value.value());
    // "AmazonProvidedDNS" is no address.
    let addresses = servers.filter_map(|server| server.parse().ok());
    Ok(addresses.filter(|address| !is_own_resolver(*address, ranges)).collect())
}

/// The resolver has fixed addresses of its own, and the third address of every range of the VPC.
fn is_own_resolver(address: IpAddr, ranges: &[IpNet]) -> bool {
    const FIXED: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
    match address {
        IpAddr::V4(address) if address == FIXED => true,
        IpAddr::V4(address) => ranges.iter().any(|range| match range {
            IpNet::V4(range) => u32::from(range.network()).checked_add(2) == Some(address.into()),
            IpNet::V6(_) => false,
        }),
        IpAddr::V6(address) => address.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253],
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{AttributeValue, DhcpConfiguration, DhcpOptions};

    use super::*;

    fn servers(values: &[&str]) -> Seen<Vec<IpAddr>> {
        let values = values.iter().map(|value| AttributeValue::builder().value(*value).build()).collect();
        let entry = DhcpConfiguration::builder().key("domain-name-servers").set_values(Some(values)).build();
        let options = DhcpOptions::builder().dhcp_options_id("dopt-1").dhcp_configurations(entry).build();
        let vpc = types::Vpc::builder().dhcp_options_id("dopt-1").build();
        name_servers(&vpc, &["10.0.0.0/16".parse().unwrap()], &[options])
    }

    #[test]
    fn every_name_of_the_vpcs_own_resolver_is_understood() {
        for own in ["AmazonProvidedDNS", "169.254.169.253", "10.0.0.2", "fd00:ec2::253"] {
            assert_eq!(servers(&[own]), Ok(Vec::new()), "{own}");
        }
        assert_eq!(servers(&["10.0.0.2", "10.0.0.3"]), Ok(vec!["10.0.0.3".parse().unwrap()]));
    }

    #[test]
    fn options_that_are_not_shown_leave_the_servers_unknown() {
        let vpc = types::Vpc::builder().dhcp_options_id("dopt-2").build();
        assert!(name_servers(&vpc, &[], &[]).unwrap_err().reason.contains("dopt-2"));
    }
}
