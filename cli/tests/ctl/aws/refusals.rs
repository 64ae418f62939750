//! What stops a deployment or a run before anything happens.

use crate::aws::function::Function;
use crate::aws::project::Project;

const DEPLOY: [&str; 3] = ["deploy", "--env", "staging"];
const ROLLBACK: [&str; 3] = ["rollback", "--env", "staging"];

#[test]
fn lamex_ctl_creates_no_function() {
    let project = Project::for_function_named("nowhere", "true");
    project.package();
    for arguments in [DEPLOY, ROLLBACK] {
        let ran = project.run(&arguments);
        ran.expect(4).says("nowhere: the function does not exist");
        ran.says("`terraform apply` or `cdk deploy`");
        assert_eq!(ran.stdout, "");
    }
    let ran = project.invoke(&[]);
    ran.expect(4).says("there is no function nowhere").says("`terraform apply` or `cdk deploy`");
    let everything = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!everything.contains("StatusCode"), "that is for debuggers:\n{everything}");
}

#[test]
fn lamex_ctl_creates_no_alias() {
    let function = Function::create_without_alias("no-alias", 60);
    let project = Project::new(&function, "true");
    project.package();
    let before = function.configuration("$LATEST");
    for arguments in [DEPLOY, ROLLBACK] {
        let ran = project.run(&arguments);
        ran.expect(4).says("no-alias: the function has no alias `live`");
        ran.says("`terraform apply` or `cdk deploy`");
    }
    assert_eq!(function.configuration("$LATEST"), before);
}

#[test]
fn without_a_package_there_is_nothing_to_deploy() {
    let project = Project::for_function_named("nowhere", "true");
    project.run(&DEPLOY).expect(2).says("lamex-ctl package");
}

#[test]
fn credentials_of_another_account_are_refused() {
    let function = Function::create("account");
    let mut project = Project::new(&function, "true");
    project.account = "123456789012".to_owned();
    project.package();
    let before = function.everything();
    for arguments in [DEPLOY, ROLLBACK, ["invoke", "--env", "staging"]] {
        project.run(&arguments).expect(3).says("the account 000000000000");
    }
    assert_eq!(function.everything(), before);
}

#[test]
fn a_protected_environment_asks_for_its_name() {
    let function = Function::create("protected");
    let mut project = Project::new(&function, "true");
    project.environment.push("protected: true".to_owned());
    project.package();
    let before = function.everything();
    for arguments in [DEPLOY, ROLLBACK, ["invoke", "--env", "staging"]] {
        project.run(&arguments).expect(3).says("--confirm staging");
        project.run(&[&arguments[..], &["--confirm", "Staging"]].concat()).expect(3);
    }
    assert_eq!(function.everything(), before);
    let confirmed = ["--confirm", "staging"];
    project.run(&[&DEPLOY[..], &confirmed].concat()).expect(0);
    project.invoke(&confirmed).expect(0);
}

#[test]
fn destructive_commands_need_the_environment_and_the_function() {
    let function = Function::create("destructive");
    let mut project = Project::new(&function, "echo wiped");
    project.command.push("destructive: true".to_owned());
    assert_eq!(project.deploy(), "1");
    let did_not_run = |ran: &crate::aws::project::Ran| assert!(!ran.stdout.contains("wiped"), "{ran:?}");

    // Neither allows it.
    did_not_run(project.invoke(&[]).expect(6));
    did_not_run(project.invoke(&["--only", "orders"]).expect(3).says("allow_destructive: true"));
    // The environment would, the function does not.
    project.environment.push("allow_destructive: true".to_owned());
    did_not_run(project.invoke(&[]).expect(3).says("the variable LAMEX_ALLOW_DESTRUCTIVE (not set)"));
    let drift = "--allow-drift";
    did_not_run(project.invoke(&[drift]).expect(6).says("LAMEX_ALLOW_DESTRUCTIVE"));
    did_not_run(project.invoke(&[drift, "--only", "orders"]).expect(3).says("LAMEX_ALLOW_DESTRUCTIVE"));
    // Both do, once the function's configuration is live.
    function.set_variables(serde_json::json!({ "LAMEX_ALLOW_DESTRUCTIVE": "true" }));
    did_not_run(project.invoke(&["--only", "orders"]).expect(3));
    assert_eq!(project.deploy(), "2");
    project.invoke(&["--only", "orders"]).expect(0).says("wiped");
    // The function would, the environment does not any more.
    project.environment.clear();
    did_not_run(project.invoke(&["--only", "orders"]).expect(3).says("allow_destructive: true"));
}
