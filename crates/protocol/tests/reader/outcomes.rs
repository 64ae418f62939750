//! The verdict: its counts are those of its commands, and its outcome is what they say.

use lamex_protocol::event::{Body, CommandFinished, Counts, VerdictOutcome};
use lamex_protocol::plan::Phase;
use lamex_protocol::reader::{Expectation, Judgement, Reader, Selected, StreamEnd, Untrusted};

use crate::streams::{
    any_command, bytes, contradiction, end, failed, good, hello, judge, numbered, passed, read, skipped,
    started, verdict,
};

/// Commands as letters: one that passes, fails, is skipped, or is left.
fn run(commands: &str, outcome: VerdictOutcome) -> Vec<Body> {
    let names = ["a", "b", "c", "d"];
    let mut bodies = vec![hello(commands.len() as u64)];
    let mut counts = [0; 3];
    let mut left = Vec::new();
    for (place, letter) in (0..).zip(commands.chars()) {
        let name = names[place as usize];
        match letter {
            'p' => bodies.extend([started(place, name), passed(place, name)]),
            'f' => bodies.extend([started(place, name), failed(place, name)]),
            's' => bodies.push(skipped(place, name)),
            _ => left.push((place, name)),
        }
        if let Some(index) = "pfs".find(letter) {
            counts[index] += 1;
        }
    }
    bodies.push(verdict(outcome, counts, &left));
    bodies
}

/// A command that passed in this phase.
fn passed_in(phase: Phase, command: u64, name: &str) -> [Body; 2] {
    let finished = CommandFinished { phase, ..end(command, name) };
    [started(command, name), Body::CommandFinished(finished)]
}

#[test]
fn setup_and_teardown_pass_only_where_no_test_was_selected() {
    use VerdictOutcome::{Empty, Passed};
    let around = || {
        let setup = passed_in(Phase::Setup, 0, "seed");
        setup.into_iter().chain(passed_in(Phase::Teardown, 1, "clear"))
    };
    for claimed in [Passed, Empty] {
        let run = |last: Vec<Body>, skips: u64, passes: u64| {
            let bodies = [hello(2 + skips + passes)].into_iter().chain(around()).chain(last);
            judge(bodies.chain([verdict(claimed, [2 + passes, 0, skips], &[])]).collect())
        };
        let wrong = || contradiction("the verdict is not what its counts say");
        let alone = run(vec![], 0, 0);
        assert_eq!(alone, if claimed == Passed { Judgement::Passed } else { wrong() });
        let nothing_tested = run(vec![skipped(2, "orders")], 1, 0);
        assert_eq!(nothing_tested, if claimed == Empty { Judgement::Empty } else { wrong() });
        let tested = run(passed_in(Phase::Test, 2, "orders").into(), 0, 1);
        assert_eq!(tested, if claimed == Passed { Judgement::Passed } else { wrong() });
    }
}

#[test]
fn the_outcome_is_what_the_counts_say() {
    use VerdictOutcome::{Empty, Failed, Incomplete, Passed};
    let cases = [
        ("p", Passed),
        ("pp", Passed),
        ("ps", Passed),
        ("f", Failed),
        ("pf", Failed),
        ("sf", Failed),
        ("fl", Failed),
        ("pfsl", Failed),
        ("l", Incomplete),
        ("pl", Incomplete),
        ("psl", Incomplete),
        ("", Empty),
        ("s", Empty),
        ("ss", Empty),
    ];
    for (commands, right) in cases {
        for claimed in [Passed, Failed, Incomplete, Empty] {
            let expected = match right {
                _ if claimed != right => contradiction("the verdict is not what its counts say"),
                Passed => Judgement::Passed,
                Failed => Judgement::Failed,
                Incomplete => Judgement::Incomplete,
                _ => Judgement::Empty,
            };
            assert_eq!(judge(run(commands, claimed)), expected, "{commands} as {claimed:?}");
        }
    }
}

#[test]
fn the_counts_are_those_of_the_commands() {
    let claim = |change: fn(&mut Counts)| {
        let mut bodies = run("pfsl", VerdictOutcome::Failed);
        let Some(Body::Verdict(verdict)) = bodies.last_mut() else { panic!("{bodies:?}") };
        change(&mut verdict.counts);
        judge(bodies)
    };
    assert_eq!(claim(|_| {}), Judgement::Failed);
    let changes: [fn(&mut Counts); 6] = [
        |counts| counts.passed += 1,
        |counts| counts.failed += 1,
        |counts| counts.skipped += 1,
        |counts| counts.not_run += 1,
        |counts| counts.not_run = 0,
        // The same sum.
        |counts| *counts = Counts { passed: 0, failed: 2, ..*counts },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let wrong = contradiction("the verdict's counts are not those of its commands");
        assert_eq!(claim(change), wrong, "change {index}");
    }
}

