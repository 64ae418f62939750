//! The end of a run in words.

use lamex_protocol::reader::Judgement;
use lamex_run::Conclusion;

use crate::record::RunRecord;
use crate::text::{counted, escaped, parts, shortened};

/// What is shown of a reason that the runner or the service gave.
const REASON_BYTES: usize = 4 << 10;

/// What the verdict line begins with.
pub(super) fn label(conclusion: &Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Judged(Judgement::Passed) => "passed",
        Conclusion::Judged(Judgement::Failed) => "failed",
        Conclusion::Judged(Judgement::Incomplete) => "incomplete",
        Conclusion::Judged(Judgement::Empty) => "nothing was run",
        Conclusion::Judged(Judgement::Refused(_)) => "refused",
        Conclusion::Judged(Judgement::Untrusted(_)) => "infrastructure failure",
        Conclusion::Interrupted => "interrupted",
    }
}

/// What follows the label, on one line.
pub(super) fn detail(record: &RunRecord) -> String {
    const NO_RESULT: &str = "(this is not a test result)";
    let counts = record.counts();
    match &record.conclusion {
        Conclusion::Judged(Judgement::Passed) => {
            let passed = counted(counts.passed, "command");
            match counts.skipped {
                0 => format!("{passed} passed"),
                skipped => format!("{passed} passed, {skipped} skipped"),
            }
        }
        Conclusion::Judged(Judgement::Failed) => {
            let selected = counts.passed + counts.failed + counts.skipped + counts.not_run;
            format!("{} of {} failed", counts.failed, counted(selected, "command"))
        }
        Conclusion::Judged(Judgement::Incomplete) => {
            let not_run = counted(counts.not_run, "command");
            format!("nothing failed, but {not_run} never ran")
        }
        Conclusion::Judged(Judgement::Empty) => {
            let ran_no_test = record.commands.iter().any(|command| command.ran_no_test());
            match (counts.skipped, ran_no_test) {
                (0, _) => "there was no command to run".to_owned(),
                (1, false) => "the only command was skipped".to_owned(),
                (1, true) => "the only command ran no test".to_owned(),
                (skipped, false) => format!("all {skipped} commands were skipped"),
                (skipped, true) => format!("none of the {skipped} commands ran a test"),
            }
        }
        Conclusion::Judged(Judgement::Refused(reason)) => escaped(&shortened(reason, REASON_BYTES)),
        Conclusion::Judged(Judgement::Untrusted(reason)) => {
            format!("{} {NO_RESULT}", escaped(&shortened(&reason.to_string(), REASON_BYTES)))
        }
        Conclusion::Interrupted => {
            let ended = [(counts.passed, "passed"), (counts.failed, "failed"), (counts.skipped, "skipped")];
            format!("{} until then {NO_RESULT}", parts(&ended))
        }
    }
}
