//! The wire, byte for byte: what an old reader and a new runner, or the reverse, must go on agreeing on.

use std::collections::BTreeMap;

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, CommandStarted, Counts, Ending, Event, Hello, Missing, Output,
    Remaining, Stream, TestFinished, TestOutcome, TestStarted, Verdict, VerdictOutcome, Warning, write_line,
    write_output_line,
};
use lamex_protocol::plan::{Command, Framework, Parameter, Plan};
use lamex_protocol::reader::{Expectation, Item, Judgement, Reader, StreamEnd, Untrusted};
use lamex_protocol::request::{Op, Payload, Request, Selection, classify};

const FAILED: &str = include_str!("golden/failed.jsonl");
const NEWER: &str = include_str!("golden/from-a-newer-runner.jsonl");
const REQUEST: &str = include_str!("golden/request.json");
const PLAN: &str = include_str!("golden/lamex.plan.json");

fn expectation() -> Expectation {
    Expectation { run_id: "0d6c".into(), package_digest: Some("sha256:aa".into()) }
}

fn read(stream: &str) -> (Vec<Item>, Judgement) {
    let mut reader = Reader::new(expectation());
    let mut items = Vec::new();
    reader.feed(stream.as_bytes(), |item| items.push(item));
    (items, reader.finish(StreamEnd::Complete))
}

fn failed_run() -> Vec<Event> {
    let ended = |command, name: &str, outcome, ending, message: Option<&str>| CommandFinished {
        command,
        name: name.into(),
        outcome,
        ending,
        message: message.map(Into::into),
        duration_ms: 0,
        stdout_bytes: 0,
        stderr_bytes: 0,
        missing: Missing::default(),
        peak_rss_kib: 0,
        cpu_ms: 0,
    };
    let orders = CommandFinished {
        duration_ms: 6,
        stdout_bytes: 134,
        stderr_bytes: 2,
        missing: Missing { stdout_bytes: 100, stderr_bytes: 0, test_events: 2 },
        peak_rss_kib: 9_000,
        cpu_ms: 4,
        ..ended(0, "orders", CommandOutcome::Passed, Ending::Exited { code: 0 }, None)
    };
    let payments = CommandFinished {
        duration_ms: 1,
        ..ended(
            1,
            "payments",
            CommandOutcome::Failed,
            Ending::Signaled { signal: 11, core_dumped: true },
            Some("it was ended by SIGSEGV (signal 11), core dumped"),
        )
    };
    let wipe = ended(2, "wipe", CommandOutcome::Skipped, Ending::Skipped, Some("it is destructive"));
    let bodies = [
        (
            0,
            Body::Hello(Hello {
                lamex: 1,
                run_id: "0d6c".into(),
                function_name: "system-tests-staging".into(),
                function_version: "7".into(),
                runner_version: "0.1.0".into(),
                package_digest: "sha256:aa".into(),
                request_id: "8f1b".into(),
                selected: 4,
            }),
        ),
        (
            1,
            Body::CommandStarted(CommandStarted {
                command: 0,
                name: "orders".into(),
                timeout_ms: Some(300_000),
            }),
        ),
        (2, Body::TestStarted(TestStarted { command: 0, test: "TestPlace".into() })),
        (
            3,
            Body::Output(Output::new(0, Stream::Stdout, "=== RUN   TestPlace\n\"quoted\"\t✓\0\n".as_bytes())),
        ),
        (4, Body::Output(Output::new(0, Stream::Stderr, b"\xff\xfe"))),
        (
            5,
            Body::TestFinished(TestFinished {
                command: 0,
                test: "TestPlace".into(),
                outcome: TestOutcome::Passed,
                duration_ms: Some(3),
            }),
        ),
        (5, Body::Heartbeat),
        (
            6,
            Body::Warning(Warning {
                command: Some(0),
                message: "the command left processes behind; they were ended".into(),
            }),
        ),
        (7, Body::CommandFinished(orders)),
        (8, Body::CommandStarted(CommandStarted { command: 1, name: "payments".into(), timeout_ms: None })),
        (9, Body::CommandFinished(payments)),
        (9, Body::CommandFinished(wipe)),
        (
            10,
            Body::Verdict(Verdict {
                outcome: VerdictOutcome::Failed,
                counts: Counts { passed: 1, failed: 1, skipped: 1, not_run: 1 },
                remaining: vec![Remaining { command: 3, name: "last".into() }],
                events: 12,
                message: None,
            }),
        ),
    ];
    bodies.into_iter().zip(0..).map(|((at_ms, body), seq)| Event { seq, at_ms, body }).collect()
}

