//! Reports of runs, whole.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixture;
mod json;
mod junit;
mod record;
mod reporter;
mod snapshots;
mod snapshots_of_tests;
