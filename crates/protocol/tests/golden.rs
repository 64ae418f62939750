//! The wire, byte for byte: what an old reader and a new runner, or the reverse, must go on agreeing on.

use std::collections::BTreeMap;

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, CommandStarted, Counts, Ending, Event, Framing, Hello, Missing,
    Output, Remaining, Stream, TestCounts, TestFinished, TestMessage, TestOutcome, TestStarted, Verdict,
    VerdictOutcome, Warning, write_line, write_output_line,
};
use lamex_protocol::plan::{Command, Framework, Parameter, Phase, Plan};
use lamex_protocol::probe::{
    Answer, CertificateProblem, Connection, ConnectionOutcome, Datagram, DatagramOutcome, GrpcHealth,
    HostProbed, Lookup, LookupOutcome, ProbeCheck, ProbeRequest, ProbeTarget, TargetProbed, TlsAnswer,
    TmpProbe,
};
use lamex_protocol::reader::{Expectation, Item, Judgement, Reader, StreamEnd, Untrusted};
use lamex_protocol::request::{Op, Payload, Request, Selection, classify};

const FAILED: &str = include_str!("golden/failed.jsonl");
const NEWER: &str = include_str!("golden/from-a-newer-runner.jsonl");
const NEWER_OUTCOMES: &str = include_str!("golden/outcomes-from-a-newer-runner.jsonl");
const TESTS: &str = include_str!("golden/tests.jsonl");
const PROBED: &str = include_str!("golden/probed.jsonl");
const PROBED_NEWER: &str = include_str!("golden/probed-by-a-newer-runner.jsonl");
const REQUEST: &str = include_str!("golden/request.json");
const PROBE_REQUEST: &str = include_str!("golden/probe-request.json");
const PLAN: &str = include_str!("golden/lamex.plan.json");

fn expectation() -> Expectation {
    Expectation { run_id: "0d6c".into(), package_digest: Some("sha256:aa".into()), ..Expectation::default() }
}

fn read(stream: &str) -> (Vec<Item>, Judgement) {
    let mut reader = Reader::new(expectation());
    let mut items = Vec::new();
    reader.feed(stream.as_bytes(), |item| items.push(item));
    (items, reader.finish(StreamEnd::Complete))
}

