//! What the Runtime API refuses, and what it tells the runtime.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

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
            [200, null],
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

/// As AWS's own does: see `RuntimeReadyState` and `RuntimeInvocationResponseState` of the Runtime Interface Emulator.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_gets_the_invocation_again_until_the_response_begins() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let next = json!(["call", "GET", "/2018-06-01/runtime/invocation/next", null]);
    let respond = json!(["call", "POST", "/2018-06-01/runtime/invocation/{id}/response", "\"forged\""]);
    let file = function.file("seen");
    let at = |index: usize| file.with_extension(index.to_string());
    let steps = json!([
        ["try", next, at(0)],
        ["try", next, at(1)],
        ["stream"],
        ["chunk", "own"],
        ["try", ["until_refused", next], at(2)],
        ["try", respond, at(3)],
        ["end"],
    ]);
    let results = calls(&emulator, json!([invoke(steps), invoke(json!([]))])).await;
    assert_eq!(results[0]["payload"]["text"], "own");
    assert_eq!(payload(&results[1]), json!([]), "the environment serves on");
    let seen: Vec<String> = (0..4).map(|index| std::fs::read_to_string(at(index)).unwrap()).collect();
    let refused = "[403, \"InvalidStateTransition\"]";
    assert_eq!(seen, ["[200, null]", "[200, null]", refused, refused]);
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_is_refused_by_both_apis() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let host = emulator.endpoint().replace("http://", "");
    let request = |line: &str, headers: &[(&str, &str)]| {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{line} HTTP/1.1\r\n{headers}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}")
    };
    let invocation = "POST /2015-03-31/functions/suite/invocations";
    let port = host.rsplit(':').next().unwrap();
    let rebound = format!("evil.example:{port}");
    let refused = [
        request(invocation, &[("Host", &host), ("Origin", "https://evil.example")]),
        request(invocation, &[("Host", &host), ("Origin", "null")]),
        request(invocation, &[("Host", &rebound)]),
        request(invocation, &[]),
        request("GET /2015-03-31/functions/suite", &[("Host", &host), ("Sec-Fetch-Site", "cross-site")]),
    ];
    for request in refused {
        let answer = ask(&host, &request).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(answer.contains("x-amzn-errortype: AccessDeniedException"), "{answer}");
        let document: serde_json::Value = serde_json::from_str(answer.lines().last().unwrap()).unwrap();
        let message = document["message"].as_str().unwrap();
        assert!(
            message.contains("web pages") || message.contains("the request is for the host"),
            "{message}"
        );
    }
    let local = format!("localhost:{port}");
    let steps = json!({ "steps": [["request", { "Host": "evil.example" }], ["request", { "Origin": "null" }], ["request", {}]] });
    let body = steps.to_string();
    let served = format!(
        "{invocation} HTTP/1.1\r\nHost: {local}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = ask(&host, &served).await;
    let found: serde_json::Value = serde_json::from_str(answer.lines().last().unwrap()).unwrap();
    assert_eq!(found, json!([403, 403, 200]), "{answer}");
    emulator.shutdown().await;
}

async fn ask(address: &str, request: &str) -> String {
    let (address, request) = (address.to_owned(), request.to_owned());
    let exchange = move || {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}
