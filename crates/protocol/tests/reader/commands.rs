//! What is said of each command: that it started, ran, ended, once, and as its outcome says.

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, Ending, Missing, Stream, TestCounts, TestMessage, TestOutcome,
    TestStarted, VerdictOutcome,
};
use lamex_protocol::reader::Judgement;

use crate::streams::{
    contradiction, end, failed, good, hello, judge, passed, started, tested, verdict, wrote,
};

/// The stream that passes, with other events of the first command in place of its own.
fn with_first(events: Vec<Body>) -> Judgement {
    let mut bodies = good();
    bodies.splice(1..6, events);
    judge(bodies)
}

fn finish(finished: CommandFinished) -> Body {
    Body::CommandFinished(finished)
}

#[test]
fn a_command_starts_once_and_finishes_once() {
    let orders = || vec![started(0, "orders"), passed(0, "orders")];
    let twice = |extra: Body| [orders(), vec![extra]].concat();
    assert_eq!(with_first(orders()), Judgement::Passed);
    let cases = [
        (vec![started(0, "orders"), started(0, "orders"), passed(0, "orders")], "command 0 started twice"),
        (twice(started(0, "orders")), "command 0 started twice"),
        (twice(passed(0, "orders")), "command 0 finished twice"),
        (twice(failed(0, "orders")), "command 0 finished twice"),
        (vec![passed(0, "orders")], "command 0 passed and never started"),
        (vec![failed(0, "orders"), started(0, "orders")], "command 0 started twice"),
    ];
    for (events, expected) in cases {
        assert_eq!(with_first(events), contradiction(expected));
    }
}

#[test]
fn only_a_running_command_writes_and_tests() {
    let message = TestMessage { command: 0, test: "TestA".into(), message: "why".into() };
    let cases = [
        (wrote(0, Stream::Stdout, ""), "output"),
        (wrote(0, Stream::Stderr, ""), "output"),
        (Body::TestStarted(TestStarted { command: 0, test: "TestA".into() }), "a test"),
        (tested(0, TestOutcome::Passed), "a test"),
        (Body::TestMessage(message), "a test"),
    ];
    for (event, what) in cases {
        let stray = contradiction(&format!("{what} of command 0, which is not running"));
        let (start, end) = (|| started(0, "orders"), || passed(0, "orders"));
        assert_eq!(with_first(vec![start(), event.clone(), end()]), Judgement::Passed, "{event:?}");
        assert_eq!(with_first(vec![event.clone(), start(), end()]), stray, "{event:?}");
        assert_eq!(with_first(vec![start(), end(), event.clone()]), stray, "{event:?}");
        assert_eq!(with_first(vec![failed(0, "orders"), event.clone()]), stray, "{event:?}");
    }
}

#[test]
fn every_byte_is_sent_or_missing() {
    let written = |stdout_bytes, stderr_bytes, missing| {
        let finished = CommandFinished { stdout_bytes, stderr_bytes, missing, ..end(0, "orders") };
        with_first(vec![
            started(0, "orders"),
            wrote(0, Stream::Stdout, "hell"),
            wrote(0, Stream::Stdout, "o"),
            wrote(0, Stream::Stderr, "y"),
            wrote(0, Stream::Stderr, "ou"),
            finish(finished),
        ])
    };
    let missing = |stdout_bytes, stderr_bytes| Missing { stdout_bytes, stderr_bytes, test_events: 0 };
    assert_eq!(written(5, 3, missing(0, 0)), Judgement::Passed);
    assert_eq!(written(12, 5, missing(7, 2)), Judgement::Passed);
    for (stdout, stderr) in [(6, 3), (4, 3), (5, 4), (5, 2), (3, 5)] {
        let what = format!("command 0 wrote {stdout} + {stderr} bytes, 5 + 3 are accounted for");
        assert_eq!(written(stdout, stderr, missing(0, 0)), contradiction(&what));
    }
    assert_eq!(
        written(5, 3, missing(u64::MAX, 1)),
        contradiction(&format!("command 0 wrote 5 + 3 bytes, {} + 4 are accounted for", u64::MAX))
    );
}

