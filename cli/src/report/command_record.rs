//! What a run keeps of one command.

use lamex_protocol::event::{CommandFinished, CommandOutcome, Ending, Missing};

use crate::report::excerpt::Excerpt;
use crate::report::tests_record::Tests;

/// One command of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandRecord {
    /// Place in the plan, from 0.
    pub command: u64,
    pub name: String,
    /// `None` where the command started and its end was never reported.
    pub finished: Option<CommandFinished>,
    pub tests: Tests,
    pub stdout: Excerpt,
    pub stderr: Excerpt,
    /// The end of both streams as they came; kept where the command did not pass.
    pub recent: Excerpt,
}

impl CommandRecord {
    /// `None` where the command's end was never reported.
    #[must_use]
    pub fn outcome(&self) -> Option<CommandOutcome> {
        self.finished.as_ref().map(|finished| finished.outcome)
    }

    #[must_use]
    pub fn missing(&self) -> Missing {
        self.finished.as_ref().map_or_else(Missing::default, |finished| finished.missing)
    }

    /// Whether one of its tests is known to have failed.
    #[must_use]
    pub fn has_failed_test(&self) -> bool {
        self.tests.failed().next().is_some()
    }

    /// Tests that were running when the command failed or was lost. Where it passed, or where test events
    /// are missing, a test without an end says nothing.
    pub fn interrupted_tests(&self) -> impl Iterator<Item = &str> {
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
        finished.message.clone().or_else(|| {
            (finished.outcome == CommandOutcome::Failed).then(|| match &finished.ending {
                Ending::Exited { code } => format!("it exited with code {code}"),
                Ending::Signaled { signal, .. } => format!("signal {signal} ended it"),
                Ending::TimedOut { after_ms } => format!("its time-out of {after_ms} ms ended it"),
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
