//! Prints how near the schedule comes to the shortest possible run, and what deciding costs:
//! `cargo run --release -p lamex-run --example schedule_figures`.
#![expect(clippy::print_stdout, reason = "it is a program that prints")]

#[path = "../tests/schedule/random.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod random;
#[path = "../tests/schedule/simulator.rs"]
mod simulator;

use simulator::{Known, Scenario, run};

fn main() {
    println!("history      workers  ramp  seed  ratio  invocations  429s  mean µs  longest µs  first ms");
    for (name, history) in
        [("true", Known::Exactly), ("sigma 0.5", Known::Roughly(0.5)), ("none", Known::Nothing)]
    {
        for (workers, ramp) in [(1_000, 1_000), (1_000, 500), (100, 1_000)] {
            for seed in 1..=3 {
                let scenario = Scenario { seed, units: 10_000, workers, history, ramp, throttled: 0.02 };
                let it = run(scenario);
                println!(
                    "{name:<12} {workers:>7} {ramp:>5} {seed:>5}  {:>5.3} {:>12} {:>5} {:>8.1} {:>11.0} {:>9.2}",
                    it.ratio,
                    it.invocations,
                    it.throttlings,
                    it.mean_decision.as_secs_f64() * 1e6,
                    it.longest_decision.as_secs_f64() * 1e6,
                    it.first_decision.as_secs_f64() * 1e3,
                );
            }
        }
    }
}
