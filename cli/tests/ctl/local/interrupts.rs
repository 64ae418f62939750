//! Runs that somebody or something breaks off.

use std::fs;
use std::path::Path;
use std::time::Duration;

use lamex_processes::Signal;
use lamex_testing::finished::Finished;
use lamex_testing::junit::{Junit, Outcome};
use lamex_testing::project::Project;
use serde_json::{Value, json};

/// A staged package whose second command, and what it starts, withstands every signal but SIGKILL.
fn stubborn() -> Project {
    let project = Project::from_config(
        "
package: { include: [stubborn] }
commands:
  - { name: first, run: 'true' }
  - { name: second, run: ./stubborn }
",
    );
    project.script(
        "stubborn",
        r#"
trap '' INT TERM HUP
setsid sh -c 'while :; do sleep 600; done' &
mkdir "$TMPDIR/work"
touch "$HOME/file"
echo started
while :; do sleep 600; done"#,
    );
    project
}

fn wait_for(path: &Path) {
    while !path.exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What holds of every run that was broken off.
#[track_caller]
fn assert_broken_off(project: &Project, finished: Finished, code: i32, parts: &[&str]) {
    finished.expect(code, parts);
    project.assert_nothing_is_left();
    assert!(!Junit::read(&project.report("junit.xml")).is_green());
}

#[test]
fn every_signal_to_end_leaves_nothing_behind_and_no_green_report() {
    for (signal, times) in [(Signal::INT, 1), (Signal::INT, 2), (Signal::TERM, 1), (Signal::HUP, 1)] {
        let project = stubborn();
        let junit = project.report("junit.xml");
        let mut run = project.live(&project.invoke_args(&["--junit", junit.to_str().unwrap()]));
        run.line_with("started");
        assert!(project.processes().iter().any(|process| process.contains("./stubborn")));
        for _ in 0..times {
            run.signal(signal);
        }
        let parts = ["LOST", "interrupted: 1 passed until then (this is not a test result)"];
        assert_broken_off(&project, run.finish(), 130, &parts);
        let junit = Junit::read(&junit);
        assert_eq!(junit.case("first", "first").outcome, Outcome::Passed);
        assert_eq!(junit.case("second", "second").outcome, Outcome::Error);
        assert_eq!(junit.case("lamex", "the run").outcome, Outcome::Error);
    }
}

#[test]
fn an_interrupt_before_the_runner_asks_for_work() {
    let project = Project::from_commands("true\n");
    project.script("bootstrap", "touch up\nexec sleep 600");
    let junit = project.report("junit.xml");
    let run = project.live(&project.invoke_args(&["--junit", junit.to_str().unwrap()]));
    wait_for(&project.path("up"));
    run.signal(Signal::INT);
    assert_broken_off(&project, run.finish(), 130, &["interrupted"]);
}

#[test]
fn an_interrupted_run_has_a_document_that_says_so() {
    let project = Project::from_script("touch running\nexec sleep 600");
    let run = project.live(&project.invoke_args(&["--output", "json"]));
    wait_for(&project.path("running"));
    run.signal(Signal::TERM);
    let finished = run.finish().expect(130, &[]);
    project.assert_nothing_is_left();
    let document: Value = serde_json::from_slice(&finished.stdout).unwrap();
    assert_eq!((&document["outcome"], &document["exit_code"]), (&json!("interrupted"), &json!(130)));
    assert_eq!(document["commands"][0]["outcome"], Value::Null);
}

#[test]
fn an_interrupt_of_a_run_whose_output_nobody_reads() {
    let project = Project::from_commands("yes\n");
    let junit = project.report("junit.xml");
    let mut run = project.live(&project.invoke_args(&["--junit", junit.to_str().unwrap()]));
    run.line_with("y");
    run.signal(Signal::INT);
    assert_broken_off(&project, run.finish_unread(), 130, &[]);
}

#[test]
fn a_reader_that_goes_away_ends_the_run() {
    let project = Project::from_commands("./test\n");
    project.script("test", "trap '' PIPE\nsetsid sleep 600 &\nyes");
    let junit = project.report("junit.xml");
    fs::write(&junit, "<testsuites tests=\"0\"/>").unwrap();
    let mut run = project.live(&project.invoke_args(&["--junit", junit.to_str().unwrap()]));
    run.line_with("Starting");
    assert_broken_off(&project, run.finish_closed(), 4, &["cannot write the report: Broken pipe"]);
}
