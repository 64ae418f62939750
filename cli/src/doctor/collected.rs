//! Tests of the collection, by real calls to an AWS on this machine.

#[path = "../../tests/doctor/emulators.rs"]
mod emulators;
#[path = "../../tests/doctor/network.rs"]
mod network;

use std::collections::BTreeSet;
use std::net::IpAddr;

use lamex_network::model::{EndpointKind, NextHop, Peer, Protocol, RouteDestination, Rule, Seen, Unseen};
use serde_json::json;

use self::emulators::{ACCOUNT, REGION, access_key_without, call, endpoint};
use self::network::{Network, SERVICE_ADDRESS, SERVICE_PORT, ec2, private_zone, record};
use super::collect::{Look, collect};
use super::facts::{Facts, Inside, Record, Zone};
use crate::config::{self, Lambda, Target};
use crate::{aws, runtime};

/// What lamex.yaml says of a function in a network.
struct Project {
    function: String,
    account: String,
    vpc_id: String,
    subnet_ids: Vec<String>,
    /// A line of `reach` each.
    reach: Vec<String>,
}

impl Project {
    fn new(function: &str, network: &Network) -> Self {
        let Network { service_group_id, host, .. } = network;
        Self {
            function: function.to_owned(),
            account: ACCOUNT.to_owned(),
            vpc_id: network.vpc_id.clone(),
            subnet_ids: network.subnet_ids.to_vec(),
            reach: vec![format!("host: {host}, port: {SERVICE_PORT}, security_group_id: {service_group_id}")],
        }
    }

    fn lambda(&self) -> Lambda {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamex.yaml");
        let Self { function, account, vpc_id, .. } = self;
        let reach = self.reach.iter().enumerate();
        let reach: String =
            reach.map(|(index, line)| format!("      - {{ name: t{index}, {line} }}\n")).collect();
        let yaml = format!(
            "commands: [{{ name: orders, run: ./orders }}]\nenvironments:\n  staging:\n    \
             account: \"{account}\"\n    region: {REGION}\n    function: {function}\n    vpc:\n      \
             id: {vpc_id}\n      subnet_ids: [{}]\n    reach:\n{reach}",
            self.subnet_ids.join(", ")
        );
        std::fs::write(&path, &yaml).unwrap();
        let config =
            config::load(&path).unwrap_or_else(|error| panic!("{:?}\n{yaml}", miette::Report::new(error)));
        match config.environment("staging").unwrap().target {
            Target::Lambda(lambda) => *lambda,
            Target::Local => panic!("local"),
        }
    }

    fn collect(&self) -> Facts {
        self.look("test", false)
    }

    /// As somebody who may do everything but this IAM action.
    fn collect_without(&self, action: &str) -> Facts {
        self.look(&access_key_without(action), false)
    }

    fn look(&self, access_key: &str, from_inside: bool) -> Facts {
        let lambda = self.lambda();
        let sdk = aws::sdk_config_of_emulator(endpoint(), REGION, access_key);
        let look = Look { targets: &lambda.reach, from_inside, package_sha256: None };
        runtime::start().unwrap().block_on(collect(&lambda, &sdk, look))
    }
}

fn unseen<T>(seen: &Seen<T>) -> Option<&Unseen> {
    seen.as_ref().err()
}

