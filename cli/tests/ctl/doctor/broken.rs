//! The configuration, broken one way at a time by boto3.

use std::thread;
use std::time::Duration;

use lamex_testing::emulators::{access_key_without, call};
use lamex_testing::network::{SERVICE_ADDRESS, SERVICE_PORT, authorize, ec2, use_name_server};
use serde_json::json;

use crate::doctor::project::Project;

/// A rule that boto3 takes back.
fn revoke(direction: &str, group_id: &str, peer_group_id: &str) {
    let permissions = json!([{
        "IpProtocol": "tcp", "FromPort": SERVICE_PORT, "ToPort": SERVICE_PORT,
        "UserIdGroupPairs": [{ "GroupId": peer_group_id }],
    }]);
    let arguments = json!({ "GroupId": group_id, "IpPermissions": permissions });
    ec2(&format!("revoke_security_group_{direction}"), arguments);
}

fn wait_for_update(function: &str) {
    let status = || call("lambda", "get_function_configuration", json!({ "FunctionName": function }));
    while status()["LastUpdateStatus"] == "InProgress" {
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn in_order() {
    let project = Project::create("in-order");
    project.look().expect(0, &[]).says("target.path");
    let people = project.run(&["doctor", "--env", "staging", "--static"]);
    let text = String::from_utf8(people.stdout).unwrap();
    assert!(text.ends_with("no problem found\n"), "{text}");
}

#[test]
fn no_egress() {
    let project = Project::create("no-egress");
    let network = &project.network;
    revoke("egress", &network.function_group_id, &network.service_group_id);
    authorize("egress", &network.function_group_id, &network.service_group_id, 5051);
    let told = project.look();
    told.expect(1, &[("problem", "target.egress")]).says("authorize-security-group-egress").says("TCP 5051");
}

#[test]
fn no_ingress() {
    let project = Project::create("no-ingress");
    let network = &project.network;
    revoke("ingress", &network.service_group_id, &network.function_group_id);
    let told = project.look();
    told.expect(1, &[("problem", "target.ingress")]).says("aws_vpc_security_group_ingress_rule");
}

#[test]
fn an_acl_that_drops_the_answers() {
    let project = Project::create("acl");
    let deny = json!({
        "NetworkAclId": project.network.acl_id, "RuleNumber": 50, "Protocol": "6", "RuleAction": "deny",
        "Egress": false, "CidrBlock": "0.0.0.0/0", "PortRange": { "From": 1024, "To": 65_535 },
    });
    ec2("create_network_acl_entry", deny);
    project.look().expect(1, &[("problem", "target.acl")]).says("rule 50");
}

/// Which is in the service's group, so that both groups are in the way, one after the other.
#[test]
fn a_dns_server_of_the_vpcs_own_that_no_rule_lets_the_function_ask() {
    let mut project = Project::create("own-dns");
    let (vpc_id, function_group_id, service_group_id) = {
        let network = &project.network;
        (network.vpc_id.clone(), network.function_group_id.clone(), network.service_group_id.clone())
    };
    use_name_server(&vpc_id, SERVICE_ADDRESS);
    let entry = format!("port: 53, protocol: udp, security_group_id: {service_group_id} }}");
    project
        .look()
        .expect_among(1, ("problem", "vpc.dns"))
        .says(&format!("no egress rule of {function_group_id} allows UDP 53 to {service_group_id}"))
        .says(&entry);
    let udp = |peer: &str| json!([{ "IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "UserIdGroupPairs": [{ "GroupId": peer }] }]);
    let egress = json!({ "GroupId": function_group_id, "IpPermissions": udp(&service_group_id) });
    ec2("authorize_security_group_egress", egress);
    project.reach.push(format!("{{ name: dns, host: {SERVICE_ADDRESS}, {entry}"));
    project
        .look()
        .expect_among(1, ("problem", "vpc.dns"))
        .says(&format!("no ingress rule of {service_group_id} allows UDP 53 from {function_group_id}"));
    let ingress = json!({ "GroupId": service_group_id, "IpPermissions": udp(&function_group_id) });
    ec2("authorize_security_group_ingress", ingress);
    let told = project.look();
    assert!(!told.text.contains("cannot be asked"), "{}", told.text);
}

#[test]
fn no_resolver() {
    let project = Project::create("no-resolver");
    let off = json!({ "VpcId": project.network.vpc_id, "EnableDnsSupport": { "Value": false } });
    ec2("modify_vpc_attribute", off);
    project.look().expect(1, &[("problem", "vpc.dns")]).says("enableDnsSupport");
}

#[test]
fn no_record() {
    let project = Project::create("no-record");
    let record = json!({
        "Name": project.network.host, "Type": "A", "TTL": 60, "ResourceRecords": [{ "Value": SERVICE_ADDRESS }],
    });
    let change = json!({ "Changes": [{ "Action": "DELETE", "ResourceRecordSet": record }] });
    let arguments = json!({ "HostedZoneId": project.network.zone_id, "ChangeBatch": change });
    call("route53", "change_resource_record_sets", arguments);
    project.look().expect(1, &[("problem", "target.name")]).says(&project.network.zone_id);
}

#[test]
fn a_variable_that_was_not_published() {
    let project = Project::create("variables");
    let change = |value: &str| {
        let variables = json!({ "Variables": { "ORDERS_ADDR": value } });
        let arguments = json!({ "FunctionName": project.function, "Environment": variables });
        call("lambda", "update_function_configuration", arguments);
        wait_for_update(&project.function);
    };
    change("elsewhere");
    project.look().expect(0, &[("warning", "function.live")]);
    project.deploy();
    let told = project.look();
    told.expect(1, &[("problem", "function.variables")]);
    assert!(!told.text.contains("elsewhere"), "{}", told.text);
}

/// Lambda sets the one, and nobody the other.
#[test]
fn a_variable_that_a_command_requires() {
    let mut project = Project::create("required");
    project.requires = vec!["AWS_REGION".to_owned(), "API_KEY".to_owned()];
    let told = project.look();
    told.expect_among(1, ("problem", "function.variables")).says("not set, and required by orders");
    assert!(!told.text.contains("AWS_REGION"), "{}", told.text);
}

#[test]
fn a_role_without_rights() {
    let project = Project::create("role");
    let log = json!({ "Effect": "Allow", "Action": "logs:*", "Resource": "*" });
    let policy = json!({ "Version": "2012-10-17", "Statement": [log] }).to_string();
    let arguments = json!({ "RoleName": project.function, "PolicyName": "lamex", "PolicyDocument": policy });
    call("iam", "put_role_policy", arguments);
    let told = project.look();
    told.expect(1, &[("problem", "role.actions"), ("warning", "role.deny")])
        .says("ec2:CreateNetworkInterface");
}

/// The role of the emulator may write its log and make network interfaces, and nothing else.
#[test]
fn a_role_that_lamex_yaml_promises_more() {
    let mut project = Project::create("promises");
    project.promises = vec!["ec2:CreateNetworkInterface".to_owned(), "sqs:SendMessage".to_owned()];
    project
        .look()
        .expect(1, &[("problem", "role.statements")])
        .says("the tests may not sqs:SendMessage on *\"");
}

#[test]
fn nothing_deployed() {
    let project = Project::describe("placeholder");
    project.network.create_function("placeholder");
    project.look().expect(1, &[("problem", "function.qualifier")]).says("nothing was deployed yet");
}

/// Not a permission that is missing.
#[test]
fn no_vpc() {
    let mut project = Project::describe("no-vpc");
    project.network.vpc_id = "vpc-0123456789abcdef0".to_owned();
    let told = project.look();
    told.expect_among(1, ("problem", "vpc.exists"))
        .says("there is no VPC vpc-0123456789abcdef0 in us-east-1");
    assert!(!told.text.contains("allow the caller `ec2:DescribeVpcs`"), "{}", told.text);
}

#[test]
fn a_package_that_is_not_what_lamex_yaml_makes_now() {
    let project = Project::create("stale");
    project.change_script("exit 1");
    project.look().expect(1, &[("problem", "package.fresh")]).says("`orders` changed");
    // Invoke would refuse it as well.
    let invoked = project.run(&["invoke", "--env", "staging"]);
    assert_eq!(invoked.status.code(), Some(3), "{}", String::from_utf8_lossy(&invoked.stdout));
}

#[test]
fn no_function() {
    let project = Project::describe("no-function");
    project.look().expect(1, &[("problem", "function.exists")]).says("terraform apply").says("cdk deploy");
}

#[test]
fn another_account() {
    let mut project = Project::describe("account");
    project.account = "111111111111".to_owned();
    project.doctor(&[]).expect(1, &[("problem", "caller.account")]);
}

#[test]
fn a_permission_that_is_missing() {
    let mut project = Project::create("permission");
    project.access_key = access_key_without("ec2:DescribeSecurityGroups");
    let told = project.look();
    told.expect(0, &[("unknown", "target.path")]).says("allow the caller `ec2:DescribeSecurityGroups`");
}

/// Route 53 takes five requests a second of a whole account.
#[test]
fn zones_are_asked_one_after_the_other_and_again() {
    let mut project = Project::create("throttled");
    project.access_key = "throttled.route53".to_owned();
    project.look().expect(0, &[]);
}

#[test]
fn nobody_there() {
    let mut project = Project::describe("nobody");
    project.endpoint = "http://127.0.0.1:9".to_owned();
    project.doctor(&[]).expect(4, &[("unknown", "caller.account")]);
}

#[test]
fn a_target_that_is_not_in_lamex_yaml() {
    let project = Project::describe("target");
    let output = project.run(&["doctor", "--env", "staging", "--target", "payments"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("there is no target `payments`") && said.contains("orders"), "{said}");
    let local = project.run(&["doctor", "--env", "local"]);
    let said = String::from_utf8(local.stderr).unwrap();
    assert_eq!(local.status.code(), Some(2), "{said}");
    assert!(said.contains("`lamex-ctl invoke --env local` runs there") && !said.contains("{}"), "{said}");
}