#[test]
fn the_stream_is_written_as_it_always_was() {
    let mut written = Vec::new();
    for event in failed_run() {
        match &event.body {
            // Output has a quick way of its own, which must come to the same.
            Body::Output(output) => {
                let bytes = output.bytes().unwrap();
                write_output_line(
                    event.seq,
                    event.at_ms,
                    output.command,
                    output.stream,
                    &bytes,
                    &mut written,
                )
                .unwrap();
                let mut plain = Vec::new();
                write_line(&event, &mut plain).unwrap();
                assert!(written.ends_with(&plain));
            }
            _ => write_line(&event, &mut written).unwrap(),
        }
    }
    assert_eq!(String::from_utf8(written).unwrap(), FAILED);
}

#[test]
fn the_stream_is_read_as_it_always_was() {
    let (items, judgement) = read(FAILED);
    assert_eq!(items, failed_run().into_iter().map(Item::Event).collect::<Vec<_>>());
    assert_eq!(judgement, Judgement::Failed);
}

#[test]
fn what_a_newer_runner_adds_is_ignored_with_one_warning_each() {
    let (items, judgement) = read(NEWER);
    let warnings: Vec<_> = items
        .iter()
        .filter_map(|item| if let Item::Unknown(what) = item { Some(what.as_str()) } else { None })
        .collect();
    assert_eq!(warnings, ["field `shard`", "field `nice`", "event type `metric`"]);
    assert_eq!(judgement, Judgement::Passed);
}

#[test]
fn another_major_version_another_run_or_another_package_proves_nothing() {
    let untrusted = |stream: &str| match read(stream).1 {
        Judgement::Untrusted(why) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(untrusted(&NEWER.replace("\"lamex\":1", "\"lamex\":2")), Untrusted::OtherVersion { found: 2 });
    assert_eq!(untrusted(&NEWER.replace("0d6c", "1e7d")), Untrusted::OtherRun { found: "1e7d".into() });
    let other_package = Untrusted::OtherPackage { expected: "sha256:aa".into(), found: "sha256:ab".into() };
    assert_eq!(untrusted(&NEWER.replace("sha256:aa", "sha256:ab")), other_package);
    assert_eq!(untrusted(""), Untrusted::NoHello);
    assert_eq!(untrusted("{\"message\":\"Hello from another function\"}"), Untrusted::NoHello);
    assert_eq!(untrusted("Hello\nworld\n"), Untrusted::NoHello);
}

#[test]
fn a_pass_needs_the_services_word_that_the_answer_is_complete() {
    let ends = [
        StreamEnd::Broken("connection reset".into()),
        StreamEnd::FunctionError { code: "Sandbox.Timedout".into(), details: String::new() },
    ];
    for end in ends {
        let mut reader = Reader::new(expectation());
        reader.feed(NEWER.as_bytes(), |_| {});
        assert_eq!(reader.finish(end.clone()), Judgement::Untrusted(Untrusted::EndedBadly(end.clone())));
        // A failure needs no such word: the runner itself reports it as an error of the function.
        let mut reader = Reader::new(expectation());
        reader.feed(FAILED.as_bytes(), |_| {});
        assert_eq!(reader.finish(end), Judgement::Failed);
    }
}

#[test]
fn the_request_is_written_and_read_as_it_always_was() {
    let request = Request {
        lamex: 1,
        run_id: "0d6c".into(),
        op: Op::Run,
        select: Selection { names: vec!["orders".into()], tags: vec!["slow".into()], indexes: vec![3] },
        parameters: BTreeMap::from([("BUILD_SHA".into(), "12af".into())]),
        fail_fast: Some(true),
        command_timeout_ms: Some(30_000),
        allow_destructive: true,
        response_limit_bytes: Some(6 << 20),
        probe: None,
    };
    assert_eq!(serde_json::to_string(&request).unwrap(), REQUEST.trim_end());
    assert_eq!(classify(REQUEST.as_bytes()), Payload::Protocol(Box::new(request)));
}

#[test]
fn the_plan_is_written_and_read_as_it_always_was() {
    let orders = Command {
        name: "orders".into(),
        argv: ["./orders-system-tests", "-addr", "${ORDERS_ADDR}"].map(Into::into).to_vec(),
        framework: Framework::Go,
        timeout_ms: Some(300_000),
        tags: vec!["orders".into()],
        parameters: BTreeMap::from([(
            "BUILD_SHA".into(),
            Parameter { pattern: "^[0-9a-f]{40}$".into(), default: Some(String::new()) },
        )]),
        ..Command::default()
    };
    let wipe = Command {
        name: "wipe".into(),
        argv: vec!["./wipe".into()],
        literal: true,
        destructive: true,
        ..Command::default()
    };
    let plan =
        Plan { lamex: 1, commands: vec![orders, wipe], fail_fast: true, contents_sha256: Some("bb".into()) };
    assert_eq!(serde_json::to_string_pretty(&plan).unwrap(), PLAN.trim_end());
    assert_eq!(serde_json::from_str::<Plan>(PLAN).unwrap(), plan);
    plan.validate().unwrap();
}
