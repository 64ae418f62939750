//! What a run is: what happens in it, how it ends, with which exit code, and what it cost. Pure.

mod billing;
mod conclusion;
mod event;
mod exit;
pub mod schedule;

pub use billing::Billing;
pub use conclusion::Conclusion;
pub use event::{RunEvent, RunEventKind};
pub use exit::{Exit, HELP as EXIT_CODES};
