//! A network in which nothing is wrong, as a team would have it, and a function as the kits create it.

use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::emulators::{ACCOUNT, REGION, call};

pub const SERVICE_PORT: u16 = 50_051;
pub const SERVICE_ADDRESS: &str = "10.0.3.10";

/// What the Lambda service needs, and the function's code must not have.
pub const INTERFACE_ACTIONS: [&str; 6] = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
];

/// A VPC with two private subnets for the function, a NAT gateway in a public one, a service in a fourth, a private
/// zone that names it, and endpoints for two services of AWS.
pub struct Network {
    pub vpc_id: String,
    /// Of the function.
    pub subnet_ids: [String; 2],
    pub public_subnet_id: String,
    pub service_subnet_id: String,
    pub nat_gateway_id: String,
    /// Of the function's subnets: everything goes to the NAT gateway.
    pub route_table_id: String,
    pub acl_id: String,
    /// With exactly the egress that the service and the endpoint need.
    pub function_group_id: String,
    /// With ingress from the function's group.
    pub service_group_id: String,
    pub endpoint_group_id: String,
    pub service_interface_id: String,
    pub gateway_endpoint_id: String,
    pub interface_endpoint_id: String,
    pub zone_id: String,
    /// The service's, in the zone.
    pub host: String,
}

impl Network {
    /// The name is this network's alone.
    pub fn create(name: &str) -> Self {
        let vpc_id = text(&ec2("create_vpc", json!({ "CidrBlock": "10.0.0.0/16" }))["Vpc"]["VpcId"]);
        for attribute in ["EnableDnsSupport", "EnableDnsHostnames"] {
            ec2("modify_vpc_attribute", json!({ "VpcId": vpc_id, attribute: { "Value": true } }));
        }
        use_name_server(&vpc_id, "AmazonProvidedDNS");
        let subnet = |range: &str, zone: &str| {
            let zone = format!("{REGION}{zone}");
            let arguments = json!({ "VpcId": vpc_id, "CidrBlock": range, "AvailabilityZone": zone });
            text(&ec2("create_subnet", arguments)["Subnet"]["SubnetId"])
        };
        let public_subnet_id = subnet("10.0.0.0/24", "a");
        let subnet_ids = [subnet("10.0.1.0/24", "a"), subnet("10.0.2.0/24", "b")];
        let service_subnet_id = subnet("10.0.3.0/24", "a");
        let gateway = ec2("create_internet_gateway", json!({}));
        let gateway_id = text(&gateway["InternetGateway"]["InternetGatewayId"]);
        ec2("attach_internet_gateway", json!({ "InternetGatewayId": gateway_id, "VpcId": vpc_id }));
        route_table(&vpc_id, "GatewayId", &gateway_id, &[&public_subnet_id]);
        let address = ec2("allocate_address", json!({ "Domain": "vpc" }))["AllocationId"].take();
        let nat = json!({ "SubnetId": public_subnet_id, "AllocationId": address });
        let nat_gateway_id = text(&ec2("create_nat_gateway", nat)["NatGateway"]["NatGatewayId"]);
        let of_function = [&subnet_ids[0], &subnet_ids[1]];
        let route_table_id = route_table(&vpc_id, "NatGatewayId", &nat_gateway_id, &of_function);

        let function_group_id = group(&vpc_id, &format!("{name}-lamex"));
        let service_group_id = group(&vpc_id, &format!("{name}-service"));
        let endpoint_group_id = group(&vpc_id, &format!("{name}-endpoints"));
        let everything = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
        let arguments = json!({ "GroupId": function_group_id, "IpPermissions": everything });
        ec2("revoke_security_group_egress", arguments);
        for (peer, port) in [(&service_group_id, SERVICE_PORT), (&endpoint_group_id, 443)] {
            authorize("egress", &function_group_id, peer, port);
            authorize("ingress", peer, &function_group_id, port);
        }
        let interface = json!({
            "SubnetId": service_subnet_id, "Groups": [service_group_id],
            "PrivateIpAddress": SERVICE_ADDRESS, "Description": "orders",
        });
        let interface = ec2("create_network_interface", interface);

        let gateway_endpoint = json!({
            "VpcId": vpc_id, "ServiceName": format!("com.amazonaws.{REGION}.s3"),
            "VpcEndpointType": "Gateway", "RouteTableIds": [route_table_id],
        });
        let interface_endpoint = json!({
            "VpcId": vpc_id, "ServiceName": format!("com.amazonaws.{REGION}.secretsmanager"),
            "VpcEndpointType": "Interface", "SubnetIds": subnet_ids,
            "SecurityGroupIds": [endpoint_group_id], "PrivateDnsEnabled": true,
        });
        let endpoint =
            |arguments| text(&ec2("create_vpc_endpoint", arguments)["VpcEndpoint"]["VpcEndpointId"]);

        let zone = format!("{name}.internal");
        let zone_id = private_zone(&zone, &vpc_id);
        let host = format!("orders.{zone}");
        record(&zone_id, &host, "A", SERVICE_ADDRESS);
        let acls =
            ec2("describe_network_acls", json!({ "Filters": [{ "Name": "vpc-id", "Values": [vpc_id] }] }));
        Self {
            service_interface_id: text(&interface["NetworkInterface"]["NetworkInterfaceId"]),
            gateway_endpoint_id: endpoint(gateway_endpoint),
            interface_endpoint_id: endpoint(interface_endpoint),
            acl_id: text(&acls["NetworkAcls"][0]["NetworkAclId"]),
            vpc_id,
            subnet_ids,
            public_subnet_id,
            service_subnet_id,
            nat_gateway_id,
            route_table_id,
            function_group_id,
            service_group_id,
            endpoint_group_id,
            zone_id,
            host,
        }
    }

