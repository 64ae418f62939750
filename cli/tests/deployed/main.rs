//! `lamex-ctl invoke` of a deployed function, through the real AWS client: faults of the service and of the
//! connection, retries, guards. The function is a local Lambda of this process, told what shall go wrong.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attempts;
mod cuts;
mod endpoint;
mod function;
mod guards;
mod lies;
mod verdicts;
