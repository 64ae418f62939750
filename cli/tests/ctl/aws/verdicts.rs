//! How runs on the deployed function end.

use std::fs;

use crate::aws::function::Function;
use crate::aws::project::{Project, Ran};

/// Deploys this script to a function of its own, invokes it, and tells how often it began.
fn invoke(function: &Function, command: &[&str], body: &str) -> (Ran, usize) {
    invoke_within(60, function, command, body)
}

/// The same on a function with this timeout.
fn invoke_within(timeout_s: u32, function: &Function, command: &[&str], body: &str) -> (Ran, usize) {
    let mut project = Project::new(function, "");
    project.timeout_s = timeout_s;
    let marks = project.path("marks");
    project.set_script(&format!("echo run >> '{}'\n{body}", marks.display()));
    project.command.extend(command.iter().map(|&line| line.to_owned()));
    project.deploy();
    let ran = project.invoke(&[]);
    (ran, fs::read_to_string(marks).unwrap_or_default().lines().count())
}

#[test]
fn a_test_that_fails_exits_1() {
    let (ran, runs) = invoke(&Function::create("failing"), &[], "echo expected 3, got 4 >&2; exit 3");
    ran.expect(1).says("expected 3, got 4").says("it exited with code 3");
    assert_eq!(runs, 1);
}

#[test]
fn a_command_that_takes_too_long_exits_1() {
    let (ran, runs) =
        invoke(&Function::create("command-timeout"), &["timeout: 1s"], "echo waiting; sleep 60");
    ran.expect(1).says("waiting").says("TIMEOUT");
    assert_eq!(runs, 1);
}

#[test]
fn a_runner_that_dies_in_the_middle_exits_4() {
    let (ran, runs) = invoke(&Function::create("crash"), &[], "echo before; kill -KILL $PPID; sleep 60");
    ran.expect(4).says("infrastructure failure").says("Runtime.ExitError");
    assert_eq!(runs, 1);
}

#[test]
fn the_verdict_comes_before_the_functions_deadline() {
    let function = Function::create_with_timeout("deadline", 3);
    let (ran, runs) = invoke_within(3, &function, &[], "echo waiting; sleep 60");
    ran.expect(1).says("waiting").says("deadline");
    assert_eq!(runs, 1);
}

#[test]
fn a_function_that_runs_out_of_time_exits_4() {
    let function = Function::create_with_timeout("function-timeout", 3);
    // A runner that does not get to say anything.
    let (ran, runs) = invoke_within(3, &function, &[], "echo before; kill -STOP $PPID; sleep 60");
    ran.expect(4).says("infrastructure failure").says("Sandbox.Timedout");
    assert_eq!(runs, 1);
}

#[test]
fn an_emulator_that_cannot_stream_is_told_how_to_answer() {
    let function = Function::create("cannot-stream");
    let mut project = Project::new(&function, "echo ran");
    project.deploy();
    project.invoke = "stream";
    project.invoke(&[]).expect(4).says("set `invoke: buffered`");
    project.invoke = "buffered";
    project.invoke(&[]).expect(0);
}
