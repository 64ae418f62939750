//! A package that is out of date with lamex.yaml and the files here.

use std::fs;

use crate::aws::function::Function;
use crate::aws::project::{Project, Ran};

const DEPLOY: [&str; 3] = ["deploy", "--env", "staging"];

#[track_caller]
fn refused(ran: &Ran, change: &str) {
    ran.expect(3).says("dist/lamex.zip is out of date with lamex.yaml").says(change);
    ran.says("`lamex-ctl package`").says("--allow-stale");
    assert!(!ran.stdout.contains("this is"), "nothing may run: {}", ran.stdout);
}

/// Both refuse it, and go on when they are told to.
#[track_caller]
fn both_refuse(project: &Project, change: &str) {
    refused(&project.run(&DEPLOY), change);
    refused(&project.invoke(&[]), change);
    let doctor = project.run(&["doctor", "--env", "staging", "--static"]);
    doctor.says("PROBLEM package.fresh").says(change).says("lamex-ctl package");
}

#[test]
fn a_rebuilt_binary_is_not_in_the_package_yet() {
    let function = Function::create("stale-binary");
    let project = Project::new(&function, "echo this is one");
    project.deploy();
    // Of the same length, as builds often are.
    project.set_script("echo this is two");
    both_refuse(&project, "`orders-system-tests` changed");
    project.run(&[&DEPLOY[..], &["--allow-stale"]].concat()).expect(0).says("warning").says("live already");
    project.invoke(&["--allow-stale"]).expect(0).says("this is one").says("`orders-system-tests` changed");
    project.package();
    project.invoke(&[]).expect(3).says("version 1 is not the package in dist/lamex.zip");
    project.run(&DEPLOY).expect(0);
    project.invoke(&[]).expect(0).says("this is two");
}

#[test]
fn a_changed_command_is_not_in_the_package_yet() {
    let function = Function::create("stale-command");
    let mut project = Project::new(&function, "echo this is run");
    project.deploy();
    project.command.push("tags: [smoke]".to_owned());
    both_refuse(&project, "the command `orders` changed");
    // What was asked for by the new tag is not in the package either.
    refused(&project.invoke(&["--tag", "smoke"]), "the command `orders` changed");
    project.invoke(&["--allow-stale"]).expect(0).says("this is run");
    project.invoke(&["--allow-stale", "--tag", "smoke"]).expect(2).says("no command with the tag `smoke`");
    // Nobody here knows of a package: what is live must have the commands of lamex.yaml.
    fs::remove_file(project.path("dist/lamex.zip")).unwrap();
    project.invoke(&[]).expect(3).says("version 1 was deployed with commands that differ from lamex.yaml");
    project.command.clear();
    project.invoke(&[]).expect(0).says("this is run");
}

#[test]
fn includes_that_come_and_go_are_changes() {
    let function = Function::create("stale-includes");
    let mut project = Project::new(&function, "ls testdata");
    fs::create_dir(project.path("testdata")).unwrap();
    fs::write(project.path("testdata/one"), "1").unwrap();
    fs::write(project.path("extra"), "extra").unwrap();
    project.include.push("testdata/");
    project.deploy();
    project.invoke(&[]).expect(0);
    fs::write(project.path("testdata/two"), "2").unwrap();
    both_refuse(&project, "`testdata/two` is not in it");
    fs::remove_file(project.path("testdata/two")).unwrap();
    project.include.push("extra");
    both_refuse(&project, "`extra` is not in it");
    fs::remove_file(project.path("extra")).unwrap();
    both_refuse(&project, "`extra` is not in it");
    project.include.retain(|include| *include != "extra" && *include != "testdata/");
    both_refuse(&project, "`testdata/one` is no longer included");
}

/// A job that got the zip from another one has no build folder.
#[test]
fn files_that_are_not_here_are_no_difference() {
    let function = Function::create("stale-nothing-here");
    let mut project = Project::new(&function, "ls testdata");
    fs::create_dir(project.path("testdata")).unwrap();
    fs::write(project.path("testdata/one"), "1").unwrap();
    project.include.push("testdata/");
    project.package();
    fs::remove_file(project.path("orders-system-tests")).unwrap();
    fs::remove_dir_all(project.path("testdata")).unwrap();
    project.run(&DEPLOY).expect(0);
    project.invoke(&[]).expect(0);
    // The zip may be elsewhere, too.
    fs::create_dir(project.path("artifacts")).unwrap();
    fs::rename(project.path("dist/lamex.zip"), project.path("artifacts/tests.zip")).unwrap();
    project.invoke(&["--package", "artifacts/tests.zip"]).expect(0);
    project
        .invoke(&["--package", "artifacts/other.zip"])
        .expect(2)
        .says("there is no package artifacts/other.zip");
    // An empty dist: what `deploy` recorded with the version tells.
    project.invoke(&[]).expect(0);
}

#[test]
fn what_was_recorded_tells_which_package_must_answer() {
    let function = Function::create("recorded");
    let project = Project::new(&function, "echo this is one");
    let packed = project.package();
    let digest = packed["package_digest"].as_str().unwrap();
    project.run(&DEPLOY).expect(0);
    let description = function.configuration("1")["Description"].as_str().unwrap().to_owned();
    assert!(description.starts_with(&format!("lamex {digest} commands:")), "{description}");
    fs::remove_file(project.path("dist/lamex.zip")).unwrap();
    for qualifier in ["live", "1"] {
        project.invoke(&["--qualifier", qualifier]).expect(0).says("this is one");
    }
    // `$LATEST` is no version, and has no record.
    project.invoke(&["--qualifier", "$LATEST"]).expect(3).says("$LATEST has no record of `lamex-ctl deploy`");
    project.invoke(&["--qualifier", "$LATEST", "--expect-digest", digest]).expect(0).says("this is one");
    project.invoke(&["--qualifier", "9"]).expect(4).says("recorded has no version or alias 9");
    project.package();
    // With a package, its code tells.
    project.invoke(&["--qualifier", "$LATEST"]).expect(0).says("this is one");
}

#[test]
fn what_is_no_package_is_not_deployed() {
    let function = Function::create("stale-no-package");
    let project = Project::new(&function, "true");
    fs::create_dir(project.path("dist")).unwrap();
    fs::write(project.path("dist/lamex.zip"), "no zip").unwrap();
    for ran in [project.run(&DEPLOY), project.invoke(&[])] {
        ran.expect(2).says("dist/lamex.zip is not the zip of a package");
    }
    assert_eq!(function.live(), "$LATEST");
}
