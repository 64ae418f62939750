//! Why the tests cannot reach a service, and what to change: `facts -> diagnose (checks) -> findings -> report`.
//!
//! Pure: the caller asks AWS and the function.

pub mod actions;
pub mod aws_names;
pub mod case;
pub mod diagnose;
pub mod facts;
pub mod finding;
pub mod policy;
pub mod promises;
pub mod report;

mod blocked;
mod checks;
mod snippets;
