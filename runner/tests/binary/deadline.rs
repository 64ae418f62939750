//! The function's deadline: whatever happens, the verdict is sent before it.

use std::time::{Duration, Instant};

use lamex_protocol::event::{Body, CommandOutcome, Counts, Ending, Stream, VerdictOutcome};
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::callers::{exists, noisy, reading_when};
use crate::support::runner::request;
use crate::support::{Environment, Invocation, Marker, Runner, TaskRoot, at_once, wait_until};
use crate::timeouts::{IGNORES, OBEYS};

/// What the invocations here get: long enough for a heartbeat.
const TIME: Duration = Duration::from_secs(15);
/// From then on output that was not sent is left out.
const OUTPUT_IS_GIVEN_UP: Duration = Duration::from_millis(14_705);

#[test]
fn the_verdict_comes_before_the_deadline() {
    let cases: [fn(); 5] = [
        || runs_into_the_deadline(OBEYS),
        || runs_into_the_deadline(IGNORES),
        a_plain_invocation_runs_into_the_deadline,
        the_verdict_passes_what_was_not_read,
        a_slow_log_does_not_cost_a_plain_invocation_its_answer,
    ];
    at_once(&cases, |case| case());
}

/// Runs a plan whose second command goes on past the deadline. The deadline is what this is about, so its
/// time is asserted, by the runner's own clock.
fn runs_into_the_deadline(script: &str) {
    let marker = Marker::new();
    let root = TaskRoot::with_plan(&json!([
        { "name": "before", "argv": ["true"] },
        { "name": "long", "argv": ["./long", marker.text()], "timeout_ms": 600_000 },
        { "name": "after", "argv": ["./after"] },
        { "name": "last", "argv": ["./after"], "tags": ["x"] },
    ]))
    .script("long", script)
    .script("after", "echo ran > after-ran");
    let runner = Runner::start(&root);
    let transcript = runner.ask_in(Invocation::new(request(json!({}))).time(TIME));
    assert_eq!(marker.processes(), [""; 0]);
    assert_eq!(transcript.judgement, Judgement::Failed);
    assert_eq!(transcript.finished(0).outcome, CommandOutcome::Passed);
    let long = transcript.finished(1);
    assert_eq!((&long.ending, long.outcome), (&Ending::DeadlineReached, CommandOutcome::Failed));
    assert!(transcript.message(1).contains("deadline"));
    assert!(transcript.stdout(1).starts_with("begun\n"));
    let verdict = transcript.verdict();
    assert_eq!(verdict.counts, Counts { passed: 1, failed: 1, skipped: 0, not_run: 2 });
    let remaining: Vec<_> = verdict.remaining.iter().map(|left| (left.command, left.name.as_str())).collect();
    assert_eq!(remaining, [(2, "after"), (3, "last")]);
    assert!(!root.join("after-ran").exists());
    let at_ms = transcript.events.last().unwrap().at_ms;
    assert!(u128::from(at_ms) < TIME.as_millis(), "the verdict came after {at_ms} ms");
    let heartbeats = transcript.events.iter().filter(|event| event.body == Body::Heartbeat).count();
    assert_eq!(heartbeats, 1, "ten seconds of silence");
    // The environment serves on.
    assert_eq!(runner.ask(json!({ "select": { "indexes": [0] } })).judgement, Judgement::Passed);
}

fn a_plain_invocation_runs_into_the_deadline() {
    let root = TaskRoot::with_commands("./long\ntrue").script("long", IGNORES);
    let runner = Runner::start(&root);
    runner.begin(Invocation::new("{}").time(TIME));
    let exchange = runner.exchange();
    assert_eq!(exchange.header("Lambda-Runtime-Function-Error-Type"), Some("Function.TestsFailed"));
    let document: Value = serde_json::from_slice(&exchange.body).unwrap();
    let counts = json!({ "passed": 0, "failed": 1, "skipped": 0, "not_run": 1 });
    assert_eq!(document["report"]["verdict"]["counts"], counts);
    assert_eq!(document["report"]["commands"][0]["ending"]["kind"], "deadline_reached");
}

