//! An alias that sends a part of the invocations elsewhere: after `deploy` and `rollback` it does not.

use serde_json::{Value, json};

use crate::aws::function::Function;
use crate::aws::project::Project;

const DEPLOY: [&str; 3] = ["deploy", "--env", "staging"];
const ROLLBACK: [&str; 3] = ["rollback", "--env", "staging"];

fn send_a_part_to(function: &Function, version: &str) {
    let routing = json!({ "AdditionalVersionWeights": { version: 0.1 } });
    function.call("update_alias", json!({ "Name": "live", "RoutingConfig": routing }));
}

#[track_caller]
fn expect_alone(function: &Function, version: &str) {
    let alias = function.alias();
    assert_eq!(
        (&alias["FunctionVersion"], &alias["RoutingConfig"]),
        (&version.into(), &Value::Null),
        "{alias}"
    );
}

#[test]
fn a_deployment_and_a_rollback_clear_the_weights() {
    let function = Function::create("weights");
    let project = Project::new(&function, "echo 1");
    project.deploy();
    project.set_script("echo 2");
    project.deploy();
    project.set_script("echo 3");
    project.package();
    send_a_part_to(&function, "1");
    let dry_run = project.run(&[&DEPLOY[..], &["--dry-run"]].concat());
    dry_run.expect(0).says("version 1 no longer receives a share");
    assert_ne!(function.alias()["RoutingConfig"], Value::Null);
    project.run(&DEPLOY).expect(0).says("version 3 is live").says("version 1 no longer receives a share");
    expect_alone(&function, "3");

    send_a_part_to(&function, "1");
    project
        .run(&ROLLBACK)
        .expect(0)
        .says("version 2 is live again")
        .says("version 1 no longer receives a share");
    expect_alone(&function, "2");

    send_a_part_to(&function, "3");
    let back = [&ROLLBACK[..], &["--to", "2"]].concat();
    project.run(&back).expect(0).says("version 2 is live again").says("version 3 no longer receives a share");
    expect_alone(&function, "2");
    project.run(&back).expect(2).says("version 2 is live already");
}

#[test]
fn what_is_live_in_part_alone_is_made_live() {
    let function = Function::create("weights-alone");
    let project = Project::new(&function, "echo 1");
    project.deploy();
    project.set_script("echo 2");
    assert_eq!(project.deploy(), "2");
    send_a_part_to(&function, "1");
    let dry_run = project.run(&[&DEPLOY[..], &["--dry-run"]].concat());
    dry_run.expect(0).says("version 2 would be live alone");
    assert_ne!(function.alias()["RoutingConfig"], Value::Null);
    let ran = project.run(&[&DEPLOY[..], &["--output", "json"]].concat());
    let document: Value = serde_json::from_str(&ran.expect(0).stdout).unwrap();
    assert_eq!((&document["version"], &document["cleared_weights"]), (&"2".into(), &json!(["1"])));
    expect_alone(&function, "2");
    assert_eq!(function.versions(), ["1", "2"]);
}
