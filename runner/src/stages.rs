//! When a command and what it left behind are told to end, and by what: decided from facts and the time alone.

use std::time::{Duration, Instant};

use lamex_processes::Exit;

/// Between SIGQUIT, for programs that then tell where they are, and SIGTERM.
const QUIT_GRACE: Duration = Duration::from_secs(5);
/// Between SIGTERM and SIGKILL.
const TERMINATION_GRACE: Duration = Duration::from_secs(5);
/// How long what a command left behind may go on by itself: a helper that is just about to end is no fault.
const LINGER: Duration = Duration::from_millis(500);
/// How long a pipe is read on when no process is left; only a descriptor that was handed to a stranger
/// keeps it open then.
const DRAIN: Duration = Duration::from_secs(2);
/// How long SIGKILL is repeated before the runner gives up.
const KILL_PATIENCE: Duration = Duration::from_secs(10);
/// When a command has to be over.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub timeout: Option<Duration>,
    /// The command is told to end (SIGTERM) at this time, whatever its timeout says.
    pub stop_at: Instant,
    /// And is killed at this time, however much of its grace is left.
    pub kill_at: Instant,
    /// And is not waited for beyond this time, nor for its last bytes.
    pub give_up_at: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It ended by itself.
    Itself(Exit),
    Timeout,
    Deadline,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    /// The main process runs.
    Running,
    /// It ended, and something that it started goes on.
    Lingering {
        until: Instant,
    },
    /// SIGQUIT was sent to the main process.
    Quitting {
        until: Instant,
    },
    /// SIGTERM was sent.
    Terminating {
        until: Instant,
    },
    /// SIGKILL is sent until nothing is left.
    Killing {
        until: Instant,
    },
    /// No process is left; the pipes may hold bytes still.
    Draining {
        until: Instant,
    },
    Over,
}

/// What is known of a command's processes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) main_ended: bool,
    /// Neither the main process nor anything below it is left.
    pub(crate) nothing_remains: bool,
    /// Stdout and stderr were read to their ends.
    pub(crate) pipes_ended: bool,
}

/// What does not change while a command runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    limits: Limits,
    timeout_at: Option<Instant>,
    /// SIGQUIT comes before SIGTERM.
    tells_on_quit: bool,
}

impl Schedule {
    pub(crate) fn new(began: Instant, limits: Limits, tells_on_quit: bool) -> Self {
        let timeout_at = limits.timeout.and_then(|timeout| began.checked_add(timeout));
        Self { limits, timeout_at, tells_on_quit }
    }

    /// What to do next.
    pub(crate) fn next(&self, stage: Stage, facts: Facts, now: Instant) -> Stage {
        let Facts { main_ended, nothing_remains, pipes_ended } = facts;
        let ended = main_ended && nothing_remains;
        match stage {
            Stage::Draining { until } if pipes_ended || now >= until => Stage::Over,
            stage @ Stage::Draining { .. } => stage,
            _ if ended && pipes_ended => Stage::Over,
            _ if ended => Stage::Draining { until: (now + DRAIN).min(self.limits.give_up_at) },
            Stage::Running if main_ended => Stage::Lingering { until: (now + LINGER).min(self.ends_at()) },
            Stage::Running if now >= self.ends_at() && self.tells_on_quit => self.quitting(now),
            Stage::Running if now >= self.ends_at() => self.terminating(now),
            Stage::Quitting { .. } if main_ended => self.terminating(now),
            Stage::Quitting { until } | Stage::Lingering { until } if now >= until => self.terminating(now),
            Stage::Terminating { until } if now >= until => {
                Stage::Killing { until: (now + KILL_PATIENCE).min(self.limits.give_up_at) }
            }
            Stage::Killing { until } if now >= until => Stage::Over,
            stage => stage,
        }
    }

    /// The earlier of timeout and deadline.
    pub(crate) fn ends_at(&self) -> Instant {
        self.timeout_at.map_or(self.limits.stop_at, |timeout_at| timeout_at.min(self.limits.stop_at))
    }

