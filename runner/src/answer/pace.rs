//! How far a response may run ahead of its reader. Lambda reads a streamed response at 2 MiB/s after a burst
//! of 6 MiB (`internal/lambda/interop/model.go` of its Runtime Interface Emulator), and socket buffers take
//! megabytes beyond that: a verdict behind them would come seconds after the deadline. The account is kept
//! here, because a sender cannot see what its peer's kernel holds. The time is an input.

use std::time::{Duration, Instant};

/// A little less than Lambda's 2 MiB/s, so that the account never runs ahead of the reader.
const BYTES_PER_SECOND: u64 = (2 << 20) / 32 * 31;
const BURST_BYTES: u64 = 6 << 20;

/// Lambda reads what it may once in this time.
const REFILL: Duration = Duration::from_millis(125);

/// Bounds of what may wait unread.
const MIN_WINDOW_BYTES: u64 = 64 << 10;
const MAX_WINDOW_BYTES: u64 = 1 << 20;

/// The least that is worth a chunk.
const WORTHWHILE_BYTES: u64 = 16 << 10;

/// Of a response that is read at Lambda's rate.
#[derive(Debug)]
pub(super) struct Pace {
    /// What the reader takes at once; below zero, what it has not read yet.
    credit_bytes: i64,
    window_bytes: u64,
    counted_at: Instant,
}

/// What may be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Allowance {
    Bytes(usize),
    Wait(Duration),
}

impl Pace {
    /// `closing_time` is what is left for the verdict once output is given up.
    pub(super) fn new(closing_time: Duration, now: Instant) -> Self {
        // Half of it belongs to the closing events themselves.
        let window_bytes = bytes_in(closing_time.saturating_sub(REFILL)) / 2;
        Self {
            credit_bytes: BURST_BYTES as i64,
            window_bytes: window_bytes.clamp(MIN_WINDOW_BYTES, MAX_WINDOW_BYTES),
            counted_at: now,
        }
    }

    pub(super) fn allowance(&mut self, now: Instant) -> Allowance {
        let gained = bytes_in(now.saturating_duration_since(self.counted_at));
        if gained > 0 {
            self.credit_bytes = self.credit_bytes.saturating_add_unsigned(gained).min(BURST_BYTES as i64);
            self.counted_at = now;
        }
        let room = self.credit_bytes.saturating_add_unsigned(self.window_bytes);
        if room >= WORTHWHILE_BYTES as i64 {
            // At most burst and window, which every usize holds.
            return Allowance::Bytes(room as usize);
        }
        let missing = (self.window_bytes / 2).saturating_add_signed(-room);
        Allowance::Wait(time_for(missing.max(WORTHWHILE_BYTES)))
    }

    pub(super) fn sent(&mut self, bytes: usize) {
        self.credit_bytes = self.credit_bytes.saturating_sub_unsigned(bytes as u64);
    }
}

fn bytes_in(time: Duration) -> u64 {
    u64::try_from(time.as_nanos() * u128::from(BYTES_PER_SECOND) / 1_000_000_000).unwrap_or(u64::MAX)
}

/// How long Lambda takes to read this many bytes beyond its burst.
pub(crate) fn time_for(bytes: u64) -> Duration {
    Duration::from_nanos(bytes.saturating_mul(1_000_000_000).div_ceil(BYTES_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader as Lambda's: a bucket of 6 MiB that gets an eighth of 2 MiB eight times a second.
    struct LambdaReader {
        tokens: u64,
        unread: u64,
    }

    impl LambdaReader {
        fn read(&mut self) {
            let read = self.unread.min(self.tokens);
            self.unread -= read;
            self.tokens -= read;
        }

        fn refill(&mut self) {
            self.tokens = (self.tokens + (2 << 20) / 8).min(BURST_BYTES);
            self.read();
        }
    }

    /// A command that floods stdout from the beginning until output is given up. How much Lambda has still
    /// to read then, and what it has read.
    fn flood(function_time: Duration, closing_time: Duration) -> (u64, u64) {
        let start = Instant::now();
        let mut pace = Pace::new(closing_time, start);
        let mut reader = LambdaReader { tokens: BURST_BYTES, unread: 0 };
        let (mut elapsed, mut refilled, mut sent) = (Duration::ZERO, Duration::ZERO, 0);
        while elapsed < function_time - closing_time {
            while refilled + REFILL <= elapsed {
                refilled += REFILL;
                reader.refill();
            }
            match pace.allowance(start + elapsed) {
                Allowance::Bytes(allowed) => {
                    let chunk = allowed.min(40 << 10);
                    pace.sent(chunk);
                    sent += chunk as u64;
                    reader.unread += chunk as u64;
                    reader.read();
                }
                Allowance::Wait(time) => elapsed += time,
            }
        }
        (reader.unread, sent)
    }

    #[test]
    fn what_waits_when_output_is_given_up_is_read_before_the_deadline() {
        for (function_time_s, closing_time_ms) in [(10, 200), (60, 1_200), (900, 4_000)] {
            let function_time = Duration::from_secs(function_time_s);
            let closing_time = Duration::from_millis(closing_time_ms);
            let (unread, sent) = flood(function_time, closing_time);
            let time = time_for(unread) + REFILL;
            assert!(time < closing_time, "{unread} bytes of {function_time_s} s take {time:?}");
            let rate = (sent - BURST_BYTES) as f64 / function_time.as_secs_f64();
            assert!(rate > 0.9 * f64::from(2 << 20), "{function_time_s} s: {rate} bytes a second");
        }
    }

    #[test]
    fn the_burst_is_free_and_comes_back_with_time() {
        let start = Instant::now();
        let mut pace = Pace::new(Duration::from_secs(4), start);
        let allowed = |pace: &mut Pace, after: Duration| match pace.allowance(start + after) {
            Allowance::Bytes(bytes) => bytes as u64,
            Allowance::Wait(time) => panic!("{time:?}"),
        };
        assert_eq!(allowed(&mut pace, Duration::ZERO), BURST_BYTES + MAX_WINDOW_BYTES);
        pace.sent((BURST_BYTES + MAX_WINDOW_BYTES) as usize);
        assert!(matches!(pace.allowance(start), Allowance::Wait(_)));
        let later = Duration::from_secs(1);
        assert_eq!(allowed(&mut pace, later), BYTES_PER_SECOND);
        assert_eq!(allowed(&mut pace, Duration::from_secs(3_600)), BURST_BYTES + MAX_WINDOW_BYTES);
    }
}
