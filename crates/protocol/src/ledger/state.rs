//! What the ledger knows of one unit.

use super::evidence::Outcome;
use super::units::InvocationId;

/// One execution of a unit, as far as the ledger knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    invocation: InvocationId,
    /// Absent while the invocation is under way.
    ended: Option<AttemptEnd>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptEnd {
    Passed(Trusted),
    Failed(String),
    Skipped(String),
    Lost(String),
}

/// That a trusted response says so. Only the ledger makes it, from evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted(());

/// That a unit passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    attempt: u32,
    invocation: InvocationId,
    is_flaky: bool,
}

/// What became of a planned unit: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitState {
    Passed(Pass),
    Failed(String),
    /// For a stated reason.
    Skipped(String),
    Lost(String),
    NotRun,
}

impl Attempt {
    pub(super) fn new(invocation: InvocationId) -> Self {
        Self { invocation, ended: None }
    }

    /// Takes what a trusted response says. `false`: the unit never started, and there was no attempt.
    pub(super) fn end_trusted(&mut self, outcome: Outcome) -> bool {
        self.ended = Some(match outcome {
            Outcome::Passed => AttemptEnd::Passed(Trusted(())),
            Outcome::Failed(reason) => AttemptEnd::Failed(reason),
            Outcome::Skipped(reason) => AttemptEnd::Skipped(reason),
            Outcome::Lost(reason) => AttemptEnd::Lost(reason),
            Outcome::Remaining => return false,
        });
        true
    }

    pub(super) fn lose(&mut self, reason: &str) {
        self.ended = Some(AttemptEnd::Lost(reason.to_owned()));
    }

    #[must_use]
    pub fn invocation(&self) -> InvocationId {
        self.invocation
    }

    #[must_use]
    pub fn ended(&self) -> Option<&AttemptEnd> {
        self.ended.as_ref()
    }
}

impl Pass {
    /// Which attempt it was, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    #[must_use]
    pub fn invocation(&self) -> InvocationId {
        self.invocation
    }

    /// An earlier attempt failed.
    #[must_use]
    pub fn is_flaky(&self) -> bool {
        self.is_flaky
    }
}

impl UnitState {
    /// By the last attempt. A unit that failed and was skipped after that has failed.
    pub(super) fn of(attempts: &[Attempt]) -> Self {
        let Some((last, earlier)) = attempts.split_last() else { return Self::NotRun };
        let failure = earlier.iter().rev().find_map(|attempt| match &attempt.ended {
            Some(AttemptEnd::Failed(reason)) => Some(reason),
            _ => None,
        });
        match (&last.ended, failure) {
            (None, _) => Self::Lost("its invocation has not ended".to_owned()),
            (Some(AttemptEnd::Passed(Trusted(()))), failure) => Self::Passed(Pass {
                attempt: attempts.len() as u32,
                invocation: last.invocation,
                is_flaky: failure.is_some(),
            }),
            (Some(AttemptEnd::Failed(reason)), _) => Self::Failed(reason.clone()),
            (Some(AttemptEnd::Skipped(_)), Some(failure)) => Self::Failed(failure.clone()),
            (Some(AttemptEnd::Skipped(reason)), None) => Self::Skipped(reason.clone()),
            (Some(AttemptEnd::Lost(reason)), _) => Self::Lost(reason.clone()),
        }
    }
}
