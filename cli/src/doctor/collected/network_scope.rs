//! The network around the function.

use std::collections::BTreeSet;
use std::net::IpAddr;

use lamex_doctor::facts::{Facts, Record, Zone};
use lamex_network::model::{EndpointKind, NextHop, Peer, Protocol, RouteDestination, Rule};
use lamex_testing::network::{Network, SERVICE_ADDRESS, SERVICE_PORT, ec2};
use serde_json::json;

use super::project::Project;

#[test]
fn a_network_is_seen_as_it_is() {
    let network = Network::create("network");
    let facts = Project::new("not-there", &network).collect();
    let seen = facts.network.unwrap();
    let vpc = seen.vpc.unwrap();
    assert_eq!((vpc.dns_support, vpc.dns_hostnames, vpc.name_servers), (Ok(true), Ok(true), Ok(Vec::new())));
    assert_eq!(vpc.ranges, ["10.0.0.0/16".parse().unwrap()]);

    let subnets = seen.subnets.unwrap();
    assert_eq!(subnets.len(), 4);
    let subnet = &subnets[&network.subnet_ids[1]];
    assert_eq!((subnet.vpc_id.as_str(), subnet.availability_zone.as_str()), (&*network.vpc_id, "us-east-1b"));
    assert_eq!(subnet.ranges, ["10.0.2.0/24".parse().unwrap()]);
    assert!(subnet.free_addresses > 0);

    let groups = seen.security_groups.unwrap();
    let rule = |peer: &String, port| Rule {
        protocol: Protocol::Tcp,
        ports: Some(port..=port),
        peer: Peer::Group(peer.clone()),
    };
    let function_group = &groups[&network.function_group_id];
    assert_eq!(function_group.name, "network-lamex");
    let egress = [rule(&network.service_group_id, SERVICE_PORT), rule(&network.endpoint_group_id, 443)];
    assert_eq!(function_group.egress, egress);
    assert_eq!(groups[&network.service_group_id].ingress, [rule(&network.function_group_id, SERVICE_PORT)]);

    let acls = seen.network_acls.unwrap();
    let [acl] = &acls[..] else { panic!("{acls:?}") };
    assert_eq!(acl.id, network.acl_id);
    assert!(network.subnet_ids.iter().all(|id| acl.subnet_ids.contains(id)));
    let rules: Vec<_> = acl.ingress.iter().map(|rule| (rule.number, rule.allows, rule.protocol)).collect();
    assert_eq!(rules, [(100, true, Protocol::All), (32_767, false, Protocol::All)]);
    assert_eq!(acl.ingress, acl.egress);

    let tables = seen.route_tables.unwrap();
    assert_eq!(tables.iter().filter(|table| table.is_main).count(), 1);
    let table = tables.iter().find(|table| table.id == network.route_table_id).unwrap();
    assert_eq!(table.subnet_ids.iter().collect::<BTreeSet<_>>(), network.subnet_ids.iter().collect());
    let to_the_internet = RouteDestination::Range("0.0.0.0/0".parse().unwrap());
    let route = table.routes.iter().find(|route| route.destination == to_the_internet).unwrap();
    assert_eq!(route.next, NextHop::NatGateway(network.nat_gateway_id.clone()));
    assert!(table.routes.iter().any(|route| route.next == NextHop::Local));

    let nat = &seen.nat_gateways.unwrap()[&network.nat_gateway_id];
    assert_eq!(
        (nat.subnet_id.as_str(), nat.state.as_str(), nat.is_public),
        (&*network.public_subnet_id, "available", true)
    );

    let endpoints = seen.endpoints.unwrap();
    let endpoint = |id: &String| endpoints.iter().find(|endpoint| endpoint.id == *id).unwrap();
    let gateway = endpoint(&network.gateway_endpoint_id);
    assert_eq!(
        (gateway.service.as_str(), gateway.state.as_str()),
        ("com.amazonaws.us-east-1.s3", "available")
    );
    assert_eq!(gateway.kind, EndpointKind::Gateway { route_table_ids: vec![network.route_table_id] });
    let interface = EndpointKind::Interface {
        subnet_ids: network.subnet_ids.to_vec(),
        security_group_ids: vec![network.endpoint_group_id],
        private_dns: true,
    };
    assert_eq!(endpoint(&network.interface_endpoint_id).kind, interface);

    let interfaces = seen.interfaces.unwrap();
    let [interface] = &interfaces[..] else { panic!("{interfaces:?}") };
    assert_eq!(
        (interface.id.as_str(), interface.description.as_str()),
        (&*network.service_interface_id, "orders")
    );
    assert_eq!(interface.addresses, [SERVICE_ADDRESS.parse::<IpAddr>().unwrap()]);
    assert_eq!(interface.security_group_ids, [network.service_group_id]);
    assert_eq!(interface.subnet_id, network.service_subnet_id);

    let records = vec![Record { name: network.host, addresses: interface.addresses.clone() }];
    let zone = Zone {
        id: network.zone_id,
        name: "network.internal".to_owned(),
        is_associated: true,
        records: Ok(records),
    };
    assert_eq!(facts.zones.unwrap(), [zone]);
}

