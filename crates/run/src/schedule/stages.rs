//! A run in stages, one after the other: nothing of a stage starts before all of the one before it has ended, last
//! attempts and orphans included.

use std::time::Duration;

use lamex_protocol::ledger::units::{MAX_BATCH_NAME_BYTES, MAX_BATCH_UNITS, UnitId};
use lamex_protocol::plan::Phase;

use super::suite::{Settings, Suite};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stage {
    pub(super) kind: Kind,
    pub(super) units: Vec<UnitId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The whole run in one invocation, in the plan's order: the runner keeps the phases apart.
    Whole,
    Setup,
    /// On all workers.
    Tests,
    /// One exclusive command: one invocation at a time.
    Barrier,
    Teardown,
}

/// The stages of `suite.units[first..]`, which begin with those of a phase.
pub(super) fn stages(suite: &Suite, first: usize) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut barrier = None;
    for (index, unit) in suite.units.iter().enumerate().skip(first) {
        let command = &suite.commands[unit.command];
        let is_barrier = command.phase == Phase::Test && command.is_barrier();
        let kind = match command.phase {
            Phase::Setup => Kind::Setup,
            Phase::Test if is_barrier => Kind::Barrier,
            Phase::Test => Kind::Tests,
            Phase::Teardown => Kind::Teardown,
        };
        let this_barrier = is_barrier.then_some(unit.command);
        let id = UnitId(index as u32);
        match stages.last_mut() {
            Some(stage) if stage.kind == kind && barrier == this_barrier => stage.units.push(id),
            _ => stages.push(Stage { kind, units: vec![id] }),
        }
        barrier = this_barrier;
    }
    stages
}

/// The whole run as one stage, where one invocation can hold it and nothing of it may have to run again. A run of one
/// worker is then what it was before there were several.
pub(super) fn whole(suite: &Suite, settings: &Settings) -> Option<Stage> {
    let commands = || suite.units.iter().map(|unit| &suite.commands[unit.command]);
    let name_bytes: usize = suite.units.iter().map(|unit| unit.name_bytes).sum();
    let fits = suite.units.len() <= MAX_BATCH_UNITS && name_bytes <= MAX_BATCH_NAME_BYTES;
    let has_timeouts = commands().any(|command| command.timeout.is_some());
    let longest = commands().try_fold(Duration::ZERO, |sum, command| {
        Some(sum.saturating_add(command.timeout?).saturating_add(command.startup))
    });
    let has_time = !has_timeouts || longest.is_some_and(|sum| sum <= settings.time_of_invocation());
    let is_one = settings.workers <= 1
        && suite.is_complete
        && fits
        && has_time
        && !commands().any(|it| it.may_repeat());
    let units = (0..suite.units.len() as u32).map(UnitId).collect();
    is_one.then_some(Stage { kind: Kind::Whole, units })
}