#[test]
fn a_function_and_its_role_are_seen_as_they_are() {
    let network = Network::create("whole");
    network.create_function("whole");
    let facts = Project::new("whole", &network).collect();
    let caller = facts.caller.unwrap();
    assert_eq!((caller.account.as_str(), caller.arn.as_str()), (ACCOUNT, "arn:aws:iam::000000000000:root"));
    let permissions = facts.permissions.unwrap();
    assert_eq!(permissions.get("lambda:InvokeFunction"), Some(&true));
    assert_eq!(permissions.get("ec2:DescribeSubnets"), Some(&true));

    let function = facts.function.unwrap().unwrap();
    assert_eq!(function.arn, network::function_arn("whole"));
    let latest = &function.latest;
    let attachment = latest.vpc.as_ref().unwrap();
    assert_eq!(attachment.vpc_id, network.vpc_id);
    assert_eq!(attachment.subnet_ids, network.subnet_ids);
    assert_eq!(attachment.security_group_ids, [network.function_group_id]);
    assert_eq!((latest.state.as_str(), latest.last_update.as_str()), ("Active", "Successful"));
    assert_eq!((latest.runtime.as_str(), latest.handler.as_str()), ("provided.al2023", "bootstrap"));
    assert_eq!((latest.timeout_s, latest.memory_mb, latest.ephemeral_storage_mb), (60, 512, 512));
    let address = format!("{}:{SERVICE_PORT}", network.host);
    assert_eq!(latest.variables.as_ref().unwrap().get("ORDERS_ADDR"), Some(&address));
    let live = function.live.unwrap().unwrap();
    assert_eq!(live.configuration, *latest);
    assert!(live.weights.unwrap().is_empty());

    let role = facts.role.unwrap().unwrap();
    assert_eq!(role.arn, latest.role_arn);
    assert!(role.trusts_lambda);
    assert!(role.denies_interfaces_to_code.unwrap());
    assert!(role.attached_own_policies.unwrap().is_empty());
    let permissions = role.permissions.unwrap();
    assert_eq!(permissions.len(), network::INTERFACE_ACTIONS.len() + 2);
    assert!(permissions.values().all(|is_allowed| *is_allowed), "{permissions:?}");
    assert_eq!(facts.inside, Inside::NotAsked);
}

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
fn what_is_not_there_is_a_fact() {
    let network = Network::create("absent");
    let mut project = Project::new("absent", &network);
    project.subnet_ids.push("subnet-0123456789abcdef0".to_owned());
    project.reach.push("host: 10.0.3.4, port: 1, security_group_id: sg-0123456789abcdef0".to_owned());
    project.reach.push("host: 10.0.3.4, port: 1, prefix_list_id: pl-0123456789abcdef0".to_owned());
    let facts = project.collect();
    assert_eq!((&facts.function, &facts.role), (&Ok(None), &Ok(None)));
    let seen = facts.network.unwrap();
    assert_eq!(seen.subnets.unwrap().len(), 4);
    let groups = seen.security_groups.unwrap();
    assert!(groups.contains_key(&network.service_group_id));
    assert!(!groups.contains_key("sg-0123456789abcdef0"));
    assert!(!seen.prefix_lists.unwrap().contains_key("pl-0123456789abcdef0"));

    network.create_function("absent");
    call("lambda", "delete_alias", json!({ "FunctionName": "absent", "Name": "live" }));
    call("iam", "delete_role_policy", json!({ "RoleName": "absent", "PolicyName": "lamex" }));
    call("iam", "delete_role", json!({ "RoleName": "absent" }));
    let facts = project.collect();
    assert_eq!(facts.function.unwrap().unwrap().live, Ok(None));
    assert_eq!(facts.role, Ok(None));
}

