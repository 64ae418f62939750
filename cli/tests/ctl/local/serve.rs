//! `local serve`, invoked by boto3.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use lamex_processes::Signal;
use lamex_protocol::event::Stream;
use lamex_testing::binaries::{boto3_calls, python};
use lamex_testing::events::Events;
use lamex_testing::live::Live;
use lamex_testing::project::Project;
use serde_json::{Value, json};

/// A server of the project folder, and its endpoint.
fn serve(project: &Project, args: &[&str]) -> (Live, String) {
    let all = [&["local", "serve", "--task-root", ".", "--function", "suite"], args].concat();
    let mut server = project.live(&all);
    let endpoint = server.line_with("http://127.0.0.1:");
    (server, endpoint)
}

fn stop(project: &Project, server: Live) {
    server.signal(Signal::TERM);
    server.finish().expect(0, &[]);
    project.assert_nothing_is_left();
}

/// Makes the calls one after the other.
fn calls(endpoint: &str, calls: &Value) -> Vec<Value> {
    let mut client = Command::new(python())
        .arg(boto3_calls())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let script = json!({ "endpoint": endpoint, "calls": calls });
    client.stdin.take().unwrap().write_all(script.to_string().as_bytes()).unwrap();
    let output = client.wait_with_output().unwrap();
    assert!(output.status.success(), "the client failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn payload(result: &Value) -> Value {
    serde_json::from_str(result["payload"]["text"].as_str().unwrap()).unwrap()
}

fn tail(result: &Value) -> &str {
    let tail = result["log"].as_str().unwrap();
    assert!(tail.len() <= 4096);
    tail
}

#[test]
fn a_plain_invocation_shows_its_verdict_in_the_log_and_fails_when_the_tests_do() {
    let project = Project::from_commands("./good\n");
    project.script("good", "seq 1 5000; echo said by good");
    let plain = json!([{ "op": "invoke", "event": {}, "LogType": "Tail" }]);
    let (server, endpoint) = serve(&project, &[]);
    let passed = calls(&endpoint, &plain).remove(0);
    stop(&project, server);
    assert_eq!(passed["error"], Value::Null, "{passed}");
    assert!(tail(&passed).contains("said by good\n") && tail(&passed).contains("lamex: PASS: 1 passed, "));
    assert!(tail(&passed).contains("REPORT RequestId: "), "{passed}");
    assert_eq!(payload(&passed)["outcome"], "passed");

    project.script("bad", "seq 1 5000; echo said by bad; exit 7");
    project.file("commands.txt", "./good\n./bad\n");
    let (server, endpoint) = serve(&project, &[]);
    let failed = calls(&endpoint, &plain).remove(0);
    stop(&project, server);
    assert_eq!(failed["error"], "Unhandled", "{failed}");
    let error = failed["payload"]["text"].as_str().unwrap();
    assert!(error.starts_with(r#"{"errorType":"Function.TestsFailed","#), "{failed}");
    assert!(tail(&failed).contains("bad: it exited with code 7\n"), "{failed}");
    assert!(tail(&failed).contains("lamex: FAIL: 1 passed, 1 failed, "), "{failed}");
}

#[test]
fn a_warm_environment_has_nothing_of_the_run_before() {
    let project = Project::new();
    let plan = json!({
        "lamex": 1,
        "commands": [{ "name": "test", "argv": ["./test"], "parameters": { "LEAK": { "pattern": ".*" } } }],
    });
    project.file("lamex.plan.json", plan.to_string());
    project.script(
        "test",
        r#"
echo "runner $PPID"
echo "variable ${LEAK-unset}"
ls -A "$TMPDIR"
ls -A "$HOME"
[ -e pid ] && grep -qs sleep "/proc/$(cat pid)/comm" && echo "the process is alive"
touch "$TMPDIR/left" "$HOME/left"
mkdir "$TMPDIR/locked" && touch "$TMPDIR/locked/left" && chmod 500 "$TMPDIR/locked"
setsid sleep 600 >/dev/null 2>&1 &
echo $! >pid"#,
    );
    let ask = |parameters: Value| json!({ "op": "stream", "event": { "lamex": 1, "run_id": "run", "op": "run", "parameters": parameters } });
    let (server, endpoint) = serve(&project, &["--concurrency", "1"]);
    let results = calls(&endpoint, &json!([ask(json!({ "LEAK": "set" })), ask(json!({})), ask(json!({}))]));
    stop(&project, server);
    let output = |result: &Value| {
        assert_eq!(result["complete"]["ErrorCode"], Value::Null, "{result}");
        let events = Events(result["payload"]["text"].as_str().unwrap().into());
        assert_eq!(events.output(0, Stream::Stderr), b"", "{result}");
        String::from_utf8(events.output(0, Stream::Stdout)).unwrap()
    };
    let first = output(&results[0]);
    let runner = first.lines().next().unwrap();
    assert_eq!(first, format!("{runner}\nvariable set\n"));
    for later in &results[1..] {
        assert_eq!(output(later), format!("{runner}\nvariable unset\n"), "the same runner, and nothing else");
    }
}

#[test]
fn a_server_that_is_stopped_in_the_middle_leaves_nothing_behind() {
    let project = Project::from_script("setsid sleep 600 &\ntouch \"$TMPDIR/file\" running\nexec sleep 600");
    let (server, endpoint) = serve(&project, &[]);
    let caller = thread::spawn(move || calls(&endpoint, &json!([{ "op": "invoke", "event": {} }])));
    while !project.path("running").exists() {
        thread::sleep(Duration::from_millis(2));
    }
    stop(&project, server);
    assert!(caller.join().unwrap()[0]["broken"].is_string());
}

#[test]
fn a_plan_that_cannot_be_read_is_told_to_the_caller_with_its_line() {
    let project = Project::from_commands("true\n./test 'without an end\n");
    let (server, endpoint) = serve(&project, &[]);
    let result = calls(&endpoint, &json!([{ "op": "invoke", "event": {}, "LogType": "Tail" }])).remove(0);
    stop(&project, server);
    assert_eq!(result["error"], "Unhandled");
    let error = payload(&result);
    assert_eq!(error["errorType"], "Function.InitError");
    assert!(error["errorMessage"].as_str().unwrap().contains("commands.txt:2:8"), "{error}");
}

#[test]
fn the_port_is_the_one_that_was_asked_for() {
    let project = Project::from_commands("true\n");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let args = ["local", "serve", "--task-root", ".", "--port", &port];
    project.live(&args).finish().expect(4, &["cannot start the local Lambda"]);
    drop(taken);
    let (server, endpoint) = serve(&project, &["--port", &port]);
    assert_eq!(endpoint, format!("http://127.0.0.1:{port}"));
    stop(&project, server);
}

/// A web page that the user of this machine looks at can send requests here, but not without a trace.
#[test]
fn a_web_page_is_refused_and_runs_nothing() {
    let project = Project::from_script("touch ran");
    let (server, endpoint) = serve(&project, &[]);
    let address = endpoint.strip_prefix("http://").unwrap().to_owned();
    let port = address.rsplit(':').next().unwrap();
    let rebound = format!("Host: evil.example:{port}");
    let own = format!("Host: {address}");
    for headers in
        [vec![&own[..], "Origin: https://evil.example"], vec![&own, "Origin: null"], vec![&rebound]]
    {
        let headers = headers.join("\r\n");
        let request = format!(
            "POST /2015-03-31/functions/suite/invocations HTTP/1.1\r\n{headers}\r\nContent-Length: 2\r\n\
             Connection: close\r\n\r\n{{}}"
        );
        let mut connection = TcpStream::connect(&address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403 "), "{headers}: {answer}");
        let document: Value = serde_json::from_str(answer.lines().last().unwrap()).unwrap();
        assert!(document["message"].is_string(), "{document}");
    }
    assert!(!project.path("ran").exists());
    let local = format!("http://localhost:{port}");
    assert_eq!(calls(&local, &json!([{ "op": "invoke", "event": {} }])).remove(0)["error"], Value::Null);
    stop(&project, server);
    assert!(project.path("ran").exists());
}
