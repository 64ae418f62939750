//! The schedule: which units go into which invocation, and when. A pure state machine: facts in, actions out.
//!
//! Whoever drives it calls [`machine::Schedule::step`] with each [`facts::Fact`] and carries out the
//! [`facts::Action`]s that it returns. Times are durations since the run began; there is no clock and no I/O.
//! It proves nothing: what a response says of its units comes from the ledger, and so does the run's end.

mod batch;
mod chaining;
mod estimate;
pub mod facts;
pub mod machine;
mod queue;
mod running;
mod stages;
pub mod suite;
mod throttle;
mod units;