#[test]
fn a_refused_call_hides_nothing_else() {
    let network = Network::create("refused");
    network.create_function("refused");
    let project = Project::new("refused", &network);
    let clean = project.collect();
    type Forget = fn(&mut Facts, Unseen);
    let cases: [(&str, Forget); 21] = [
        ("sts:GetCallerIdentity", |facts, unseen| {
            facts.caller = Err(unseen.clone());
            facts.permissions = Err(unseen);
        }),
        ("lambda:GetAlias", |facts, unseen| {
            if let Ok(Some(function)) = &mut facts.function
                && let Ok(Some(live)) = &mut function.live
            {
                live.weights = Err(unseen);
            }
        }),
        ("lambda:GetFunctionConfiguration", |facts, unseen| {
            facts.function = Err(unseen.clone());
            facts.role = Err(unseen);
        }),
        ("iam:GetRole", |facts, unseen| facts.role = Err(unseen)),
        ("iam:SimulatePrincipalPolicy", |facts, unseen| role(facts).permissions = Err(unseen)),
        ("iam:ListRolePolicies", |facts, unseen| role(facts).denies_interfaces_to_code = Err(unseen)),
        ("iam:GetRolePolicy", |facts, unseen| role(facts).denies_interfaces_to_code = Err(unseen)),
        ("iam:ListAttachedRolePolicies", |facts, unseen| role(facts).attached_own_policies = Err(unseen)),
        ("ec2:DescribeVpcs", |facts, unseen| of(facts).vpc = Err(unseen)),
        ("ec2:DescribeVpcAttribute", |facts, unseen| {
            let vpc = of(facts).vpc.as_mut().unwrap();
            (vpc.dns_support, vpc.dns_hostnames) = (Err(unseen.clone()), Err(unseen));
        }),
        ("ec2:DescribeDhcpOptions", |facts, unseen| {
            of(facts).vpc.as_mut().unwrap().name_servers = Err(unseen)
        }),
        ("ec2:DescribeSubnets", |facts, unseen| of(facts).subnets = Err(unseen)),
        ("ec2:DescribeSecurityGroups", |facts, unseen| of(facts).security_groups = Err(unseen)),
        ("ec2:DescribeNetworkAcls", |facts, unseen| of(facts).network_acls = Err(unseen)),
        ("ec2:DescribeRouteTables", |facts, unseen| {
            of(facts).route_tables = Err(unseen);
            // Only the route to the gateway endpoint names one.
            of(facts).prefix_lists.as_mut().unwrap().clear();
        }),
        ("ec2:DescribeNatGateways", |facts, unseen| of(facts).nat_gateways = Err(unseen)),
        ("ec2:DescribeVpcEndpoints", |facts, unseen| of(facts).endpoints = Err(unseen)),
        ("ec2:DescribeNetworkInterfaces", |facts, unseen| of(facts).interfaces = Err(unseen)),
        ("route53:ListHostedZonesByVPC", |facts, unseen| facts.zones = Err(unseen)),
        // The VPC asks a zone for every name, so that other zones do not matter.
        ("route53:ListHostedZones", |_, _| {}),
        ("route53:ListResourceRecordSets", |facts, unseen| {
            facts.zones.as_mut().unwrap()[0].records = Err(unseen);
        }),
    ];
    for (action, forget) in cases {
        let facts = project.collect_without(action);
        let mut expected = clean.clone();
        let code = if action.starts_with("ec2") { "UnauthorizedOperation" } else { "AccessDenied" };
        let code = if action.starts_with("lambda") { "AccessDeniedException" } else { code };
        let reason = format!("You are not authorized to perform this operation. ({code})");
        forget(&mut expected, Unseen { action: action.to_owned(), reason });
        assert_eq!(facts, expected, "without {action}");
    }
}

fn role(facts: &mut Facts) -> &mut super::facts::Role {
    facts.role.as_mut().unwrap().as_mut().unwrap()
}

