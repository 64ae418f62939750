//! How many invocations the service has room for: narrower after each throttling, wider again with time.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Throttle {
    workers: u32,
    width: u32,
    /// Nothing is sent before this time: there was no room even for one.
    pause_until: Duration,
    /// When the width grows again, while it is less than the workers.
    widen_at: Duration,
    /// How long to wait after a throttling, and between one widening and the next.
    step: Duration,
    has_widened: bool,
}

impl Throttle {
    pub(super) fn new(workers: u32) -> Self {
        let workers = workers.max(1);
        Self {
            workers,
            width: workers,
            pause_until: Duration::ZERO,
            widen_at: Duration::ZERO,
            step: SHORTEST,
            has_widened: false,
        }
    }

    /// The service refused one, while `running` others ran or were about to.
    pub(super) fn throttled(&mut self, now: Duration, running: u32) {
        // The refusals that follow one widening, or one start, are counted once.
        if std::mem::take(&mut self.has_widened) || running == 0 {
            self.step = self.step.saturating_mul(2).min(LONGEST);
        }
        self.width = self.width.min(running.max(1));
        self.widen_at = now.saturating_add(self.step);
        if running == 0 {
            self.pause_until = self.widen_at;
        }
    }

    /// As far as is known.
    pub(super) fn room(&self) -> u32 {
        self.width
    }

    /// How many may run now.
    pub(super) fn width(&mut self, now: Duration) -> u32 {
        if now < self.pause_until {
            return 0;
        }
        if self.width < self.workers && now >= self.widen_at {
            if self.has_widened {
                self.step = (self.step / 2).max(SHORTEST);
            }
            self.has_widened = true;
            self.width = self.width.saturating_add((self.width / 4).max(1)).min(self.workers);
            self.widen_at = now.saturating_add(self.step);
        }
        self.width
    }

    /// When the width may be another one, if only time passes.
    pub(super) fn next_change(&self, now: Duration) -> Option<Duration> {
        let is_narrow = self.width < self.workers;
        (is_narrow || now < self.pause_until).then(|| self.widen_at.max(self.pause_until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_throttling_narrows_to_what_runs_and_time_widens() {
        let mut throttle = Throttle::new(16);
        assert_eq!((throttle.width(at(0)), throttle.next_change(at(0))), (16, None));
        for running in (8..16).rev() {
            throttle.throttled(at(10), running);
        }
        assert_eq!((throttle.width(at(10)), throttle.next_change(at(10))), (8, Some(at(260))));
        let widths = [260, 510, 760, 1_010].map(|ms| throttle.width(at(ms)));
        assert_eq!((widths, throttle.next_change(at(1_010))), ([10, 12, 15, 16], None));
    }

    #[test]
    fn without_room_for_one_the_waits_grow() {
        let mut throttle = Throttle::new(4);
        let (mut now, mut waits) = (at(0), Vec::new());
        for _ in 0..8 {
            throttle.throttled(now, 0);
            assert_eq!(throttle.width(now), 0);
            let next = throttle.next_change(now).unwrap();
            waits.push((next - now).as_millis());
            now = next;
            assert!(throttle.width(now) > 0);
        }
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    }
}
