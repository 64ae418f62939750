//! An environment in which everything is in order, to be broken one way at a time.

use std::collections::BTreeMap;
use std::fs;

use ipnet::IpNet;
use lamex_config::{Access, Command, Environment, Lambda, Reach, Target};
use lamex_doctor::actions;
use lamex_doctor::case::Case;
use lamex_doctor::diagnose::diagnose;
use lamex_doctor::facts::{
    Attachment, Caller, Configuration, Facts, Function, Inside, Live, Package, Record, Role, Zone,
};
use lamex_doctor::finding::Finding;
use lamex_network::model::{
    AclRule, Endpoint, EndpointKind, Interface, NatGateway, Network, NetworkAcl, NextHop, Peer, Peering,
    PeeringSide, PrefixList, Protocol, Route, RouteDestination, RouteTable, Rule, SecurityGroup, Subnet,
    Unseen, Vpc,
};
use lamex_protocol::probe::{
    Answer, Connection, ConnectionOutcome, Datagram, DatagramOutcome, GrpcHealth, HostProbed, Lookup,
    LookupOutcome, TargetProbed, TlsAnswer, TmpProbe,
};

pub(super) const VPC: &str = "vpc-0000000a";
/// The function's subnets, in two availability zones.
pub(super) const SUBNET_A: &str = "subnet-0000000a";
pub(super) const SUBNET_B: &str = "subnet-0000000b";
/// That of the services, and the one with the NAT gateway.
pub(super) const SERVICES: &str = "subnet-0000000c";
pub(super) const PUBLIC: &str = "subnet-0000000d";
pub(super) const FUNCTION_GROUP: &str = "sg-0000000f";
pub(super) const ORDERS_GROUP: &str = "sg-0000000a";
pub(super) const VAULT_GROUP: &str = "sg-0000000b";
pub(super) const OTHER_GROUP: &str = "sg-0000000d";
pub(super) const PRIVATE_TABLE: &str = "rtb-0000000a";
pub(super) const PUBLIC_TABLE: &str = "rtb-0000000b";
pub(super) const MAIN_TABLE: &str = "rtb-0000000c";
pub(super) const NAT: &str = "nat-0000000a";
pub(super) const PEERING: &str = "pcx-0000000a";
pub(super) const PREFIX_LIST: &str = "pl-0000000a";
pub(super) const FUNCTION_ACL: &str = "acl-0000000a";
pub(super) const SERVICES_ACL: &str = "acl-0000000b";

const YAML: &str = r#"
commands: [{ name: orders, run: ./orders }]
environments:
  staging:
    account: "123456789012"
    region: us-east-2
    function: system-tests-staging
    vpc: { id: vpc-0000000a, subnet_ids: [subnet-0000000a, subnet-0000000b] }
    reach:
      - { name: orders-grpc, host: orders.internal, port: 50051, security_group_id: sg-0000000a, check: grpc }
      - { name: orders-http, host: orders.internal, port: 8080, cidr: 10.0.0.0/16, check: http }
      - { name: vault, host: vault.internal, port: 8200, cidr: 10.0.20.0/24, check: tls }
      - { name: billing, host: 10.1.5.6, port: 443, cidr: 10.1.0.0/16 }
      - { name: tokens, host: sts.us-east-2.amazonaws.com, port: 443, cidr: 0.0.0.0/0 }
      - { name: table, host: dynamodb.us-east-2.amazonaws.com, port: 443, prefix_list_id: pl-0000000a }
    env: { ORDERS_ADDR: "orders.internal:50051", TOKEN: secret-value }
    role: { statements: [{ actions: [sqs:SendMessage], resources: ["arn:aws:sqs:us-east-2:123456789012:orders"] }] }
    timeout: 15m
    memory_mb: 1769
    architecture: arm64
"#;

/// The clock of the tests, in milliseconds since 1970.
const NOW_UNIX_MS: u64 = 1_790_000_000_000;

