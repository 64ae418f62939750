//! What the Runtime API refuses, and what it tells the runtime.

use serde_json::json;

use crate::fixture::{Function, calls, invoke, payload, start};

#[tokio::test(flavor = "multi_thread")]
async fn requests_out_of_turn_are_refused() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let prefix = "/2018-06-01/runtime";
    let call =
        |method: &str, path: &str, body: &str| json!(["call", method, format!("{prefix}{path}"), body]);
    let stale = "/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd";
    let steps = json!([
        call("POST", &format!("{stale}/response"), "{}"),
        call("POST", &format!("{stale}/error"), "{}"),
        ["call", "GET", format!("{prefix}/invocation/next"), null],
        call("POST", "/init/error", "{}"),
        call("POST", "/no/such/thing", "{}"),
        call("GET", "/invocation/{id}/response", ""),
        call("POST", "/invocation/{id}/response", "\"first\""),
        call("POST", "/invocation/{id}/response", "\"second\""),
        call("POST", "/invocation/{id}/error", "{}"),
    ]);
    // The function answers in the middle, so its own answer behind the steps is refused like the second one:
    // what it saw comes with its log.
    let file = function.file("seen");
    let mut wrapped: Vec<_> = steps.as_array().unwrap().clone();
    for (index, step) in wrapped.iter_mut().enumerate() {
        *step = json!(["try", step.clone(), file.with_extension(index.to_string())]);
    }
    let results = calls(&emulator, json!([invoke(json!(wrapped)), invoke(json!([]))])).await;
    assert_eq!(payload(&results[0]), "first");
    assert_eq!(payload(&results[1]), json!([]), "the environment serves on");
    let seen: Vec<serde_json::Value> = (0..9)
        .map(|index: usize| {
            let text = std::fs::read_to_string(file.with_extension(index.to_string())).unwrap();
            serde_json::from_str(&text).unwrap()
        })
        .collect();
    assert_eq!(
        json!(seen),
        json!([
            [400, "InvalidRequestID"],
            [400, "InvalidRequestID"],
            [403, "InvalidStateTransition"],
            [403, "InvalidStateTransition"],
            [404, "NotFound"],
            [404, "NotFound"],
            [202, null],
            [403, "InvalidStateTransition"],
            [403, "InvalidStateTransition"],
        ])
    );
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_comes_with_its_headers() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let results = calls(&emulator, json!([invoke(json!([["facts"]]))])).await;
    let facts = &payload(&results[0])[0];
    let headers = &facts["headers"];
    assert_eq!(headers["lambda-runtime-aws-request-id"], facts["request_id"]);
    assert_eq!(
        headers["lambda-runtime-invoked-function-arn"],
        "arn:aws:lambda:us-east-1:000000000000:function:suite"
    );
    let deadline_ms: u128 = headers["lambda-runtime-deadline-ms"].as_str().unwrap().parse().unwrap();
    let since_epoch = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    assert!(deadline_ms > since_epoch.as_millis() && deadline_ms <= since_epoch.as_millis() + 60_000);
    assert!(headers["lambda-runtime-trace-id"].as_str().unwrap().starts_with("Root=1-"));
    emulator.shutdown().await;
}
