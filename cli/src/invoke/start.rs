//! When an invocation that never started is tried again: decided from facts and time alone.

use std::time::Duration;

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// How long to wait before the next attempt, or `None` when the time allowed for the start is over.
/// `attempt` counts from 0; the wait doubles with every one, up to ten seconds.
pub(crate) fn next_delay(attempt: u32, elapsed: Duration, allowed: Duration) -> Option<Duration> {
    let delay = FIRST_DELAY.saturating_mul(1 << attempt.min(10)).min(LONGEST_DELAY);
    (elapsed + delay <= allowed).then_some(delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_seconds_and_end_with_the_time_allowed() {
        let allowed = Duration::from_secs(60);
        let mut elapsed = Duration::ZERO;
        let mut waits_ms = Vec::new();
        while let Some(delay) = next_delay(waits_ms.len() as u32, elapsed, allowed) {
            waits_ms.push(delay.as_millis());
            elapsed += delay;
        }
        assert_eq!(waits_ms, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000]);
        assert_eq!(next_delay(0, Duration::ZERO, Duration::ZERO), None);
    }
}
