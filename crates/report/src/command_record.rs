//! What a run keeps of one command.

use lamex_protocol::event::{CommandFinished, CommandOutcome, Ending, Missing, TestCounts};
use lamex_protocol::framing::Filter;

use crate::excerpt::Excerpt;
use crate::tests_record::{Tests, Unfinished};

/// One command of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandRecord {
    /// The invocation that ran it, from 0.
    pub invocation: u32,
    /// Place in the plan, from 0.
    pub command: u64,
    /// From 1.
    pub attempt: u32,
    pub name: String,
    /// `None` if the command started and its end was never reported.
    pub finished: Option<CommandFinished>,
    pub tests: Tests,
    pub stdout: Excerpt,
    pub stderr: Excerpt,
    /// The end of both streams as they came; kept where the command did not pass.
    pub recent: Excerpt,
    /// What takes a framework's marks out of stdout, where the runner said that it has some.
    pub(super) filter: Option<Filter>,
}

impl CommandRecord {
    /// `None` if the command's end was never reported.
    #[must_use]
    pub fn outcome(&self) -> Option<CommandOutcome> {
        self.finished.as_ref().map(|finished| finished.outcome)
    }

    #[must_use]
    pub fn missing(&self) -> Missing {
        self.finished.as_ref().map_or_else(Missing::default, |finished| finished.missing)
    }

    /// As its framework counts its tests, or else as they were told of.
    #[must_use]
    pub fn test_counts(&self) -> TestCounts {
        self.finished.as_ref().and_then(|finished| finished.tests).unwrap_or(self.tests.counts())
    }

    /// How many tests were counted and are not kept.
    #[must_use]
    pub fn tests_left_out(&self) -> u64 {
        self.test_counts().total().saturating_sub(self.tests.kept().len() as u64)
    }

    /// Whether it was skipped only after it had run: no test of it did.
    #[must_use]
    pub fn ran_no_test(&self) -> bool {
        self.finished.as_ref().is_some_and(|finished| {
            finished.outcome == CommandOutcome::Skipped && finished.ending != Ending::Skipped
        })
    }

    /// Whether one of its tests is known to have failed.
    #[must_use]
    pub fn has_failed_test(&self) -> bool {
        self.tests.failed().next().is_some()
    }

    /// Tests that were running when the command failed or was lost. Where it passed, or where test events
    /// are missing, a test without an end says nothing.
    pub fn interrupted_tests(&self) -> impl Iterator<Item = Unfinished<'_>> {
        let telling =
            self.missing().test_events == 0 && matches!(self.outcome(), None | Some(CommandOutcome::Failed));
        self.tests.unfinished().filter(move |_| telling)
    }

    /// Why the command did not pass, where that is known.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        let Some(finished) = &self.finished else {
            return Some("it started, and its end was never reported".to_owned());
        };
        if finished.message.is_none() && self.ran_no_test() {
            return Some(match self.test_counts().skipped {
                0 => "it ran no test".to_owned(),
                skipped => format!("all of its tests were skipped ({skipped})"),
            });
        }
        if finished.outcome == CommandOutcome::Unknown {
            return Some("this lamex-ctl does not know its outcome: update lamex-ctl".to_owned());
        }
        finished.message.clone().or_else(|| {
            (finished.outcome == CommandOutcome::Failed).then(|| match &finished.ending {
                Ending::Exited { code } => format!("it exited with code {code}"),
                Ending::Signaled { signal, .. } => format!("signal {signal} ended it"),
                Ending::TimedOut { after_ms } => format!("it exceeded its timeout of {after_ms} ms"),
                Ending::DeadlineReached => "the function's deadline ended it".to_owned(),
                Ending::NotStarted => "it could not be started".to_owned(),
                Ending::Skipped | Ending::Unknown => "it failed".to_owned(),
            })
        })
    }

    pub(super) fn streams_bytes(&self) -> usize {
        self.stdout.kept_bytes() + self.stderr.kept_bytes()
    }
}
