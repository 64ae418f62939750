//! A random run against a function with random faults, and a referee that knows the rules by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lamex_protocol::ledger::evidence::Outcome;
use lamex_protocol::ledger::units::{InvocationId, UnitId};
use lamex_protocol::plan::Phase;
use lamex_run::schedule::facts::{Action, Fact, Invoke};
use lamex_run::schedule::machine::Schedule;
use lamex_run::schedule::suite::{Command, Settings, Suite};

use crate::random::Random;
use crate::referee::Referee;

/// What may go wrong, each with its probability.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Faults {
    pub(crate) throttled: f64,
    pub(crate) rejected: f64,
    pub(crate) broken: f64,
    pub(crate) failed: f64,
    pub(crate) skipped: f64,
    pub(crate) lost: f64,
    /// The runner stops in the middle of the batch.
    pub(crate) cut: f64,
    /// The user ends the run at each event.
    pub(crate) stopped: f64,
}

impl Faults {
    pub(crate) const NONE: Self = Self {
        throttled: 0.0,
        rejected: 0.0,
        broken: 0.0,
        failed: 0.0,
        skipped: 0.0,
        lost: 0.0,
        cut: 0.0,
        stopped: 0.0,
    };
}

/// What became of the run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) batches: Vec<Vec<UnitId>>,
    /// Every outcome of each unit, in order.
    pub(crate) outcomes: BTreeMap<UnitId, Vec<Outcome>>,
    /// The user stopped it, or the service rejected an invocation.
    pub(crate) was_ended: bool,
    pub(crate) was_rejected: bool,
}

struct World {
    suite: Suite,
    faults: Faults,
    random: Random,
    /// By time, then in the order in which they were added.
    due: BTreeMap<(Duration, u64), Fact>,
    /// The last time that the schedule asked to wait for.
    wake: Option<(Duration, u64)>,
    added: u64,
    sent: BTreeMap<InvocationId, Vec<UnitId>>,
    ran: Ran,
}

/// Runs to the end. Panics where the schedule breaks a rule, or does not end.
pub(crate) fn play(full: &Suite, settings: &Settings, faults: Faults, seed: u64) -> Ran {
    let given = if full.is_complete { full.units.len() } else { setup_units(full) };
    let suite = Suite { units: full.units[..given].to_vec(), ..full.clone() };
    let mut schedule = Schedule::new(suite, settings.clone());
    let mut referee = Referee::new(full.clone(), settings.clone());
    let mut world = World {
        suite: full.clone(),
        faults,
        random: Random(seed),
        due: BTreeMap::from([((Duration::ZERO, 0), Fact::TimePassed)]),
        wake: None,
        added: 1,
        sent: BTreeMap::new(),
        ran: Ran { batches: Vec::new(), outcomes: BTreeMap::new(), was_ended: false, was_rejected: false },
    };
    for _ in 0..20_000 {
        let Some(((now, _), fact)) = world.due.pop_first() else { panic!("it waits for nothing") };
        let facts = if world.random.chance(faults.stopped) && !world.ran.was_ended {
            world.ran.was_ended = true;
            vec![Fact::Stop, fact]
        } else {
            vec![fact]
        };
        for fact in facts {
            world.note(&fact);
            referee.fact(now, &fact);
            for action in schedule.step(now, fact) {
                match action {
                    Action::Invoke(invoke) => {
                        referee.invoke(now, &invoke);
                        world.invoke(now, invoke);
                    }
                    Action::WaitUntil(time) => {
                        assert!(time > now, "it waits for the past");
                        world.wake.take().map(|wake| world.due.remove(&wake));
                        world.wake = Some((time, world.added));
                        world.add(time, Fact::TimePassed);
                    }
                    Action::Plan { .. } => {
                        assert!(!full.is_complete && referee.is_idle());
                        world.add(now, Fact::Planned(full.units[given..].to_vec()));
                    }
                    Action::Finished => {
                        assert!(referee.is_idle(), "something runs after the end");
                        let overview = schedule.overview();
                        assert_eq!((overview.running, overview.orphans), (0, 0));
                        return world.ran;
                    }
                }
            }
        }
    }
    panic!("it does not end");
}

