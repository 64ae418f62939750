//! Streamed answers.

use lamex_emulator::{Pace, StreamLimits};
use serde_json::{Value, json};

use crate::fixture::{Function, calls, details, invoke, payload, start, stream, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn chunks_arrive_while_the_function_still_runs() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let seen = function.file("seen");
    // The function goes on only when the caller has read the first chunk.
    let steps = json!([
        ["print", "log\n"],
        ["stream"],
        ["chunk", "one\n"],
        ["wait_for", seen],
        ["chunk", "two\n"],
        ["end"]
    ]);
    let mut call = stream(steps);
    call["touch"] = json!(seen);
    call["LogType"] = "Tail".into();
    let results = calls(&emulator, json!([call])).await;
    let result = &results[0];
    assert_eq!(result["payload"]["text"], "one\ntwo\n");
    assert_eq!(result["chunks"], 2);
    assert_eq!(result["status"], 200);
    assert_eq!(result["version"], "$LATEST");
    assert_eq!(result["content_type"], "application/vnd.amazon.eventstream");
    assert_eq!(result["complete"].get("ErrorCode"), None);
    let log = result["complete"]["LogResult"].as_str().unwrap();
    assert!(log.contains("log\n") && log.contains("\nREPORT "));
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pairing_of_caller_and_function_carries_the_body() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let streamed = json!([["stream"], ["chunk", "{\"a\":"], ["chunk", "1}"], ["end"]]);
    let buffered = json!([["respond", "{\"a\":1}"]]);
    let failed = json!([["error", "{\"errorType\":\"Oops\",\"errorMessage\":\"no\"}", "Function.Oops"]]);
    let results = calls(
        &emulator,
        json!([
            stream(streamed.clone()),
            stream(buffered.clone()),
            invoke(streamed),
            invoke(buffered),
            stream(failed.clone()),
            invoke(failed),
            stream(json!([["stream"], ["end"]])),
        ]),
    )
    .await;
    for result in &results[..4] {
        assert_eq!(payload(result), json!({ "a": 1 }), "{result}");
        assert_eq!(result["status"], 200);
        assert_eq!(result["error"], Value::Null);
        assert_eq!(result["complete"].get("ErrorCode"), None);
    }
    assert_eq!(results[4]["complete"]["ErrorCode"], "Function.Oops");
    assert_eq!(details(&results[4]), json!({ "errorType": "Oops", "errorMessage": "no" }));
    assert_eq!(results[4]["payload"]["bytes"], 0);
    assert_eq!(results[5]["error"], "Unhandled");
    assert_eq!(payload(&results[5])["errorType"], "Oops");
    assert_eq!((&results[6]["chunks"], &results[6]["complete"]), (&json!(0), &json!({})));
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_behind_the_body_reaches_the_streaming_caller_only() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let steps = json!([
        ["stream"],
        ["chunk", "some"],
        [
            "end_with_error",
            "Runtime.Midway",
            "{\"errorType\":\"Midway\",\"errorMessage\":\"späte Einsicht\"}"
        ]
    ]);
    let results = calls(&emulator, json!([stream(steps.clone()), invoke(steps)])).await;
    assert_eq!(results[0]["payload"]["text"], "some");
    assert_eq!(results[0]["complete"]["ErrorCode"], "Runtime.Midway");
    assert_eq!(details(&results[0]), json!({ "errorType": "Midway", "errorMessage": "späte Einsicht" }));
    assert_eq!((&results[1]["error"], &results[1]["payload"]["text"]), (&Value::Null, &json!("some")));
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buffered_answer_has_six_megabytes_at_most() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let limit = 6 * 1024 * 1024 + 100;
    let status = function.file("status");
    let streamed = |count: usize| {
        json!([["stream"], ["chunk", "x".repeat(100)], ["random_chunks", count, 1024 * 1024], ["end"]])
    };
    let results = calls(
        &emulator,
        json!([
            invoke(json!([["respond_bytes", limit]])),
            invoke(json!([["try", ["respond_bytes", limit + 1], status]])),
            invoke(streamed(6)),
            invoke(streamed(7)),
            stream(json!([["respond_bytes", limit + 1]])),
            stream(streamed(7)),
        ]),
    )
    .await;
    let message = |bytes: usize| {
        format!(
            "Response payload size ({bytes} bytes) exceeded maximum allowed payload size ({limit} bytes)."
        )
    };
    assert_eq!(results[0]["payload"]["bytes"], limit);
    assert_eq!(results[1]["error"], "Unhandled");
    assert_eq!(
        payload(&results[1]),
        json!({ "errorType": "Function.ResponseSizeTooLarge", "errorMessage": message(limit + 1) })
    );
    assert_eq!(wait_for(&status).await, "413");
    assert_eq!((&results[2]["error"], &results[2]["payload"]["bytes"]), (&Value::Null, &json!(limit)));
    assert_eq!(payload(&results[3])["errorMessage"], message(limit + 1024 * 1024));
    assert_eq!(results[4]["complete"]["ErrorCode"], "Function.ResponseSizeTooLarge");
    assert_eq!(results[4]["payload"]["bytes"], 0, "an answer in one piece is there whole or not at all");
    assert_eq!(results[5]["payload"]["bytes"], limit + 1024 * 1024, "a streamed one has no such limit");
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_stream_arrives_byte_for_byte() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let steps =
        json!([["stream"], ["random_chunks", 2000, 100], ["random_chunks", 64, 1024 * 1024], ["end"]]);
    let mut call = stream(steps);
    call["LogType"] = "Tail".into();
    // The caller's digest is of the whole; the function prints one a call.
    let single = json!([["stream"], ["random_chunks", 48, 1024 * 1024], ["end"]]);
    let mut checked = stream(single);
    checked["LogType"] = "Tail".into();
    let results = calls(&emulator, json!([call, checked])).await;
    assert_eq!(results[0]["payload"]["bytes"], 200_000 + 64 * 1024 * 1024);
    let digest = results[1]["payload"]["sha256"].as_str().unwrap();
    let log = results[1]["complete"]["LogResult"].as_str().unwrap();
    assert!(log.contains(&format!("sha256 {digest}\n")), "{digest} is not in {log}");
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_held_to_its_limits() {
    let function = Function::steps();
    let mut config = function.config();
    config.limits = StreamLimits {
        max_bytes: Some(300_000),
        pace: Some(Pace { burst_bytes: 100_000, bytes_per_second: 1_000_000 }),
    };
    let emulator = start(config).await;
    let steps = |count: usize| json!([["stream"], ["random_chunks", count, 50_000], ["end"]]);
    let mut within = stream(steps(6));
    within["LogType"] = "Tail".into();
    let results = calls(&emulator, json!([within, stream(steps(7))])).await;
    assert_eq!(results[0]["payload"]["bytes"], 300_000);
    assert_eq!(results[0]["complete"].get("ErrorCode"), None);
    let digest = results[0]["payload"]["sha256"].as_str().unwrap();
    assert!(results[0]["complete"]["LogResult"].as_str().unwrap().contains(digest));
    assert_eq!(results[1]["payload"]["bytes"], 300_000);
    assert_eq!(results[1]["complete"]["ErrorCode"], "Function.ResponseSizeTooLarge");
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_whose_caller_has_gone_runs_on() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let (gone, done) = (function.file("gone"), function.file("done"));
    let mut call = stream(json!([
        ["stream"],
        ["chunk", "first"],
        ["wait_for", gone],
        ["random_chunks", 32, 1024 * 1024],
        ["try", ["end"], done]
    ]));
    call["leave_after"] = 1.into();
    let script = json!([call, { "op": "touch", "path": gone }, { "op": "wait_for", "path": done }, invoke(json!([["facts"]]))]);
    let results = calls(&emulator, script).await;
    assert_eq!(results[0]["complete"], Value::Null);
    assert_eq!(wait_for(&done).await, "202", "the runtime is told nothing");
    assert_eq!(payload(&results[3])[0]["count"], 2, "its environment serves on");
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_breaks_off_is_no_success() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let steps = json!([["stream"], ["chunk", "half"], ["break_off"]]);
    let results =
        calls(&emulator, json!([stream(steps.clone()), invoke(steps), invoke(json!([["facts"]]))])).await;
    assert_eq!(results[0]["payload"]["text"], "half");
    assert_eq!(results[0]["complete"]["ErrorCode"], "Runtime.TruncatedResponse");
    assert_eq!(results[1]["error"], "Unhandled");
    assert_eq!(payload(&results[1])["errorType"], "Runtime.TruncatedResponse");
    assert_eq!(payload(&results[2])[0]["count"], 3);
    emulator.shutdown().await;
}
