//! Back to a version that was live before.

use serde_json::json;

use crate::aws::function::Function;
use crate::aws::project::Project;

const ROLLBACK: [&str; 3] = ["rollback", "--env", "staging"];

#[test]
fn a_rollback_goes_to_the_version_before_or_to_the_one_that_is_named() {
    let function = Function::create("rollback");
    let project = Project::new(&function, "");
    for number in ["1", "2", "3"] {
        project.set_script(&format!("echo this is {number}"));
        assert_eq!(project.deploy(), number);
    }
    let back = project.run(&ROLLBACK);
    back.expect(0).says("version 2 is live again").says("before: 3");
    back.says("$LATEST is unchanged").says("without `--qualifier live` runs that");
    assert_eq!(back.stdout, "2\n");
    // What is packed here is not what is live any more.
    let packed = project.invoke(&[]);
    packed.expect(3).says("version 2 is not the package in dist/lamex.zip").says("lamex-ctl deploy");
    assert!(!packed.stdout.contains("this is"), "nothing is run to find that out: {}", packed.stdout);
    project.invoke(&["--expect-digest", "any"]).expect(0).says("this is 2");
    std::fs::remove_file(project.path("dist/lamex.zip")).unwrap();
    project.invoke(&[]).expect(0).says("this is 2");

    project.run(&[&ROLLBACK[..], &["--to", "1"]].concat()).expect(0);
    project.invoke(&[]).expect(0).says("this is 1");
    project.run(&ROLLBACK).expect(2).says("there is no version before version 1");
    project.run(&[&ROLLBACK[..], &["--to", "1"]].concat()).expect(2).says("version 1 is live already");
    project.run(&[&ROLLBACK[..], &["--to", "9"]].concat()).expect(2).says("there are 1, 2, 3");
    assert_eq!(function.live(), "1");
    project.run(&[&ROLLBACK[..], &["--to", "3"]].concat()).expect(0);
    project.invoke(&[]).expect(0).says("this is 3");
}

#[test]
fn before_the_first_deployment_there_is_nothing_to_go_back_to() {
    let function = Function::create("rollback-nothing");
    let project = Project::new(&function, "true");
    project.run(&ROLLBACK).expect(2).says("$LATEST is live, which is not a numbered version");
}

#[test]
fn a_rollback_does_not_bring_destructive_commands_back() {
    let function = Function::create("rollback-destructive");
    let project = Project::new(&function, "true");
    function.set_variables(json!({ "LAMEX_ALLOW_DESTRUCTIVE": "true" }));
    assert_eq!(project.deploy(), "1");
    function.set_variables(json!({}));
    assert_eq!(project.deploy(), "2");
    project.run(&ROLLBACK).expect(3).says("LAMEX_ALLOW_DESTRUCTIVE=true");
    project.run(&[&ROLLBACK[..], &["--to", "1"]].concat()).expect(3);
    assert_eq!(function.live(), "2");
    // It is allowed again.
    function.set_variables(json!({ "LAMEX_ALLOW_DESTRUCTIVE": "true" }));
    project.run(&ROLLBACK).expect(0);
    assert_eq!(function.live(), "1");
}
