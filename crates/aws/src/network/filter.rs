//! What of EC2 is asked for.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types;

use crate::Account;

/// EC2 in one region.
#[derive(Debug, Clone)]
pub struct NetworkClient {
    pub(super) ec2: Client,
}

impl NetworkClient {
    pub fn new(account: &Account) -> Self {
        Self { ec2: Client::new(&account.sdk) }
    }
}

/// Everything that one of these values fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    name: &'static str,
    values: Vec<String>,
}

impl Filter {
    pub fn vpc_ids(values: &[String]) -> Self {
        Self { name: "vpc-id", values: values.to_vec() }
    }

    pub fn subnet_ids(values: Vec<String>) -> Self {
        Self { name: "subnet-id", values }
    }

    /// Security groups, or interfaces that are in one of these.
    pub fn group_ids(values: Vec<String>) -> Self {
        Self { name: "group-id", values }
    }

    pub fn peering_ids(values: Vec<String>) -> Self {
        Self { name: "vpc-peering-connection-id", values }
    }

    pub fn prefix_list_ids(values: Vec<String>) -> Self {
        Self { name: "prefix-list-id", values }
    }

    /// Interfaces with one of these IPv4 addresses.
    pub fn ipv4_addresses(values: Vec<String>) -> Self {
        Self { name: "addresses.private-ip-address", values }
    }

    /// Interfaces with one of these IPv6 addresses.
    pub fn ipv6_addresses(values: Vec<String>) -> Self {
        Self { name: "ipv6-addresses.ipv6-address", values }
    }

    pub(super) fn for_ec2(&self) -> types::Filter {
        types::Filter::builder().name(self.name).set_values(Some(self.values.clone())).build()
    }
}
