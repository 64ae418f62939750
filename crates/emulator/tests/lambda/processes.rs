//! What a function leaves behind is killed; what is not the function's is not touched.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::fixture::{Function, calls, invoke, payload, sleeps, start, wait_for};

/// Ways to outlive a runtime that can be told from other people's processes.
const KINDS: [&str; 4] = ["child", "daemon", "orphan", "bare"];

fn leave_all() -> Vec<Value> {
    KINDS.iter().map(|kind| json!(["leave", kind])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_runtime_leaves_nothing_behind() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let results = calls(&emulator, json!([invoke(json!(leave_all()))])).await;
    let left = payload(&results[0]);
    for (kind, pid) in KINDS.iter().zip(left.as_array().unwrap()) {
        assert!(sleeps(pid), "{kind} runs on while its environment is warm");
    }
    let killed = calls(&emulator, json!([invoke(json!([["kill", 9]]))])).await;
    assert_eq!(payload(&killed[0])["errorType"], "Runtime.ExitError");
    for (kind, pid) in KINDS.iter().zip(left.as_array().unwrap()) {
        assert!(!sleeps(pid), "{kind} survived");
    }
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_out_leaves_nothing_behind() {
    let function = Function::steps();
    let mut config = function.config();
    config.timeout = Duration::from_millis(1500);
    let emulator = start(config).await;
    let left = calls(&emulator, json!([invoke(json!(leave_all()))])).await;
    let results = calls(&emulator, json!([invoke(json!([["sleep", 600]]))])).await;
    assert_eq!(payload(&results[0])["errorType"], "Sandbox.Timedout");
    for pid in payload(&left[0]).as_array().unwrap() {
        assert!(!sleeps(pid));
    }
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_emulator_leaves_nothing_behind_and_touches_nothing_else() {
    let mut own = Command::new("sleep").arg("600").spawn().unwrap();
    let function = Function::steps();
    let (first, second) = (start(function.config()).await, start(function.config()).await);
    let dropped = start(function.config()).await;
    let leave = json!([invoke(json!(leave_all()))]);
    let (in_first, in_second, in_dropped) =
        tokio::join!(calls(&first, leave.clone()), calls(&second, leave.clone()), calls(&dropped, leave));
    let run = |results: &[Value]| -> Vec<bool> {
        payload(&results[0]).as_array().unwrap().iter().map(sleeps).collect()
    };
    first.shutdown().await;
    assert_eq!(run(&in_first), [false; 4]);
    assert_eq!(run(&in_second), [true; 4], "another emulator's processes");
    drop(dropped);
    assert_eq!(run(&in_dropped), [false; 4]);
    second.shutdown().await;
    assert_eq!(run(&in_second), [false; 4]);
    assert_eq!(own.try_wait().unwrap(), None, "the caller's own child");
    own.kill().unwrap();
    own.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_that_runs_ends_with_the_emulator() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let script = json!({
        "endpoint": emulator.endpoint(),
        "calls": [invoke(json!([["write", function.file("runs"), ""], ["leave", "child"], ["sleep", 600]]))],
    });
    let caller = tokio::spawn(crate::fixture::scripted(script));
    wait_for(&function.file("runs")).await;
    emulator.shutdown().await;
    let results = caller.await.unwrap();
    assert!(results[0]["broken"].is_string(), "the connection ends: {}", results[0]);
}
