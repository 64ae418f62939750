//! Invocations of which nobody knows the end, and functions that run nothing.

use std::time::Duration;

use lamex_protocol::ledger::evidence::Outcome;
use lamex_protocol::ledger::units::{InvocationId, UnitId};
use lamex_run::schedule::facts::{Action, Fact};
use lamex_run::schedule::machine::Schedule;
use lamex_run::schedule::suite::{Command, Settings, Suite, Unit};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// One command, which is run again when it was lost.
fn schedule() -> Schedule {
    let suite = Suite {
        commands: vec![Command { rerun_lost: true, ..Command::default() }],
        units: vec![Unit::default()],
        is_complete: true,
        ..Suite::default()
    };
    let settings =
        Settings { workers: 4, function_timeout: at(60), margin: at(1), max_fail: None, groups: Vec::new() };
    Schedule::new(suite, settings)
}

fn invoked(actions: &[Action]) -> Option<InvocationId> {
    actions.iter().find_map(|action| match action {
        Action::Invoke(invoke) => Some(invoke.invocation),
        _ => None,
    })
}

fn ended(invocation: InvocationId, outcome: Outcome) -> Fact {
    Fact::Ended { invocation, outcomes: vec![(UnitId(0), outcome)] }
}

#[test]
fn what_was_lost_waits_for_the_end_of_its_invocation() {
    let mut schedule = schedule();
    let first = invoked(&schedule.step(at(0), Fact::TimePassed)).unwrap();
    // Sent again at 5 s: 60 s and 30 s from there.
    schedule.step(at(5), Fact::Sent(first));
    assert_eq!(schedule.step(at(10), Fact::Broken(first)), [Action::WaitUntil(at(95))]);
    assert_eq!(schedule.step(at(94), Fact::TimePassed), [Action::WaitUntil(at(95))]);
    assert_eq!(schedule.overview().orphans, 1);
    let second = invoked(&schedule.step(at(95), Fact::TimePassed)).unwrap();
    assert_eq!(schedule.step(at(99), ended(second, Outcome::Passed)), [Action::Finished]);
}

#[test]
fn the_service_may_report_the_end_earlier() {
    let mut schedule = schedule();
    let first = invoked(&schedule.step(at(0), Fact::TimePassed)).unwrap();
    assert_eq!(schedule.step(at(1), Fact::Gone(first)), [], "only what broke can be gone");
    schedule.step(at(10), Fact::Broken(first));
    assert!(invoked(&schedule.step(at(11), Fact::Gone(first))).is_some());
}

#[test]
fn a_broken_stream_proves_nothing_later() {
    let mut schedule = schedule();
    let first = invoked(&schedule.step(at(0), Fact::TimePassed)).unwrap();
    schedule.step(at(10), Fact::Broken(first));
    assert!(invoked(&schedule.step(at(11), ended(first, Outcome::Passed))).is_some(), "it is still lost");
}

#[test]
fn a_function_that_runs_nothing_is_not_asked_for_ever() {
    let mut schedule = schedule();
    let first = invoked(&schedule.step(at(0), Fact::TimePassed)).unwrap();
    assert_eq!(schedule.step(at(1), ended(first, Outcome::Remaining)), [Action::Finished]);
}
