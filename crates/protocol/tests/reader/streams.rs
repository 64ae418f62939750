//! A stream that passes, ways to change it, and what the reader makes of it.

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, CommandStarted, Counts, Ending, Event, Hello, Missing, Output,
    Remaining, Stream, TestFinished, TestOutcome, Verdict, VerdictOutcome, write_line,
};
use lamex_protocol::reader::{Expectation, Item, Judgement, Reader, StreamEnd, Untrusted};

pub(crate) const RUN: &str = "mine";

pub(crate) fn hello(selected: u64) -> Body {
    Body::Hello(Hello {
        lamex: 1,
        run_id: RUN.into(),
        function_version: "7".into(),
        package_digest: "sha256:aa".into(),
        selected,
        ..Hello::default()
    })
}

pub(crate) fn started(command: u64, name: &str) -> Body {
    Body::CommandStarted(CommandStarted {
        command,
        name: name.into(),
        timeout_ms: None,
        framing: None,
        attempt: None,
    })
}

pub(crate) fn wrote(command: u64, stream: Stream, text: &str) -> Body {
    Body::Output(Output::new(command, stream, text.as_bytes()))
}

pub(crate) fn tested(command: u64, outcome: TestOutcome) -> Body {
    Body::TestFinished(TestFinished { command, test: "TestA".into(), outcome, duration_ms: None })
}

/// The end of a command that exited with 0, passed, and wrote nothing.
pub(crate) fn end(command: u64, name: &str) -> CommandFinished {
    CommandFinished {
        attempt: None,
        command,
        name: name.into(),
        phase: lamex_protocol::plan::Phase::Test,
        outcome: CommandOutcome::Passed,
        ending: Ending::Exited { code: 0 },
        message: None,
        duration_ms: 0,
        tests: None,
        stdout_bytes: 0,
        stderr_bytes: 0,
        missing: Missing::default(),
        peak_rss_kib: 0,
        cpu_ms: 0,
    }
}

pub(crate) fn passed(command: u64, name: &str) -> Body {
    Body::CommandFinished(end(command, name))
}

pub(crate) fn failed(command: u64, name: &str) -> Body {
    let (outcome, ending) = (CommandOutcome::Failed, Ending::Exited { code: 1 });
    Body::CommandFinished(CommandFinished { outcome, ending, ..end(command, name) })
}

/// A command that was left out on purpose.
pub(crate) fn skipped(command: u64, name: &str) -> Body {
    let (outcome, ending) = (CommandOutcome::Skipped, Ending::Skipped);
    Body::CommandFinished(CommandFinished { outcome, ending, ..end(command, name) })
}

/// `counts` are passed, failed and skipped; [`stream`] fills in how many events came before.
pub(crate) fn verdict(outcome: VerdictOutcome, counts: [u64; 3], remaining: &[(u64, &str)]) -> Body {
    let [passed, failed, skipped] = counts;
    let left = |&(command, name): &(u64, &str)| Remaining { command, name: name.into() };
    Body::Verdict(Verdict {
        outcome,
        counts: Counts { passed, failed, skipped, not_run: remaining.len() as u64 },
        remaining: remaining.iter().map(left).collect(),
        events: 0,
        message: None,
    })
}

/// Two commands that pass; the first one writes five bytes to stdout and three to stderr.
pub(crate) fn good() -> Vec<Body> {
    let orders = CommandFinished { stdout_bytes: 5, stderr_bytes: 3, ..end(0, "orders") };
    vec![
        hello(2),
        started(0, "orders"),
        wrote(0, Stream::Stdout, "hello"),
        wrote(0, Stream::Stderr, "you"),
        tested(0, TestOutcome::Passed),
        Body::CommandFinished(orders),
        started(1, "pay"),
        passed(1, "pay"),
        verdict(VerdictOutcome::Passed, [2, 0, 0], &[]),
    ]
}

/// Numbers the events, and tells each verdict how many came before it.
pub(crate) fn numbered(bodies: Vec<Body>) -> Vec<Event> {
    let number = |(seq, mut body)| {
        if let Body::Verdict(verdict) = &mut body {
            verdict.events = seq;
        }
        Event { seq, at_ms: 0, body }
    };
    (0..).zip(bodies).map(number).collect()
}

pub(crate) fn bytes(events: &[Event]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for event in events {
        write_line(event, &mut bytes).unwrap();
    }
    bytes
}

pub(crate) fn any_command() -> Expectation {
    Expectation { run_id: RUN.into(), ..Expectation::default() }
}

pub(crate) fn read(expectation: Expectation, bytes: &[u8]) -> (Vec<Item>, Judgement) {
    let mut reader = Reader::new(expectation);
    let mut items = Vec::new();
    reader.feed(bytes, |item| items.push(item));
    (items, reader.finish(StreamEnd::Complete))
}

pub(crate) fn judge(bodies: Vec<Body>) -> Judgement {
    read(any_command(), &bytes(&numbered(bodies))).1
}

pub(crate) fn contradiction(what: &str) -> Judgement {
    Judgement::Untrusted(Untrusted::Contradiction(what.into()))
}

pub(crate) fn other_commands(what: &str) -> Judgement {
    Judgement::Untrusted(Untrusted::OtherCommands(what.into()))
}
