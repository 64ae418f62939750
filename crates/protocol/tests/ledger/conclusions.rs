//! Rules 4 and 5: what the end of a run is where several things apply.

use lamex_protocol::event::{CommandOutcome, Ending};
use lamex_protocol::ledger::book::{Ledger, Needed};
use lamex_protocol::ledger::conclusion::RunEnd;
use lamex_protocol::ledger::evidence::Evidence;
use lamex_protocol::plan::Phase;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::response::{Does, begin, evidence, exits, whole};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Passed,
    Failed,
    Skipped,
    Lost,
    NotRun,
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        6 => Just(End::Passed), 2 => Just(End::Skipped),
        1 => Just(End::Failed), 1 => Just(End::Lost), 1 => Just(End::NotRun),
    ]
}

fn phase() -> impl Strategy<Value = Phase> {
    prop_oneof![Just(Phase::Setup), Just(Phase::Test), Just(Phase::Teardown)]
}

fn ledger_of(needed: Needed, units: &[(Phase, End)]) -> Ledger {
    let mut ledger = Ledger::new(needed);
    ledger.plan((0..).zip(units).map(|(command, (phase, _))| whole(command, *phase)));
    for (unit, (_, end)) in (0..).zip(units) {
        let does = match end {
            End::NotRun => continue,
            End::Passed => Some(exits(CommandOutcome::Passed, 0)),
            End::Failed => Some(exits(CommandOutcome::Failed, 1)),
            End::Skipped => Some(Does::Runs {
                events: Vec::new(),
                outcome: CommandOutcome::Skipped,
                ending: Ending::Skipped,
            }),
            End::Lost => None,
        };
        let asked = begin(&mut ledger, unit, [unit]);
        let evidence = match does {
            Some(does) => evidence(asked, &[(u64::from(unit), does)]),
            None => Evidence::untrusted(asked, "reset"),
        };
        ledger.settle(evidence);
    }
    ledger
}

fn code(end: &RunEnd) -> u8 {
    match end {
        RunEnd::Interrupted => 130,
        RunEnd::Misused(_) => 2,
        RunEnd::Refused(_) => 3,
        RunEnd::Untrusted(_) => 4,
        RunEnd::Failed => 1,
        RunEnd::Incomplete => 5,
        RunEnd::Empty => 6,
        RunEnd::Passed(_) => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_first_that_applies_is_the_end(
        units in vec((phase(), end()), 0..6),
        any_needed: bool,
        [is_interrupted, is_misused, is_refused, is_broken] in prop::array::uniform4(prop::bool::weighted(0.2)),
    ) {
        let needed = if any_needed { Needed::Any } else { Needed::Test };
        let mut ledger = ledger_of(needed, &units);
        if is_interrupted { ledger.interrupt(); }
        if is_misused { ledger.misuse("m"); }
        if is_refused { ledger.refuse("r"); }
        if is_broken { ledger.break_off("b"); }
        let has = |wanted: End| units.iter().any(|(_, end)| *end == wanted);
        let has_passed =
            units.iter().any(|(phase, end)| *end == End::Passed && (any_needed || *phase == Phase::Test));
        let applies = [
            (is_interrupted, 130), (is_misused, 2), (is_refused, 3), (is_broken || has(End::Lost), 4),
            (has(End::Failed), 1), (has(End::NotRun), 5), (!has_passed, 6), (true, 0),
        ];
        let expected = applies.iter().find(|(applies, _)| *applies).map_or(0, |(_, code)| *code);
        let conclusion = ledger.conclude();
        prop_assert_eq!(code(&conclusion.end), expected);
        let failed = units.iter().filter(|(_, end)| *end == End::Failed).count() as u64;
        prop_assert_eq!(conclusion.tally.failed, failed, "failures are told whatever the end");
    }
}

#[test]
fn what_a_run_of_few_units_is() {
    use End::{Failed, Lost, Passed, Skipped};
    use Phase::{Setup, Teardown, Test};
    let end = |units: &[(Phase, End)]| code(&ledger_of(Needed::Test, units).conclude().end);
    assert_eq!(end(&[]), 6, "nothing selected");
    assert_eq!(end(&[(Test, Skipped)]), 6, "nothing but skipped units");
    assert_eq!(end(&[(Setup, Passed), (Test, Skipped), (Teardown, Passed)]), 6, "setup proves nothing");
    assert_eq!(end(&[(Test, Passed), (Test, Skipped)]), 0);
    assert_eq!(end(&[(Test, Passed), (Teardown, Failed)]), 1, "a failed teardown");
    assert_eq!(end(&[(Test, Failed), (Teardown, Lost)]), 4, "a lost teardown");
    let setup_alone = ledger_of(Needed::Any, &[(Setup, Passed)]);
    assert_eq!(code(&setup_alone.conclude().end), 0, "the user selected it by name");
}
