//! Targets with names of AWS, in subnets without a way to the internet.

use lamex_testing::network::{SERVICE_PORT, ec2};
use serde_json::json;

use crate::doctor::project::Project;

/// A project whose subnets have no NAT gateway any more, with this one target in the service's security group.
fn without_nat(name: &str, host: &str) -> Project {
    let mut project = Project::create(name);
    let route =
        json!({ "RouteTableId": project.network.route_table_id, "DestinationCidrBlock": "0.0.0.0/0" });
    ec2("delete_route", route);
    let group = &project.network.service_group_id;
    project.reach =
        vec![format!("{{ name: orders, host: {host}, port: {SERVICE_PORT}, security_group_id: {group} }}")];
    project
}

#[test]
fn a_database_needs_no_vpc_endpoint() {
    without_nat("database", "orders.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com").look().expect(0, &[]);
}

#[test]
fn an_endpoint_that_is_proposed_has_its_price() {
    let told = without_nat("priced", "sqs.us-east-1.amazonaws.com").look();
    told.expect(1, &[("problem", "target.endpoint")])
        .says("14.60 in the function's 2 zones")
        .says("sqs.us-east-1.amazonaws.com leads to it for the whole VPC")
        .says("interface_services = [\\\"sqs\\\"]");
    // With the default settings, either would take away what others made.
    assert!(!told.text.contains("-chdir") && !told.text.contains("npx cdk"), "{}", told.text);
}
