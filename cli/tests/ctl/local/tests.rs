//! `lamex-ctl test --env local`: build, then invoke; never green when anything before the run failed.

use std::fs;

use lamex_processes::Signal;
use lamex_testing::finished::Finished;
use lamex_testing::junit::Junit;
use lamex_testing::live::Live;
use lamex_testing::project::Project;

use super::builds::{making, project};

/// A report as an earlier run has left it.
const GREEN: &str = r#"<testsuites name="lamex" tests="1" failures="0" errors="0" skipped="0"><testsuite name="a" tests="1"
    failures="0" errors="0" skipped="0"><testcase name="a" classname="a"/></testsuite></testsuites>"#;

/// `lamex-ctl test` with a JUnit report where a green one of before lies.
fn test(project: &Project, args: &[&str]) -> (Finished, Junit) {
    let junit = project.report("junit.xml");
    fs::write(&junit, GREEN).unwrap();
    assert!(Junit::read(&junit).is_green());
    let all = [&["test", "--junit", junit.to_str().unwrap()], args].concat();
    let finished = Finished::new(project.lamex_ctl(&all));
    project.assert_nothing_is_left();
    (finished, Junit::read(&junit))
}

#[test]
fn what_is_tested_is_what_was_built_just_now() {
    let project = project(&[("one", &making("one", "echo the first"))]);
    let (finished, junit) = test(&project, &[]);
    finished.expect(0, &["BUILT", "the first", "passed: 1 command passed"]);
    assert!(junit.is_green());
    let text = fs::read_to_string(project.path("lamex.yaml")).unwrap();
    project.file("lamex.yaml", text.replace("the first", "the second; exit 1"));
    let (finished, junit) = test(&project, &["--env", "local"]);
    let finished = finished.expect(1, &["the second", "failed: 1 of 1 command failed"]);
    assert!(!finished.stdout().contains("BUILT"), "what is built is told on stderr");
    assert!(!junit.is_green());
}

#[test]
fn nothing_runs_where_a_build_fails() {
    let project =
        project(&[("one", &making("one", "echo one ran")), ("two", &making("two", "echo two ran"))]);
    test(&project, &[]).0.expect(0, &["one ran", "two ran"]);
    let text = fs::read_to_string(project.path("lamex.yaml")).unwrap();
    project.file("lamex.yaml", text.replace("> build/two", "> build/two; exit 1"));
    let (finished, junit) = test(&project, &[]);
    let finished = finished.expect(2, &["1 of 2 builds failed: `two`"]);
    assert!(!finished.stdout().contains("ran"), "{}", finished.stdout());
    assert!(!junit.is_green());
    let report = fs::read_to_string(project.report("junit.xml")).unwrap();
    assert!(report.contains("nothing was run: 1 of 2 builds failed: `two`"), "{report}");
    // What is not selected need not be built.
    let (finished, junit) = test(&project, &["--only", "one"]);
    let finished = finished.expect(0, &["one ran", "passed: 1 command passed"]);
    assert!(!finished.stderr().contains("two"), "{}", finished.stderr());
    assert!(junit.is_green());
}

#[test]
fn what_is_wrong_is_told_before_anything_is_built() {
    let project = project(&[("one", "touch was-built")]);
    for (args, code, part) in [
        (&["--only", "oen"][..], 2, "did you mean `one`?"),
        (&["--param", "X=1"], 2, "no selected command declares the parameter `X`"),
        (&["--env", "staging"], 2, "has no environment `staging`"),
        (&["--allow-drift"], 2, "--allow-drift is for deployed functions"),
        (&["--runner", "nowhere"], 2, "there is no runner at nowhere"),
    ] {
        let (finished, junit) = test(&project, args);
        finished.expect(code, &[part]);
        assert!(!junit.is_green(), "{args:?}");
    }
    let text = fs::read_to_string(project.path("lamex.yaml")).unwrap();
    project.file("lamex.yaml", text.replace("    run: ./one\n", "    run: ./one ${ADDRESS}\n"));
    test(&project, &[]).0.expect(2, &["ADDRESS"]);
    assert!(!project.path("was-built").exists());
}

#[test]
fn a_build_that_makes_nothing_is_no_pass() {
    let project = project(&[("one", "true")]);
    let (finished, junit) = test(&project, &[]);
    finished.expect(2, &["BUILT", "no file matches `build/*`"]);
    assert!(!junit.is_green());
}

#[test]
fn an_interrupt_while_it_builds_runs_nothing() {
    let project = project(&[("one", "touch up; sleep 600; touch done")]);
    let junit = project.report("junit.xml");
    fs::write(&junit, GREEN).unwrap();
    let run = Live::start(project.lamex_ctl(&["test", "--junit", junit.to_str().unwrap()]));
    while !project.path("up").exists() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    run.signal(Signal::INT);
    let finished = run.finish().expect(130, &["interrupted"]);
    project.assert_nothing_is_left();
    assert_eq!(finished.stdout(), "");
    assert!(!Junit::read(&junit).is_green());
    assert!(!project.path("done").exists());
}

#[test]
fn the_document_is_all_that_goes_to_stdout() {
    let project = project(&[("one", &format!("echo from the build; {}", making("one", "echo one ran")))]);
    let (finished, _) = test(&project, &["--output", "json"]);
    let finished = finished.expect(0, &["from the build"]);
    let document: serde_json::Value = serde_json::from_slice(&finished.stdout).unwrap();
    assert_eq!((&document["outcome"], &document["exit_code"]), (&"passed".into(), &0.into()));
}
