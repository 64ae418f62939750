//! `lamex-ctl test` on a deployed function: build, package, deploy, and the run of that very version.

use std::fs;

use lamex_testing::junit::Junit;

use crate::aws::function::Function;
use crate::aws::project::{Project, Ran};

/// A project whose command is built by copying its source.
fn project(function: &Function, source: &str) -> Project {
    let mut project = Project::new(function, "exit 9");
    project.command.push("build: cp source orders-system-tests && chmod +x orders-system-tests".to_owned());
    set_source(&project, source);
    project
}

fn set_source(project: &Project, source: &str) {
    fs::write(project.path("source"), format!("#!/bin/sh\n{source}\n")).unwrap();
}

fn test(project: &Project, arguments: &[&str]) -> Ran {
    project.run(&[&["test", "--env", "staging", "--junit", "junit.xml"], arguments].concat())
}

#[track_caller]
fn is_green(project: &Project) -> bool {
    Junit::read(&project.path("junit.xml")).is_green()
}

#[test]
fn from_the_sources_to_the_verdict() {
    let function = Function::create("test-command");
    let project = project(&function, "echo the first");
    let ran = test(&project, &[]);
    ran.expect(0).says("BUILT").says("packaged dist/lamex.zip").says("version 1 is live").says("the first");
    ran.says("on test-command, version 1").says("passed: 1 command passed");
    assert!(is_green(&project));
    assert!(!ran.stdout.contains("BUILT") && !ran.stdout.contains("is live"), "{}", ran.stdout);

    // The same again is the same version.
    test(&project, &[]).expect(0).says("version 1 is live already").says("on test-command, version 1");

    set_source(&project, "echo the second; exit 1");
    let ran = test(&project, &[]);
    ran.expect(1).says("version 2 is live").says("the second").says("failed: 1 of 1 command failed");
    assert!(!is_green(&project));
    assert_eq!(function.live(), "2");
}

#[test]
fn a_failed_build_deploys_nothing() {
    let function = Function::create("test-command-build");
    let mut project = project(&function, "echo the first");
    test(&project, &[]).expect(0);
    let before = function.everything();
    set_source(&project, "echo the second");
    project.command.push("tags: [smoke]".to_owned());
    project.command[0] += "; echo does not compile; exit 1";
    test(&project, &[]).expect(2).says("does not compile").says("the build failed: `orders`");
    assert!(!is_green(&project));
    assert_eq!(function.everything(), before);
}

#[test]
fn guards_refuse_before_anything_is_built() {
    let function = Function::create("test-command-guards");
    let mut project = project(&function, "echo ran");
    project.command[0] = "build: touch was-built".to_owned();
    project.environment.push("protected: true".to_owned());
    test(&project, &[]).expect(3).says("pass `--confirm staging`");
    assert!(!is_green(&project));
    test(&project, &["--confirm", "production"]).expect(3).says("does not name the environment staging");
    project.environment.clear();
    project.account = "123456789012".to_owned();
    test(&project, &[]).expect(3).says("the credentials belong to the account 000000000000");
    assert!(!is_green(&project));
    project.account = "000000000000".to_owned();
    project.command.push("destructive: true".to_owned());
    test(&project, &["--only", "orders"]).expect(3).says("the command `orders` is destructive");
    test(&project, &["--aws-credentials"]).expect(2).says("is for the function on this machine");
    assert!(!project.path("was-built").exists());
    assert_eq!(function.live(), "$LATEST");
}

#[test]
fn what_cannot_run_on_the_function_is_not_deployed() {
    let function = Function::create("test-command-preflight");
    let mut project = project(&function, "echo ran");
    project.command[0] = "build: printf 'MZ\\220' > orders-system-tests".to_owned();
    test(&project, &[]).expect(2).says("a program for Windows");
    assert!(!is_green(&project));
    assert_eq!(function.live(), "$LATEST");
}

#[test]
fn where_it_cannot_be_deployed_nothing_runs() {
    let project = {
        let mut project = Project::for_function_named("test-command-none", "echo ran");
        project.command.push("build: touch was-built".to_owned());
        project
    };
    let ran = test(&project, &[]);
    ran.expect(4).says("terraform apply");
    assert!(project.path("was-built").exists() && !ran.stdout.contains("ran"), "{}", ran.stdout);
    assert!(!is_green(&project));
}
