//! How near the schedule comes to the shortest possible run, in simulated time.

use crate::simulator::{Known, Scenario, run};

/// 10,000 units on 1,000 workers, and on 100, where it is not the longest unit that decides.
fn check(history: Known, limit: f64) {
    for (seed, workers, ramp, throttled) in
        [(1, 1_000, 1_000, 0.02), (2, 1_000, 1_000, 0.0), (3, 1_000, 600, 0.02), (4, 100, 1_000, 0.02)]
    {
        let scenario = Scenario { seed, units: 10_000, workers, history, ramp, throttled };
        let measured = run(scenario);
        assert!(measured.ratio <= limit, "{scenario:?} gives {measured:?}");
    }
}

#[test]
fn with_true_history() {
    check(Known::Exactly, 1.05);
}

#[test]
fn with_rough_history() {
    check(Known::Roughly(0.5), 1.20);
}

#[test]
fn without_history() {
    check(Known::Nothing, 1.50);
}
