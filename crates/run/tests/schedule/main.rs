//! The schedule from outside: simulated runs, and properties over random ones.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chaining;
mod makespan;
mod orphans;
mod properties;
mod random;
mod referee;
mod simulator;
mod world;
