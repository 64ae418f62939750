//! The state machine.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use lamex_protocol::ledger::book::Needed;
use lamex_protocol::ledger::evidence::Outcome;
use lamex_protocol::ledger::units::{InvocationId, UnitId};
use lamex_protocol::plan::Phase;

use super::batch::Source;
use super::estimate::expected;
use super::facts::{Action, Fact, Invoke};
use super::queue::Queue;
use super::running::Running;
use super::stages::{Kind, Stage, stages, whole};
use super::suite::{Settings, Suite, Unit};
use super::throttle::Throttle;
use super::units::{Place, Progress};

#[derive(Debug)]
pub struct Schedule {
    suite: Suite,
    settings: Settings,
    /// By unit.
    expected: Vec<Duration>,
    progress: Vec<Progress>,
    /// Those to come.
    stages: VecDeque<Stage>,
    /// The one at hand, whose units are in the queue unless they run or have ended.
    stage: Option<Stage>,
    queue: Queue,
    running: Running,
    throttle: Throttle,
    next_invocation: u32,
    done: u32,
    failed: u32,
    /// No test starts any more.
    is_stopped: bool,
    has_asked_for_plan: bool,
}

/// Where a run stands, for those who watch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overview {
    pub units: u32,
    pub done: u32,
    /// Invocations, orphans included.
    pub running: u32,
    pub orphans: u32,
    /// How many invocations the service has room for.
    pub width: u32,
    /// Expected, on all workers, of the units of this stage that wait.
    pub waiting_work: Duration,
}

impl Schedule {
    #[must_use]
    pub fn new(suite: Suite, settings: Settings) -> Self {
        let mut schedule = Self {
            queue: Queue::new(&suite.commands, settings.groups.len()),
            running: Running::new(settings.workers, &settings.groups, settings.function_timeout),
            throttle: Throttle::new(settings.workers),
            expected: Vec::new(),
            progress: Vec::new(),
            stages: VecDeque::new(),
            stage: None,
            next_invocation: 0,
            done: 0,
            failed: 0,
            is_stopped: false,
            has_asked_for_plan: false,
            suite,
            settings,
        };
        schedule.plan(0);
        schedule
    }

    /// Takes one fact, and decides what follows. After [`Action::Finished`], nothing more.
    pub fn step(&mut self, now: Duration, fact: Fact) -> Vec<Action> {
        self.take(now, fact);
        while let Some(orphan) = self.running.ended_orphan(now) {
            self.end(orphan, &[]);
        }
        let mut actions = Vec::new();
        self.decide(now, &mut actions);
        let throttled = if self.queue.is_empty() { None } else { self.throttle.next_change(now) };
        let wake = [throttled, self.running.next_orphan_end()].into_iter().flatten().min();
        actions.extend(wake.map(Action::WaitUntil));
        actions
    }

    #[must_use]
    pub fn overview(&self) -> Overview {
        Overview {
            units: self.suite.units.len() as u32,
            done: self.done,
            running: self.running.count(),
            orphans: self.running.orphans(),
            width: self.throttle.room(),
            waiting_work: self.queue.work(),
        }
    }

    fn take(&mut self, now: Duration, fact: Fact) {
        match fact {
            Fact::TimePassed => {}
            Fact::Sent(id) => self.running.sent(id, now),
            Fact::Throttled(id) => {
                self.send_again(id);
                self.throttle.throttled(now, self.running.count());
            }
            Fact::Rejected(id) => {
                self.is_stopped = true;
                for unit in self.running.end(id).unwrap_or_default() {
                    self.give_up(unit);
                }
            }
            // Whose stream broke proves nothing any more.
            Fact::Ended { invocation, .. } if self.running.is_orphan(invocation) => self.end(invocation, &[]),
            Fact::Ended { invocation, outcomes } => self.end(invocation, &outcomes),
            Fact::Broken(id) => self.running.orphan(id),
            Fact::Gone(id) => {
                if self.running.is_orphan(id) {
                    self.end(id, &[]);
                }
            }
            Fact::Planned(units) => {
                let first = self.suite.units.len();
                self.suite.units.extend(units);
                self.suite.is_complete = true;
                self.plan(first);
            }
            Fact::Stop => self.is_stopped = true,
        }
    }

    /// Takes in the units from `first` on.
    fn plan(&mut self, first: usize) {
        let units = &self.suite.units;
        self.expected = expected(units, self.suite.commands.len());
        self.progress.resize(units.len(), Progress::default());
        let is_test = |unit: &Unit| self.suite.commands[unit.command].phase == Phase::Test;
        let has_work = !self.suite.is_complete
            || self.suite.needed == Needed::Any
            || self.progress.iter().any(|progress| progress.has_run)
            || units.iter().any(is_test);
        if has_work {
            match whole(&self.suite, &self.settings) {
                Some(stage) if first == 0 => self.stages.push_back(stage),
                _ => self.stages.extend(stages(&self.suite, first)),
            }
        }
    }

    fn send_again(&mut self, id: InvocationId) {
        for unit in self.running.end(id).unwrap_or_default() {
            self.wait(unit);
        }
    }

