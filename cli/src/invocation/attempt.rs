//! When an invocation that never started is tried again: decided from facts and time alone.

use std::time::Duration;

use lamex_aws::StartError;

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// What follows an attempt that brought no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The same, with the answer at the end.
    Buffered { reason: String },
    /// The same, after this time.
    Again { delay: Duration, reason: String },
    /// Nothing: it is over, for this reason.
    Over(String),
}

/// An attempt is repeated only when it provably never reached the function. `may_fall_back` tells whether it
/// streamed and need not.
pub(super) fn after(
    error: StartError,
    may_fall_back: bool,
    attempt: u32,
    elapsed: Duration,
    allowed: Duration,
) -> Next {
    match error {
        StartError::CannotStream(reason) if may_fall_back => Next::Buffered { reason },
        StartError::NeverStarted(reason) => match next_delay(attempt, elapsed, allowed) {
            Some(delay) => Next::Again { delay, reason },
            None => Next::Over(format!("the function never started: {reason}")),
        },
        StartError::CannotStream(reason) => {
            Next::Over(format!("the endpoint cannot stream ({reason}): set `invoke: buffered` or `auto`"))
        }
        StartError::Unknown(reason) => Next::Over(format!("the invocation failed: {reason}")),
    }
}

/// How long to wait before the next attempt, or `None` when the time allowed for the start is over.
/// `attempt` counts from 0; the wait doubles with every one, up to ten seconds.
fn next_delay(attempt: u32, elapsed: Duration, allowed: Duration) -> Option<Duration> {
    let delay = FIRST_DELAY.saturating_mul(1 << attempt.min(10)).min(LONGEST_DELAY);
    (elapsed + delay <= allowed).then_some(delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_provably_never_started_is_tried_again() {
        let decide = |error: fn(String) -> StartError, may_fall_back| {
            after(error("why".to_owned()), may_fall_back, 0, Duration::ZERO, Duration::from_secs(60))
        };
        let reason = "why".to_owned();
        let again = Next::Again { delay: FIRST_DELAY, reason: reason.clone() };
        assert_eq!(decide(StartError::NeverStarted, true), again);
        assert_eq!(decide(StartError::CannotStream, true), Next::Buffered { reason });
        let over = Next::Over("the invocation failed: why".to_owned());
        assert_eq!(decide(StartError::Unknown, true), over);
        let cannot =
            Next::Over("the endpoint cannot stream (why): set `invoke: buffered` or `auto`".to_owned());
        assert_eq!(decide(StartError::CannotStream, false), cannot);
    }

    #[test]
    fn waits_double_up_to_ten_seconds_and_end_with_the_time_allowed() {
        let allowed = Duration::from_secs(60);
        let mut elapsed = Duration::ZERO;
        let mut waits_ms = Vec::new();
        for attempt in 0..20 {
            let Some(delay) = next_delay(attempt, elapsed, allowed) else { break };
            waits_ms.push(delay.as_millis());
            elapsed += delay;
        }
        assert_eq!(waits_ms, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000]);
        assert_eq!(next_delay(0, Duration::ZERO, Duration::ZERO), None);
    }
}
