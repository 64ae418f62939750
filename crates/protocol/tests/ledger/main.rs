//! What many invocations prove together: the ledger's rules, each as a property.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attempts;
mod conclusions;
mod damage;
mod processes;
mod response;
