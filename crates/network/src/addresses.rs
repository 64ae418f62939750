//! Which addresses the two ends have, as far as that is known.

use ipnet::IpNet;

use crate::answer::Cause;
use crate::groups::prefix_list_ranges;
use crate::model::{Network, Subnet};
use crate::packets::{everything_like, joined, same_family};
use crate::question::{Destination, Source};

/// Addresses of one family.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    pub(crate) ranges: Vec<IpNet>,
    /// Why the end has only some of them, where it is not known which. Otherwise all of them matter.
    pub(crate) some: Option<Cause>,
}

impl Addresses {
    /// Of the ranges, IPv4 if there is any: connections may use either.
    pub(crate) fn all(ranges: &[IpNet]) -> Self {
        let of_one_family = match ranges.iter().find(|range| range.addr().is_ipv4()).or(ranges.first()) {
            Some(first) => ranges.iter().filter(|range| same_family(range, first)).copied().collect(),
            None => vec![IpNet::V4(ipnet::Ipv4Net::default())],
        };
        Self { ranges: joined(&of_one_family), some: None }
    }

    fn some(ranges: &[IpNet], cause: Cause) -> Self {
        Self { some: Some(cause), ..Self::all(ranges) }
    }

    /// The same certainty about a part.
    pub(crate) fn part(&self, ranges: &[IpNet]) -> Self {
        Self { ranges: joined(ranges), some: self.some.clone() }
    }
}

/// The addresses that a destination may have.
pub(crate) fn destination_addresses(network: &Network, destination: &Destination) -> Addresses {
    if let Some(range) = destination.range {
        return Addresses::all(&[range]);
    }
    if let Some(id) = &destination.prefix_list {
        return match prefix_list_ranges(&network.prefix_lists, id) {
            Ok(ranges) => Addresses::all(ranges),
            Err(cause) => Addresses::some(&[], cause),
        };
    }
    if let Some(subnet) = destination.subnet_id.as_deref().and_then(|id| known_subnet(network, id)) {
        return Addresses::some(&subnet.ranges, Cause::Members);
    }
    Addresses::some(&group_ranges(network, destination).unwrap_or_default(), Cause::Members)
}

/// The ranges of the VPC in which the destination's group is.
fn group_ranges(network: &Network, destination: &Destination) -> Option<Vec<IpNet>> {
    let groups = network.security_groups.as_ref().ok()?;
    let group = groups.get(destination.security_group_ids.as_ref()?.first()?)?;
    if let Ok(vpc) = &network.vpc
        && vpc.id == group.vpc_id
    {
        return Some(vpc.ranges.clone());
    }
    let peerings = network.peerings.as_ref().ok()?;
    let side = peerings
        .values()
        .flat_map(|peering| [&peering.requester, &peering.accepter])
        .find(|side| side.vpc_id == group.vpc_id)?;
    Some(side.ranges.clone())
}

/// The addresses, of the family of `like`, that the function may have; `None` if its subnet has no such.
pub(crate) fn source_addresses(network: &Network, source: &Source, like: &IpNet) -> Option<Addresses> {
    let of_family = |ranges: &[IpNet]| -> Vec<IpNet> {
        ranges.iter().filter(|range| same_family(range, like)).copied().collect()
    };
    match known_subnet(network, &source.subnet_id) {
        Some(subnet) => {
            let ranges = of_family(&subnet.ranges);
            (!ranges.is_empty()).then(|| Addresses::all(&ranges))
        }
        None => {
            let cause = match &network.subnets {
                Err(unseen) => unseen.into(),
                Ok(_) => Cause::NotDescribed { what: "subnet", id: source.subnet_id.clone() },
            };
            let vpc = network.vpc.as_ref().map(|vpc| of_family(&vpc.ranges)).unwrap_or_default();
            let ranges = if vpc.is_empty() { vec![everything_like(like)] } else { vpc };
            Some(Addresses::some(&ranges, cause))
        }
    }
}

pub(crate) fn known_subnet<'n>(network: &'n Network, id: &str) -> Option<&'n Subnet> {
    network.subnets.as_ref().ok()?.get(id)
}