fn the_verdict_passes_what_was_not_read() {
    let (root, written) = noisy();
    let runner = Runner::start(&root);
    let begun = Instant::now();
    let mut is_written = exists(&written);
    let invocation = Invocation::new(request(json!({}))).time(TIME);
    let (invocation, transcript) =
        reading_when(invocation, move || is_written() && begun.elapsed() >= OUTPUT_IS_GIVEN_UP);
    runner.begin(invocation);
    let transcript = transcript(runner.exchange());
    // Both commands passed long before; only their output found no time.
    assert_eq!(transcript.judgement, Judgement::Passed, "{:?}", transcript.verdict());
    let finished = transcript.finished(0);
    assert_eq!((finished.outcome, finished.stdout_bytes), (CommandOutcome::Passed, 30_000_000));
    let sent = transcript.bytes(0, Stream::Stdout).len() as u64;
    assert!(sent < 30_000_000, "some of it found no time");
    assert_eq!(sent + finished.missing.stdout_bytes, 30_000_000);
    assert_eq!(
        transcript.bytes(1, Stream::Stdout).len() as u64 + transcript.finished(1).missing.stdout_bytes,
        6
    );
}

fn a_slow_log_does_not_cost_a_plain_invocation_its_answer() {
    // A log that nobody reads takes what a pipe holds, until the deadline is near.
    let (root, written) = noisy();
    let log_waits_for = Some(root.join("read-log"));
    let runner = Runner::start_in(&root, Environment { log_waits_for, ..Environment::default() });
    runner.begin(Invocation::new("{}").time(TIME));
    wait_until("the commands ran", || written.exists());
    wait_until("output is given up", || runner.handed_out_at().elapsed() >= OUTPUT_IS_GIVEN_UP);
    std::fs::write(root.join("read-log"), "").unwrap();
    let exchange = runner.exchange();
    assert_eq!(exchange.kind(), "response");
    let report: Value = serde_json::from_slice(&exchange.body).unwrap();
    assert_eq!(report["outcome"], "passed");
    let noisy = &report["commands"][0];
    assert_eq!(noisy["stdout_bytes"], 30_000_000);
    let missing = noisy["missing"]["stdout_bytes"].as_u64().unwrap();
    let log = runner.log_with("lamex: PASS: 2 passed");
    assert!(log.contains(&format!("({missing} bytes of its output are missing)")));
    let written = log.split("lamex: START noisy\n").nth(1).unwrap().split("lamex: PASS [").next().unwrap();
    let (output, newline) = written.as_bytes().split_at(30_000_000 - missing as usize);
    assert!(output.chunks(11).all(|line| b"0123456789\n".starts_with(line)));
    assert!(newline.len() <= 1, "lamex's own lines begin a line");
}

#[test]
fn without_time_nothing_starts() {
    let root = TaskRoot::with_commands("./script\n./script").script("script", "echo ran > ran");
    let runner = Runner::start(&root);
    let invocation = Invocation::new(request(json!({}))).time(Duration::ZERO);
    let transcript = runner.ask_in(invocation);
    assert_eq!(transcript.judgement, Judgement::Incomplete);
    assert_eq!(transcript.verdict().remaining.len(), 2);
    runner.begin(Invocation::new("{}").time(Duration::ZERO));
    let exchange = runner.exchange();
    assert_eq!(exchange.header("Lambda-Runtime-Function-Error-Type"), Some("Function.Incomplete"));
    let document: Value = serde_json::from_slice(&exchange.body).unwrap();
    assert_eq!(document["report"]["verdict"]["outcome"], json!(VerdictOutcome::Incomplete));
    assert!(!root.join("ran").exists());
}
