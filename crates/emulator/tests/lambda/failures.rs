//! Runtimes that time out, crash, or never start.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::fixture::{Function, calls, details, invoke, payload, start, stream};

/// `RequestId: <uuid> Error: ` in front of a message.
fn without_request_id(message: &Value) -> String {
    let message = message.as_str().unwrap();
    let (request, rest) = message.split_once(" Error: ").unwrap();
    assert_eq!(request.len(), "RequestId: ".len() + 36, "{message}");
    rest.to_owned()
}

fn with_tail(mut call: Value) -> Value {
    call["LogType"] = "Tail".into();
    call
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_that_takes_too_long_is_killed() {
    let function = Function::steps();
    let mut config = function.config();
    config.timeout = Duration::from_millis(1500);
    let emulator = start(config).await;
    let hang = json!([["print", "hanging\n"], ["sleep", 600]]);
    let results = calls(
        &emulator,
        json!([
            invoke(json!([["facts"]])),
            with_tail(invoke(hang)),
            invoke(json!([["facts"]])),
            with_tail(stream(json!([["stream"], ["chunk", "sent"], ["sleep", 600]]))),
            invoke(json!([["facts"]])),
        ]),
    )
    .await;
    assert_eq!((&results[1]["status"], &results[1]["error"]), (&json!(200), &json!("Unhandled")));
    let error = payload(&results[1]);
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    assert_eq!(without_request_id(&error["errorMessage"]), "Task timed out after 1.50 seconds");
    let log = results[1]["log"].as_str().unwrap();
    assert!(log.contains("hanging\n") && log.contains(" Task timed out after 1.50 seconds\nEND "));
    assert!(log.trim_end().ends_with("\tStatus: timeout"), "{log}");
    let facts = |index: usize| payload(&results[index])[0].clone();
    assert_ne!(facts(2)["pid"], facts(0)["pid"], "the next invocation has a new environment");
    assert_eq!(facts(2)["count"], 1);
    assert_eq!(results[3]["payload"]["text"], "sent", "what was sent stays");
    assert_eq!(results[3]["complete"]["ErrorCode"], "Sandbox.Timedout");
    assert_eq!(
        without_request_id(&details(&results[3])["errorMessage"]),
        "Task timed out after 1.50 seconds"
    );
    assert_eq!(facts(4)["count"], 1);
    emulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_that_ends_is_an_error_that_says_how() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let results = calls(
        &emulator,
        json!([
            with_tail(invoke(json!([["print", "last words"], ["exit", 3]]))),
            invoke(json!([["exit", 0]])),
            invoke(json!([["kill", 9]])),
            stream(json!([["stream"], ["chunk", "sent"], ["kill", 9]])),
            stream(json!([["kill", 15]])),
            invoke(json!([["facts"]])),
        ]),
    )
    .await;
    let message = |error: Value| {
        assert_eq!(error["errorType"], "Runtime.ExitError");
        without_request_id(&error["errorMessage"])
    };
    assert_eq!(results[0]["error"], "Unhandled");
    assert_eq!(message(payload(&results[0])), "Runtime exited with error: exit status 3");
    let log = results[0]["log"].as_str().unwrap();
    assert!(
        log.contains("last words\nEND ") && log.contains("\tStatus: error\tError Type: Runtime.ExitError")
    );
    assert_eq!(message(payload(&results[1])), "Runtime exited without providing a reason");
    assert_eq!(message(payload(&results[2])), "Runtime exited with error: signal: killed");
    assert_eq!(results[3]["payload"]["text"], "sent");
    assert_eq!(results[3]["complete"]["ErrorCode"], "Runtime.ExitError");
    assert_eq!(message(details(&results[3])), "Runtime exited with error: signal: killed");
    assert_eq!(message(details(&results[4])), "Runtime exited with error: signal: terminated");
    assert_eq!(payload(&results[5])[0]["count"], 1);
    emulator.shutdown().await;
}

/// What an invocation of a function says whose init does this.
async fn failing_init(init: Value, init_timeout: Duration) -> (Value, String) {
    let function = Function::steps();
    let mut config = function.config();
    config.environment.insert("INIT".into(), init.to_string());
    config.init_timeout = init_timeout;
    let emulator = start(config).await;
    let results = calls(&emulator, json!([with_tail(invoke(json!([]))), stream(json!([]))])).await;
    emulator.shutdown().await;
    let error = payload(&results[0]);
    assert_eq!(results[0]["error"], "Unhandled");
    assert_eq!(results[1]["complete"]["ErrorCode"], error["errorType"], "a stream says the same");
    (error, results[0]["log"].as_str().unwrap().to_owned())
}

const PLENTY: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn an_init_that_takes_too_long_is_killed() {
    let (error, log) = failing_init(json!([["sleep", 600]]), Duration::from_millis(500)).await;
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    assert_eq!(without_request_id(&error["errorMessage"]), "Task timed out after 0.50 seconds");
    assert!(log.contains("\tPhase: init\tStatus: timeout\n"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_init_that_crashes_is_an_exit_error() {
    let (error, log) = failing_init(json!([["print_error", "no plan\n"], ["exit", 1]]), PLENTY).await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
    assert_eq!(without_request_id(&error["errorMessage"]), "Runtime exited with error: exit status 1");
    assert!(log.starts_with("no plan\nINIT_REPORT "), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_init_error_is_handed_to_the_caller() {
    let posted = json!({ "errorType": "Function.Plan", "errorMessage": "commands.txt:3:5: a quote" });
    let (error, log) = failing_init(json!([["init_error", posted.to_string()], ["exit", 1]]), PLENTY).await;
    assert_eq!(error, posted);
    assert!(log.contains("\tPhase: init\tStatus: error\tError Type: Function.Plan\n"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_cannot_run_is_an_invalid_entrypoint() {
    for (spoil, reason) in [
        (0, "Couldn't find valid bootstrap(s): [{}]"),
        (1, "fork/exec {}: permission denied"),
        (2, "fork/exec {}: no such file or directory"),
        (3, "fork/exec {}: exec format error"),
    ] {
        let function = Function::steps();
        let bootstrap = function.task_root.path().join("bootstrap");
        match spoil {
            0 => fs::remove_file(&bootstrap).unwrap(),
            1 => fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o644)).unwrap(),
            2 => fs::write(&bootstrap, "#!/no/such/interpreter\n").unwrap(),
            _ => fs::write(&bootstrap, "\x7fELF of another world").unwrap(),
        }
        let emulator = start(function.config()).await;
        let results = calls(&emulator, json!([invoke(json!([]))])).await;
        emulator.shutdown().await;
        let error = payload(&results[0]);
        assert_eq!(error["errorType"], "Runtime.InvalidEntrypoint");
        let path = fs::canonicalize(function.task_root.path()).unwrap().join("bootstrap");
        assert_eq!(without_request_id(&error["errorMessage"]), reason.replace("{}", path.to_str().unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_that_ends_between_invocations_fails_none() {
    let function = Function::steps();
    let emulator = start(function.config()).await;
    let calls_made: Vec<Value> =
        (0..10).map(|_| invoke(json!([["facts"], ["respond", "\"answered\""], ["exit", 7]]))).collect();
    for result in calls(&emulator, json!(calls_made)).await {
        assert_eq!((&result["error"], payload(&result)), (&Value::Null, json!("answered")));
    }
    emulator.shutdown().await;
}
