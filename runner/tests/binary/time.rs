//! Time-outs and the function's deadline.

use std::time::Duration;

use lamex_protocol::event::{CommandOutcome, Counts, Ending, VerdictOutcome};
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::support::runner::request;
use crate::support::{Invocation, Marker, Runner, TaskRoot, at_once};

/// A script that tells when it was asked to end, and ends then.
const OBEYS: &str = "trap 'echo told to end; exit 0' TERM; echo begun; while :; do sleep 0.05; done";
const IGNORES: &str = "trap '' TERM; echo begun; while :; do sleep 0.05; done";

#[test]
fn a_time_out_ends_the_command_and_what_it_started() {
    let cases = [
        ("obeys", "begun\ntold to end\n"),
        ("ignores", "begun\n"),
        ("tree", "begun\nbegun\ntold to end\n"),
        // SIGTERM reaches a stopped process only when it goes on.
        ("stopped", "stopping\ntold to end\n"),
    ];
    at_once(&cases, |&(program, expected)| {
        let marker = Marker::new();
        let root = TaskRoot::with_plan(&json!([
            { "name": "slow", "argv": [format!("./{program}"), marker.text()], "timeout_ms": 600 },
            { "name": "quick", "argv": ["true"], "timeout_ms": 60_000 },
        ]))
        .script("obeys", OBEYS)
        .script("ignores", IGNORES)
        .script("tree", "sh ./ignores \"$1\" & sh ./obeys \"$1\" & wait")
        .script("stopped", "trap 'echo told to end; exit 0' TERM; echo stopping; kill -STOP $$; sleep 60");
        let transcript = Runner::start(&root).ask(json!({}));
        assert_eq!(marker.processes(), [""; 0], "{program}");
        assert_eq!(transcript.judgement, Judgement::Failed, "{program}");
        // Some exit with 0, which is too late.
        let slow = transcript.finished(0);
        assert_eq!(slow.ending, Ending::TimedOut { after_ms: 600 }, "{program}: {slow:?}");
        assert!(transcript.message(0).contains("its time-out of 600ms"));
        assert!(slow.duration_ms >= 600);
        assert_eq!(transcript.stdout(0), expected, "{program}");
        assert_eq!(transcript.finished(1).outcome, CommandOutcome::Passed);
    });
}

#[test]
fn a_requests_time_out_takes_the_place_of_the_plans() {
    let root = TaskRoot::with_plan(&json!([
        { "name": "a", "argv": ["./obeys"], "timeout_ms": 600_000 },
        { "name": "b", "argv": ["./obeys"] },
    ]))
    .script("obeys", OBEYS);
    let transcript = Runner::start(&root).ask(json!({ "command_timeout_ms": 300 }));
    for command in 0..2 {
        assert_eq!(transcript.finished(command).ending, Ending::TimedOut { after_ms: 300 });
    }
}

/// Runs a plan whose second command goes on past the deadline. The deadline is what this is about, so its
/// time is asserted, by the runner's own clock.
fn runs_into_the_deadline(script: &str, marker: &Marker) {
    const TIME_MS: u64 = 12_000;
    let root = TaskRoot::with_plan(&json!([
        { "name": "before", "argv": ["true"] },
        { "name": "long", "argv": ["./long", marker.text()], "timeout_ms": 600_000 },
        { "name": "after", "argv": ["./after"] },
        { "name": "last", "argv": ["./after"], "tags": ["x"] },
    ]))
    .script("long", script)
    .script("after", "echo ran > after-ran");
    let runner = Runner::start(&root);
    let invocation = Invocation::new(request(json!({}))).time(Duration::from_millis(TIME_MS));
    let transcript = runner.ask_in(invocation);
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
    assert!(at_ms < TIME_MS, "the verdict came after {at_ms} ms");
    // The environment serves on.
    assert_eq!(runner.ask(json!({ "select": { "indexes": [0] } })).judgement, Judgement::Passed);
}

#[test]
fn at_the_deadline_the_running_command_is_ended_and_the_rest_is_listed() {
    at_once(&[OBEYS, IGNORES], |script| runs_into_the_deadline(script, &Marker::new()));
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
    assert_eq!(exchange.header("Lambda-Runtime-Function-Error-Type"), Some("Lamex.Incomplete"));
    let document: Value = serde_json::from_slice(&exchange.body).unwrap();
    assert_eq!(document["report"]["verdict"]["outcome"], json!(VerdictOutcome::Incomplete));
    assert!(!root.join("ran").exists());
}

#[test]
fn a_plain_invocation_answers_before_its_deadline() {
    let root = TaskRoot::with_commands("./long\ntrue").script("long", IGNORES);
    let runner = Runner::start(&root);
    runner.begin(Invocation::new("{}").time(Duration::from_secs(6)));
    let exchange = runner.exchange();
    assert_eq!(exchange.header("Lambda-Runtime-Function-Error-Type"), Some("Lamex.TestsFailed"));
    let document: Value = serde_json::from_slice(&exchange.body).unwrap();
    assert_eq!(
        document["report"]["verdict"]["counts"],
        json!({ "passed": 0, "failed": 1, "skipped": 0, "not_run": 1 })
    );
    assert_eq!(document["report"]["commands"][0]["ending"]["kind"], "deadline_reached");
}
