//! Updates that failed, and versions that are not ready when they have a number.

use serde_json::json;

use crate::aws::alteration::{Altered, Endpoint};
use crate::aws::function::Function;
use crate::aws::project::Project;

const DEPLOY: [&str; 3] = ["deploy", "--env", "staging"];
const ROLLBACK: [&str; 3] = ["rollback", "--env", "staging"];

/// `$LATEST` is asked for without a qualifier.
const OF_LATEST: &str = "/configuration";

fn failed() -> Altered {
    Altered::With(json!({ "LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no such subnet" }))
}

/// The last update of `$LATEST` has failed, until there is new code.
fn failed_until_the_next_update() -> Endpoint {
    let mut is_updated = false;
    Endpoint::altered(move |request| {
        is_updated |= request.starts_with("PUT ") && request.ends_with("/code");
        if !is_updated && request.ends_with(OF_LATEST) { failed() } else { Altered::Unaltered }
    })
}

#[test]
fn after_a_failed_update_the_next_deployment_is_the_way_out() {
    let function = Function::create("failed-before");
    let mut project = Project::new(&function, "true");
    project.endpoint = failed_until_the_next_update().url;
    project.package();
    project.run(&DEPLOY).expect(0).says("version 1 is live");
    project.run(&DEPLOY).expect(0).says("nothing to do");

    // The code is the same: it goes up again, since only an update can mend the one that failed.
    function.set_variables(json!({ "ORDERS_ADDR": "orders:1" }));
    project.environment.push("env: { ORDERS_ADDR: \"orders:1\" }".to_owned());
    let endpoint = failed_until_the_next_update();
    project.endpoint.clone_from(&endpoint.url);
    project.run(&DEPLOY).expect(0).says("version 2 is live").says("changed: variable ORDERS_ADDR");
    assert!(endpoint.position("/code") < endpoint.position("/versions"), "{:?}", endpoint.requests());
    assert!(endpoint.position("/code").is_some());
}

#[test]
fn an_update_that_fails_makes_nothing_live() {
    let function = Function::create("failed-now");
    let mut project = Project::new(&function, "true");
    project.package();
    let endpoint =
        Endpoint::altered(|request| if request.ends_with(OF_LATEST) { failed() } else { Altered::Unaltered });
    project.endpoint.clone_from(&endpoint.url);
    let ran = project.run(&DEPLOY);
    ran.expect(4).says("the function did not take this update: no such subnet");
    ran.says("nothing was made live").says("run this command again");
    assert_eq!((ran.stdout.as_str(), function.live().as_str()), ("", "$LATEST"));
    assert!(function.versions().is_empty());
}

#[test]
fn a_rollback_waits_for_nothing_that_happens_to_latest() {
    let states = [("rollback-failed", "Failed"), ("rollback-in-progress", "InProgress")];
    for (name, status) in states {
        let function = Function::create(name);
        let mut project = Project::new(&function, "echo 1");
        project.deploy();
        project.set_script("echo 2");
        project.deploy();
        let endpoint = Endpoint::altered(move |request| {
            let is_latest = request.ends_with(OF_LATEST);
            if is_latest { Altered::With(json!({ "LastUpdateStatus": status })) } else { Altered::Unaltered }
        });
        project.endpoint = endpoint.url;
        project.run(&ROLLBACK).expect(0).says("version 1 is live again");
        assert_eq!(function.live(), "1");
    }
}

#[test]
fn a_version_is_live_only_once_it_is_active() {
    let function = Function::create("version-pending");
    let mut project = Project::new(&function, "true");
    project.package();
    let mut asked = 0;
    let endpoint = Endpoint::altered(move |request| {
        if !request.ends_with("/configuration?Qualifier=1") {
            return Altered::Unaltered;
        }
        asked += 1;
        match asked {
            1 => Altered::With(json!({ "State": "Pending", "StateReasonCode": "Creating" })),
            2 => Altered::With(json!({ "LastUpdateStatus": "InProgress" })),
            _ => Altered::Unaltered,
        }
    });
    project.endpoint.clone_from(&endpoint.url);
    project.run(&DEPLOY).expect(0).says("version 1 is live");
    let requests = endpoint.requests();
    let moved =
        requests.iter().position(|request| request.starts_with("PUT ") && request.ends_with("/aliases/live"));
    let before = requests[..moved.unwrap()].iter().filter(|request| request.ends_with("?Qualifier=1"));
    assert_eq!(before.count(), 3, "{requests:?}");
    assert_eq!(function.live(), "1");
}

#[test]
fn a_version_that_ends_failed_is_never_live() {
    let function = Function::create("version-failed");
    let mut project = Project::new(&function, "echo 1");
    project.deploy();
    project.set_script("echo 2");
    project.package();
    let failing = |version: &'static str| {
        Endpoint::altered(move |request| {
            let is_it = request.ends_with("?Qualifier=1") || request.ends_with("?Qualifier=2");
            if is_it && request.ends_with(version) {
                Altered::With(json!({ "State": "Failed", "StateReason": "the subnet has no free address" }))
            } else {
                Altered::Unaltered
            }
        })
    };
    project.endpoint = failing("2").url;
    let ran = project.run(&DEPLOY);
    ran.expect(4).says("version 2 cannot run: the subnet has no free address").says("nothing was made live");
    assert_eq!((ran.stdout.as_str(), function.live().as_str()), ("", "1"));

    // Here it is well again, and the one before has failed.
    project.endpoint = failing("1").url;
    project.run(&DEPLOY).expect(0).says("version 2 is live");
    project.run(&ROLLBACK).expect(4).says("version 1 cannot run");
    assert_eq!(function.live(), "2");
}

#[test]
fn what_a_version_freezes_beyond_code_and_variables_is_deployed() {
    let function = Function::create("frozen");
    let mut project = Project::new(&function, "true");
    project.deploy();
    let queue = "arn:aws:sqs:us-east-1:000000000000:dead";
    function.call("update_function_configuration", json!({ "DeadLetterConfig": { "TargetArn": queue } }));
    project.run(&DEPLOY).expect(0).says("version 2 is live").says("changed: DeadLetterConfig");

    let endpoint = Endpoint::altered(|request| {
        if !request.ends_with(OF_LATEST) {
            return Altered::Unaltered;
        }
        let network = json!({ "VpcId": "vpc-1", "SubnetIds": [], "Ipv6AllowedForDualStack": true });
        let file_system = json!({ "Arn": "arn:efs", "LocalMountPath": "/mnt/data" });
        Altered::With(json!({ "VpcConfig": network, "FileSystemConfigs": [file_system] }))
    });
    project.endpoint = endpoint.url;
    let ran = project.run(&[&DEPLOY[..], &["--dry-run"]].concat());
    ran.expect(0).says("changed: FileSystemConfigs, Ipv6AllowedForDualStack");
}