    /// Why a command is told to end that runs still.
    pub(crate) fn cause_of_end(&self) -> Cause {
        let timed_out = self.timeout_at.is_some_and(|at| at <= self.limits.stop_at);
        if timed_out { Cause::Timeout } else { Cause::Deadline }
    }

    /// At most half of the time until SIGKILL: the other half is for what does not heed SIGQUIT.
    fn quitting(&self, now: Instant) -> Stage {
        let half = self.limits.kill_at.saturating_duration_since(now) / 2;
        Stage::Quitting { until: now + QUIT_GRACE.min(half) }
    }

    fn terminating(&self, now: Instant) -> Stage {
        Stage::Terminating { until: (now + TERMINATION_GRACE).min(self.limits.kill_at).max(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const RUNNING: Facts = Facts { main_ended: false, nothing_remains: false, pipes_ended: false };

    fn schedule(began: Instant, timeout: Option<Duration>, tells_on_quit: bool) -> Schedule {
        let at = |seconds| began + seconds * SECOND;
        let limits = Limits { timeout, stop_at: at(100), kill_at: at(104), give_up_at: at(108) };
        Schedule::new(began, limits, tells_on_quit)
    }

    /// The stages of a command that nothing but SIGKILL ends, with the second in which each begins.
    fn stages(timeout: Option<Duration>, tells_on_quit: bool) -> Vec<(u32, &'static str)> {
        let began = Instant::now();
        let schedule = schedule(began, timeout, tells_on_quit);
        let mut stage = Stage::Running;
        let mut found = Vec::new();
        for second in 0..200 {
            stage = schedule.next(stage, RUNNING, began + second * SECOND);
            let name = match stage {
                Stage::Running => "run",
                Stage::Lingering { .. } => "linger",
                Stage::Quitting { .. } => "quit",
                Stage::Terminating { .. } => "terminate",
                Stage::Killing { .. } => "kill",
                Stage::Draining { .. } => "drain",
                Stage::Over => break,
            };
            if found.last().is_none_or(|&(_, last)| last != name) {
                found.push((second, name));
            }
        }
        found
    }

    #[test]
    fn what_heeds_nothing_is_killed_in_time() {
        assert_eq!(stages(Some(10 * SECOND), false), [(0, "run"), (10, "terminate"), (15, "kill")]);
        assert_eq!(
            stages(Some(10 * SECOND), true),
            [(0, "run"), (10, "quit"), (15, "terminate"), (20, "kill")]
        );
        assert_eq!(stages(None, false), [(0, "run"), (100, "terminate"), (104, "kill")]);
        // Within the same four seconds.
        assert_eq!(stages(None, true), [(0, "run"), (100, "quit"), (102, "terminate"), (104, "kill")]);
    }

    #[test]
    fn who_quits_leaves_the_rest_to_sigterm_at_once() {
        let began = Instant::now();
        let schedule = schedule(began, Some(SECOND), true);
        let now = began + SECOND;
        let quitting = schedule.next(Stage::Running, RUNNING, now);
        assert!(matches!(quitting, Stage::Quitting { .. }));
        let main_ended = Facts { main_ended: true, ..RUNNING };
        assert!(matches!(schedule.next(quitting, main_ended, now), Stage::Terminating { .. }));
        let all_ended = Facts { main_ended: true, nothing_remains: true, pipes_ended: true };
        assert!(matches!(schedule.next(quitting, all_ended, now), Stage::Over));
        assert_eq!(schedule.cause_of_end(), Cause::Timeout);
    }

    #[test]
    fn what_outlives_the_main_process_lingers_before_it_is_told_to_end() {
        let began = Instant::now();
        let schedule = schedule(began, None, true);
        let main_ended = Facts { main_ended: true, ..RUNNING };
        let lingering = schedule.next(Stage::Running, main_ended, began);
        assert!(matches!(lingering, Stage::Lingering { .. }));
        assert!(matches!(schedule.next(lingering, main_ended, began), Stage::Lingering { .. }));
        assert!(matches!(schedule.next(lingering, main_ended, began + SECOND), Stage::Terminating { .. }));
    }
}
