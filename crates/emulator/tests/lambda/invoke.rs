//! Buffered and asynchronous invocations, and what surrounds them.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use lamex_emulator::LogSink;
use serde_json::{Value, json};

use crate::fixture::{Function, calls, invoke, payload, start, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn boto3_invokes_a_function_that_runs_on_awslambdaric() {
    let function = Function::awslambdaric();
    let emulator = start(function.config()).await;
    let results = calls(
        &emulator,
        json!([
            { "op": "invoke", "event": { "n": 1 }, "LogType": "Tail", "context": { "custom": { "k": "v" } } },
            { "op": "invoke", "event": { "n": 2 }, "LogType": "Tail" },
            { "op": "invoke" },
            { "op": "invoke", "event": { "fail": "on purpose" } },
            { "op": "invoke", "event": { "n": 3 } },
        ]),
    )
    .await;

    let first = payload(&results[0]);
    assert_eq!(results[0]["status"], 200);
    assert_eq!(results[0]["version"], "$LATEST");
    assert_eq!(results[0]["error"], Value::Null);
    assert_eq!(first["event"], json!({ "n": 1 }));
    assert_eq!(first["client"], json!({ "k": "v" }));
    assert_eq!(first["arn"], "arn:aws:lambda:us-east-1:000000000000:function:suite");
    assert_eq!(first["memory"], "128");
    assert!((1..=60_000).contains(&first["remaining_ms"].as_i64().unwrap()));
    let request_id = first["request_id"].as_str().unwrap();
    let log = results[0]["log"].as_str().unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines[0], format!("START RequestId: {request_id} Version: $LATEST"));
    assert_eq!(lines[1], "handling {'n': 1}");
    assert_eq!(lines[2], format!("END RequestId: {request_id}"));
    assert!(lines[3].starts_with(&format!("REPORT RequestId: {request_id}\tDuration: ")));
    assert!(lines[3].contains("\tMemory Size: 128 MB\t") && lines[3].contains("\tInit Duration: "));

    let second = payload(&results[1]);
    assert_eq!(second["pid"], first["pid"], "the environment is reused");
    assert_eq!(second["log_stream"], first["log_stream"]);
    assert_ne!(second["request_id"], first["request_id"]);
    let log = results[1]["log"].as_str().unwrap();
    assert!(log.starts_with("START") && !log.contains("'n': 1") && !log.contains("Init Duration"));
    assert_eq!(payload(&results[2])["event"], json!({}), "no payload is an empty object");
    assert_eq!(results[2]["log"], Value::Null);

    assert_eq!((&results[3]["status"], &results[3]["error"]), (&json!(200), &json!("Unhandled")));
    assert_eq!(payload(&results[3])["errorType"], "ValueError");
    assert_eq!(payload(&results[3])["errorMessage"], "on purpose");
    assert_eq!(payload(&results[4])["pid"], first["pid"], "an error does not end the environment");
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_all_output_and_the_tail_its_last_four_kibibytes() {
    let function = Function::steps();
    let lines = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&lines);
    let mut config = function.config();
    config.log = LogSink::callback(move |line| kept.lock().unwrap().push_str(&String::from_utf8_lossy(line)));
    let emulator = start(config).await;
    let long = "x".repeat(9_000);
    let mut call = invoke(json!([["print", long], ["print_error", "\nno newline at the end"]]));
    call["LogType"] = "Tail".into();
    let results = calls(&emulator, json!([call])).await;
    let log = results[0]["log"].as_str().unwrap();
    assert_eq!(log.len(), 4096);
    let ending: Vec<&str> = log.lines().rev().take(3).collect();
    assert!(ending[0].starts_with("REPORT ") && ending[1].starts_with("END "));
    assert_eq!(ending[2], "no newline at the end");
    let whole = lines.lock().unwrap().clone();
    assert!(whole.contains(&long) && whole.ends_with(log));
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_runs_in_the_background_and_a_dry_run_does_not() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let typed = |kind: &str, name: &str| {
        let mut call = invoke(json!([["write", function.file(name), "ran"]]));
        call["InvocationType"] = kind.into();
        call
    };
    let results =
        calls(&emulator, json!([typed("DryRun", "dry"), typed("Event", "event"), typed("Other", "other")]))
            .await;
    assert_eq!(results[0]["status"], 204);
    assert_eq!((&results[1]["status"], &results[1]["payload"]["bytes"]), (&json!(202), &json!(0)));
    assert_eq!(results[2]["code"], "InvalidParameterValueException");
    assert_eq!(wait_for(&function.file("event")).await, "ran");
    emulator.shutdown().await;
    assert!(!function.file("dry").exists() && !function.file("other").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_aws_refuses_are_refused_in_its_words() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:suite:$LATEST";
    let results = calls(
        &emulator,
        json!([
            { "op": "invoke", "FunctionName": "other" },
            { "op": "invoke", "Qualifier": "live" },
            { "op": "invoke", "FunctionName": arn },
            { "op": "invoke", "Payload": "{\"open\":" },
            { "op": "invoke", "payload_bytes": 6 * 1024 * 1024 + 1 },
            { "op": "invoke", "payload_bytes": 1024 * 1024 + 1, "InvocationType": "Event" },
            { "op": "stream", "FunctionName": "other" },
            { "op": "stream", "payload_bytes": 6 * 1024 * 1024 + 1 },
            { "op": "configuration" },
        ]),
    )
    .await;
    let refusal = |index: usize| {
        let result: &Value = &results[index];
        (result["status"].clone(), result["exception"].clone())
    };
    let not_found = (json!(404), json!("ResourceNotFoundException"));
    assert_eq!(refusal(0), not_found);
    assert_eq!(
        results[0]["message"],
        "Function not found: arn:aws:lambda:us-east-1:000000000000:function:other"
    );
    assert_eq!(results[0]["type"], "User");
    assert_eq!(refusal(1), not_found);
    assert_eq!(results[2]["status"], 200);
    assert_eq!(refusal(3), (json!(400), json!("InvalidRequestContentException")));
    assert!(results[3]["message"].as_str().unwrap().starts_with("Could not parse request body into json"));
    let too_large = (json!(413), json!("RequestTooLargeException"));
    assert_eq!(refusal(4), too_large);
    assert_eq!(
        results[4]["message"],
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
    );
    assert_eq!(refusal(5), too_large);
    assert_eq!(refusal(6), not_found);
    assert_eq!(refusal(7), too_large);
    let configuration = &results[8]["configuration"];
    assert_eq!(configuration["Timeout"], 60);
    assert_eq!(configuration["State"], "Active");
    assert_eq!(configuration["FunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:suite");
    assert_eq!(results[8]["is_same"], true);
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_concurrency_is_throttled_and_events_wait_their_turn() {
    let function = Function::steps();
    let mut config = function.config();
    config.concurrency = 2;
    let emulator = start(config).await;
    let go = function.file("go");
    let busy = |name: &str| invoke(json!([["write", function.file(name), ""], ["wait_for", go], ["facts"]]));
    let mut event = invoke(json!([["write", function.file("event"), ""]]));
    event["InvocationType"] = "Event".into();
    let third = json!([
        { "op": "wait_for", "path": function.file("one") },
        { "op": "wait_for", "path": function.file("two") },
        invoke(json!([])),
        event,
        { "op": "touch", "path": go },
    ]);
    let (held, refused) = tokio::join!(
        calls(&emulator, json!([{ "op": "at_once", "calls": [busy("one"), busy("two")] }])),
        calls(&emulator, third),
    );
    assert_eq!(refused[2]["status"], 429);
    assert_eq!(refused[2]["exception"], "TooManyRequestsException");
    assert_eq!(refused[2]["reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
    assert_eq!(refused[2]["message"], "Rate Exceeded.");
    assert_eq!(refused[3]["status"], 202);
    wait_for(&function.file("event")).await;
    let pid = |index: usize| payload(&held[0][index])[2]["pid"].clone();
    assert_ne!(pid(0), pid(1), "each has an environment of its own");
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_call_of_a_caller_is_never_throttled_by_its_last() {
    let function = Function::steps();
    let mut config = function.config();
    config.concurrency = 1;
    let emulator = start(config).await;
    let sequence: Vec<Value> = (0..30).map(|_| invoke(json!([["facts"]]))).collect();
    let results = calls(&emulator, json!(sequence)).await;
    let counts: Vec<Value> = results.iter().map(|result| payload(result)[0]["count"].clone()).collect();
    assert_eq!(json!(counts), json!((1..=30).collect::<Vec<_>>()));
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runtime_gets_lambdas_variables_and_its_own_and_no_others() {
    let function = Function::steps();
    let mut config = function.config();
    config.environment.insert("ORDERS_ADDR".into(), "orders:50051".into());
    config.environment.insert("PATH".into(), "/opt/mine".into());
    config.handler = "some.handler".into();
    let emulator = start(config).await;
    let results = calls(&emulator, json!([invoke(json!([["facts"]]))])).await;
    let facts = &payload(&results[0])[0];
    let root = fs::canonicalize(function.task_root.path()).unwrap();
    let root = root.to_str().unwrap();
    let mut environment = facts["environment"].as_object().unwrap().clone();
    let log_stream = environment.remove("AWS_LAMBDA_LOG_STREAM_NAME").unwrap();
    let (day, id) = log_stream.as_str().unwrap().split_once("[$LATEST]").unwrap();
    assert_eq!((day.len(), id.len()), ("2026/01/31/".len(), 32));
    let api = environment.remove("AWS_LAMBDA_RUNTIME_API").unwrap();
    assert!(api.as_str().unwrap().starts_with("127.0.0.1:"));
    assert_eq!(
        Value::Object(environment),
        json!({
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_NAME": "suite",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/suite",
            "AWS_REGION": "us-east-1",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "local",
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "LAMBDA_TASK_ROOT": root,
            "LANG": "en_US.UTF-8",
            "LD_LIBRARY_PATH":
                format!("/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:{root}:{root}/lib:/opt/lib"),
            "ORDERS_ADDR": "orders:50051",
            "PATH": "/opt/mine",
            "TZ": ":UTC",
            "_HANDLER": "some.handler",
        })
    );
    assert_eq!(facts["cwd"], root);
    assert_eq!(facts["group"], facts["pid"], "it leads a process group of its own");
    assert_eq!(facts["stdin"], "");
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_task_root_is_read_only_while_it_is_served_if_so_asked() {
    let function = Function::steps();
    let data = function.task_root.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("file"), "").unwrap();
    fs::set_permissions(data.join("file"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::set_permissions(function.task_root.path(), fs::Permissions::from_mode(0o750)).unwrap();
    let modes = invoke(json!([["mode", "."], ["mode", "bootstrap"], ["mode", "data/file"]]));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;

    let untouched = start(function.config()).await;
    let before = payload(&calls(&untouched, json!([modes])).await[0]);
    untouched.shutdown().await;
    assert_eq!(before, json!([0o750, 0o755, 0o640]));

    let mut config = function.config();
    config.make_read_only = true;
    let emulator = start(config).await;
    let served = payload(&calls(&emulator, json!([modes])).await[0]);
    assert_eq!(served, json!([0o550, 0o555, 0o440]));
    emulator.shutdown().await;
    assert_eq!(mode(&data.join("file")), 0o640);
    assert_eq!(mode(function.task_root.path()), 0o750);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_open_connections_keep_nobody_out() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let address = emulator.endpoint().replace("http://", "");
    let half: Vec<TcpStream> = (0..400)
        .map(|_| {
            let mut connection = TcpStream::connect(&address).unwrap();
            connection.write_all(b"POST /2015-03-31/functions/suite/invocations HTTP/1.1\r\nHo").unwrap();
            connection
        })
        .collect();
    let results = calls(&emulator, json!([invoke(json!([["facts"]]))])).await;
    assert_eq!(payload(&results[0])[0]["count"], 1);
    drop(half);
    emulator.shutdown().await;
}
