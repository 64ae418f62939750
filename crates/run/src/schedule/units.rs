//! Where each unit stands, and whether it may run once more.

use lamex_protocol::ledger::evidence::Outcome;

use super::suite::Command;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// Waits, or will.
    #[default]
    Waiting,
    /// In an invocation that has not ended.
    Running,
    Done,
}

/// What is known of one unit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    pub(super) place: Place,
    failed: u32,
    lost: u32,
    /// It was executed once at least.
    pub(super) has_run: bool,
    /// It ended as a setup command must, to let the tests begin.
    pub(super) is_good: bool,
}

impl Progress {
    /// Takes in how an invocation with the unit ended. `can_repeat`: false where nothing of it ran, so that it would
    /// be the same the next time. Returns whether the unit has now failed for good.
    pub(super) fn end(&mut self, command: &Command, outcome: &Outcome, can_repeat: bool) -> bool {
        let may_run_again = match outcome {
            Outcome::Passed | Outcome::Skipped(_) => {
                self.is_good = true;
                false
            }
            Outcome::Failed(_) => {
                self.failed += 1;
                self.failed <= command.repeats_of_failed()
            }
            Outcome::Lost(_) => {
                self.lost += 1;
                self.lost <= command.repeats_of_lost()
            }
            Outcome::Remaining => can_repeat,
        };
        self.has_run |= *outcome != Outcome::Remaining;
        self.place = if may_run_again { Place::Waiting } else { Place::Done };
        !may_run_again && matches!(outcome, Outcome::Failed(_))
    }
}