#[test]
fn a_target_beyond_a_peering_is_found() {
    let network = Network::create("near");
    let there = ec2("create_vpc", json!({ "CidrBlock": "10.9.0.0/16" }))["Vpc"]["VpcId"].take();
    let arguments = json!({ "VpcId": there, "CidrBlock": "10.9.1.0/24" });
    let subnet = ec2("create_subnet", arguments)["Subnet"]["SubnetId"].take();
    let arguments = json!({ "VpcId": there, "GroupName": "far", "Description": "far" });
    let group = ec2("create_security_group", arguments)["GroupId"].take();
    ec2(
        "create_network_interface",
        json!({ "SubnetId": subnet, "Groups": [group], "PrivateIpAddress": "10.9.1.9" }),
    );
    let arguments = json!({ "VpcId": network.vpc_id, "PeerVpcId": there });
    let peering = ec2("create_vpc_peering_connection", arguments);
    let peering = &peering["VpcPeeringConnection"]["VpcPeeringConnectionId"];
    ec2("accept_vpc_peering_connection", json!({ "VpcPeeringConnectionId": peering }));
    let route = json!({
        "RouteTableId": network.route_table_id, "DestinationCidrBlock": "10.9.0.0/16",
        "VpcPeeringConnectionId": peering,
    });
    ec2("create_route", route);
    let mut project = Project::new("near", &network);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    // Once by its group, and once by its address alone.
    let by_group = format!("host: 10.9.1.9, port: 1, security_group_id: {}", text(&group));
    for target in [by_group, "host: 10.9.1.9, port: 1, cidr: 10.9.0.0/16".to_owned()] {
        project.reach = vec![target];
        let seen = project.collect().network.unwrap();
        let interfaces = seen.interfaces.unwrap();
        assert_eq!(interfaces.len(), 1);
        assert_eq!(interfaces[0].vpc_id, text(&there));
        assert!(seen.subnets.unwrap().contains_key(&text(&subnet)));
        assert!(seen.security_groups.unwrap().contains_key(&text(&group)));
        assert!(seen.route_tables.unwrap().iter().any(|table| table.vpc_id == text(&there) && table.is_main));
        assert!(seen.network_acls.unwrap().iter().any(|acl| acl.subnet_ids.contains(&text(&subnet))));
        let peering = &seen.peerings.unwrap()[&text(peering)];
        assert_eq!(peering.state, "active");
        assert_eq!(peering.accepter.vpc_id, text(&there));
        assert_eq!(peering.accepter.ranges, ["10.9.0.0/16".parse().unwrap()]);
    }
}

#[test]
fn a_prefix_list_has_its_ranges() {
    let network = Network::create("lists");
    let list = json!({
        "PrefixListName": "partners", "MaxEntries": 5, "AddressFamily": "IPv4",
        "Entries": [{ "Cidr": "192.0.2.0/24" }, { "Cidr": "198.51.100.0/24" }],
    });
    let id = ec2("create_managed_prefix_list", list)["PrefixList"]["PrefixListId"].take();
    let permissions = json!([{
        "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{ "PrefixListId": id }],
    }]);
    let arguments = json!({ "GroupId": network.service_group_id, "IpPermissions": permissions });
    ec2("authorize_security_group_ingress", arguments);
    let project = Project::new("lists", &network);
    let id = id.as_str().unwrap();
    let list = |facts: Facts| facts.network.unwrap().prefix_lists.unwrap()[id].clone();
    let found = list(project.collect());
    assert_eq!(found.name, "partners");
    let ranges = ["192.0.2.0/24", "198.51.100.0/24"].map(|range| range.parse().unwrap());
    assert_eq!(found.ranges.unwrap(), ranges);

    let found = list(project.collect_without("ec2:GetManagedPrefixListEntries"));
    assert_eq!(found.name, "partners");
    assert_eq!(found.ranges.unwrap_err().action, "ec2:GetManagedPrefixListEntries");
}

#[test]
fn the_vpc_that_the_function_is_really_in_comes_first() {
    let (here, there) = (Network::create("meant"), Network::create("moved"));
    there.create_function("moved");
    let mut project = Project::new("moved", &here);
    project.reach[0] = project.reach[0].replace(&here.host, &there.host);
    let facts = project.collect();
    let seen = facts.network.unwrap();
    assert_eq!(seen.vpc.unwrap().id, there.vpc_id);
    let subnets = seen.subnets.unwrap();
    assert!(here.subnet_ids.iter().chain(&there.subnet_ids).all(|id| subnets.contains_key(id)));
    assert!(seen.security_groups.unwrap().contains_key(&here.service_group_id));
    assert_eq!(facts.zones.unwrap().iter().map(|zone| zone.is_associated).collect::<Vec<_>>(), [true]);
}
