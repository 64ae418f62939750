//! The ledger itself: planned units, invocations, attempts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use thiserror::Error;

use crate::plan::Phase;

use super::asked::Asked;
use super::conclusion::{Incidents, RunResult, Tally};
use super::evidence::{Evidence, Outcome, Proof};
use super::state::{Attempt, UnitState};
use super::units::{Flaky, InvocationId, MAX_BATCH_UNITS, Unit, UnitId};

/// Which units make a run a pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Needed {
    /// At least one that is neither setup nor teardown.
    #[default]
    Test,
    /// Any: the user selected setup or teardown commands by name, and no test.
    Any,
}

#[derive(Debug, Clone, Default)]
pub struct Ledger {
    needed: Needed,
    units: Vec<Unit>,
    /// By unit.
    attempts: Vec<Vec<Attempt>>,
    invocations: BTreeMap<InvocationId, Invocation>,
    incidents: Incidents,
}

#[derive(Debug, Clone, Default)]
struct Invocation {
    batch: BTreeSet<UnitId>,
    is_open: bool,
    /// Another invocation has a unit of its batch at the same time.
    overlaps: bool,
}

/// Why an invocation cannot begin. Each is a defect of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BatchError {
    #[error("the batch of invocation {0} is empty")]
    Empty(InvocationId),
    #[error("the batch of invocation {0} has more than {MAX_BATCH_UNITS} units")]
    TooLarge(InvocationId),
    #[error("invocation {0} has begun before")]
    Again(InvocationId),
    #[error("unit {0} is not planned")]
    NotPlanned(UnitId),
    #[error("unit {0} is in the batch twice, or beside its whole command")]
    Twice(UnitId),
}

impl Ledger {
    #[must_use]
    pub fn new(needed: Needed) -> Self {
        Self { needed, ..Self::default() }
    }

    /// Adds the next units of the plan, and tells their numbers.
    pub fn plan(&mut self, units: impl IntoIterator<Item = Unit>) -> Range<u32> {
        let first = self.units.len() as u32;
        self.units.extend(units);
        self.attempts.resize(self.units.len(), Vec::new());
        first..self.units.len() as u32
    }

    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// An invocation is about to be sent: an attempt at each unit of its batch. From now on they may have run.
    ///
    /// # Errors
    /// The batch cannot be; nothing has changed then.
    pub fn begin(&mut self, invocation: InvocationId, batch: &[UnitId]) -> Result<Asked, BatchError> {
        if batch.is_empty() {
            return Err(BatchError::Empty(invocation));
        }
        if batch.len() > MAX_BATCH_UNITS {
            return Err(BatchError::TooLarge(invocation));
        }
        if self.invocations.contains_key(&invocation) {
            return Err(BatchError::Again(invocation));
        }
        let mut asked = Asked::new(invocation);
        for &id in batch {
            let unit = self.units.get(id.index()).ok_or(BatchError::NotPlanned(id))?;
            if !asked.add(id, unit) {
                return Err(BatchError::Twice(id));
            }
        }
        let batch = asked.units();
        let mut overlaps = false;
        for &id in &batch {
            for attempt in &self.attempts[id.index()] {
                let other = self.invocations.get_mut(&attempt.invocation());
                if let Some(other) = other.filter(|other| other.is_open) {
                    other.overlaps = true;
                    overlaps = true;
                }
            }
            self.attempts[id.index()].push(Attempt::new(invocation));
        }
        self.invocations.insert(invocation, Invocation { batch, is_open: true, overlaps });
        Ok(asked)
    }

    /// The invocation provably never reached the function: there was no attempt.
    pub fn withdraw(&mut self, asked: Asked) {
        let invocation = asked.invocation();
        if let Some(batch) = self.close(invocation) {
            for id in batch.batch {
                self.attempts[id.index()].retain(|attempt| attempt.invocation() != invocation);
            }
        }
    }