/// Everything that a diagnosis rests on.
pub(super) struct World {
    pub(super) environment: Environment,
    pub(super) lambda: Lambda,
    pub(super) commands: Vec<Command>,
    pub(super) facts: Facts,
}

impl World {
    /// In order as far as the configuration goes; the function was not asked.
    pub(super) fn still() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamex.yaml");
        fs::write(&path, YAML).unwrap();
        let config = lamex_config::load(&path).unwrap();
        let environment = config.environment("staging").unwrap();
        let Target::Lambda(lambda) = environment.target.clone() else { panic!("staging is a function") };
        Self { environment, lambda: *lambda, commands: config.commands, facts: facts() }
    }

    /// The same, and the function says so, too.
    pub(super) fn probed() -> Self {
        let mut world = Self::still();
        world.facts.inside = Inside::Seen { host: host(), targets: targets() };
        world
    }

    /// What doctor says.
    pub(super) fn diagnose(&self) -> Vec<Finding> {
        let targets: &[Reach] = &self.lambda.reach;
        let Self { environment, lambda, commands, facts } = self;
        diagnose(&Case { environment, lambda, commands, targets, facts, now_unix_ms: NOW_UNIX_MS })
    }

    pub(super) fn function(&mut self) -> &mut Function {
        self.facts.function.as_mut().unwrap().as_mut().unwrap()
    }

    /// Both what is live and the newest configuration.
    pub(super) fn configure(&mut self, change: impl Fn(&mut Configuration)) {
        change(&mut self.function().latest);
        change(&mut self.live().configuration);
    }

    pub(super) fn live(&mut self) -> &mut Live {
        self.function().live.as_mut().unwrap().as_mut().unwrap()
    }

    pub(super) fn package(&mut self) -> &mut Package {
        self.facts.package.as_mut().unwrap()
    }

    pub(super) fn role(&mut self) -> &mut Role {
        self.facts.role.as_mut().unwrap().as_mut().unwrap()
    }

    pub(super) fn network(&mut self) -> &mut Network {
        self.facts.network.as_mut().unwrap()
    }

    pub(super) fn vpc(&mut self) -> &mut Vpc {
        self.network().vpc.as_mut().unwrap()
    }

    pub(super) fn group(&mut self, id: &str) -> &mut SecurityGroup {
        self.network().security_groups.as_mut().unwrap().get_mut(id).unwrap()
    }

    pub(super) fn subnet(&mut self, id: &str) -> &mut Subnet {
        self.network().subnets.as_mut().unwrap().get_mut(id).unwrap()
    }

    pub(super) fn acl(&mut self, id: &str) -> &mut NetworkAcl {
        self.network().network_acls.as_mut().unwrap().iter_mut().find(|acl| acl.id == id).unwrap()
    }

    pub(super) fn table(&mut self, id: &str) -> &mut RouteTable {
        self.network().route_tables.as_mut().unwrap().iter_mut().find(|table| table.id == id).unwrap()
    }

    /// The route of a table to a destination.
    pub(super) fn route(&mut self, table: &str, destination: &str) -> &mut Route {
        let destination = RouteDestination::Range(range(destination));
        self.table(table).routes.iter_mut().find(|route| route.destination == destination).unwrap()
    }

    pub(super) fn zone(&mut self) -> &mut Zone {
        &mut self.facts.zones.as_mut().unwrap()[0]
    }

    /// What the function saw of a target.
    pub(super) fn seen(&mut self, name: &str) -> &mut TargetProbed {
        let Inside::Seen { targets, .. } = &mut self.facts.inside else { panic!("nothing was probed") };
        targets.iter_mut().find(|target| target.name == name).unwrap()
    }

    pub(super) fn host(&mut self) -> &mut HostProbed {
        let Inside::Seen { host, .. } = &mut self.facts.inside else { panic!("nothing was probed") };
        host
    }

    /// The only target is of this host, in the security group of orders; the subnets have no way to the internet.
    pub(super) fn only_reach(&mut self, host: &str) {
        self.lambda.reach.truncate(1);
        host.clone_into(&mut self.lambda.reach[0].host);
        self.table(PRIVATE_TABLE).routes.retain(|route| !matches!(route.next, NextHop::NatGateway(_)));
    }

    /// The name of a target leads to this address.
    pub(super) fn lead(&mut self, name: &str, address: &str) {
        let seen = self.seen(name);
        seen.lookup.as_mut().unwrap().addresses = vec![address.to_owned()];
        seen.connections[0].address = address.to_owned();
    }

    pub(super) fn add_interface(&mut self, address: &str, group_id: &str) {
        self.network().interfaces.as_mut().unwrap().push(interface("eni-0000000c", address, group_id));
    }

    /// One more target, in the services' subnet and reached by UDP, with the rules that it needs.
    pub(super) fn add_udp(&mut self, port: u16) {
        self.lambda.reach.push(Reach {
            name: "udp".to_owned(),
            host: "10.0.20.40".to_owned(),
            port,
            protocol: lamex_config::Protocol::Udp,
            check: None,
            tls: false,
            access: Access::Cidr("10.0.20.0/24".parse().unwrap()),
        });
        self.add_interface("10.0.20.40", OTHER_GROUP);
        self.group(FUNCTION_GROUP).egress.push(udp(port, Peer::Range(range("10.0.20.0/24"))));
        self.group(OTHER_GROUP).ingress.push(udp(port, group(FUNCTION_GROUP)));
    }

    /// What the function saw of that target.
    pub(super) fn send_udp(&mut self, outcome: DatagramOutcome) {
        let Inside::Seen { targets, .. } = &mut self.facts.inside else { panic!("nothing was probed") };
        targets.push(TargetProbed {
            name: "udp".to_owned(),
            datagrams: vec![Datagram {
                address: "10.0.20.40".to_owned(),
                outcome,
                duration_ms: 5_000,
                message: None,
            }],
            ..TargetProbed::default()
        });
    }

    /// The gRPC target is asked over TLS, serves, and shows this certificate.
    pub(super) fn grpc_over_tls(&mut self, tls: TlsAnswer) {
        self.lambda.reach[0].tls = true;
        let tls = Some(Box::new(tls));
        self.seen("orders-grpc").answer =
            Some(Answer::Grpc { health: GrpcHealth::Serving, message: None, tls });
    }

    /// The connection to a target comes to this end.
    pub(super) fn connect(&mut self, name: &str, outcome: ConnectionOutcome) {
        let seen = self.seen(name);
        seen.answer = None;
        for connection in &mut seen.connections {
            connection.outcome = outcome;
            connection.duration_ms = 5_000;
        }
    }
}