#[test]
fn every_selected_command_is_accounted_for() {
    for (commands, outcome) in
        [("p", VerdictOutcome::Passed), ("pfsl", VerdictOutcome::Failed), ("", VerdictOutcome::Empty)]
    {
        let mut bodies = run(commands, outcome);
        bodies[0] = hello(commands.len() as u64 + 1);
        let missing = contradiction("not every selected command is accounted for");
        assert_eq!(judge(bodies), missing, "{commands}");
    }
    // One is left more than there can be.
    let mut bodies = run("pl", VerdictOutcome::Incomplete);
    bodies[0] = hello(1);
    assert_eq!(judge(bodies), contradiction("not every selected command is accounted for"));
    // It started, and another one stands in for it.
    let left = verdict(VerdictOutcome::Incomplete, [0; 3], &[(1, "b")]);
    let unfinished = vec![hello(1), started(0, "a"), left];
    assert_eq!(judge(unfinished), contradiction("a command started and never finished"));
}

#[test]
fn a_refusal_and_a_broken_runner_are_told_in_their_own_words() {
    let told = |outcome, message: Option<&str>| {
        let mut end = verdict(outcome, [0; 3], &[]);
        let Body::Verdict(verdict) = &mut end else { panic!("{end:?}") };
        verdict.message = message.map(Into::into);
        // Whatever was selected and begun.
        let bodies = vec![hello(3), started(0, "a"), end];
        let expectation = Expectation { selected: Selected::Names(["a".into()].into()), ..any_command() };
        read(expectation, &bytes(&numbered(bodies))).1
    };
    assert_eq!(told(VerdictOutcome::Refused, Some("no")), Judgement::Refused("no".into()));
    assert_eq!(told(VerdictOutcome::Refused, None), Judgement::Refused(String::new()));
    let broken = Judgement::Untrusted(Untrusted::Broken("disk full".into()));
    assert_eq!(told(VerdictOutcome::Broken, Some("disk full")), broken);
}

#[test]
fn only_a_pass_needs_the_services_word() {
    let end = StreamEnd::FunctionError { code: "Lamex.TestsFailed".into(), details: String::new() };
    let finish = |bodies: Vec<Body>| {
        let mut reader = Reader::new(any_command());
        reader.feed(&bytes(&numbered(bodies)), |_| {});
        reader.finish(end.clone())
    };
    assert_eq!(finish(good()), Judgement::Untrusted(Untrusted::EndedBadly(end.clone())));
    assert_eq!(finish(run("f", VerdictOutcome::Failed)), Judgement::Failed);
    assert_eq!(finish(run("l", VerdictOutcome::Incomplete)), Judgement::Incomplete);
    assert_eq!(finish(run("", VerdictOutcome::Empty)), Judgement::Empty);
}

#[test]
fn every_reason_says_what_happened() {
    let function_error =
        |details: &str| StreamEnd::FunctionError { code: "C".into(), details: details.into() };
    let (expected, found) = (|| "1".to_owned(), || "2".to_owned());
    let cases = [
        (Untrusted::Gap { expected: 1, found: 3 }, "expected event 1, found event 3"),
        (Untrusted::NoHello, "does not begin like that of a lamex runner"),
        (Untrusted::SecondHello, "begins twice"),
        (Untrusted::OtherVersion { found: 2 }, "speaks protocol version 2, this lamex-ctl version 1"),
        (Untrusted::OtherRun { found: found() }, "belongs to another run (2)"),
        (Untrusted::OtherPackage { expected: expected(), found: found() }, "2, expected 1"),
        (
            Untrusted::OtherFunctionVersion { expected: expected(), found: found() },
            "version 2 of the function ran",
        ),
        (Untrusted::OtherCommands("x".into()), "about other commands: x"),
        (Untrusted::AfterVerdict, "goes on after its verdict"),
        (Untrusted::Contradiction("x".into()), "contradicts itself: x"),
        (Untrusted::NoVerdict(StreamEnd::Complete), "without a verdict: the response is complete"),
        (Untrusted::NoVerdict(function_error("")), "without a verdict: C"),
        (Untrusted::EndedBadly(function_error("d")), "but the invocation failed: C: d"),
        (Untrusted::EndedBadly(StreamEnd::Broken("reset".into())), "but the invocation failed: reset"),
        (Untrusted::Broken("x".into()), "the runner failed: x"),
    ];
    for (why, words) in cases {
        let text = why.to_string();
        assert!(text.contains(words), "{text}");
        assert!(!text.ends_with([':', ' ']), "{text}");
    }
}
