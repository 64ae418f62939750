//! The rules of a security group: EC2 keeps all peers of one protocol and port range together.

use aws_sdk_ec2::types::IpPermission;
use lamex_network::model::{Peer, Rule};

use super::values::{ports, protocol, range};

/// One rule for each peer.
pub(super) fn rules_of(permissions: &[IpPermission]) -> Vec<Rule> {
    permissions.iter().flat_map(rules_of_permission).collect()
}

fn rules_of_permission(permission: &IpPermission) -> impl Iterator<Item = Rule> {
    let protocol = protocol(permission.ip_protocol());
    let ports = ports(protocol, permission.from_port(), permission.to_port());
    peers_of(permission).into_iter().map(move |peer| Rule { protocol, ports: ports.clone(), peer })
}

fn peers_of(permission: &IpPermission) -> Vec<Peer> {
    let ipv4 = permission.ip_ranges().iter().map(|peer| peer.cidr_ip());
    let ipv6 = permission.ipv6_ranges().iter().map(|peer| peer.cidr_ipv6());
    let groups = permission.user_id_group_pairs().iter().filter_map(|peer| peer.group_id());
    let prefix_lists = permission.prefix_list_ids().iter().filter_map(|peer| peer.prefix_list_id());
    let mut peers: Vec<_> = ipv4.chain(ipv6).filter_map(range).map(Peer::Range).collect();
    peers.extend(groups.map(|id| Peer::Group(id.to_owned())));
    peers.extend(prefix_lists.map(|id| Peer::PrefixList(id.to_owned())));
    peers
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};
    use lamex_network::model::Protocol;

    use super::*;

    #[test]
    fn every_kind_of_peer_is_a_rule_of_its_own() {
        let permission = IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(443)
            .to_port(444)
            .ip_ranges(IpRange::builder().cidr_ip("10.0.0.0/8").build())
            .ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build())
            .user_id_group_pairs(UserIdGroupPair::builder().group_id("sg-1").build())
            .prefix_list_ids(PrefixListId::builder().prefix_list_id("pl-1").build())
            .build();
        let rules = rules_of(&[permission]);
        let peers = [
            Peer::Range("10.0.0.0/8".parse().unwrap()),
            Peer::Range("::/0".parse().unwrap()),
            Peer::Group("sg-1".to_owned()),
            Peer::PrefixList("pl-1".to_owned()),
        ];
        let expected = peers.map(|peer| Rule { protocol: Protocol::Tcp, ports: Some(443..=444), peer });
        assert_eq!(rules, expected);
    }
}