pub(super) fn range(text: &str) -> IpNet {
    text.parse().unwrap()
}

pub(super) fn unseen(action: &str) -> Unseen {
    Unseen { action: action.to_owned(), reason: "AccessDenied".to_owned() }
}

/// A security group rule for TCP.
pub(super) fn tcp(port: u16, peer: Peer) -> Rule {
    Rule { protocol: Protocol::Tcp, ports: Some(port..=port), peer }
}

/// A security group rule for UDP.
pub(super) fn udp(port: u16, peer: Peer) -> Rule {
    Rule { protocol: Protocol::Udp, ..tcp(port, peer) }
}

pub(super) fn group(id: &str) -> Peer {
    Peer::Group(id.to_owned())
}

pub(super) fn acl_rule(number: u32, allows: bool, ports: std::ops::RangeInclusive<u16>) -> AclRule {
    AclRule { number, allows, protocol: Protocol::Tcp, ports: Some(ports), range: range("0.0.0.0/0") }
}

fn facts() -> Facts {
    let permissions = |actions: &[&str]| actions.iter().map(|action| ((*action).to_owned(), true)).collect();
    let versions = actions::PRUNE.iter().chain(&actions::PRUNE_VERSIONS);
    let caller = actions::INVOKE.iter().chain(&actions::DEPLOY).chain(versions).chain(&actions::DESCRIBE);
    let role = actions::NETWORK_INTERFACES.iter().chain(&actions::LOG);
    Facts {
        caller: Ok(Caller {
            account: "123456789012".to_owned(),
            arn: "arn:aws:sts::123456789012:assumed-role/ci/run".to_owned(),
        }),
        permissions: Ok(permissions(&caller.copied().collect::<Vec<_>>())),
        function: Ok(Some(Function {
            arn: "arn:aws:lambda:us-east-2:123456789012:function:system-tests-staging".to_owned(),
            latest: configuration("$LATEST"),
            live: Ok(Some(Live { weights: Ok(BTreeMap::new()), configuration: configuration("7") })),
        })),
        role: Ok(Some(Role {
            arn: "arn:aws:iam::123456789012:role/system-tests-staging-lamex".to_owned(),
            trusts_lambda: true,
            permissions: Ok(permissions(&role.copied().collect::<Vec<_>>())),
            promised: Ok(vec![true]),
            denies_interfaces_to_code: Ok(true),
            attached_own_policies: Ok(Vec::new()),
        })),
        network: Some(network()),
        zones: Ok(vec![Zone {
            id: "Z0A".to_owned(),
            name: "internal".to_owned(),
            is_associated: true,
            records: Ok(vec![
                record("orders.internal", "10.0.20.10"),
                record("vault.internal", "10.0.20.30"),
            ]),
        }]),
        package: Some(Package { code_sha256: "deployed".to_owned(), ..Package::default() }),
        inside: Inside::NotAsked,
    }
}

