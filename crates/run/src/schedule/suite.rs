//! What is scheduled, and within which bounds.

use std::time::Duration;

use lamex_protocol::ledger::book::Needed;
use lamex_protocol::plan::Phase;

/// A command of the plan, as far as the schedule cares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    pub phase: Phase,
    /// Nothing else runs meanwhile. Every destructive command is exclusive.
    pub exclusive: bool,
    /// Never repeated, whatever `retries` and `rerun_lost` say.
    pub destructive: bool,
    /// Index into [`Settings::groups`].
    pub group: Option<usize>,
    /// Of the whole command, or of one test where it is split.
    pub timeout: Option<Duration>,
    /// Its tests are units.
    pub is_split: bool,
    /// How often a unit that failed is run again.
    pub retries: u32,
    /// A unit that was lost is run again, at most as often as `retries` says, and once at least.
    pub rerun_lost: bool,
    /// What a process of it costs before its first test.
    pub startup: Duration,
}

/// A unit, by its place in the plan's order: setup first, teardown last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unit {
    /// Index into [`Suite::commands`].
    pub command: usize,
    pub history: Option<History>,
    /// Length of the test's name; 0 for a whole command.
    pub name_bytes: usize,
}

/// Percentiles of recorded durations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    pub p85: Duration,
    pub p99: Duration,
}

/// Everything that a run schedules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suite {
    pub commands: Vec<Command>,
    /// Every unit; or those of the setup alone, where `is_complete` is false.
    pub units: Vec<Unit>,
    /// Otherwise the other units are asked for after the setup: [`super::facts::Action::Plan`].
    pub is_complete: bool,
    /// With [`Needed::Test`], a suite without a test runs nothing.
    pub needed: Needed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many invocations run at the same time, at most.
    pub workers: u32,
    /// The function's timeout; Lambda's longest, 15 minutes, where it is not known.
    pub function_timeout: Duration,
    /// What the runner keeps of that for closing events.
    pub margin: Duration,
    /// No test starts once so many units have failed for good.
    pub max_fail: Option<u32>,
    /// `max_parallel` of each group.
    pub groups: Vec<u32>,
}

impl Command {
    pub(super) fn is_barrier(&self) -> bool {
        self.exclusive || self.destructive
    }

    pub(super) fn may_repeat(&self) -> bool {
        !self.destructive && (self.retries > 0 || self.rerun_lost)
    }

    /// How often a failed unit may be run again.
    pub(super) fn repeats_of_failed(&self) -> u32 {
        if self.destructive { 0 } else { self.retries }
    }

    /// How often a lost unit may be run again.
    pub(super) fn repeats_of_lost(&self) -> u32 {
        if self.destructive || !self.rerun_lost { 0 } else { self.retries.max(1) }
    }
}

impl Settings {
    /// How long the commands of one invocation may take together.
    pub(super) fn time_of_invocation(&self) -> Duration {
        self.function_timeout.saturating_sub(self.margin)
    }
}