fn setup_units(suite: &Suite) -> usize {
    suite.units.iter().filter(|unit| suite.commands[unit.command].phase == Phase::Setup).count()
}

impl World {
    fn add(&mut self, time: Duration, fact: Fact) {
        self.due.insert((time, self.added), fact);
        self.added += 1;
    }

    fn delay(&mut self) -> Duration {
        Duration::from_millis(1 + self.random.below(5_000))
    }

    fn invoke(&mut self, now: Duration, invoke: Invoke) {
        let id = invoke.invocation;
        self.ran.batches.push(invoke.batch.clone());
        self.sent.insert(id, invoke.batch.clone());
        let end = now + self.delay();
        if self.random.chance(self.faults.throttled) {
            self.add(end, Fact::Throttled(id));
        } else if self.random.chance(self.faults.rejected) {
            self.add(end, Fact::Rejected(id));
        } else if self.random.chance(self.faults.broken) {
            self.add(end, Fact::Broken(id));
            if self.random.chance(0.5) {
                let gone = end + self.delay();
                self.add(gone, Fact::Gone(id));
            }
        } else {
            let outcomes = self.outcomes(&invoke.batch);
            self.add(end, Fact::Ended { invocation: id, outcomes });
        }
    }

    fn outcomes(&mut self, batch: &[UnitId]) -> Vec<(UnitId, Outcome)> {
        let is_cut = self.random.chance(self.faults.cut);
        let ran = if is_cut { self.random.below(batch.len() as u64 + 1) as usize } else { batch.len() };
        let mut has_failed_setup = false;
        let mut outcomes = Vec::new();
        for (place, &unit) in batch.iter().enumerate() {
            let phase = self.command(unit).phase;
            let random = self.random.fraction();
            let Faults { failed, skipped, lost, .. } = self.faults;
            // As the runner has it: teardown runs whatever became of the rest.
            let is_left = match phase {
                Phase::Teardown => false,
                Phase::Setup | Phase::Test => place >= ran || has_failed_setup,
            };
            let outcome = if is_left {
                Outcome::Remaining
            } else if random < failed {
                Outcome::Failed(String::new())
            } else if random < failed + skipped {
                Outcome::Skipped(String::new())
            } else if random < failed + skipped + lost {
                Outcome::Lost(String::new())
            } else {
                Outcome::Passed
            };
            has_failed_setup |=
                phase == Phase::Setup && matches!(outcome, Outcome::Failed(_) | Outcome::Lost(_));
            outcomes.push((unit, outcome));
        }
        outcomes
    }

    fn command(&self, unit: UnitId) -> &Command {
        &self.suite.commands[self.suite.units[unit.index()].command]
    }

    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Ended { outcomes, .. } => {
                for (unit, outcome) in outcomes {
                    self.ran.outcomes.entry(*unit).or_default().push(outcome.clone());
                }
            }
            Fact::Broken(id) => {
                for unit in self.sent[id].clone() {
                    self.ran.outcomes.entry(unit).or_default().push(Outcome::Lost(String::new()));
                }
            }
            Fact::Rejected(_) => {
                self.ran.was_rejected = true;
                self.ran.was_ended = true;
            }
            _ => {}
        }
    }
}

/// The units of these outcomes that were executed.
pub(crate) fn executed(ran: &Ran) -> BTreeSet<UnitId> {
    let executed = |outcomes: &Vec<Outcome>| outcomes.iter().any(|outcome| *outcome != Outcome::Remaining);
    ran.outcomes.iter().filter(|(_, outcomes)| executed(outcomes)).map(|(unit, _)| *unit).collect()
}
