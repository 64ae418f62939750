//! What the end of a process says of the tests that it was given: the ledger's first rule.
//!
//! A pass needs an explained end: exit 0 with the framework's own proof where no test failed, the framework's
//! failure code where one did. After any other end (a leak checker, a race report outside of a test, a crash, a
//! timeout) no test of that process has passed.

use crate::event::{CommandFinished, CommandOutcome, Ending, TestOutcome};
use crate::plan::Framework;

use super::evidence::Outcome;
use super::units::UnitId;

/// What the events said of one test.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) started: u32,
    pub(super) passed: u32,
    pub(super) failed: u32,
    pub(super) skipped: u32,
}

/// One test of the process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub(super) unit: UnitId,
    pub(super) copies: u32,
    pub(super) announces_start: bool,
    pub(super) seen: Seen,
}

impl Seen {
    pub(super) fn finish(&mut self, outcome: TestOutcome) {
        let count = match outcome {
            TestOutcome::Passed => &mut self.passed,
            // What this version does not know is no pass.
            TestOutcome::Failed | TestOutcome::Unknown => &mut self.failed,
            TestOutcome::Skipped => &mut self.skipped,
        };
        *count = count.saturating_add(1);
    }

    fn finished(self) -> u32 {
        self.passed.saturating_add(self.failed).saturating_add(self.skipped)
    }
}

impl Given {
    fn has_finished(self) -> bool {
        self.seen.finished() >= self.copies
    }

    /// It began, and nothing says how it ended.
    fn was_running(self) -> bool {
        !self.has_finished() && (self.seen.started > 0 || self.seen.finished() > 0)
    }
}

/// The outcome of a command that is a unit as a whole.
///
/// # Errors
/// The response contradicts itself.
pub(super) fn whole(end: &CommandFinished) -> Result<Outcome, String> {
    match (end.outcome, &end.ending) {
        (CommandOutcome::Passed, Ending::Exited { code: 0 }) => Ok(Outcome::Passed),
        (CommandOutcome::Passed, _) => Err(format!("`{}` passed and did not exit with 0", end.name)),
        (CommandOutcome::Failed, _) => Ok(Outcome::Failed(message(end))),
        (CommandOutcome::Skipped, _) => Ok(Outcome::Skipped(message(end))),
        (CommandOutcome::Unknown, _) => Err(unknown_outcome(end)),
    }
}

fn unknown_outcome(end: &CommandFinished) -> String {
    format!("`{}` ended with an outcome that this lamex-ctl does not know", end.name)
}

/// The outcomes of the tests of one process. `is_first`: no process of the invocation started before it.
///
/// # Errors
/// The response contradicts itself, or leaves a test out.
pub(super) fn tests(
    framework: Framework,
    end: &CommandFinished,
    given: &[Given],
    is_first: bool,
) -> Result<Vec<(UnitId, Outcome)>, String> {
    if let Some(test) = given.iter().find(|test| test.seen.finished() > test.copies) {
        return Err(format!("unit {} is reported {} times", test.unit, test.seen.finished()));
    }
    if end.outcome == CommandOutcome::Unknown {
        return Err(unknown_outcome(end));
    }
    let all = |outcome: Outcome| Ok(given.iter().map(|test| (test.unit, outcome.clone())).collect());
    if end.outcome == CommandOutcome::Skipped && end.ending == Ending::Skipped {
        return all(Outcome::Skipped(message(end)));
    }
    if end.outcome != CommandOutcome::Failed {
        if let Some(test) = given.iter().find(|test| !test.has_finished()) {
            return Err(format!("`{}` did not fail and does not report unit {}", end.name, test.unit));
        }
        if end.ending != (Ending::Exited { code: 0 }) {
            return Err(format!("`{}` did not fail and did not exit with 0", end.name));
        }
    }
    let has_failed_test = given.iter().any(|test| test.seen.failed > 0);
    let is_explained = match end.ending {
        Ending::Exited { code: 0 } => end.outcome != CommandOutcome::Failed && !has_failed_test,
        Ending::Exited { code } => has_failed_test && failure_codes(framework).contains(&code),
        _ => false,
    };
    let was_cut = matches!(end.ending, Ending::TimedOut { .. } | Ending::DeadlineReached);
    // Go's code after a panic, which ends the process in the middle of its tests.
    let has_panicked =
        is_explained && framework == Framework::Go && end.ending == (Ending::Exited { code: 2 });
    let has_progress = !is_first || given.iter().any(|test| test.has_finished() || test.was_running());
    let outcome = |test: &Given| {
        if !test.has_finished() && !test.was_running() && (was_cut || has_panicked) && has_progress {
            return if test.announces_start && end.missing.is_nothing() {
                Outcome::Remaining
            } else {
                Outcome::Lost(format!("it cannot be told whether it ran: {}", message(end)))
            };
        }
        if test.seen.failed > 0 {
            return Outcome::Failed(String::new());
        }
        if test.was_running() {
            return Outcome::Failed(format!("it was running when its process ended: {}", message(end)));
        }
        if !is_explained {
            return Outcome::Failed(format!("its process did not end as it should: {}", message(end)));
        }
        if !test.has_finished() {
            return Outcome::Failed("it was selected, and the framework did not report it".to_owned());
        }
        if test.seen.passed > 0 { Outcome::Passed } else { Outcome::Skipped(String::new()) }
    };
    Ok(given.iter().map(|test| (test.unit, outcome(test))).collect())
}

/// With which codes a framework's process ends because a test failed.
fn failure_codes(framework: Framework) -> &'static [i32] {
    match framework {
        Framework::Go => &[1, 2],
        Framework::Libtest => &[101],
        Framework::Gtest => &[1],
        // Neither can be split.
        Framework::ExitCode | Framework::Tap => &[],
    }
}

fn message(end: &CommandFinished) -> String {
    end.message.clone().unwrap_or_else(|| format!("{:?}", end.ending))
}
