//! Rule 2: planned units are the disjoint union of what became of them, whatever happens. And what is flaky.

use lamex_protocol::event::{CommandOutcome, Ending};
use lamex_protocol::ledger::asked::Asked;
use lamex_protocol::ledger::book::{BatchError, Ledger};
use lamex_protocol::ledger::conclusion::RunEnd;
use lamex_protocol::ledger::evidence::Evidence;
use lamex_protocol::ledger::state::UnitState;
use lamex_protocol::ledger::units::{Flaky, InvocationId, UnitId};
use lamex_protocol::plan::Phase;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use crate::response::{Does, begin, evidence, exits, ledger, whole};

#[derive(Debug, Clone, Copy)]
enum Step {
    Begin(u8),
    Settle(u8),
    Lose,
    Withdraw,
}

const UNITS: u32 = 6;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<u8>().prop_map(Step::Begin),
        3 => any::<u8>().prop_map(Step::Settle),
        1 => Just(Step::Lose),
        1 => Just(Step::Withdraw),
    ]
}

/// One of the ends of a command.
fn does(choice: u32) -> Does {
    match choice % 5 {
        0 | 1 => exits(CommandOutcome::Passed, 0),
        2 => exits(CommandOutcome::Failed, 3),
        3 => Does::Runs { events: Vec::new(), outcome: CommandOutcome::Skipped, ending: Ending::Skipped },
        _ => Does::NeverStarts,
    }
}

/// The places of the bits.
fn units(bits: u8) -> Vec<u32> {
    (0..UNITS).filter(|unit| bits & (1 << unit) != 0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_unit_is_exactly_one_thing(steps in vec(step(), 0..40)) {
        let mut ledger = ledger((0..UNITS).map(|command| whole(u64::from(command), Phase::Test)));
        let mut open: Vec<(Asked, Vec<u32>)> = Vec::new();
        for (invocation, step) in (0..).zip(steps) {
            match step {
                Step::Begin(bits) => {
                    let batch: Vec<_> = units(bits).into_iter().map(UnitId).collect();
                    match ledger.begin(InvocationId(invocation), &batch) {
                        Ok(asked) => open.push((asked, units(bits))),
                        Err(error) => prop_assert_eq!(error, BatchError::Empty(InvocationId(invocation))),
                    }
                }
                Step::Settle(choice) => if let Some((asked, batch)) = open.pop() {
                    let does = |unit: &u32| (u64::from(*unit), does(u32::from(choice) + unit));
                    let commands: Vec<_> = batch.iter().map(does).collect();
                    let settled = ledger.settle(evidence(asked, &commands));
                    prop_assert_eq!(settled.iter().map(|(unit, _)| unit.0).collect::<Vec<_>>(), batch);
                }
                Step::Lose => if let Some((asked, _)) = open.pop() {
                    ledger.settle(Evidence::untrusted(asked, "reset"));
                }
                Step::Withdraw => if let Some((asked, _)) = open.pop() {
                    ledger.withdraw(asked);
                }
            }
            let conclusion = ledger.conclude();
            prop_assert_eq!(conclusion.tally.planned(), u64::from(UNITS));
            let passes = (0..UNITS).filter(|unit| matches!(ledger.state(UnitId(*unit)), UnitState::Passed(_)));
            prop_assert_eq!(passes.count() as u64, conclusion.tally.passed);
            if let RunEnd::Passed(_) = conclusion.end {
                prop_assert!(open.is_empty() && conclusion.tally.failed + conclusion.tally.lost == 0);
            }
        }
    }

    #[test]
    fn a_batch_is_of_planned_units_each_once(batch in vec(0..8_u32, 0..6)) {
        let mut ledger = ledger((0..4).map(|command| whole(command, Phase::Test)));
        let distinct: std::collections::BTreeSet<_> = batch.iter().collect();
        let can_be = !batch.is_empty() && distinct.len() == batch.len() && batch.iter().all(|unit| *unit < 4);
        let batch: Vec<_> = batch.into_iter().map(UnitId).collect();
        prop_assert_eq!(ledger.begin(InvocationId(0), &batch).is_ok(), can_be);
        if can_be {
            prop_assert_eq!(ledger.begin(InvocationId(0), &batch), Err(BatchError::Again(InvocationId(0))));
        } else {
            prop_assert_eq!(ledger.conclude().tally.not_run, 4);
        }
    }

    /// The attempts before the last one, and the last one.
    #[test]
    fn the_last_attempt_counts(ends in vec(0..3_u8, 1..5), not_run in btree_set(0..5_usize, 0..3)) {
        let mut ledger = ledger([whole(0, Phase::Test)]);
        for (invocation, end) in (0..).zip(&ends) {
            if not_run.contains(&(invocation as usize)) {
                // What remained was no attempt.
                attempt(&mut ledger, 100 + invocation, Some(Does::NeverStarts));
            }
            let does = match end {
                0 => Some(exits(CommandOutcome::Passed, 0)),
                1 => Some(exits(CommandOutcome::Failed, 1)),
                _ => None,
            };
            attempt(&mut ledger, invocation, does);
        }
        prop_assert_eq!(ledger.attempts(UnitId(0)).len(), ends.len());
        match (ends.last(), ledger.state(UnitId(0))) {
            (Some(0), UnitState::Passed(pass)) => {
                prop_assert_eq!(pass.attempt() as usize, ends.len());
                prop_assert_eq!(pass.is_flaky(), ends.contains(&1));
            }
            (Some(1), UnitState::Failed(_)) | (Some(2), UnitState::Lost(_)) => {}
            (last, state) => prop_assert!(false, "{:?} after {:?}", state, last),
        }
    }
}

/// `None`: the stream breaks.
fn attempt(ledger: &mut Ledger, invocation: u32, does: Option<Does>) {
    let asked = begin(ledger, invocation, [0]);
    let evidence = match does {
        Some(does) => evidence(asked, &[(0, does)]),
        None => Evidence::untrusted(asked, "reset"),
    };
    ledger.settle(evidence);
}

#[test]
fn flaky_units_pass_or_fail_as_their_command_says() {
    for (flaky, passes) in [(Flaky::Pass, true), (Flaky::Fail, false)] {
        let mut ledger = ledger([lamex_protocol::ledger::units::Unit { flaky, ..whole(0, Phase::Test) }]);
        attempt(&mut ledger, 0, Some(exits(CommandOutcome::Failed, 1)));
        attempt(&mut ledger, 1, Some(exits(CommandOutcome::Passed, 0)));
        let conclusion = ledger.conclude();
        assert_eq!(conclusion.tally.flaky, 1, "it is told in both cases");
        assert_eq!(matches!(conclusion.end, RunEnd::Passed(_)), passes);
        assert_eq!(conclusion.end == RunEnd::Failed, !passes);
    }
}

#[test]
fn what_failed_and_was_skipped_then_has_failed() {
    let mut ledger = ledger([whole(0, Phase::Test)]);
    attempt(&mut ledger, 0, Some(exits(CommandOutcome::Failed, 1)));
    let skipped =
        Does::Runs { events: Vec::new(), outcome: CommandOutcome::Skipped, ending: Ending::Skipped };
    attempt(&mut ledger, 1, Some(skipped));
    assert!(matches!(ledger.state(UnitId(0)), UnitState::Failed(_)));
}
