//! Holds every invocation to the rules of a run, without a look at how the schedule decides.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lamex_protocol::ledger::evidence::Outcome;
use lamex_protocol::ledger::units::{InvocationId, UnitId};
use lamex_protocol::plan::Phase;
use lamex_run::schedule::facts::{Fact, Invoke};
use lamex_run::schedule::suite::{Command, Settings, Suite};

pub(crate) struct Referee {
    suite: Suite,
    settings: Settings,
    /// Also those whose stream broke, until their end.
    running: BTreeMap<InvocationId, Invoke>,
    sent: BTreeMap<InvocationId, Duration>,
    begun: BTreeSet<InvocationId>,
    broken: BTreeSet<InvocationId>,
    outcomes: Vec<Vec<Outcome>>,
    /// Of setup, for good.
    setup_failed: bool,
    is_stopped: bool,
    teardown_began: bool,
}

impl Referee {
    pub(crate) fn new(suite: Suite, settings: Settings) -> Self {
        Self {
            outcomes: vec![Vec::new(); suite.units.len()],
            suite,
            settings,
            running: BTreeMap::new(),
            sent: BTreeMap::new(),
            begun: BTreeSet::new(),
            broken: BTreeSet::new(),
            setup_failed: false,
            is_stopped: false,
            teardown_began: false,
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    pub(crate) fn fact(&mut self, now: Duration, fact: &Fact) {
        let longest = self.settings.function_timeout + Duration::from_secs(30);
        for id in self.broken.clone() {
            if self.sent[&id] + longest <= now {
                self.end_broken(id);
            }
        }
        match fact {
            Fact::Stop => self.is_stopped = true,
            Fact::Rejected(id) => {
                self.is_stopped = true;
                self.running.remove(id);
            }
            Fact::Throttled(id) => {
                self.running.remove(id);
            }
            Fact::Broken(id) => {
                self.broken.insert(*id);
            }
            Fact::Gone(id) => self.end_broken(*id),
            Fact::Ended { invocation, outcomes } => {
                self.running.remove(invocation);
                for (unit, outcome) in outcomes {
                    self.end(*unit, outcome.clone());
                }
            }
            Fact::TimePassed | Fact::Sent(_) | Fact::Planned(_) => {}
        }
    }

    fn end_broken(&mut self, id: InvocationId) {
        if self.broken.remove(&id) {
            for unit in self.running.remove(&id).map(|invoke| invoke.batch).unwrap_or_default() {
                self.end(unit, Outcome::Lost(String::new()));
            }
        }
    }

    fn end(&mut self, unit: UnitId, outcome: Outcome) {
        let is_bad = matches!(outcome, Outcome::Failed(_) | Outcome::Lost(_));
        self.teardown_began |= outcome != Outcome::Remaining && self.phase(unit) == Phase::Teardown;
        self.outcomes[unit.index()].push(outcome);
        self.setup_failed |= is_bad && self.phase(unit) == Phase::Setup && self.allowed_again(unit).is_err();
    }

    pub(crate) fn invoke(&mut self, now: Duration, invoke: &Invoke) {
        self.sent.insert(invoke.invocation, now);
        let batch = &invoke.batch;
        assert!(!batch.is_empty(), "an empty batch");
        assert!(self.begun.insert(invoke.invocation), "an invocation began twice");
        assert!(self.running.len() < self.settings.workers as usize, "more invocations than workers");
        assert!(self.running.values().all(|other| other.worker != invoke.worker), "a worker has two");
        assert!(invoke.worker < self.settings.workers);
        self.check_batch(batch);
        for &unit in batch {
            if let Err(objection) = self.allowed_again(unit) {
                panic!("unit {unit} runs again: {objection}");
            }
            assert!(
                self.running.values().all(|other| !other.batch.contains(&unit)),
                "unit {unit} runs twice"
            );
        }
        let phases: BTreeSet<_> = batch.iter().map(|unit| self.phase(*unit)).collect();
        if self.is_whole(batch) {
            self.check_whole(batch);
        } else {
            assert_eq!(phases.len(), 1, "a batch has parts of two phases");
            self.check_stage(batch, *phases.first().unwrap());
        }
        self.running.insert(invoke.invocation, invoke.clone());
    }

    /// Each unit once, and the units of one command together.
    fn check_batch(&self, batch: &[UnitId]) {
        let units: BTreeSet<_> = batch.iter().collect();
        assert_eq!(units.len(), batch.len(), "a unit is in the batch twice");
        let mut commands: Vec<_> = batch.iter().map(|unit| self.suite.units[unit.index()].command).collect();
        commands.dedup();
        let distinct: BTreeSet<_> = commands.iter().collect();
        assert_eq!(distinct.len(), commands.len(), "the units of a command do not stand together");
    }

    /// Everything in one batch: for one worker, where nothing can run again. No barrier waits for last attempts then.
    fn is_whole(&self, batch: &[UnitId]) -> bool {
        let repeats = |unit: &UnitId| {
            let command = self.command(*unit);
            !command.destructive && (command.retries > 0 || command.rerun_lost)
        };
        self.settings.workers == 1 && batch.len() == self.suite.units.len() && !batch.iter().any(repeats)
    }

    fn check_whole(&self, batch: &[UnitId]) {
        assert!(batch.is_sorted(), "not in the plan's order");
        assert!(self.is_idle() && !self.is_stopped);
    }

    fn check_stage(&mut self, batch: &[UnitId], phase: Phase) {
        if phase != Phase::Teardown {
            assert!(!self.is_stopped, "a test starts after the user's stop");
            assert!(!self.setup_failed, "a test starts after a failed setup");
            assert!(self.settings.max_fail.is_none_or(|limit| self.failed() < limit), "enough have failed");
            assert!(!self.teardown_began, "a test starts after a teardown");
        }
        self.teardown_began |= phase == Phase::Teardown;
        let is_barrier = batch.iter().any(|unit| self.is_barrier(*unit));
        let is_alone = is_barrier || phase != Phase::Test;
        if is_alone {
            assert!(self.is_idle(), "something runs beside a barrier, a setup or a teardown");
        }
        for other in self.running.values() {
            for &unit in &other.batch {
                assert!(
                    !self.is_barrier(unit) && self.phase(unit) == Phase::Test,
                    "it runs beside a barrier"
                );
            }
        }
        if phase == Phase::Test {
            if is_barrier {
                let commands: BTreeSet<_> =
                    batch.iter().map(|unit| self.suite.units[unit.index()].command).collect();
                assert_eq!(commands.len(), 1, "a barrier shares its invocation");
            }
            self.check_order(batch);
        }
        self.check_groups(batch);
    }

    /// Nothing passes a barrier: everything before it has ended for good.
    fn check_order(&self, batch: &[UnitId]) {
        let (first, last) = (batch.iter().min().unwrap(), batch.iter().max().unwrap());
        for earlier in 0..last.0 {
            let earlier = UnitId(earlier);
            let same = self.suite.units[earlier.index()].command == self.suite.units[first.index()].command;
            let between = earlier.0..last.0;
            let has_barrier =
                between.clone().any(|unit| self.is_barrier(UnitId(unit))) || self.is_barrier(*last);
            if has_barrier && !same {
                assert!(self.has_ended(earlier), "unit {earlier} has not ended, and {batch:?} starts");
            }
        }
    }

    /// Nothing of it can follow. What was left over by an invocation that ran nothing does not run again.
    fn has_ended(&self, unit: UnitId) -> bool {
        let is_running = self.running.values().any(|other| other.batch.contains(&unit));
        let outcomes = &self.outcomes[unit.index()];
        let was_given_up = outcomes.last() == Some(&Outcome::Remaining);
        !is_running && (was_given_up || (!outcomes.is_empty() && self.allowed_again(unit).is_err()))
    }

    /// Tests that failed for good.
    fn failed(&self) -> u32 {
        let has_failed = |unit: UnitId| {
            self.phase(unit) == Phase::Test
                && matches!(self.outcomes[unit.index()].last(), Some(Outcome::Failed(_)))
                && self.allowed_again(unit).is_err()
        };
        (0..self.outcomes.len() as u32).filter(|unit| has_failed(UnitId(*unit))).count() as u32
    }

    fn check_groups(&self, batch: &[UnitId]) {
        for (group, limit) in self.settings.groups.iter().enumerate() {
            let has = |batch: &[UnitId]| batch.iter().any(|unit| self.command(*unit).group == Some(group));
            let places = self.running.values().filter(|other| has(&other.batch)).count();
            assert!(!has(batch) || places < *limit as usize, "a group has too many");
        }
    }

    /// Whether the unit may run, by what became of it so far.
    fn allowed_again(&self, unit: UnitId) -> Result<(), &'static str> {
        let outcomes = &self.outcomes[unit.index()];
        let command = self.command(unit);
        let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| is(outcome)).count() as u32;
        let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
        let lost = count(|outcome| matches!(outcome, Outcome::Lost(_)));
        if count(|outcome| matches!(outcome, Outcome::Passed | Outcome::Skipped(_))) > 0 {
            return Err("it passed or was skipped");
        }
        if command.destructive && failed + lost > 0 {
            return Err("it is destructive");
        }
        if failed > command.retries {
            return Err("it has no retries left");
        }
        if lost > 0 && (!command.rerun_lost || lost > command.retries.max(1)) {
            return Err("it was lost");
        }
        Ok(())
    }

    fn command(&self, unit: UnitId) -> &Command {
        &self.suite.commands[self.suite.units[unit.index()].command]
    }

    fn phase(&self, unit: UnitId) -> Phase {
        self.command(unit).phase
    }

    fn is_barrier(&self, unit: UnitId) -> bool {
        let command = self.command(unit);
        command.phase == Phase::Test && (command.exclusive || command.destructive)
    }
}
