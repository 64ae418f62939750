//! Drives the real schedule against a simulated function: cold starts, a limit on new execution environments, 429s.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::{Duration, Instant};

use lamex_protocol::ledger::evidence::Outcome;
use lamex_protocol::ledger::units::InvocationId;
use lamex_run::schedule::facts::{Action, Fact, Invoke};
use lamex_run::schedule::machine::Schedule;
use lamex_run::schedule::suite::{Command, History, Settings, Suite, Unit};

use crate::random::Random;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) seed: u64,
    pub(crate) units: u32,
    pub(crate) workers: u32,
    pub(crate) history: Known,
    /// Execution environments that the service starts at once, and the same number in each 10 s after that.
    pub(crate) ramp: u32,
    /// How many requests are throttled whatever room there is.
    pub(crate) throttled: f64,
}

/// What the schedule knows of durations.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Known {
    Exactly,
    /// With a log-normal error of this sigma.
    Roughly(f64),
    Nothing,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Makespan over the larger of the longest unit and an even share of the work, plus one cold start.
    pub(crate) ratio: f64,
    pub(crate) invocations: u32,
    pub(crate) throttlings: u32,
    pub(crate) events: u32,
    /// Real time.
    pub(crate) mean_decision: Duration,
    pub(crate) longest_decision: Duration,
    /// Of the decision that starts the run.
    pub(crate) first_decision: Duration,
}

const COLD_START: Duration = Duration::from_secs(1);
const REQUEST: Duration = Duration::from_millis(20);
const REFUSAL: Duration = Duration::from_millis(50);
const MEAN_S: f64 = 12.0;
/// Of one test.
const TIMEOUT_S: f64 = 400.0;
const SPLIT_COMMANDS: usize = 20;

/// What is due, in order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Ended(InvocationId),
    Throttled(InvocationId),
    Wake,
}

struct Function {
    warm: u32,
    /// New environments that may start, at the time of the last look.
    tokens: f64,
    looked: Duration,
    ramp: f64,
    durations: Vec<Duration>,
    startup: Duration,
}

impl Function {
    /// When the invocation ends, or `None` for a 429.
    fn invoke(&mut self, now: Duration, invoke: &Invoke, suite: &Suite) -> Option<Duration> {
        self.tokens = (self.tokens + (now - self.looked).as_secs_f64() * self.ramp / 10.0).min(self.ramp);
        self.looked = now;
        let mut end = now + REQUEST;
        if self.warm > 0 {
            self.warm -= 1;
        } else if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            end += COLD_START;
        } else {
            return None;
        }
        let mut process = None;
        for unit in &invoke.batch {
            let command = suite.units[unit.index()].command;
            if process.replace(command) != Some(command) {
                end += self.startup;
            }
            end += self.durations[unit.index()];
        }
        Some(end)
    }
}

pub(crate) fn run(scenario: Scenario) -> Measured {
    let mut random = Random(scenario.seed);
    let startup = Duration::from_millis(50);
    let split = Command {
        is_split: true,
        timeout: Some(Duration::from_secs_f64(TIMEOUT_S)),
        startup,
        ..Command::default()
    };
    let (mut units, mut durations) = (Vec::new(), Vec::new());
    for unit in 0..scenario.units as usize {
        // The mean of a log-normal distribution of sigma 1 is the median times the root of e.
        let duration_s = (MEAN_S * (random.normal() - 0.5).exp()).min(TIMEOUT_S);
        let known_s = match scenario.history {
            Known::Exactly => Some(duration_s),
            Known::Roughly(sigma) => Some(duration_s * (sigma * random.normal()).exp()),
            Known::Nothing => None,
        };
        let history = known_s.map(Duration::from_secs_f64).map(|p85| History { p85, p99: p85 * 3 / 2 });
        let command = unit * SPLIT_COMMANDS / scenario.units as usize;
        units.push(Unit { command, history, name_bytes: 20 });
        durations.push(Duration::from_secs_f64(duration_s));
    }
    let longest = durations.iter().max().copied().unwrap_or_default();
    let share = durations.iter().sum::<Duration>() / scenario.workers;
    let bound = longest.max(share) + COLD_START;
    let suite = Suite { commands: vec![split; SPLIT_COMMANDS], units, is_complete: true, ..Suite::default() };
    let settings = Settings {
        workers: scenario.workers,
        function_timeout: Duration::from_secs(900),
        margin: Duration::from_secs(2),
        max_fail: None,
        groups: Vec::new(),
    };
    let mut function = Function {
        warm: 0,
        tokens: f64::from(scenario.ramp),
        looked: Duration::ZERO,
        ramp: f64::from(scenario.ramp),
        durations,
        startup,
    };
    let mut schedule = Schedule::new(suite.clone(), settings);
    let mut due = BinaryHeap::from([Reverse((Duration::ZERO, Due::Wake))]);
    let mut batches = BTreeMap::new();
    let mut measured = Measured {
        ratio: 0.0,
        invocations: 0,
        throttlings: 0,
        events: 0,
        mean_decision: Duration::ZERO,
        longest_decision: Duration::ZERO,
        first_decision: Duration::ZERO,
    };
    let mut deciding = Duration::ZERO;
    let mut wake = Duration::MAX;
    while let Some(Reverse((now, event))) = due.pop() {
        let fact = match event {
            // The schedule asked to wait for another time since.
            Due::Wake if now != wake && measured.events > 0 => continue,
            Due::Wake => Fact::TimePassed,
            Due::Throttled(id) => Fact::Throttled(id),
            Due::Ended(invocation) => {
                function.warm += 1;
                let batch: Vec<_> = batches.remove(&invocation).unwrap_or_default();
                Fact::Ended {
                    invocation,
                    outcomes: batch.into_iter().map(|unit| (unit, Outcome::Passed)).collect(),
                }
            }
        };
        let began = Instant::now();
        let actions = schedule.step(now, fact);
        let took = began.elapsed();
        deciding += took;
        if measured.events == 0 {
            measured.first_decision = took;
        } else {
            measured.longest_decision = measured.longest_decision.max(took);
        }
        measured.events += 1;
        for action in actions {
            match action {
                Action::Invoke(invoke) => {
                    let is_refused = random.chance(scenario.throttled);
                    let end = if is_refused { None } else { function.invoke(now, &invoke, &suite) };
                    measured.invocations += u32::from(end.is_some());
                    measured.throttlings += u32::from(end.is_none());
                    due.push(Reverse(match end {
                        Some(end) => (end, Due::Ended(invoke.invocation)),
                        None => (now + REFUSAL, Due::Throttled(invoke.invocation)),
                    }));
                    batches.insert(invoke.invocation, invoke.batch);
                }
                Action::WaitUntil(time) if time == wake => {}
                Action::WaitUntil(time) => {
                    wake = time;
                    due.push(Reverse((time, Due::Wake)));
                }
                Action::Plan { .. } => unreachable!("the suite is complete"),
                Action::Finished => {
                    measured.ratio = now.as_secs_f64() / bound.as_secs_f64();
                    measured.mean_decision = deciding / measured.events;
                    return measured;
                }
            }
        }
    }
    unreachable!("the schedule never ended");
}
