//! What a stream proves: each rule of the reader has a stream that breaks it and no other.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod commands;
mod expected;
mod outcomes;
mod sequence;
mod streams;
mod unknown;