#[test]
fn no_failed_test_hides_behind_a_pass_or_a_skip() {
    let ended = |tests: &[TestOutcome], outcome| {
        let mut events = vec![started(0, "orders")];
        events.extend(tests.iter().map(|&test| tested(0, test)));
        events.push(finish(CommandFinished { outcome, ..end(0, "orders") }));
        let counts = if outcome == CommandOutcome::Passed { [2, 0, 0] } else { [1, 0, 1] };
        let mut bodies = good();
        bodies.splice(1..6, events);
        bodies.pop();
        bodies.push(verdict(VerdictOutcome::Passed, counts, &[]));
        judge(bodies)
    };
    use TestOutcome::{Failed, Passed, Skipped};
    assert_eq!(ended(&[Passed, Skipped, Passed], CommandOutcome::Passed), Judgement::Passed);
    assert_eq!(ended(&[Skipped, Skipped], CommandOutcome::Skipped), Judgement::Passed);
    for tests in [&[Failed][..], &[Passed, Failed], &[Failed, Passed], &[Failed, Skipped], &[Failed, Failed]]
    {
        let passed = contradiction("command 0 passed and a test of it failed");
        assert_eq!(ended(tests, CommandOutcome::Passed), passed, "{tests:?}");
        let skipped = contradiction("command 0 was skipped and a test of it failed");
        assert_eq!(ended(tests, CommandOutcome::Skipped), skipped, "{tests:?}");
    }
}

#[test]
fn the_frameworks_own_counts_contradict_an_outcome_too() {
    let counted = |passed, failed, skipped, outcome| {
        let tests = Some(TestCounts { passed, failed, skipped });
        with_first(vec![started(0, "orders"), finish(CommandFinished { outcome, tests, ..end(0, "orders") })])
    };
    let no_pass = contradiction("command 0 passed and no test of it did");
    let a_failure = contradiction("command 0 passed and a test of it failed");
    assert_eq!(counted(1, 0, 0, CommandOutcome::Passed), Judgement::Passed);
    assert_eq!(counted(1, 0, 5, CommandOutcome::Passed), Judgement::Passed);
    assert_eq!(counted(0, 0, 0, CommandOutcome::Passed), no_pass);
    assert_eq!(counted(0, 0, 5, CommandOutcome::Passed), no_pass);
    assert_eq!(counted(1, 1, 0, CommandOutcome::Passed), a_failure);
    assert_eq!(counted(0, 1, 0, CommandOutcome::Passed), a_failure);
    let hidden = contradiction("command 0 was skipped and a test of it failed");
    assert_eq!(counted(0, 1, 5, CommandOutcome::Skipped), hidden);
    // A skip changes the counts, and nothing else is wrong with it.
    let counts = contradiction("the verdict's counts are not those of its commands");
    assert_eq!(counted(0, 0, 5, CommandOutcome::Skipped), counts);
}

#[test]
fn endings_that_are_no_exit_with_0_pass_nothing_and_skip_nothing() {
    let ended = |ending: &Ending, outcome| {
        let finished = CommandFinished { outcome, ending: ending.clone(), ..end(0, "orders") };
        let counts = match outcome {
            CommandOutcome::Passed => [2, 0, 0],
            CommandOutcome::Failed => [1, 1, 0],
            CommandOutcome::Skipped => [1, 0, 1],
            CommandOutcome::Unknown => unreachable!("no runner says so"),
        };
        let verdict_outcome =
            if outcome == CommandOutcome::Failed { VerdictOutcome::Failed } else { VerdictOutcome::Passed };
        let verdict = verdict(verdict_outcome, counts, &[]);
        judge(vec![
            hello(2),
            started(0, "orders"),
            finish(finished),
            started(1, "pay"),
            passed(1, "pay"),
            verdict,
        ])
    };
    let bad = [
        Ending::Exited { code: 1 },
        Ending::Exited { code: -1 },
        Ending::Signaled { signal: 9, core_dumped: false },
        Ending::TimedOut { after_ms: 1 },
        Ending::DeadlineReached,
        Ending::NotStarted,
    ];
    for ending in bad {
        let passed = contradiction("command 0 passed and did not exit with 0");
        assert_eq!(ended(&ending, CommandOutcome::Passed), passed, "{ending:?}");
        let skipped = contradiction("command 0 was skipped and did not exit with 0");
        assert_eq!(ended(&ending, CommandOutcome::Skipped), skipped, "{ending:?}");
        assert_eq!(ended(&ending, CommandOutcome::Failed), Judgement::Failed, "{ending:?}");
    }
    // A newer runner's kind of ending: its outcome says what it is worth.
    for ending in [Ending::Exited { code: 0 }, Ending::Unknown] {
        assert_eq!(ended(&ending, CommandOutcome::Passed), Judgement::Passed, "{ending:?}");
        assert_eq!(ended(&ending, CommandOutcome::Skipped), Judgement::Passed, "{ending:?}");
        assert_eq!(ended(&ending, CommandOutcome::Failed), Judgement::Failed, "{ending:?}");
    }
    let left_out = contradiction("command 0 passed and did not exit with 0");
    assert_eq!(ended(&Ending::Skipped, CommandOutcome::Passed), left_out);
    assert_eq!(ended(&Ending::Skipped, CommandOutcome::Skipped), Judgement::Passed);
}
