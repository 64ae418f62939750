//! How long a step of a probe may take.

use std::time::{Duration, Instant};

use tokio::time::timeout_at;

/// The bounds of every step.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub step: Duration,
    /// When all of the probe has to be over, whatever a step is allowed.
    pub stop_at: Instant,
}

/// A step that did not come to its end in time; `message` says which bound it met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfTime {
    pub message: String,
}

impl Limits {
    /// When a step that begins now has to end.
    #[must_use]
    pub fn step_end(&self) -> Instant {
        (Instant::now() + self.step).min(self.stop_at)
    }

    /// No time is left for any step.
    #[must_use]
    pub fn are_over(&self) -> bool {
        Instant::now() >= self.stop_at
    }

    /// Does one step.
    ///
    /// # Errors
    /// The time is over.
    pub async fn step<T>(&self, work: impl Future<Output = T>) -> Result<T, OutOfTime> {
        timeout_at(self.step_end().into(), work).await.map_err(|_| self.out_of_time())
    }

    /// What a step that was given up says.
    #[must_use]
    pub fn out_of_time(&self) -> OutOfTime {
        let message = if self.are_over() {
            DEADLINE_CAME.to_owned()
        } else {
            format!("it did not finish within {} ms", self.step.as_millis())
        };
        OutOfTime { message }
    }
}

/// Why a probe says less than was asked for.
pub const DEADLINE_CAME: &str =
    "the function's deadline came first; give the function more time, or ask for fewer targets at once";
