//! When an invocation has to be over.

use std::time::{Duration, Instant};

/// All times but the function's own end are chosen in [`Schedule::new`].
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// When the invocation came.
    pub began: Instant,
    /// No command starts after this time, and the running one is told to end.
    pub stop_at: Instant,
    /// What still runs is killed.
    pub kill_at: Instant,
    /// Output that has not been sent is given up, so that the verdict is.
    pub close_at: Instant,
    /// Processes that are still there are not waited for any longer.
    pub give_up_at: Instant,
    /// Lambda ends the function.
    pub deadline: Instant,
}

impl Schedule {
    /// Keeps a twentieth of the time for the end, between half a second and ten seconds, and beyond that the
    /// time that the verdict's way to Lambda takes.
    #[must_use]
    pub fn new(began: Instant, remaining: Duration, verdict_time: Duration) -> Self {
        let deadline = began + remaining;
        let verdict_time = verdict_time.min(remaining / 4);
        let (end, remaining) = (deadline - verdict_time, remaining - verdict_time);
        let margin =
            (remaining / 20).clamp(Duration::from_millis(500), Duration::from_secs(10)).min(remaining);
        let before_end = |tenths| end - margin * tenths / 10;
        Self {
            began,
            stop_at: end - margin,
            kill_at: before_end(6),
            close_at: before_end(4),
            give_up_at: before_end(2),
            deadline,
        }
    }

    /// The schedule of what runs before something that takes `time`, for which at most a quarter is kept.
    #[must_use]
    pub fn before(self, time: Duration) -> Self {
        let time = time.min(self.stop_at.saturating_duration_since(self.began) / 4);
        Self {
            stop_at: self.stop_at - time,
            kill_at: self.kill_at - time,
            give_up_at: self.give_up_at - time,
            ..self
        }
    }

    /// What is left once output is given up.
    #[must_use]
    pub fn closing_time(&self) -> Duration {
        self.deadline.saturating_duration_since(self.close_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_takes_a_twentieth_within_bounds_and_the_verdicts_own_time() {
        let began = Instant::now();
        let times = |remaining_ms, verdict_ms| {
            let time = Duration::from_millis(remaining_ms);
            let schedule = Schedule::new(began, time, Duration::from_millis(verdict_ms));
            let after = |time: Instant| time.duration_since(began).as_millis();
            let Schedule { stop_at, kill_at, close_at, give_up_at, deadline, .. } = schedule;
            [stop_at, kill_at, close_at, give_up_at, deadline].map(after)
        };
        assert_eq!(times(900_000, 0), [890_000, 894_000, 896_000, 898_000, 900_000]);
        assert_eq!(times(10_000, 0), [9_500, 9_700, 9_800, 9_900, 10_000]);
        assert_eq!(times(10_000, 100), [9_400, 9_600, 9_700, 9_800, 10_000]);
        assert_eq!(times(400, 0), [0, 160, 240, 320, 400]);
        assert_eq!(times(0, 1_000), [0; 5]);
    }

    #[test]
    fn what_comes_before_leaves_time_and_keeps_three_quarters() {
        let began = Instant::now();
        let schedule = Schedule::new(began, Duration::from_secs(900), Duration::ZERO);
        let stop_after =
            |time| schedule.before(Duration::from_secs(time)).stop_at.duration_since(began).as_millis();
        assert_eq!([0, 60, 600].map(stop_after), [890_000, 830_000, 667_500]);
        let before = schedule.before(Duration::from_secs(60));
        assert_eq!(before.kill_at - before.stop_at, schedule.kill_at - schedule.stop_at);
        assert_eq!((before.close_at, before.deadline), (schedule.close_at, schedule.deadline));
    }
}
