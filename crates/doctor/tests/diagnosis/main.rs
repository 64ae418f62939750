//! What is wrong, and exactly what must be said of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixture;
mod printed;
mod table;
