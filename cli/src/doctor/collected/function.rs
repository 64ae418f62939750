//! The function, its role, and what it sees.

use lamex_doctor::facts::Inside;
use lamex_testing::emulators::{ACCOUNT, access_key_without, call};
use lamex_testing::network::{self, Network, SERVICE_PORT};
use serde_json::json;

use super::project::Project;

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
    assert!(!permissions["ec2:CreateNetworkInterface"]);
    assert!(permissions["logs:PutLogEvents"]);
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
