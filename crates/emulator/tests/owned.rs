//! An emulator that owns its process leaves no child of it at all. Alone in its binary, for it may reap the
//! children of any other test. So the caller here is a socket, and not boto3.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use lamex_emulator::{Emulator, FunctionConfig};
use lamex_testing::binaries::python;

/// Answers with the process ids of two processes that nothing connects with it any more: a daemon without
/// environment variables, group or session of its own, and the like of it that has ended.
const FUNCTION: &str = r#"#!/bin/sh
left=$(setsid env -i sh -c '(sleep 600 >&- 2>&- & echo $!)')
ended=$(setsid env -i sh -c '(: >&- 2>&- & echo $!)')
next=$(printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' \
  "$AWS_LAMBDA_RUNTIME_API" \
  | "$PYTHON" -c '
import os, socket, sys
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
connection = socket.create_connection((host, int(port)))
connection.sendall(sys.stdin.buffer.read())
print(connection.makefile().read())')
id=$(printf '%s' "$next" | tr -d '\r' | sed -n 's/^lambda-runtime-aws-request-id: //p')
exec "$PYTHON" -c '
import http.client, os, signal, sys
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
connection.request("POST", f"/2018-06-01/runtime/invocation/{sys.argv[1]}/response", sys.argv[2])
connection.getresponse().read()
signal.pause()' "$id" "[$left, $ended]"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn no_child_is_left() {
    let python = python().display().to_string();
    let task_root = tempfile::tempdir().unwrap();
    let bootstrap = task_root.path().join("bootstrap");
    fs::write(&bootstrap, FUNCTION).unwrap();
    fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
    let mut config = FunctionConfig::new("suite", task_root.path());
    config.timeout = Duration::from_secs(60);
    config.init_timeout = Duration::from_secs(60);
    config.environment.insert("PYTHON".into(), python);
    config.owns_process = true;
    let emulator = Emulator::start(config, None).await.unwrap();

    let address = emulator.endpoint().replace("http://", "");
    let answer = tokio::task::spawn_blocking(move || {
        let mut caller = TcpStream::connect(&address).unwrap();
        let request = format!(
            "POST /2015-03-31/functions/suite/invocations HTTP/1.1\r\nHost: {address}\r\n\
             Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"
        );
        caller.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        caller.read_to_string(&mut answer).unwrap();
        answer
    })
    .await
    .unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let payload = answer.lines().last().unwrap();
    let pids: Vec<u32> = serde_json::from_str(payload).unwrap_or_else(|_| panic!("{answer}"));
    let state = |pid: u32| fs::read_to_string(format!("/proc/{pid}/stat")).ok();
    assert!(state(pids[0]).unwrap().contains("(sleep)"));
    // The ended one is reaped although nobody knows whose it was.
    while state(pids[1]).is_some() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    emulator.shutdown().await;
    assert_eq!(state(pids[0]), None);
    let me = rustix::process::getpid();
    assert_eq!(lamex_processes::descendants(me).unwrap(), []);
}
