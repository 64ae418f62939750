//! The last event of an invocation.

use lamex_protocol::event::{Body, Counts, Remaining, Verdict, VerdictOutcome};

use crate::encoder::bounded;

pub(crate) fn verdict(
    outcome: VerdictOutcome,
    counts: Counts,
    remaining: Vec<Remaining>,
    message: Option<String>,
) -> Body {
    // The encoder, which numbers the events, fills in how many came before.
    Body::Verdict(Verdict { outcome, counts, remaining, events: 0, message: message.map(bounded) })
}

/// Of commands that ran, and of those that never started; `has_passed` is as in [`Counts::outcome`].
pub(crate) fn counted(counts: Counts, has_passed: bool, remaining: Vec<Remaining>) -> Body {
    let counts = Counts { not_run: remaining.len() as u64, ..counts };
    verdict(counts.outcome(has_passed), counts, remaining, None)
}

/// Of a request that runs no command.
pub(crate) fn empty() -> Body {
    verdict(VerdictOutcome::Empty, Counts::default(), Vec::new(), None)
}

pub(crate) fn refused(reason: String) -> Body {
    verdict(VerdictOutcome::Refused, Counts::default(), Vec::new(), Some(reason))
}

pub(crate) fn broken(message: String) -> Body {
    verdict(VerdictOutcome::Broken, Counts::default(), Vec::new(), Some(message))
}