fn configuration(version: &str) -> Configuration {
    let variables = [("ORDERS_ADDR", "orders.internal:50051"), ("TOKEN", "secret-value")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Configuration {
        version: version.to_owned(),
        state: "Active".to_owned(),
        state_reason: None,
        last_update: "Successful".to_owned(),
        last_update_reason: None,
        runtime: "provided.al2023".to_owned(),
        handler: "bootstrap".to_owned(),
        architecture: "arm64".to_owned(),
        timeout_s: 900,
        memory_mb: 1769,
        ephemeral_storage_mb: 512,
        variables: Ok(variables.into()),
        code_sha256: "deployed".to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/system-tests-staging-lamex".to_owned(),
        vpc: Some(Attachment {
            vpc_id: VPC.to_owned(),
            subnet_ids: vec![SUBNET_A.to_owned(), SUBNET_B.to_owned()],
            security_group_ids: vec![FUNCTION_GROUP.to_owned()],
            is_dual_stack: false,
        }),
    }
}

fn network() -> Network {
    let subnet = |id: &str, zone: &str, block: &str| {
        let (availability_zone, vpc_id) = (format!("us-east-2{zone}"), VPC.to_owned());
        let ranges = vec![range(block)];
        (id.to_owned(), Subnet { id: id.to_owned(), vpc_id, availability_zone, ranges, free_addresses: 200 })
    };
    let everyone = || Rule { protocol: Protocol::All, ports: None, peer: Peer::Range(range("0.0.0.0/0")) };
    let security_group = |id: &str, name: &str, ingress: Vec<Rule>, egress: Vec<Rule>| {
        let (name, vpc_id) = (name.to_owned(), VPC.to_owned());
        (id.to_owned(), SecurityGroup { id: id.to_owned(), name, vpc_id, ingress, egress })
    };
    let egress = vec![
        tcp(50051, group(ORDERS_GROUP)),
        tcp(8080, Peer::Range(range("10.0.0.0/16"))),
        tcp(8200, Peer::Range(range("10.0.20.0/24"))),
        tcp(443, Peer::Range(range("10.1.0.0/16"))),
        tcp(443, Peer::Range(range("0.0.0.0/0"))),
        tcp(443, Peer::PrefixList(PREFIX_LIST.to_owned())),
    ];
    let from_function = vec![tcp(50051, group(FUNCTION_GROUP)), tcp(8080, group(FUNCTION_GROUP))];
    let from_vpc = vec![tcp(8200, Peer::Range(range("10.0.0.0/16")))];
    Network {
        vpc: Ok(Vpc {
            id: VPC.to_owned(),
            ranges: vec![range("10.0.0.0/16")],
            dns_support: Ok(true),
            dns_hostnames: Ok(true),
            name_servers: Ok(Vec::new()),
        }),
        subnets: Ok([
            subnet(SUBNET_A, "a", "10.0.1.0/24"),
            subnet(SUBNET_B, "b", "10.0.2.0/24"),
            subnet(SERVICES, "a", "10.0.20.0/24"),
            subnet(PUBLIC, "a", "10.0.100.0/24"),
        ]
        .into()),
        security_groups: Ok([
            security_group(FUNCTION_GROUP, "system-tests-staging-lamex", Vec::new(), egress),
            security_group(ORDERS_GROUP, "orders", from_function, vec![everyone()]),
            security_group(VAULT_GROUP, "vault", from_vpc, vec![everyone()]),
            security_group(OTHER_GROUP, "other", Vec::new(), vec![everyone()]),
        ]
        .into()),
        network_acls: Ok(vec![
            acl(FUNCTION_ACL, &[SUBNET_A, SUBNET_B, PUBLIC]),
            acl(SERVICES_ACL, &[SERVICES]),
        ]),
        route_tables: Ok(route_tables()),
        nat_gateways: Ok([(
            NAT.to_owned(),
            NatGateway {
                id: NAT.to_owned(),
                subnet_id: PUBLIC.to_owned(),
                state: "available".to_owned(),
                is_public: true,
            },
        )]
        .into()),
        endpoints: Ok(vec![Endpoint {
            id: "vpce-0000000a".to_owned(),
            service: "com.amazonaws.us-east-2.dynamodb".to_owned(),
            kind: EndpointKind::Gateway { route_table_ids: vec![PRIVATE_TABLE.to_owned()] },
            state: "available".to_owned(),
        }]),
        prefix_lists: Ok([(
            PREFIX_LIST.to_owned(),
            PrefixList {
                id: PREFIX_LIST.to_owned(),
                name: "com.amazonaws.us-east-2.dynamodb".to_owned(),
                ranges: Ok(vec![range("3.218.180.0/22")]),
            },
        )]
        .into()),
        peerings: Ok([(PEERING.to_owned(), peering())].into()),
        interfaces: Ok(vec![
            interface("eni-0000000a", "10.0.20.10", ORDERS_GROUP),
            interface("eni-0000000b", "10.0.20.30", VAULT_GROUP),
        ]),
    }
}

fn acl(id: &str, subnet_ids: &[&str]) -> NetworkAcl {
    let rule = |number, allows| AclRule {
        number,
        allows,
        protocol: Protocol::All,
        ports: None,
        range: range("0.0.0.0/0"),
    };
    NetworkAcl {
        id: id.to_owned(),
        subnet_ids: subnet_ids.iter().map(|id| (*id).to_owned()).collect(),
        ingress: vec![rule(100, true), rule(32767, false)],
        egress: vec![rule(100, true), rule(32767, false)],
    }
}

fn route_tables() -> Vec<RouteTable> {
    let route = |destination: &str, next| {
        let destination = RouteDestination::Range(range(destination));
        Route { destination, next, is_blackhole: false }
    };
    let local = || route("10.0.0.0/16", NextHop::Local);
    let table = |id: &str, is_main, subnet_ids: &[&str], routes| RouteTable {
        id: id.to_owned(),
        vpc_id: VPC.to_owned(),
        is_main,
        subnet_ids: subnet_ids.iter().map(|id| (*id).to_owned()).collect(),
        routes,
    };
    let to_table = Route {
        destination: RouteDestination::PrefixList(PREFIX_LIST.to_owned()),
        next: NextHop::Endpoint("vpce-0000000a".to_owned()),
        is_blackhole: false,
    };
    let private = vec![
        local(),
        route("0.0.0.0/0", NextHop::NatGateway(NAT.to_owned())),
        route("10.1.0.0/16", NextHop::Peering(PEERING.to_owned())),
        to_table,
    ];
    vec![
        table(PRIVATE_TABLE, false, &[SUBNET_A, SUBNET_B], private),
        table(
            PUBLIC_TABLE,
            false,
            &[PUBLIC],
            vec![local(), route("0.0.0.0/0", NextHop::InternetGateway("igw-0000000a".to_owned()))],
        ),
        table(MAIN_TABLE, true, &[], vec![local()]),
    ]
}

fn peering() -> Peering {
    let side =
        |vpc_id: &str, block: &str| PeeringSide { vpc_id: vpc_id.to_owned(), ranges: vec![range(block)] };
    Peering {
        id: PEERING.to_owned(),
        state: "active".to_owned(),
        requester: side(VPC, "10.0.0.0/16"),
        accepter: side("vpc-0000000b", "10.1.0.0/16"),
    }
}

fn interface(id: &str, address: &str, group_id: &str) -> Interface {
    Interface {
        id: id.to_owned(),
        subnet_id: SERVICES.to_owned(),
        vpc_id: VPC.to_owned(),
        security_group_ids: vec![group_id.to_owned()],
        addresses: vec![address.parse().unwrap()],
        description: String::new(),
    }
}

fn record(name: &str, address: &str) -> Record {
    Record { name: name.to_owned(), addresses: vec![address.parse().unwrap()] }
}

fn host() -> HostProbed {
    HostProbed {
        variables: ["ORDERS_ADDR", "PATH", "TOKEN"].map(str::to_owned).into(),
        clock_unix_ms: NOW_UNIX_MS + 700,
        tmp: TmpProbe { total_bytes: 512 << 20, free_bytes: 500 << 20, problem: None },
        name_servers: vec!["169.254.78.1".to_owned()],
    }
}

fn targets() -> Vec<TargetProbed> {
    let target = |name: &str, address: &str, is_name: bool, answer: Option<Answer>| TargetProbed {
        name: name.to_owned(),
        lookup: is_name.then(|| Lookup {
            outcome: LookupOutcome::Resolved,
            addresses: vec![address.to_owned()],
            duration_ms: 2,
            message: None,
        }),
        connections: vec![Connection {
            address: address.to_owned(),
            outcome: ConnectionOutcome::Connected,
            duration_ms: 3,
            message: None,
        }],
        answer,
        ..TargetProbed::default()
    };
    let tls = TlsAnswer {
        version: "TLSv1.3".to_owned(),
        names: vec!["vault.internal".to_owned()],
        not_before_unix_s: 1_780_000_000,
        not_after_unix_s: 1_800_000_000,
        issuer: "CN=internal".to_owned(),
        ..TlsAnswer::default()
    };
    vec![
        target(
            "orders-grpc",
            "10.0.20.10",
            true,
            Some(Answer::Grpc { health: GrpcHealth::Serving, message: None, tls: None }),
        ),
        target("orders-http", "10.0.20.10", true, Some(Answer::Http { status: 404 })),
        target("vault", "10.0.20.30", true, Some(Answer::Tls(tls))),
        target("billing", "10.1.5.6", false, None),
        target("tokens", "52.95.1.7", true, None),
        target("table", "3.218.180.9", true, None),
    ]
}