    /// A function in this network with the alias `live`, at first with the placeholder package, and its role.
    pub fn create_function(&self, name: &str) {
        let role_arn = create_role(name);
        let placeholder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../provision/placeholder/placeholder.zip");
        let arguments = json!({
            "FunctionName": name,
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Role": role_arn,
            "Architectures": [if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }],
            "Code": { "ZipFile": { "file": placeholder } },
            "Timeout": 60,
            "MemorySize": 512,
            "VpcConfig": { "SubnetIds": self.subnet_ids, "SecurityGroupIds": [self.function_group_id] },
            "Environment": { "Variables": { "ORDERS_ADDR": format!("{}:{SERVICE_PORT}", self.host) } },
        });
        call("lambda", "create_function", arguments);
        while call("lambda", "get_function_configuration", json!({ "FunctionName": name }))["State"]
            != "Active"
        {
            thread::sleep(Duration::from_millis(50));
        }
        call(
            "lambda",
            "create_alias",
            json!({ "FunctionName": name, "Name": "live", "FunctionVersion": "$LATEST" }),
        );
    }
}

pub fn function_arn(function: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}")
}

/// The role that `terraform/modules/runner` and the CDK construct give a function; returns its ARN.
fn create_role(function: &str) -> String {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" },
        }],
    });
    let arguments = json!({ "RoleName": function, "AssumeRolePolicyDocument": trust.to_string() });
    let role = call("iam", "create_role", arguments);
    let log = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{function}:*");
    let of_code = json!({ "ArnEquals": { "lambda:SourceFunctionArn": function_arn(function) } });
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": INTERFACE_ACTIONS, "Resource": "*" },
            { "Effect": "Deny", "Action": INTERFACE_ACTIONS, "Resource": "*", "Condition": of_code },
            { "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": log },
        ],
    });
    let arguments =
        json!({ "RoleName": function, "PolicyName": "lamex", "PolicyDocument": policy.to_string() });
    call("iam", "put_role_policy", arguments);
    text(&role["Role"]["Arn"])
}

/// Of EC2, which must succeed.
#[track_caller]
pub fn ec2(operation: &str, arguments: Value) -> Value {
    call("ec2", operation, arguments)
}

/// Adds a rule for a peer's group and one TCP port. The direction is `ingress` or `egress`.
pub fn authorize(direction: &str, group_id: &str, peer_group_id: &str, port: u16) {
    let permissions = json!([{
        "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{ "GroupId": peer_group_id }],
    }]);
    let arguments = json!({ "GroupId": group_id, "IpPermissions": permissions });
    ec2(&format!("authorize_security_group_{direction}"), arguments);
}

/// A private zone that the VPC asks; returns its id.
pub fn private_zone(name: &str, vpc_id: &str) -> String {
    let arguments = json!({
        "Name": name, "CallerReference": name, "HostedZoneConfig": { "PrivateZone": true },
        "VPC": { "VPCRegion": REGION, "VPCId": vpc_id },
    });
    text(&call("route53", "create_hosted_zone", arguments)["HostedZone"]["Id"]).replace("/hostedzone/", "")
}

pub fn record(zone_id: &str, name: &str, kind: &str, value: &str) {
    let set = json!({ "Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{ "Value": value }] });
    let change = json!({ "Changes": [{ "Action": "CREATE", "ResourceRecordSet": set }] });
    call("route53", "change_resource_record_sets", json!({ "HostedZoneId": zone_id, "ChangeBatch": change }));
}

/// The emulators do not show the DHCP options that every VPC has on AWS.
pub fn use_name_server(vpc_id: &str, server: &str) {
    let servers = json!([{ "Key": "domain-name-servers", "Values": [server] }]);
    let options = ec2("create_dhcp_options", json!({ "DhcpConfigurations": servers }));
    let id = &options["DhcpOptions"]["DhcpOptionsId"];
    ec2("associate_dhcp_options", json!({ "DhcpOptionsId": id, "VpcId": vpc_id }));
}

fn group(vpc_id: &str, name: &str) -> String {
    let arguments = json!({ "GroupName": name, "Description": name, "VpcId": vpc_id });
    text(&ec2("create_security_group", arguments)["GroupId"])
}

fn route_table(vpc_id: &str, kind: &str, target_id: &str, subnet_ids: &[&String]) -> String {
    let table = ec2("create_route_table", json!({ "VpcId": vpc_id }));
    let id = text(&table["RouteTable"]["RouteTableId"]);
    ec2("create_route", json!({ "RouteTableId": id, "DestinationCidrBlock": "0.0.0.0/0", kind: target_id }));
    for subnet_id in subnet_ids {
        ec2("associate_route_table", json!({ "RouteTableId": id, "SubnetId": subnet_id }));
    }
    id
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
