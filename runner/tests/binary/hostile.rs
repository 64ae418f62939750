//! A test that reaches for the runner: its descriptors, its memory, its environment, its invocations.

use std::ops::ControlFlow;
use std::process::Command;

use lamex_processes::{Pid, Signal, signal_each};
use lamex_protocol::event::CommandOutcome;
use lamex_protocol::reader::Judgement;
use lamex_testing::binaries::python;
use serde_json::{Value, json};

use crate::support::runner::request;
use crate::support::{Environment, Invocation, Marker, Runner, TaskRoot, wait_until};

/// Runs `bootstrap` as a user without capabilities, whose files are the caller's all the same.
const ORDINARY: &str = "unshare --user --map-user=1000 --map-group=1000";

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}

/// The ways to run it here: as whoever runs this, and as an ordinary user if that is root and may make one.
fn environments() -> Vec<Environment> {
    let mut environments = vec![Environment::default()];
    let may_be_ordinary = || {
        let mut words = ORDINARY.split(' ');
        Command::new(words.next().unwrap())
            .args(words)
            .arg("true")
            .status()
            .is_ok_and(|status| status.success())
    };
    if is_root() && may_be_ordinary() {
        let shell = Some(format!("set -- {ORDINARY} \"$@\""));
        environments.push(Environment { shell, ..Environment::default() });
    }
    environments
}

#[test]
fn a_test_reaches_nothing_of_the_runner_and_forges_no_verdict() {
    let program = include_str!("../programs/hostile.py");
    for environment in environments() {
        let root = TaskRoot::with_plan(&json!([{ "name": "hostile", "argv": [python(), "hostile.py"] }]))
            .file("hostile.py", program);
        let transcript = Runner::start_in(&root, environment).ask(json!({}));
        assert_eq!(transcript.judgement, Judgement::Failed);
        let ways: Value = serde_json::from_str(&transcript.stdout(0)).unwrap();
        for (way, outcome) in ways.as_object().unwrap() {
            assert!(outcome == "EPERM" || outcome == "EACCES", "{way}: {ways}");
        }
        assert_eq!(ways.as_object().unwrap().len(), 6);
    }
}

/// A second barrier for root; and what a debugger or a leak checker does to the suite's own processes is allowed.
#[test]
fn root_has_no_tracing_capability_and_a_filter_and_can_trace_its_own_children() {
    let script = r#"
import ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)
fields = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(fields["Seccomp"].strip(), fields["NoNewPrivs"].strip(), int(fields["CapBnd"], 16) >> 19 & 1)
child = os.fork()
if child == 0:
    signal.pause()
libc.ptrace.argtypes = [ctypes.c_long] * 4
assert libc.ptrace(16, child, 0, 0) == 0, os.strerror(ctypes.get_errno())
os.waitpid(child, 0)
os.kill(child, signal.SIGKILL)
"#;
    let root = TaskRoot::with_plan(&json!([{ "name": "traces", "argv": [python(), "-c", script] }]));
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Passed, "{:?}", transcript.finished(0));
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapEff:\t")).unwrap();
    let has = |bit: u32| u64::from_str_radix(capabilities, 16).unwrap() >> bit & 1 == 1;
    // CAP_SYS_ADMIN, CAP_SETPCAP.
    let (filter, bounding) = (if has(21) { "2" } else { "0" }, if has(8) { "0" } else { "1" });
    let found = transcript.stdout(0);
    let found: Vec<&str> = found.split_whitespace().collect();
    assert_eq!(found[..2], [filter, "0"]);
    assert!(!is_root() || found[2] == bounding, "{found:?}");
}

#[test]
fn nothing_that_was_open_or_named_in_the_runners_environment_passes_to_a_command() {
    let root = TaskRoot::with_script(
        "env; for fd in /proc/self/fd/*; do case \"$fd\" in */[012]) ;; *) readlink \"$fd\" ;; esac; done",
    )
    .file("log", "");
    let environment = Environment {
        variables: vec![("_LAMBDA_TELEMETRY_LOG_FD", "9".to_owned()), ("KEPT", "yes".to_owned())],
        shell: Some("exec 9>>\"$LAMBDA_TASK_ROOT/log\"".to_owned()),
        ..Environment::default()
    };
    let runner = Runner::start_in(&root, environment);
    let transcript = runner.ask(json!({}));
    let stdout = transcript.stdout(0);
    assert!(stdout.contains("KEPT=yes"), "{stdout}");
    let log = root.join("log");
    let port = format!("127.0.0.1:{}", runner.runtime_api_port());
    for leaked in
        [log.to_str().unwrap(), "_LAMBDA_TELEMETRY_LOG_FD", "AWS_LAMBDA_RUNTIME_API", &port, "request-1"]
    {
        assert!(!stdout.contains(leaked), "{leaked} in {stdout}");
    }
    // Not in the block that the kernel shows either, to whom it shows it.
    if let Ok(environ) = std::fs::read(format!("/proc/{}/environ", runner.pid())) {
        assert!(memchr::memmem::find(&environ, b"KEPT=yes").is_some());
        assert!(memchr::memmem::find(&environ, port.as_bytes()).is_none());
    }
}

