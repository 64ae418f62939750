//! Rule 1, and what makes a response about other units untrusted (rule 2).

use lamex_protocol::event::{CommandOutcome, Ending, TestOutcome};
use lamex_protocol::ledger::evidence::Outcome;
use lamex_protocol::ledger::units::Unit;
use lamex_protocol::plan::{Framework, Phase};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::response::{Does, TestEvent, begin, evidence, exits, ledger, lines, read, runs, test, whole};
use TestOutcome::{Failed, Passed, Skipped};
use lamex_protocol::reader::StreamEnd;

const NAMES: [&str; 4] = ["A", "B", "C", "D"];

fn framework() -> impl Strategy<Value = Framework> {
    prop_oneof![Just(Framework::Go), Just(Framework::Libtest), Just(Framework::Gtest)]
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        4 => prop_oneof![Just(0), Just(1), Just(2), Just(66), Just(101)].prop_map(|code| Ending::Exited { code }),
        1 => Just(Ending::Signaled { signal: 11, core_dumped: false }),
        1 => Just(Ending::TimedOut { after_ms: 1 }),
        1 => Just(Ending::DeadlineReached),
        1 => Just(Ending::Unknown),
    ]
}

fn command_outcome() -> impl Strategy<Value = CommandOutcome> {
    prop_oneof![Just(CommandOutcome::Passed), Just(CommandOutcome::Failed), Just(CommandOutcome::Skipped)]
}

/// What becomes of one test: nothing, a start alone, or one or two ends.
fn fate() -> impl Strategy<Value = (bool, Vec<TestOutcome>)> {
    let outcome = || prop_oneof![6 => Just(Passed), 1 => Just(Failed), 1 => Just(Skipped)];
    (
        prop::bool::weighted(0.9),
        prop_oneof![1 => Just(vec![]), 8 => vec(outcome(), 1), 1 => vec(outcome(), 2)],
    )
}

/// What becomes of each test of a process of the four, which is the first of its invocation.
fn outcomes(framework: Framework, does: Does) -> Result<Vec<Outcome>, String> {
    let units: Vec<Unit> = NAMES.iter().map(|name| test(0, framework, name)).collect();
    let mut ledger = ledger(units);
    let asked = begin(&mut ledger, 0, 0..4);
    let evidence = evidence(asked, &[(0, does)]);
    if let Some(reason) = evidence.distrust() {
        return Err(reason.to_owned());
    }
    Ok(ledger.settle(evidence).into_iter().map(|(_, outcome)| outcome).collect())
}

fn is_failed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(_))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pass_needs_an_explained_end(
        framework in framework(),
        fates in vec(fate(), 4),
        outcome in command_outcome(),
        ending in ending(),
    ) {
        let mut events = Vec::new();
        for (name, (starts, ends)) in NAMES.iter().zip(&fates) {
            events.extend(starts.then(|| TestEvent::Start((*name).to_owned())));
            events.extend(ends.iter().map(|outcome| TestEvent::End((*name).to_owned(), *outcome)));
        }
        let does = Does::Runs { events, outcome, ending: ending.clone() };
        let Ok(settled) = outcomes(framework, does) else { return Ok(()) };
        let has_failed = fates.iter().any(|(_, ends)| ends.contains(&Failed));
        let is_explained = match (&ending, framework) {
            (Ending::Exited { code: 0 }, _) => !has_failed && outcome != CommandOutcome::Failed,
            (Ending::Exited { code: 1 | 2 }, Framework::Go)
            | (Ending::Exited { code: 1 }, Framework::Gtest)
            | (Ending::Exited { code: 101 }, Framework::Libtest) => has_failed,
            _ => false,
        };
        for (outcome, (_, ends)) in settled.iter().zip(&fates) {
            // Exactly one end of its own, and a process whose end says the same.
            if *outcome == Outcome::Passed {
                prop_assert!(is_explained && *ends == [Passed], "{:?} {:?}", ends, ending);
            } else if is_explained && *ends == [Passed] {
                prop_assert!(false, "{:?} is not a pass", outcome);
            }
            // What began has not remained, and a failure stays one.
            prop_assert!(*outcome != Outcome::Remaining || ends.is_empty());
            prop_assert!(!ends.contains(&Failed) || is_failed(outcome));
        }
        prop_assert!(settled.iter().any(|outcome| *outcome != Outcome::Remaining), "nothing has come of it");
    }
}

const ALL: [(&str, TestOutcome); 4] = [("A", Passed), ("B", Passed), ("C", Passed), ("D", Passed)];

#[test]
fn a_leak_checker_fails_every_test_of_its_process() {
    for code in [1, 66, 101] {
        let does = runs(&ALL, CommandOutcome::Failed, Ending::Exited { code });
        let settled = outcomes(Framework::Go, does).unwrap();
        assert!(settled.iter().all(is_failed), "{code}: {settled:?}");
    }
}

