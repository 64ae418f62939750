//! How a run ended, in words.

use lamex_protocol::reader::{Judgement, StreamEnd, Untrusted};

use crate::exit::Exit;
use crate::report::record::RunRecord;
use crate::report::text::{counted, escaped, parts, shortened};

/// What is shown of a reason that the runner or the service gave.
const REASON_BYTES: usize = 4 << 10;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// By what its event stream proves.
    Judged(Judgement),
    /// By Ctrl-C or SIGTERM, whatever the stream said until then.
    Interrupted,
}

impl Conclusion {
    /// That of a run which is still under way, so that no unfinished record reads as a pass.
    #[must_use]
    pub fn unfinished() -> Self {
        let reason = "lamex-ctl did not come to the end of the run";
        Self::Judged(Judgement::Untrusted(Untrusted::NoVerdict(StreamEnd::Broken(reason.to_owned()))))
    }

    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Judged(judgement) => judgement.into(),
            Self::Interrupted => Exit::Interrupted,
        }
    }

    /// One word for machines.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Judged(Judgement::Passed) => "passed",
            Self::Judged(Judgement::Failed) => "failed",
            Self::Judged(Judgement::Incomplete) => "incomplete",
            Self::Judged(Judgement::Empty) => "empty",
            Self::Judged(Judgement::Refused(_)) => "refused",
            Self::Judged(Judgement::Untrusted(_)) => "infrastructure_failure",
            Self::Interrupted => "interrupted",
        }
    }

    /// What the verdict line begins with.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Judged(Judgement::Passed) => "passed",
            Self::Judged(Judgement::Failed) => "failed",
            Self::Judged(Judgement::Incomplete) => "incomplete",
            Self::Judged(Judgement::Empty) => "nothing was run",
            Self::Judged(Judgement::Refused(_)) => "refused",
            Self::Judged(Judgement::Untrusted(_)) => "infrastructure failure",
            Self::Interrupted => "interrupted",
        }
    }

    /// What follows the label, on one line.
    pub(super) fn detail(&self, record: &RunRecord) -> String {
        const NO_RESULT: &str = "(this is not a test result)";
        let counts = record.counts();
        match self {
            Self::Judged(Judgement::Passed) => {
                let passed = counted(counts.passed, "command");
                match counts.skipped {
                    0 => format!("{passed} passed"),
                    skipped => format!("{passed} passed, {skipped} skipped"),
                }
            }
            Self::Judged(Judgement::Failed) => {
                let selected = counts.passed + counts.failed + counts.skipped + counts.not_run;
                format!("{} of {} failed", counts.failed, counted(selected, "command"))
            }
            Self::Judged(Judgement::Incomplete) => {
                let not_run = counted(counts.not_run, "command");
                format!("nothing failed, but {not_run} never ran")
            }
            Self::Judged(Judgement::Empty) => {
                let ran_no_test = record.commands.iter().any(|command| command.ran_no_test());
                match (counts.skipped, ran_no_test) {
                    (0, _) => "there was no command to run".to_owned(),
                    (1, false) => "the only command was skipped".to_owned(),
                    (1, true) => "the only command ran no test".to_owned(),
                    (skipped, false) => format!("all {skipped} commands were skipped"),
                    (skipped, true) => format!("none of the {skipped} commands ran a test"),
                }
            }
            Self::Judged(Judgement::Refused(reason)) => escaped(&shortened(reason, REASON_BYTES)),
            Self::Judged(Judgement::Untrusted(reason)) => {
                format!("{} {NO_RESULT}", escaped(&shortened(&reason.to_string(), REASON_BYTES)))
            }
            Self::Interrupted => {
                let ended =
                    [(counts.passed, "passed"), (counts.failed, "failed"), (counts.skipped, "skipped")];
                format!("{} until then {NO_RESULT}", parts(&ended))
            }
        }
    }
}