fn failed_run() -> Vec<Event> {
    let ended = |command, name: &str, outcome, ending, message: Option<&str>| CommandFinished {
        attempt: None,
        command,
        name: name.into(),
        phase: Phase::Test,
        outcome,
        ending,
        message: message.map(Into::into),
        duration_ms: 0,
        tests: None,
        stdout_bytes: 0,
        stderr_bytes: 0,
        missing: Missing::default(),
        peak_rss_kib: 0,
        cpu_ms: 0,
    };
    let orders = CommandFinished {
        attempt: None,
        duration_ms: 6,
        tests: None,
        stdout_bytes: 134,
        stderr_bytes: 2,
        missing: Missing { stdout_bytes: 100, stderr_bytes: 0, test_events: 2 },
        peak_rss_kib: 9_000,
        cpu_ms: 4,
        ..ended(0, "orders", CommandOutcome::Passed, Ending::Exited { code: 0 }, None)
    };
    let payments = CommandFinished {
        attempt: None,
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
                attempt: None,
                command: 0,
                name: "orders".into(),
                timeout_ms: Some(300_000),
                framing: None,
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
        (
            8,
            Body::CommandStarted(CommandStarted {
                attempt: None,
                command: 1,
                name: "payments".into(),
                timeout_ms: None,
                framing: None,
            }),
        ),
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
fn what_is_told_of_tests_is_written_and_read_as_it_always_was() {
    let (items, judgement) = read(TESTS);
    let mut written = Vec::new();
    let mut bodies = Vec::new();
    for item in items {
        let Item::Event(event) = item else { panic!("{item:?}") };
        write_line(&event, &mut written).unwrap();
        bodies.push(event.body);
    }
    assert_eq!(String::from_utf8(written).unwrap(), TESTS);
    assert_eq!(judgement, Judgement::Failed);
    let Body::CommandStarted(started) = &bodies[1] else { panic!("{:?}", bodies[1]) };
    assert_eq!(started.framing, Some(Framing::Test2json));
    let Body::TestMessage(message) = &bodies[4] else { panic!("{:?}", bodies[4]) };
    let words = "orders_test.go:12: got 1, want 2".into();
    assert_eq!(*message, TestMessage { command: 0, test: "TestPlace".into(), message: words });
    let Body::CommandFinished(finished) = &bodies[5] else { panic!("{:?}", bodies[5]) };
    assert_eq!(finished.tests, Some(TestCounts { failed: 1, ..TestCounts::default() }));
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
fn an_outcome_that_a_newer_runner_adds_is_no_pass() {
    let mut stream = NEWER_OUTCOMES.to_owned();
    let unknown = [
        (r#""outcome":"flaky""#, "the command `orders`"),
        (r#""outcome":"failed_as_expected""#, "a test of the command `orders`"),
        (r#""outcome":"mostly_passed""#, "the run"),
    ];
    for (outcome, what) in unknown {
        let (items, judgement) = read(&stream);
        assert_eq!(items.len(), 5, "all but the verdict is worth showing");
        let why = Untrusted::UnknownOutcome(what.into());
        assert!(why.to_string().contains("update lamex-ctl"), "{why}");
        assert_eq!(judgement, Judgement::Untrusted(why));
        stream = stream.replace(outcome, r#""outcome":"passed""#);
    }
    assert_eq!(read(&stream).1, Judgement::Passed);
    // A failure needs no pass to rest on.
    let failed = NEWER_OUTCOMES
        .replace(r#""outcome":"flaky""#, r#""outcome":"failed""#)
        .replace(r#""outcome":"mostly_passed""#, r#""outcome":"failed""#)
        .replace(r#""passed":1,"failed":0"#, r#""passed":0,"failed":1"#);
    assert_eq!(read(&failed).1, Judgement::Failed);
}

#[test]
fn unknown_outcomes_count_as_failed() {
    let (mut tests, mut commands) = (TestCounts::default(), Counts::default());
    tests.add(TestOutcome::Unknown);
    commands.add(CommandOutcome::Unknown);
    commands.add(CommandOutcome::Passed);
    assert_eq!(tests, TestCounts { failed: 1, ..TestCounts::default() });
    assert_eq!(commands.outcome(true), VerdictOutcome::Failed);
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
fn the_probe_request_is_written_and_read_as_it_always_was() {
    let target = |name: &str, host: &str, port, check| ProbeTarget {
        name: name.into(),
        host: host.into(),
        port,
        check,
    };
    let targets = vec![
        target("db", "db.internal", 5432, ProbeCheck::Tcp),
        target("login", "login.internal", 443, ProbeCheck::Tls),
        target("web", "10.0.0.7", 80, ProbeCheck::Http),
        target("orders", "fd00::7", 50051, ProbeCheck::Grpc),
        target("billing", "billing.internal", 443, ProbeCheck::GrpcTls),
        target("dns", "10.0.0.53", 53, ProbeCheck::Udp),
    ];
    let request = Request {
        lamex: 1,
        run_id: "0d6c".into(),
        op: Op::Probe,
        select: Selection::default(),
        parameters: BTreeMap::new(),
        fail_fast: None,
        command_timeout_ms: None,
        allow_destructive: false,
        response_limit_bytes: None,
        probe: Some(ProbeRequest { targets, timeout_ms: 5_000 }),
    };
    assert_eq!(serde_json::to_string(&request).unwrap(), PROBE_REQUEST.trim_end());
    assert_eq!(classify(PROBE_REQUEST.as_bytes()), Payload::Protocol(Box::new(request)));
}

fn connection(address: &str, outcome: ConnectionOutcome, message: Option<&str>) -> Connection {
    Connection { address: address.into(), outcome, duration_ms: 2, message: message.map(Into::into) }
}

fn datagram(address: &str, outcome: DatagramOutcome, message: Option<&str>) -> Datagram {
    Datagram { address: address.into(), outcome, duration_ms: 2, message: message.map(Into::into) }
}

fn lookup(outcome: LookupOutcome, addresses: &[&str], message: Option<&str>) -> Lookup {
    let addresses = addresses.iter().map(|&address| address.into()).collect();
    Lookup { outcome, addresses, duration_ms: 1, message: message.map(Into::into) }
}

/// A target that was connected to, and what came then.
fn answered(name: &str, answer: Answer) -> TargetProbed {
    TargetProbed {
        name: name.into(),
        connections: vec![connection("10.0.0.7", ConnectionOutcome::Connected, None)],
        answer: Some(answer),
        ..TargetProbed::default()
    }
}

fn probed_targets() -> Vec<TargetProbed> {
    let unfound = |name: &str, outcome, message| TargetProbed {
        name: name.into(),
        lookup: Some(lookup(outcome, &[], message)),
        ..TargetProbed::default()
    };
    let certificate = TlsAnswer {
        version: "TLSv1.3".into(),
        problem: None,
        message: None,
        names: vec!["login.internal".into(), "10.0.0.7".into()],
        not_before_unix_s: 1_700_000_000,
        not_after_unix_s: 1_800_000_000,
        issuer: "O=Example, CN=Example CA".into(),
    };
    let bad = |problem| {
        Answer::Tls(TlsAnswer {
            problem: Some(problem),
            message: Some("in the library's words".into()),
            ..certificate.clone()
        })
    };
    let health = |health, message: Option<&str>| {
        let message = message.map(Into::into);
        Answer::Grpc { health, message, tls: None }
    };
    let over_tls =
        Answer::Grpc { health: GrpcHealth::Serving, message: None, tls: Some(Box::new(certificate.clone())) };
    vec![
        TargetProbed {
            name: "db".into(),
            lookup: Some(lookup(
                LookupOutcome::Resolved,
                &["10.0.0.5", "10.0.0.6", "10.0.0.8", "10.0.0.9", "169.254.0.1", "fd00::5"],
                Some("found as db.internal"),
            )),
            connections: vec![
                connection("10.0.0.5", ConnectionOutcome::Connected, None),
                connection("10.0.0.6", ConnectionOutcome::Refused, Some("Connection refused (os error 111)")),
                connection("10.0.0.8", ConnectionOutcome::TimedOut, Some("nothing within 5000 ms")),
                connection("10.0.0.9", ConnectionOutcome::Failed, Some("Operation not permitted")),
                connection("169.254.0.1", ConnectionOutcome::Forbidden, Some("it is a link-local address")),
                connection("fd00::5", ConnectionOutcome::Unreachable, Some("Network is unreachable")),
            ],
            ..TargetProbed::default()
        },
        TargetProbed {
            name: "self".into(),
            refused: Some("127.0.0.1: it is a loopback address".into()),
            connections: vec![connection("127.0.0.1", ConnectionOutcome::Forbidden, None)],
            ..TargetProbed::default()
        },
        TargetProbed {
            name: "late".into(),
            incomplete: Some("the function's deadline came first".into()),
            ..TargetProbed::default()
        },
        unfound("a", LookupOutcome::NoSuchName, None),
        unfound("b", LookupOutcome::NoAddress, None),
        unfound("c", LookupOutcome::TimedOut, Some("no answer from 10.0.0.2")),
        unfound("d", LookupOutcome::Failed, Some("10.0.0.2: it answers SERVFAIL")),
        answered("e", Answer::Tls(certificate.clone())),
        answered("f", bad(CertificateProblem::Expired)),
        answered("g", bad(CertificateProblem::NotYetValid)),
        answered("h", bad(CertificateProblem::WrongName)),
        answered("i", bad(CertificateProblem::UnknownIssuer)),
        answered("j", bad(CertificateProblem::Other)),
        answered("k", Answer::Http { status: 503 }),
        answered("l", health(GrpcHealth::Serving, None)),
        answered("m", health(GrpcHealth::NotServing, None)),
        answered("n", health(GrpcHealth::Unimplemented, None)),
        answered("o", health(GrpcHealth::Unknown, Some("its serving status is 0"))),
        answered("p", Answer::Failed { timed_out: true, message: "nothing within 5000 ms".into() }),
        answered("q", over_tls),
        TargetProbed {
            name: "dns".into(),
            datagrams: vec![
                datagram("10.0.0.53", DatagramOutcome::Answered, Some("a DNS answer, NOERROR")),
                datagram("10.0.0.54", DatagramOutcome::NoAnswer, Some("nothing within 5000 ms")),
                datagram("10.0.0.55", DatagramOutcome::Refused, None),
                datagram("10.0.0.56", DatagramOutcome::Failed, Some("Operation not permitted")),
                datagram("169.254.0.1", DatagramOutcome::Forbidden, Some("it is a link-local address")),
                datagram("fd00::53", DatagramOutcome::Unreachable, Some("Network is unreachable")),
            ],
            ..TargetProbed::default()
        },
    ]
}

fn probe() -> Vec<Event> {
    let host = HostProbed {
        variables: vec!["HOME".into(), "ORDERS_ADDR".into()],
        clock_unix_ms: 1_750_000_000_000,
        tmp: TmpProbe { total_bytes: 536_870_912, free_bytes: 0, problem: Some("no space left".into()) },
        name_servers: vec!["169.254.100.5".into()],
    };
    let hello = Hello {
        lamex: 1,
        run_id: "0d6c".into(),
        function_name: "f".into(),
        function_version: "7".into(),
        runner_version: "0.1.0".into(),
        package_digest: "sha256:aa".into(),
        request_id: "8f1b".into(),
        selected: 0,
    };
    let mut bodies = vec![Body::Hello(hello), Body::HostProbed(host)];
    bodies.extend(probed_targets().into_iter().map(|target| Body::TargetProbed(Box::new(target))));
    bodies.push(Body::Verdict(Verdict {
        outcome: VerdictOutcome::Empty,
        counts: Counts::default(),
        remaining: Vec::new(),
        events: bodies.len() as u64,
        message: None,
    }));
    bodies.into_iter().zip(0..).map(|(body, seq)| Event { seq, at_ms: seq, body }).collect()
}

#[test]
fn a_probe_is_written_and_read_as_it_always_was() {
    let mut written = Vec::new();
    for event in probe() {
        write_line(&event, &mut written).unwrap();
    }
    assert_eq!(String::from_utf8(written).unwrap(), PROBED);
    let (items, judgement) = read(PROBED);
    assert_eq!(items, probe().into_iter().map(Item::Event).collect::<Vec<_>>());
    assert_eq!(judgement, Judgement::Empty);
}

#[test]
fn outcomes_that_a_newer_runner_adds_are_read_as_unknown() {
    let (items, judgement) = read(PROBED_NEWER);
    assert_eq!(judgement, Judgement::Empty);
    let targets: Vec<&TargetProbed> = items
        .iter()
        .filter_map(|item| match item {
            Item::Event(Event { body: Body::TargetProbed(target), .. }) => Some(&**target),
            _ => None,
        })
        .collect();
    assert_eq!(targets[0].lookup.as_ref().unwrap().outcome, LookupOutcome::Unknown);
    assert_eq!(targets[0].connections[0].outcome, ConnectionOutcome::Unknown);
    assert_eq!(targets[0].answer, Some(Answer::Unknown));
    let Some(Answer::Tls(tls)) = &targets[1].answer else { panic!("{:?}", targets[1]) };
    assert_eq!(tls.problem, Some(CertificateProblem::Unknown));
    let unknown = Answer::Grpc { health: GrpcHealth::Unknown, message: None, tls: None };
    assert_eq!(targets[2].answer, Some(unknown));
    assert_eq!(targets[3].datagrams[0].outcome, DatagramOutcome::Unknown);
    let warned: Vec<&str> = items
        .iter()
        .filter_map(|item| if let Item::Unknown(what) = item { Some(what.as_str()) } else { None })
        .collect();
    assert!(warned.contains(&"field `hop_count`"), "{warned:?}");
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
