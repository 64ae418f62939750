//! How fast a response may flow: a token bucket that takes the time as input.

use std::time::{Duration, Instant};

/// A burst at any speed, then this many bytes per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub burst_bytes: u64,
    pub bytes_per_second: u64,
}

/// Enough bytes to be worth a message of their own.
const WORTHWHILE_BYTES: u64 = 64 << 10;

#[derive(Debug)]
pub(crate) struct TokenBucket {
    pace: Pace,
    available: u64,
    filled_at: Instant,
}

/// What may be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Allowance {
    Bytes(usize),
    Wait(Duration),
}

impl TokenBucket {
    pub(crate) fn new(pace: Pace, now: Instant) -> Self {
        Self { pace, available: pace.burst_bytes, filled_at: now }
    }

    /// Takes up to `wanted` bytes, or says how long to wait before asking again.
    pub(crate) fn take(&mut self, wanted: usize, now: Instant) -> Allowance {
        self.fill(now);
        let wanted = wanted as u64;
        let needed = wanted.min(WORTHWHILE_BYTES).min(self.pace.burst_bytes).max(1);
        if self.available < needed {
            let missing = needed - self.available;
            return Allowance::Wait(self.time_for(missing));
        }
        let taken = wanted.min(self.available);
        self.available -= taken;
        Allowance::Bytes(taken as usize)
    }

    fn fill(&mut self, now: Instant) {
        let elapsed_ns = now.saturating_duration_since(self.filled_at).as_nanos();
        let gained = (elapsed_ns * u128::from(self.pace.bytes_per_second) / 1_000_000_000) as u64;
        if self.available + gained >= self.pace.burst_bytes {
            self.available = self.pace.burst_bytes;
            self.filled_at = now;
        } else if gained > 0 {
            // Only the time that made whole bytes is used up, so that frequent asking loses nothing.
            self.available += gained;
            self.filled_at += self.time_for(gained);
        }
    }

    fn time_for(&self, bytes: u64) -> Duration {
        let rate = u128::from(self.pace.bytes_per_second.max(1));
        Duration::from_nanos((u128::from(bytes) * 1_000_000_000).div_ceil(rate) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { burst_bytes: 100_000, bytes_per_second: 1_000 };

    #[test]
    fn the_burst_is_free_and_then_the_rate_holds() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(PACE, start);
        assert_eq!(bucket.take(60_000, start), Allowance::Bytes(60_000));
        assert_eq!(bucket.take(60_000, start), Allowance::Wait(Duration::from_secs(20)));
        assert_eq!(bucket.take(40_000, start), Allowance::Bytes(40_000));
        assert_eq!(bucket.take(500, start), Allowance::Wait(Duration::from_millis(500)));
        let later = start + Duration::from_millis(500);
        assert_eq!(bucket.take(500, later), Allowance::Bytes(500));
        assert_eq!(bucket.take(1, later), Allowance::Wait(Duration::from_millis(1)));
    }

    #[test]
    fn asking_often_loses_nothing_and_rest_saves_no_more_than_the_burst() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(PACE, start);
        assert_eq!(bucket.take(100_000, start), Allowance::Bytes(100_000));
        for step in 1..1_000 {
            let now = start + Duration::from_micros(step * 300);
            assert!(matches!(bucket.take(1_000, now), Allowance::Wait(_)));
        }
        let after = start + Duration::from_secs(1);
        assert_eq!(bucket.take(1_000, after), Allowance::Bytes(1_000));
        let much_later = start + Duration::from_secs(10_000);
        assert_eq!(bucket.take(usize::MAX, much_later), Allowance::Bytes(100_000));
    }
}