/// Before that, AWS hands the invocation to whoever asks for the next one.
#[test]
fn no_command_starts_before_the_answer_has_begun() {
    let root = TaskRoot::with_script("touch started");
    let api_looks_at = Some(root.join("started"));
    let runner = Runner::start_in(&root, Environment { api_looks_at, ..Environment::default() });
    // On a busy machine the look may come too late to tell anything.
    wait_until("there is a look in time", || {
        let _ = std::fs::remove_file(root.join("started"));
        assert_eq!(runner.ask(json!({})).judgement, Judgement::Passed);
        assert!(root.join("started").exists());
        !runner.seen().is_empty()
    });
    assert_eq!(runner.seen(), [false], "the command was there before its answer had begun");
}

#[test]
fn a_runner_that_is_told_to_end_ends_everything_and_gives_no_verdict() {
    let marker = Marker::new();
    let root = TaskRoot::with_plan(&json!([
        { "name": "stays", "argv": ["./stays", marker.text()] },
        { "name": "next", "argv": ["./next"] },
    ]))
    .script("stays", "trap '' TERM; (setsid sh ./stayer \"$1\" &); touch up; while :; do sleep 0.1; done")
    .script("stayer", "trap '' TERM HUP; while :; do sleep 0.1; done")
    .script("next", "touch next-ran");
    let mut runner = Runner::start(&root);
    runner.begin(Invocation::new(request(json!({}))));
    wait_until("the command runs", || root.join("up").exists() && marker.processes().len() > 1);
    signal_each(&[Pid::from_raw(runner.pid() as i32).unwrap()], Signal::TERM);
    assert_eq!(runner.wait().code(), Some(1));
    assert_eq!(marker.processes(), [""; 0]);
    assert!(!runner.exchange().is_whole);
    assert!(!root.join("next-ran").exists());
    let (_, errors) = runner.finish();
    assert!(errors.contains("terminated by SIGTERM"), "{errors}");
}

#[test]
fn nothing_runs_on_without_a_runtime_api() {
    for streamed in [true, false] {
        let marker = Marker::new();
        let root = TaskRoot::with_plan(&json!([
            { "name": "stays", "argv": ["./stays", marker.text()] },
            { "name": "next", "argv": ["./next"] },
        ]))
        .script("stays", "(setsid sh ./stayer \"$1\" &); touch up; while :; do sleep 0.1; done")
        .script("stayer", "trap '' TERM HUP; while :; do sleep 0.1; done")
        .script("next", "touch next-ran");
        let mut runner = Runner::start(&root);
        let payload = if streamed { request(json!({})) } else { b"{}".to_vec() };
        runner.begin(Invocation::new(payload));
        wait_until("the command runs", || root.join("up").exists() && marker.processes().len() > 1);
        runner.end_runtime_api();
        assert_eq!(runner.wait().code(), Some(1), "streamed: {streamed}");
        assert_eq!(marker.processes(), [""; 0]);
        assert!(!root.join("next-ran").exists());
        let (_, errors) = runner.finish();
        assert!(errors.contains("the connection to the Runtime API is lost"), "{errors}");
    }
}

/// The client went away, not the service: the rest goes to the log, as ever.
#[test]
fn a_cut_answer_of_a_runtime_api_that_is_there_ends_nothing() {
    let root = TaskRoot::with_commands("./first\n./next")
        .script(
            "first",
            "echo before; while ! [ -e cut ]; do sleep 0.01; done; sleep 0.2; echo behind the cut",
        )
        .script("next", "touch next-ran");
    let cut = root.join("cut");
    let runner = Runner::start(&root);
    let request = request(json!({}));
    runner.begin(Invocation::new(request).on_body(move |_| {
        std::fs::write(&cut, "").unwrap();
        ControlFlow::Break(())
    }));
    assert!(!runner.exchange().is_whole);
    runner.log_with("behind the cut");
    runner.log_with("lamex: PASS: 2 passed");
    assert!(root.join("next-ran").exists());
    assert_eq!(runner.ask(json!({ "op": "list" })).judgement, Judgement::Empty);
    assert_eq!(runner.ask(json!({})).finished(1).outcome, CommandOutcome::Passed);
}
