//! Two deployments at once: what `live` points at is always what a deployment said that it made live.

use std::collections::BTreeMap;

use serde_json::json;

use crate::aws::function::Function;
use crate::aws::interception;
use crate::aws::project::Project;

const DEPLOY: [&str; 3] = ["deploy", "--env", "staging"];
const ROLLBACK: [&str; 3] = ["rollback", "--env", "staging"];

#[test]
fn of_two_deployments_at_once_live_is_what_one_of_them_said() {
    const ROUNDS: usize = 3;
    let function = Function::create("race");
    let projects = [Project::new(&function, ""), Project::new(&function, "")];
    for round in 0..ROUNDS {
        let packages = [0, 1].map(|index: usize| {
            projects[index].set_script(&format!("echo package {index} of round {round}"));
            projects[index].package()["zip"]["code_sha256"].as_str().unwrap().to_owned()
        });
        let running = [0, 1].map(|index: usize| projects[index].start(&DEPLOY));
        let mut said = BTreeMap::new();
        for (running, code_sha256) in running.into_iter().zip(packages) {
            let ran = running.end();
            if ran.exit_code == 0 {
                said.insert(ran.stdout.trim_end().to_owned(), code_sha256);
            } else {
                ran.expect(4).says("somebody else is changing it").says("run this command again");
                assert_eq!(ran.stdout, "");
            }
        }
        for (version, code_sha256) in &said {
            assert_eq!(&function.code_sha256(version), code_sha256, "of version {version}");
        }
        assert!(said.contains_key(&function.live()), "{} is live, but {said:?} was said", function.live());
    }
}

/// A deployment that is overtaken by another one when it is about to make this request: it must fail, and
/// leave live what the other one made live.
fn overtaken_by_a_deployment(function_name: &'static str, method: &'static str, path_end: &'static str) {
    let function = Function::create(function_name);
    let mut project = Project::new(&function, "echo ours");
    let other = Project::new(&function, "echo theirs");
    project.package();
    other.package();
    project.endpoint = interception::before(method, path_end, move || {
        other.run(&DEPLOY).expect(0);
    });
    let ran = project.run(&DEPLOY);
    ran.expect(4).says("somebody else is changing it");
    assert_eq!(ran.stdout, "");
    project.invoke(&[]).expect(3).says("is not the package in dist/lamex.zip");
    std::fs::remove_file(project.path("dist/lamex.zip")).unwrap();
    project.invoke(&[]).expect(0).says("theirs");
}

#[test]
fn overtaken_before_the_upload() {
    overtaken_by_a_deployment("overtaken-before-upload", "PUT", "/code");
}

#[test]
fn overtaken_before_a_version_is_published() {
    overtaken_by_a_deployment("overtaken-before-publish", "POST", "/versions");
}

#[test]
fn overtaken_before_the_alias_moves() {
    overtaken_by_a_deployment("overtaken-before-alias", "PUT", "/aliases/live");
}

/// On AWS `PublishVersion` itself refuses; where the service does not check, lamex-ctl does.
#[test]
fn code_that_somebody_else_has_uploaded_is_not_made_live() {
    let function = Function::create("overtaken-by-upload");
    let mut project = Project::new(&function, "echo ours");
    let other = Project::new(&function, "echo theirs");
    project.package();
    other.package();
    let zip = other.path("dist/lamex.zip");
    project.endpoint = interception::before("POST", "/versions", move || {
        let function = Function { name: "overtaken-by-upload" };
        function.call("update_function_code", json!({ "ZipFile": { "file": zip } }));
    });
    project.run(&DEPLOY).expect(4).says("somebody else is changing it");
    assert_eq!(function.live(), "$LATEST");
}

#[test]
fn a_rollback_that_is_overtaken_by_a_deployment_changes_nothing() {
    let function = Function::create("overtaken-rollback");
    let mut project = Project::new(&function, "echo 1");
    project.deploy();
    project.set_script("echo 2");
    project.deploy();
    let other = Project::new(&function, "echo 3");
    other.package();
    project.endpoint = interception::before("PUT", "/aliases/live", move || {
        other.run(&DEPLOY).expect(0);
    });
    project.run(&ROLLBACK).expect(4).says("somebody else is changing it");
    assert_eq!(function.live(), "3");
}
