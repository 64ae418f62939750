//! Why the tests cannot reach a service, and what to change.

pub(crate) mod collect;
pub(crate) mod facts;
pub(crate) mod inside;
mod policy;
mod surroundings;

#[cfg(test)]
mod collected;