    /// Enters what the response proves, and tells what became of every unit of the invocation, in the plan's order.
    pub fn settle(&mut self, evidence: Evidence) -> Vec<(UnitId, Outcome)> {
        let id = evidence.invocation();
        let Some(invocation) = self.close(id) else { return Vec::new() };
        let proof = if invocation.overlaps {
            Proof::Untrusted("two invocations ran the same unit at the same time".to_owned())
        } else {
            evidence.proof
        };
        let outcomes = match proof {
            Proof::Untrusted(reason) => return self.lose(id, &invocation.batch, &reason),
            Proof::Refused(reason) => {
                self.incidents.refusal.get_or_insert(reason);
                invocation.batch.iter().map(|&unit| (unit, Outcome::Remaining)).collect()
            }
            Proof::Trusted(outcomes) => outcomes,
        };
        let mut settled: Vec<_> = outcomes;
        settled.sort_by_key(|(unit, _)| *unit);
        if !settled.iter().map(|(unit, _)| unit).eq(&invocation.batch) {
            return self.lose(id, &invocation.batch, "the response is about other units than were asked for");
        }
        for (unit, outcome) in &settled {
            let attempts = &mut self.attempts[unit.index()];
            attempts.retain_mut(|attempt| attempt.invocation() != id || attempt.end_trusted(outcome.clone()));
        }
        settled
    }

    /// The user ended the run.
    pub fn interrupt(&mut self) {
        self.incidents.is_interrupted = true;
    }

    /// The command line or lamex.yaml turned out to be wrong.
    pub fn misuse(&mut self, reason: impl Into<String>) {
        self.incidents.misuse.get_or_insert(reason.into());
    }

    /// A guard refused the run, or a part of it.
    pub fn refuse(&mut self, reason: impl Into<String>) {
        self.incidents.refusal.get_or_insert(reason.into());
    }

    /// Something beside the units has no trustworthy end, such as a listing of tests.
    pub fn break_off(&mut self, reason: impl Into<String>) {
        self.incidents.breakage.get_or_insert(reason.into());
    }

    /// # Panics
    /// The unit is not planned.
    #[must_use]
    pub fn state(&self, unit: UnitId) -> UnitState {
        UnitState::of(&self.attempts[unit.index()])
    }

    /// Every attempt at the unit, the first one first.
    ///
    /// # Panics
    /// The unit is not planned.
    #[must_use]
    pub fn attempts(&self, unit: UnitId) -> &[Attempt] {
        &self.attempts[unit.index()]
    }

    /// How the run ended, if it ended now.
    #[must_use]
    pub fn conclude(&self) -> RunResult {
        let mut tally = Tally::default();
        let (mut has_passed, mut has_failed_flaky) = (false, false);
        for (unit, attempts) in self.units.iter().zip(&self.attempts) {
            let state = UnitState::of(attempts);
            tally.add(&state);
            if let UnitState::Passed(pass) = state {
                has_passed |= self.needed == Needed::Any || unit.phase == Phase::Test;
                has_failed_flaky |= pass.is_flaky() && unit.flaky == Flaky::Fail;
            }
        }
        RunResult { end: self.incidents.conclude(tally, has_passed, has_failed_flaky), tally }
    }

    /// The invocation, if it was open until now.
    fn close(&mut self, id: InvocationId) -> Option<Invocation> {
        let invocation = self.invocations.get_mut(&id).filter(|invocation| invocation.is_open)?;
        invocation.is_open = false;
        Some(invocation.clone())
    }

    fn lose(&mut self, id: InvocationId, batch: &BTreeSet<UnitId>, reason: &str) -> Vec<(UnitId, Outcome)> {
        for unit in batch {
            let attempts = &mut self.attempts[unit.index()];
            for attempt in attempts.iter_mut().filter(|attempt| attempt.invocation() == id) {
                attempt.lose(reason);
            }
        }
        batch.iter().map(|&unit| (unit, Outcome::Lost(reason.to_owned()))).collect()
    }
}
