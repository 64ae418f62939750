//! Suites that are longer than an invocation, on a function whose clock runs.

use std::time::Duration;

use lamex_protocol::ledger::evidence::Outcome;
use lamex_protocol::ledger::units::UnitId;
use lamex_protocol::plan::Phase;
use lamex_run::schedule::facts::{Action, Fact};
use lamex_run::schedule::machine::Schedule;
use lamex_run::schedule::suite::{Command, History, Settings, Suite, Unit};

const FUNCTION_TIMEOUT: Duration = Duration::from_secs(6);
const MARGIN: Duration = Duration::from_secs(1);
const EACH: Duration = Duration::from_secs(1);

/// The batches until everything has passed, one after the other. As the runner does, a command starts only where all
/// of it fits or where it is the first; a process of tests has what it was given, and must not be cut.
fn batches(suite: &Suite) -> Vec<Vec<UnitId>> {
    let settings = Settings {
        workers: 1,
        function_timeout: FUNCTION_TIMEOUT,
        margin: MARGIN,
        max_fail: None,
        groups: Vec::new(),
    };
    let mut schedule = Schedule::new(suite.clone(), settings);
    let (mut now, mut fact, mut batches) = (Duration::ZERO, Fact::TimePassed, Vec::new());
    loop {
        let actions = schedule.step(now, fact);
        let [Action::Invoke(invoke)] = &actions[..] else {
            assert_eq!(actions, [Action::Finished]);
            return batches;
        };
        let (mut took, mut outcomes) = (Duration::ZERO, Vec::new());
        for unit in &invoke.batch {
            let command = &suite.commands[suite.units[unit.index()].command];
            let left = (FUNCTION_TIMEOUT - MARGIN).saturating_sub(took);
            let starts = took.is_zero() || command.is_split || command.timeout.is_none_or(|all| all <= left);
            if starts {
                took += EACH;
                assert!(took <= FUNCTION_TIMEOUT - MARGIN, "cut by the deadline: {:?}", invoke.batch);
            }
            outcomes.push((*unit, if starts { Outcome::Passed } else { Outcome::Remaining }));
        }
        now += took;
        let passed = outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Passed);
        batches.push(passed.map(|(unit, _)| *unit).collect());
        fact = Fact::Ended { invocation: invoke.invocation, outcomes };
        assert!(batches.len() < 100, "it does not end");
    }
}

fn suite(command: &Command, commands: usize, units: usize, history: Option<History>) -> Suite {
    let unit = |unit: usize| Unit { command: unit * commands / units, history, name_bytes: 0 };
    Suite {
        commands: vec![command.clone(); commands],
        units: (0..units).map(unit).collect(),
        is_complete: true,
        ..Suite::default()
    }
}

fn check(suite: &Suite, invocations: usize) {
    let batches = batches(suite);
    let all: Vec<_> = (0..suite.units.len() as u32).map(UnitId).collect();
    assert_eq!((batches.concat(), batches.len()), (all, invocations));
}

#[test]
fn commands_run_to_their_end_in_the_plans_order() {
    let command = Command { timeout: Some(Duration::from_secs(3)), ..Command::default() };
    // They start after 0, 1 and 2 s; after 3 s, 3 s more would not fit.
    check(&suite(&command, 40, 40, None), 14);
    let known = History { p85: EACH, p99: EACH };
    check(&suite(&command, 40, 40, Some(known)), 14);
}

#[test]
fn tests_of_one_command_run_to_their_end() {
    let command = Command { timeout: Some(Duration::from_secs(2)), is_split: true, ..Command::default() };
    check(&suite(&command, 1, 40, None), 20);
    let known = History { p85: EACH, p99: EACH * 5 / 4 };
    check(&suite(&command, 1, 40, Some(known)), 10);
}

#[test]
fn what_may_outlast_an_invocation_has_one_of_its_own() {
    let command = Command { timeout: Some(Duration::from_secs(60)), ..Command::default() };
    check(&suite(&command, 5, 5, None), 5);
    let split = Command { is_split: true, ..command };
    check(&suite(&split, 1, 5, None), 5);
}

#[test]
fn a_run_that_fits_is_one_invocation_with_setup_and_teardown() {
    let command = Command { timeout: Some(EACH), ..Command::default() };
    let mut suite = suite(&command, 5, 5, None);
    suite.commands[0].phase = Phase::Setup;
    suite.commands[4].phase = Phase::Teardown;
    check(&suite, 1);
    suite.commands[1].timeout = Some(EACH * 2);
    check(&suite, 3);
}

/// What follows after one invocation for two tests and a teardown that ended like this.
fn after_whole(outcomes: [Outcome; 3]) -> Vec<Vec<UnitId>> {
    let mut suite = suite(&Command::default(), 3, 3, None);
    suite.commands[2].phase = Phase::Teardown;
    let settings = Settings {
        workers: 1,
        function_timeout: FUNCTION_TIMEOUT,
        margin: MARGIN,
        max_fail: None,
        groups: Vec::new(),
    };
    let mut schedule = Schedule::new(suite, settings);
    let (mut fact, mut batches) = (Fact::TimePassed, Vec::new());
    loop {
        let actions = schedule.step(Duration::ZERO, fact);
        let [Action::Invoke(invoke)] = &actions[..] else {
            assert_eq!(actions, [Action::Finished]);
            batches.remove(0);
            return batches;
        };
        let outcome =
            |unit: &UnitId| if batches.is_empty() { outcomes[unit.index()].clone() } else { Outcome::Passed };
        let outcomes = invoke.batch.iter().map(|unit| (*unit, outcome(unit))).collect();
        batches.push(invoke.batch.clone());
        fact = Fact::Ended { invocation: invoke.invocation, outcomes };
    }
}

#[test]
fn no_test_runs_after_the_teardown() {
    use Outcome::{Passed, Remaining};
    assert_eq!(after_whole([Passed, Remaining, Passed]), Vec::<Vec<UnitId>>::new());
    assert_eq!(after_whole([Passed, Remaining, Remaining]), [[UnitId(1)], [UnitId(2)]]);
    assert_eq!(after_whole([Passed, Passed, Remaining]), [[UnitId(2)]]);
}
