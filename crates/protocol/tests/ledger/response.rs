//! Units, and responses about them as a runner would send them.

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, CommandStarted, Counts, Ending, Event, Hello, Missing, Remaining,
    TestFinished, TestOutcome, TestStarted, Verdict, VerdictOutcome, write_line,
};
use lamex_protocol::ledger::asked::Asked;
use lamex_protocol::ledger::book::{Ledger, Needed};
use lamex_protocol::ledger::evidence::Evidence;
use lamex_protocol::ledger::unit_reader::UnitReader;
use lamex_protocol::ledger::units::{Flaky, InvocationId, Test, Unit, UnitId};
use lamex_protocol::plan::{Framework, Phase};
use lamex_protocol::reader::{Expectation, StreamEnd};

/// A command that is a unit as a whole.
pub(crate) fn whole(command: u64, phase: Phase) -> Unit {
    Unit {
        command,
        name: format!("c{command}"),
        test: None,
        framework: Framework::ExitCode,
        phase,
        flaky: Flaky::Pass,
    }
}

/// One test of a split command.
pub(crate) fn test(command: u64, framework: Framework, name: &str) -> Unit {
    let test = Test { name: name.to_owned(), copies: 1, announces_start: true };
    Unit { test: Some(test), framework, ..whole(command, Phase::Test) }
}

pub(crate) fn ledger(units: impl IntoIterator<Item = Unit>) -> Ledger {
    let mut ledger = Ledger::new(Needed::Test);
    ledger.plan(units);
    ledger
}

pub(crate) fn begin(ledger: &mut Ledger, invocation: u32, units: impl IntoIterator<Item = u32>) -> Asked {
    let batch: Vec<_> = units.into_iter().map(UnitId).collect();
    ledger.begin(InvocationId(invocation), &batch).unwrap()
}

/// What happens to one command of the response.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    /// It is in the verdict's `remaining`.
    NeverStarts,
    /// Its process.
    Runs { events: Vec<TestEvent>, outcome: CommandOutcome, ending: Ending },
}

#[derive(Debug, Clone)]
pub(crate) enum TestEvent {
    Start(String),
    End(String, TestOutcome),
}

/// A process without tests.
pub(crate) fn exits(outcome: CommandOutcome, code: i32) -> Does {
    Does::Runs { events: Vec::new(), outcome, ending: Ending::Exited { code } }
}

/// A process of these tests.
pub(crate) fn runs(tests: &[(&str, TestOutcome)], outcome: CommandOutcome, ending: Ending) -> Does {
    let events = tests
        .iter()
        .flat_map(|(name, outcome)| {
            [TestEvent::Start((*name).to_owned()), TestEvent::End((*name).to_owned(), *outcome)]
        })
        .collect();
    Does::Runs { events, outcome, ending }
}

/// The lines of a response that is consistent, as far as the commands allow it.
pub(crate) fn lines(commands: &[(u64, Does)]) -> Vec<Vec<u8>> {
    let mut bodies = vec![Body::Hello(Hello {
        lamex: 1,
        run_id: "mine".into(),
        selected: commands.len() as u64,
        ..Hello::default()
    })];
    let mut counts = Counts::default();
    let mut remaining = Vec::new();
    for (command, does) in commands {
        let (command, name) = (*command, format!("c{command}"));
        let Does::Runs { events, outcome, ending } = does else {
            counts.not_run += 1;
            remaining.push(Remaining { command, name });
            continue;
        };
        bodies.push(Body::CommandStarted(CommandStarted {
            command,
            name: name.clone(),
            ..Default::default()
        }));
        bodies.extend(events.iter().map(|event| match event.clone() {
            TestEvent::Start(test) => Body::TestStarted(TestStarted { command, test }),
            TestEvent::End(test, outcome) => {
                Body::TestFinished(TestFinished { command, test, outcome, duration_ms: None })
            }
        }));
        bodies.push(Body::CommandFinished(CommandFinished {
            command,
            name,
            attempt: None,
            phase: Phase::Test,
            outcome: *outcome,
            ending: ending.clone(),
            message: Some("why".to_owned()),
            duration_ms: 1,
            tests: None,
            stdout_bytes: 0,
            stderr_bytes: 0,
            missing: Missing::default(),
            peak_rss_kib: 0,
            cpu_ms: 0,
        }));
        match outcome {
            CommandOutcome::Passed => counts.passed += 1,
            CommandOutcome::Failed | CommandOutcome::Unknown => counts.failed += 1,
            CommandOutcome::Skipped => counts.skipped += 1,
        }
    }
    let outcome = match counts {
        Counts { failed: 1.., .. } => VerdictOutcome::Failed,
        Counts { not_run: 1.., .. } => VerdictOutcome::Incomplete,
        Counts { passed: 1.., .. } => VerdictOutcome::Passed,
        Counts { .. } => VerdictOutcome::Empty,
    };
    let events = bodies.len() as u64;
    bodies.push(Body::Verdict(Verdict { outcome, counts, remaining, events, message: None }));
    let line = |(seq, body)| {
        let mut line = Vec::new();
        write_line(&Event { seq, at_ms: 0, body }, &mut line).unwrap();
        line
    };
    (0..).zip(bodies).map(line).collect()
}

/// What the bytes prove of what was asked for.
pub(crate) fn read(asked: Asked, bytes: &[u8], end: StreamEnd) -> Evidence {
    let expectation = Expectation { run_id: "mine".to_owned(), ..Expectation::default() };
    let mut reader = UnitReader::new(expectation, asked);
    reader.feed(bytes, |_| ());
    reader.finish(end).1
}

/// The evidence of a complete response.
pub(crate) fn evidence(asked: Asked, commands: &[(u64, Does)]) -> Evidence {
    read(asked, &lines(commands).concat(), StreamEnd::Complete)
}
