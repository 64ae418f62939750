//! Why the tests cannot reach a service, and what to change.

pub(crate) mod facts;
