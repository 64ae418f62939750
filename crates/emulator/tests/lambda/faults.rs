//! Faults on purpose do what they say.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lamex_emulator::{Emulator, Faults, LogSink, Trigger};
use serde_json::{Value, json};

use crate::fixture::{Function, calls, details, invoke, payload, scripted, start, stream, wait_for};

async fn start_with(function: &Function, faults: Faults) -> Emulator {
    let mut config = function.config();
    config.faults = faults;
    start(config).await
}

fn three_chunks() -> Value {
    json!([["stream"], ["chunk", "first,"], ["chunk", "second,"], ["chunk", "third"], ["end"]])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_invocations_can_be_refused() {
    let function = Function::steps();
    let faults = Faults { throttle_first: 1, fail_first: 1, ..Faults::default() };
    let emulator = start_with(&function, faults).await;
    let facts = || invoke(json!([["facts"]]));
    let results = calls(&emulator, json!([facts(), stream(json!([])), facts()])).await;
    assert_eq!(
        (&results[0]["status"], &results[0]["code"]),
        (&json!(429), &json!("TooManyRequestsException"))
    );
    assert_eq!((&results[1]["status"], &results[1]["code"]), (&json!(500), &json!("ServiceException")));
    assert_eq!(payload(&results[2])[0]["count"], 1, "the function ran once");
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runtime_can_be_killed_at_any_byte_of_its_response() {
    let function = Function::steps();
    for (trigger, arrived) in [
        (Trigger::AfterBytes(0), ""),
        (Trigger::AfterBytes(8), "first,se"),
        (Trigger::AtBytes(b"cond".to_vec()), "first,second"),
    ] {
        let faults = Faults { kill_runtime: Some(trigger), only_first: Some(1), ..Faults::default() };
        let emulator = start_with(&function, faults).await;
        let results = calls(&emulator, json!([stream(three_chunks()), stream(three_chunks())])).await;
        assert_eq!(results[0]["payload"]["text"], arrived);
        assert_eq!(results[0]["complete"]["ErrorCode"], "Runtime.ExitError");
        let message = details(&results[0])["errorMessage"].as_str().unwrap().to_owned();
        assert!(message.ends_with("signal: killed"), "{message}");
        assert_eq!(results[1]["payload"]["text"], "first,second,third");
        assert_eq!(results[1]["complete"], json!({}));
        emulator.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_connection_can_be_cut() {
    let function = Function::steps();
    for (trigger, arrived) in [
        (Trigger::AfterBytes(0), ""),
        (Trigger::AfterBytes(8), "first,se"),
        (Trigger::AtBytes(b"third".to_vec()), "first,second,third"),
    ] {
        let faults = Faults { cut_client: Some(trigger), ..Faults::default() };
        let emulator = start_with(&function, faults).await;
        let buffered = invoke(json!([["respond", "first,second,third, and more"]]));
        let results = calls(&emulator, json!([stream(three_chunks()), buffered])).await;
        assert_eq!(results[0]["payload"]["text"], arrived);
        assert_eq!(results[0]["complete"], Value::Null);
        assert!(results[0]["broken"].is_string());
        assert!(results[1]["broken"].is_string(), "{}", results[1]);
        emulator.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runtimes_connection_can_be_broken() {
    let function = Function::steps();
    let faults = Faults {
        break_runtime_response: Some(Trigger::AfterBytes(8)),
        only_first: Some(1),
        ..Faults::default()
    };
    let emulator = start_with(&function, faults).await;
    let outcome = function.file("outcome");
    let steps = json!([["stream"], ["chunk", "first,"], ["chunk", "second,"], ["try", ["end"], outcome]]);
    let results = calls(&emulator, json!([stream(steps), invoke(json!([["facts"]]))])).await;
    assert_eq!(results[0]["payload"]["text"], "first,se");
    assert_eq!(results[0]["complete"]["ErrorCode"], "Runtime.TruncatedResponse");
    let outcome = wait_for(&outcome).await;
    assert!(matches!(outcome.as_str(), "ConnectionResetError" | "BrokenPipeError"), "{outcome}");
    assert_eq!(payload(&results[1])[0]["count"], 2, "the runtime lives on");
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_can_be_left_waiting() {
    let function = Function::steps();
    let faults = Faults { stall_client: Some(Trigger::AtBytes(b"first,".to_vec())), ..Faults::default() };
    let emulator = start_with(&function, faults).await;
    // So that no cold start counts against the caller's patience.
    calls(&emulator, json!([invoke(json!([]))])).await;
    let script = json!({
        "endpoint": emulator.endpoint(),
        "read_timeout": 3,
        "calls": [stream(three_chunks())],
    });
    let results = scripted(script).await;
    assert_eq!(results[0]["payload"]["text"], "first,");
    assert_eq!(results[0]["complete"], Value::Null);
    assert!(results[0]["broken"].is_string());
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_does_not_read_holds_the_runtime_up() {
    let function = Function::steps();
    let log = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&log);
    let mut config = function.config();
    config.timeout = Duration::from_millis(1500);
    config.log = LogSink::callback(move |line| kept.lock().unwrap().push_str(&String::from_utf8_lossy(line)));
    config.faults.stall_client = Some(Trigger::AfterBytes(0));
    let emulator = start(config).await;
    let sent = function.file("sent");
    // Far more than every buffer on the way can hold.
    let steps = json!([["stream"], ["random_chunks", 100, 1024 * 1024], ["write", sent, ""], ["end"]]);
    let caller = tokio::spawn(scripted(json!({ "endpoint": emulator.endpoint(), "calls": [stream(steps)] })));
    while !log.lock().unwrap().contains("REPORT") {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(log.lock().unwrap().contains("\tStatus: timeout"), "{}", log.lock().unwrap());
    assert!(!sent.exists());
    emulator.shutdown().await;
    assert!(caller.await.unwrap()[0]["broken"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_can_be_late() {
    let function = Function::steps();
    let delay = Duration::from_millis(700);
    let faults = Faults { answer_delay: delay, ..Faults::default() };
    let emulator = start_with(&function, faults).await;
    let before = Instant::now();
    let results = calls(&emulator, json!([invoke(json!([])), stream(three_chunks())])).await;
    assert!(before.elapsed() >= 2 * delay);
    assert_eq!(payload(&results[0]), json!([]));
    assert_eq!(results[1]["payload"]["text"], "first,second,third");
    emulator.shutdown().await;
}
