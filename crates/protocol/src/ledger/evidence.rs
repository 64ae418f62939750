//! What the response to one invocation proves of its units.

use super::asked::Asked;
use super::units::{InvocationId, UnitId};

/// How an attempt at a unit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// With the reason, which may be empty where the test's own output says it.
    Failed(String),
    /// With the reason.
    Skipped(String),
    /// It may have run, and nothing trustworthy says how it ended.
    Lost(String),
    /// It provably never started: no attempt was made.
    Remaining,
}

/// What the response to one invocation proves. A [`super::unit_reader::UnitReader`] makes it; anyone may say
/// that a response proves nothing.
#[derive(Debug, PartialEq, Eq)]
pub struct Evidence {
    pub(super) asked: Asked,
    pub(super) proof: Proof,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// One outcome for every unit that was asked for.
    Trusted(Vec<(UnitId, Outcome)>),
    /// The runner ran nothing, for this reason.
    Refused(String),
    Untrusted(String),
}

impl Evidence {
    /// No response, or none that proves anything: every unit may have run.
    #[must_use]
    pub fn untrusted(asked: Asked, reason: impl Into<String>) -> Self {
        Self { asked, proof: Proof::Untrusted(reason.into()) }
    }

    #[must_use]
    pub fn invocation(&self) -> InvocationId {
        self.asked.invocation
    }

    #[must_use]
    pub fn is_trusted(&self) -> bool {
        !matches!(self.proof, Proof::Untrusted(_))
    }

    /// Why the response proves nothing, where it does not.
    #[must_use]
    pub fn distrust(&self) -> Option<&str> {
        match &self.proof {
            Proof::Untrusted(reason) => Some(reason),
            Proof::Trusted(_) | Proof::Refused(_) => None,
        }
    }
}
