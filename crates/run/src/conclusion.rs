//! How a run ended, in words.

use lamex_protocol::reader::{Judgement, StreamEnd, Untrusted};

use crate::exit::Exit;

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
        let reason = "lamex-ctl did not reach the end of the run";
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
}