fn of(facts: &mut Facts) -> &mut lamex_network::model::Network {
    facts.network.as_mut().unwrap()
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
    assert_eq!(unseen(&found.ranges).unwrap().action, "ec2:GetManagedPrefixListEntries");
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

#[test]
fn a_zone_answers_as_dns_does() {
    let (network, other) = (Network::create("names"), Network::create("others"));
    record(&network.zone_id, "*.names.internal", "A", "10.0.3.11");
    record(&network.zone_id, "text.names.internal", "TXT", "\"words\"");
    record(&network.zone_id, "deep.branch.names.internal", "CNAME", "orders.names.internal");
    private_zone("sub.names.internal", &other.vpc_id);
    let mut project = Project::new("names", &network);
    let mut records_of = |host: &str| {
        project.reach = vec![format!("host: {host}, port: 1, cidr: 10.0.0.0/8")];
        let zones = project.collect().zones.unwrap();
        zones
            .into_iter()
            .map(|zone| (zone.name, zone.is_associated, zone.records.unwrap()))
            .collect::<Vec<_>>()
    };
    let record = |name: &str, addresses: &[&str]| Record {
        name: name.to_owned(),
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
    };
    let here = |records| vec![("names.internal".to_owned(), true, records)];
    assert_eq!(
        records_of("orders.names.internal"),
        here(vec![record("orders.names.internal", &[SERVICE_ADDRESS])])
    );
    let wildcard = || vec![record("*.names.internal", &["10.0.3.11"])];
    assert_eq!(records_of("new.names.internal"), here(wildcard()));
    assert_eq!(records_of("very.new.names.internal"), here(wildcard()));
    let leads_elsewhere = vec![record("deep.branch.names.internal", &[])];
    assert_eq!(records_of("deep.branch.names.internal"), here(leads_elsewhere));
    // These names exist, without an address, so that the wildcard does not stand for them or what is below.
    assert_eq!(records_of("text.names.internal"), here(Vec::new()));
    assert_eq!(records_of("branch.names.internal"), here(Vec::new()));
    assert_eq!(records_of("other.branch.names.internal"), here(Vec::new()));
    let both = records_of("x.sub.names.internal");
    let associated: BTreeSet<_> =
        both.iter().map(|(name, is_associated, _)| (name.as_str(), *is_associated)).collect();
    assert_eq!(associated, BTreeSet::from([("names.internal", true), ("sub.names.internal", false)]));
    assert!(records_of("dynamodb.us-east-1.amazonaws.com").is_empty());
    assert!(records_of("10.0.0.1").is_empty());
}

#[test]
fn a_role_that_lacks_something_is_seen_through() {
    let network = Network::create("role");
    network.create_function("role");
    let project = Project::new("role", &network);
    let policy =
        json!({ "Statement": [{ "Effect": "Allow", "Action": "logs:*", "Resource": "*" }] }).to_string();
    call(
        "iam",
        "put_role_policy",
        json!({ "RoleName": "role", "PolicyName": "lamex", "PolicyDocument": policy }),
    );
    let trust = json!({ "Version": "2012-10-17", "Statement": [] }).to_string();
    call("iam", "update_assume_role_policy", json!({ "RoleName": "role", "PolicyDocument": trust }));
    let own = json!({ "PolicyName": "own", "PolicyDocument": policy });
    let own = call("iam", "create_policy", own)["Policy"]["Arn"].take();
    call("iam", "attach_role_policy", json!({ "RoleName": "role", "PolicyArn": own }));
    let role = project.collect().role.unwrap().unwrap();
    assert!(!role.trusts_lambda);
    assert!(!role.denies_interfaces_to_code.unwrap());
    assert_eq!(role.attached_own_policies.unwrap(), [own.as_str().unwrap()]);
    let permissions = role.permissions.unwrap();
    assert_eq!(permissions["ec2:CreateNetworkInterface"], false);
    assert_eq!(permissions["logs:PutLogEvents"], true);
}

#[test]
fn the_placeholder_says_what_to_do() {
    let network = Network::create("inside");
    network.create_function("inside");
    let mut project = Project::new("inside", &network);
    match project.look("test", true).inside {
        Inside::Failed(reason) => assert!(reason.contains("no package deployed yet"), "{reason}"),
        other => panic!("{other:?}"),
    }
    project.account = "111111111111".to_owned();
    assert_eq!(project.look("test", true).inside, Inside::NotAsked, "credentials of another account");
    project.account = ACCOUNT.to_owned();
    let key = access_key_without("sts:GetCallerIdentity");
    assert_eq!(project.look(&key, true).inside, Inside::NotAsked, "credentials of nobody knows whom");
}
