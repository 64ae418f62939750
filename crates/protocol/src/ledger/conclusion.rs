//! How the whole run ended.

use super::state::UnitState;

/// How a run ended, with what else applied beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunResult {
    pub end: RunEnd,
    pub tally: Tally,
}

/// In the order of precedence: where several apply, the first one is the run's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnd {
    Interrupted,
    /// The command line or lamex.yaml is wrong, in these words.
    Misused(String),
    /// A guard refused, for this reason.
    Refused(String),
    /// Units are lost, or this broke the run.
    Untrusted(String),
    /// Units failed, or are flaky where that is a failure.
    Failed,
    /// Some units never ran.
    Incomplete,
    /// Nothing was selected, or nothing but skipped units.
    Empty,
    Passed(Proven),
}

/// That every rule of a pass holds. Only [`super::book::Ledger::conclude`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven(());

/// Planned units by what became of them; `flaky` ones are among `passed`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
    pub lost: u64,
    pub not_run: u64,
    pub flaky: u64,
}

impl Tally {
    #[must_use]
    pub fn planned(self) -> u64 {
        self.passed + self.failed + self.skipped + self.lost + self.not_run
    }

    pub(super) fn add(&mut self, state: &UnitState) {
        match state {
            UnitState::Passed(pass) => {
                self.passed += 1;
                self.flaky += u64::from(pass.is_flaky());
            }
            UnitState::Failed(_) => self.failed += 1,
            UnitState::Skipped(_) => self.skipped += 1,
            UnitState::Lost(_) => self.lost += 1,
            UnitState::NotRun => self.not_run += 1,
        }
    }
}

/// What ended or broke the run beside its units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Incidents {
    pub(super) is_interrupted: bool,
    pub(super) misuse: Option<String>,
    pub(super) refusal: Option<String>,
    pub(super) breakage: Option<String>,
}

impl Incidents {
    /// `has_passed`: a unit passed that makes the run a pass. `has_failed_flaky`: a flaky unit counts as failed.
    pub(super) fn conclude(&self, tally: Tally, has_passed: bool, has_failed_flaky: bool) -> RunEnd {
        if self.is_interrupted {
            RunEnd::Interrupted
        } else if let Some(misuse) = &self.misuse {
            RunEnd::Misused(misuse.clone())
        } else if let Some(refusal) = &self.refusal {
            RunEnd::Refused(refusal.clone())
        } else if let Some(breakage) = &self.breakage {
            RunEnd::Untrusted(breakage.clone())
        } else if tally.lost > 0 {
            RunEnd::Untrusted(format!("{} units are lost", tally.lost))
        } else if tally.failed > 0 || has_failed_flaky {
            RunEnd::Failed
        } else if tally.not_run > 0 {
            RunEnd::Incomplete
        } else if !has_passed {
            RunEnd::Empty
        } else {
            RunEnd::Passed(Proven(()))
        }
    }
}
