//! Rule 3: nothing passes without a trusted response that is whole.

use lamex_protocol::event::CommandOutcome;
use lamex_protocol::ledger::conclusion::RunEnd;
use lamex_protocol::ledger::evidence::Evidence;
use lamex_protocol::ledger::state::UnitState;
use lamex_protocol::ledger::units::UnitId;
use lamex_protocol::plan::Phase;
use lamex_protocol::reader::StreamEnd;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::response::{begin, evidence, exits, ledger, lines, read, whole};

fn passed(count: u64) -> Vec<(u64, crate::response::Does)> {
    (0..count).map(|command| (command, exits(CommandOutcome::Passed, 0))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is cut off, left out or doubled, and whatever the service says of the end.
    #[test]
    fn a_damaged_response_proves_nothing(count in 1..5_u64, damage in 0..4, at: Index, end in 0..3) {
        let mut ledger = ledger((0..count).map(|command| whole(command, Phase::Test)));
        let mut lines = lines(&passed(count));
        let at = at.index(lines.len());
        match damage {
            0 => {}
            1 => {
                lines.remove(at);
            }
            2 => lines.insert(at, lines[at].clone()),
            _ => lines.truncate(at),
        }
        let end = match end {
            0 => StreamEnd::Complete,
            1 => StreamEnd::FunctionError { code: "Unhandled".into(), details: String::new() },
            _ => StreamEnd::Broken("reset".into()),
        };
        let is_sound = damage == 0 && end == StreamEnd::Complete;
        let asked = begin(&mut ledger, 0, 0..count as u32);
        let evidence = read(asked, &lines.concat(), end);
        prop_assert_eq!(evidence.is_trusted(), is_sound);
        ledger.settle(evidence);
        for unit in 0..count as u32 {
            let state = ledger.state(UnitId(unit));
            prop_assert_eq!(matches!(state, UnitState::Passed(_)), is_sound);
            prop_assert_eq!(matches!(state, UnitState::Lost(_)), !is_sound);
        }
        let end = ledger.conclude().end;
        prop_assert_eq!(matches!(end, RunEnd::Passed(_)), is_sound);
        prop_assert_eq!(matches!(end, RunEnd::Untrusted(_)), !is_sound);
    }
}

#[test]
fn passes_beside_a_failure_need_a_complete_response_too() {
    let mut commands = passed(2);
    commands[1].1 = exits(CommandOutcome::Failed, 1);
    for (end, is_sound) in [(StreamEnd::Complete, true), (StreamEnd::Broken("reset".into()), false)] {
        let mut ledger = ledger([whole(0, Phase::Test), whole(1, Phase::Test)]);
        let asked = begin(&mut ledger, 0, 0..2);
        ledger.settle(read(asked, &lines(&commands).concat(), end));
        assert_eq!(matches!(ledger.state(UnitId(0)), UnitState::Passed(_)), is_sound);
        assert_eq!(matches!(ledger.conclude().end, RunEnd::Failed), is_sound);
    }
}

#[test]
fn what_was_lost_needs_a_later_trusted_attempt() {
    let mut ledger = ledger([whole(0, Phase::Test), whole(1, Phase::Test)]);
    let asked = begin(&mut ledger, 0, 0..2);
    ledger.settle(Evidence::untrusted(asked, "reset"));
    let asked = begin(&mut ledger, 1, [0]);
    ledger.settle(evidence(asked, &passed(1)));
    assert!(matches!(ledger.conclude().end, RunEnd::Untrusted(_)), "unit 1 may have run");
    let asked = begin(&mut ledger, 2, [1]);
    ledger.settle(evidence(asked, &[(1, exits(CommandOutcome::Passed, 0))]));
    assert!(matches!(ledger.conclude().end, RunEnd::Passed(_)));
}

#[test]
fn two_invocations_of_one_unit_at_the_same_time_prove_nothing() {
    let mut ledger = ledger([whole(0, Phase::Test)]);
    let first = begin(&mut ledger, 0, [0]);
    let second = begin(&mut ledger, 1, [0]);
    ledger.settle(evidence(first, &passed(1)));
    ledger.settle(evidence(second, &passed(1)));
    assert!(matches!(ledger.state(UnitId(0)), UnitState::Lost(_)));
}

#[test]
fn a_run_under_way_is_no_pass() {
    let mut ledger = ledger([whole(0, Phase::Test), whole(1, Phase::Test)]);
    let asked = begin(&mut ledger, 0, [0]);
    ledger.settle(evidence(asked, &passed(1)));
    assert_eq!(ledger.conclude().end, RunEnd::Incomplete);
    let asked = begin(&mut ledger, 1, [1]);
    assert!(matches!(ledger.conclude().end, RunEnd::Untrusted(_)));
    ledger.withdraw(asked);
    assert_eq!(ledger.conclude().end, RunEnd::Incomplete, "it never reached the function");
}