#[test]
fn a_panic_leaves_what_never_started() {
    let events = vec![
        TestEvent::Start("A".into()),
        TestEvent::End("A".into(), Passed),
        TestEvent::Start("B".into()),
        TestEvent::End("B".into(), Failed),
        TestEvent::Start("C".into()),
    ];
    let panicked = |code| Does::Runs {
        events: events.clone(),
        outcome: CommandOutcome::Failed,
        ending: Ending::Exited { code },
    };
    let settled = outcomes(Framework::Go, panicked(2)).unwrap();
    assert_eq!((&settled[0], &settled[3]), (&Outcome::Passed, &Outcome::Remaining));
    assert!(settled[1..3].iter().all(is_failed));
    // With code 1 the framework came to its end, and has not reported D.
    assert!(is_failed(&outcomes(Framework::Go, panicked(1)).unwrap()[3]));
}

#[test]
fn a_deadline_leaves_what_was_not_announced() {
    let start = |name: &str| TestEvent::Start(name.into());
    let events = vec![start("A"), TestEvent::End("A".into(), Failed), start("B")];
    let does = Does::Runs { events, outcome: CommandOutcome::Failed, ending: Ending::DeadlineReached };
    let settled = outcomes(Framework::Gtest, does.clone()).unwrap();
    assert!(settled[..2].iter().all(is_failed));
    assert_eq!(settled[2..], [Outcome::Remaining, Outcome::Remaining]);

    // What was left out of the stream may have been their starts.
    let mut ledger_of_four = ledger(NAMES.iter().map(|name| test(0, Framework::Gtest, name)));
    let asked = begin(&mut ledger_of_four, 0, 0..4);
    let response = String::from_utf8(lines(&[(0, does.clone())]).concat()).unwrap();
    let missing = r#""missing":{"stdout_bytes":0,"stderr_bytes":0,"test_events":1},"peak_rss_kib""#;
    let response = response.replace(r#""peak_rss_kib""#, missing);
    let settled = ledger_of_four.settle(read(asked, response.as_bytes(), StreamEnd::Complete));
    assert!(settled[2..].iter().all(|(_, outcome)| matches!(outcome, Outcome::Lost(_))), "{settled:?}");

    // Without announcements nobody can tell.
    let mut units: Vec<Unit> = NAMES.iter().map(|name| test(0, Framework::Libtest, name)).collect();
    for unit in &mut units {
        unit.test.as_mut().unwrap().announces_start = false;
    }
    let mut ledger = ledger(units);
    let asked = begin(&mut ledger, 0, 0..4);
    let settled = ledger.settle(evidence(asked, &[(0, does)]));
    assert!(settled[2..].iter().all(|(_, outcome)| matches!(outcome, Outcome::Lost(_))), "{settled:?}");
}

#[test]
fn a_process_that_came_to_nothing_in_a_whole_invocation_has_failed() {
    let does = runs(&[], CommandOutcome::Failed, Ending::DeadlineReached);
    assert!(outcomes(Framework::Go, does).unwrap().iter().all(is_failed), "it would be repeated for ever");
}

#[test]
fn tests_of_one_name_are_one_unit_and_all_must_pass() {
    let twice = |first, second| {
        let mut unit = test(0, Framework::Go, "A");
        unit.test.as_mut().unwrap().copies = 2;
        let mut ledger = ledger([unit]);
        let asked = begin(&mut ledger, 0, [0]);
        let has_failed = [first, second].contains(&Failed);
        let (outcome, code) =
            if has_failed { (CommandOutcome::Failed, 1) } else { (CommandOutcome::Passed, 0) };
        let does = runs(&[("A", first), ("A", second)], outcome, Ending::Exited { code });
        ledger.settle(evidence(asked, &[(0, does)])).remove(0).1
    };
    assert_eq!(twice(Passed, Passed), Outcome::Passed);
    assert!(is_failed(&twice(Passed, Failed)) && is_failed(&twice(Failed, Passed)));
    assert!(matches!(twice(Skipped, Skipped), Outcome::Skipped(_)));
}

#[test]
fn another_unit_than_was_asked_for_makes_the_response_untrusted() {
    let passed = |tests: &[(&str, TestOutcome)]| {
        outcomes(Framework::Go, runs(tests, CommandOutcome::Passed, Ending::Exited { code: 0 }))
    };
    assert_eq!(passed(&ALL).unwrap(), vec![Outcome::Passed; 4]);
    let subtests = [&ALL[..], &[("A/part", Passed)]].concat();
    assert!(passed(&subtests).is_ok(), "a part of a test is no unit");
    let not_asked = passed(&[&ALL[..], &[("E", Passed)]].concat()).unwrap_err();
    assert!(not_asked.contains("`E` was not asked for"), "{not_asked}");
    let twice = passed(&[&ALL[..], &[("A", Passed)]].concat()).unwrap_err();
    assert!(twice.contains("unit 0 is reported 2 times"), "{twice}");
    let missing = passed(&ALL[..3]).unwrap_err();
    assert!(missing.contains("does not report unit 3"), "{missing}");
}

#[test]
fn another_command_than_was_asked_for_makes_the_response_untrusted() {
    let passed = || exits(CommandOutcome::Passed, 0);
    for commands in
        [vec![(0, passed()), (1, passed())], vec![(1, passed())], vec![], vec![(1, Does::NeverStarts)]]
    {
        let mut ledger = ledger([whole(0, Phase::Test), whole(1, Phase::Test)]);
        let asked = begin(&mut ledger, 0, [0]);
        let evidence = read(asked, &lines(&commands).concat(), StreamEnd::Complete);
        assert!(!evidence.is_trusted(), "{commands:?}");
    }
}
