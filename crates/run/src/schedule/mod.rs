//! The schedule: which units go into which invocation, and when. A pure state machine: facts in, actions out.
//!
//! Whoever drives it calls [`machine::Schedule::step`] with each [`facts::Fact`] and carries out the
//! [`facts::Action`]s that it returns. Times are durations since the run began; there is no clock and no I/O.
//! It proves nothing: what a response says of its units comes from the ledger, and so does the run's end.
//!
//! | Action | What its driver does | Facts that follow |
//! | --- | --- | --- |
//! | `Invoke` | `Ledger::begin` with the batch, then sends | `Sent` for a request sent again; then one of `Throttled` and `Rejected` (with `Ledger::withdraw`), `Ended` (with the outcomes of `Ledger::settle`), `Broken` (with `Evidence::untrusted`) |
//! | after `Broken` | asks the service, if it can, whether the invocation has ended | `Gone`, or none: time ends it as well |
//! | `Plan` | has the function list its tests, if it may, and numbers what follows the setup by `Ledger::plan` | `Planned` |
//! | `WaitUntil` | sets its one timer | `TimePassed` |
//! | `Finished` | `Ledger::conclude` | |

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