    fn wait(&mut self, id: UnitId) {
        self.progress[id.index()].place = Place::Waiting;
        self.queue.put(id, &self.suite.units[id.index()], self.expected[id.index()]);
    }

    fn give_up(&mut self, id: UnitId) {
        if self.progress[id.index()].place != Place::Done {
            self.progress[id.index()].place = Place::Done;
            self.done += 1;
        }
    }

    /// An invocation has ended. What has no outcome is lost.
    fn end(&mut self, id: InvocationId, outcomes: &[(UnitId, Outcome)]) {
        let lost = Outcome::Lost(String::new());
        let has_run = outcomes.iter().any(|(_, outcome)| *outcome != Outcome::Remaining);
        let outcomes: BTreeMap<_, _> = outcomes.iter().map(|(unit, it)| (*unit, it)).collect();
        for unit in self.running.end(id).unwrap_or_default() {
            let command = &self.suite.commands[self.suite.units[unit.index()].command];
            let outcome = outcomes.get(&unit).copied().unwrap_or(&lost);
            let progress = &mut self.progress[unit.index()];
            if progress.end(command, outcome, has_run) {
                self.failed += u32::from(command.phase == Phase::Test);
            }
            let is_done = progress.place == Place::Done;
            self.is_stopped |= is_done && command.phase == Phase::Setup && !progress.is_good;
            match progress.place {
                Place::Done => self.done += 1,
                Place::Waiting | Place::Running => self.wait(unit),
            }
        }
        self.is_stopped |= self.settings.max_fail.is_some_and(|limit| self.failed >= limit.max(1));
    }

    fn decide(&mut self, now: Duration, actions: &mut Vec<Action>) {
        loop {
            let Some(kind) = self.stage.as_ref().map(|stage| stage.kind) else {
                if !self.enter_next_stage() {
                    return self.after_last_stage(actions);
                }
                continue;
            };
            if kind == Kind::Whole && self.must_split_up() {
                self.split_up();
                continue;
            }
            if self.is_stopped && kind != Kind::Teardown {
                for unit in self.queue.clear() {
                    self.give_up(unit);
                }
            }
            if !self.queue.is_empty() {
                self.invoke(now, kind, actions);
            }
            if !self.queue.is_empty() || !self.running.is_empty() {
                return;
            }
            self.stage = None;
        }
    }

    fn enter_next_stage(&mut self) -> bool {
        let Some(stage) = self.stages.pop_front() else { return false };
        self.queue.set_order(stage.kind == Kind::Tests && self.settings.workers > 1);
        for &unit in &stage.units {
            if self.progress[unit.index()].place == Place::Waiting {
                self.wait(unit);
            }
        }
        self.stage = Some(stage);
        true
    }

    /// The one invocation of a whole run left something over, or is not sent any more.
    fn must_split_up(&self) -> bool {
        let has_run = || self.progress.iter().any(|progress| progress.has_run);
        self.running.is_empty() && !self.queue.is_empty() && (self.is_stopped || has_run())
    }

    /// What is left goes on in stages. No test runs after a teardown.
    fn split_up(&mut self) {
        self.queue.clear();
        self.stage = None;
        self.stages.extend(stages(&self.suite, 0));
        let mut units = self.suite.units.iter().zip(&self.progress);
        self.is_stopped |= units.any(|(unit, progress)| {
            progress.has_run && self.suite.commands[unit.command].phase == Phase::Teardown
        });
    }

    fn after_last_stage(&mut self, actions: &mut Vec<Action>) {
        if self.suite.is_complete {
            actions.push(Action::Finished);
        } else if !self.has_asked_for_plan {
            self.has_asked_for_plan = true;
            actions.push(Action::Plan { may_list: !self.is_stopped });
        }
    }

    fn invoke(&mut self, now: Duration, kind: Kind, actions: &mut Vec<Action>) {
        let width = self.throttle.width(now);
        let limit = if kind == Kind::Tests { width } else { width.min(1) };
        while self.running.count() < limit {
            let source = Source {
                suite: &self.suite,
                expected: &self.expected,
                running: &self.running,
                available: self.settings.time_of_invocation(),
                shared_by: (kind == Kind::Tests && self.settings.workers > 1).then_some(width),
                is_whole: kind == Kind::Whole,
            };
            let batch = source.take(&mut self.queue);
            if batch.units.is_empty() {
                return;
            }
            for unit in &batch.units {
                self.progress[unit.index()].place = Place::Running;
            }
            let id = InvocationId(self.next_invocation);
            self.next_invocation += 1;
            let groups = if kind == Kind::Whole { BTreeSet::new() } else { batch.groups };
            let Some(worker) = self.running.begin(id, now, batch.units.clone(), groups) else { return };
            actions.push(Action::Invoke(Invoke {
                invocation: id,
                worker,
                batch: batch.units,
                max_fail: self.settings.max_fail.map(|limit| limit.saturating_sub(self.failed).max(1)),
            }));
        }
    }
}
