//! Why the tests cannot reach a service, and what to change: `facts -> diagnose (checks) -> findings -> report`.

pub(crate) mod actions;
pub(crate) mod blocked;
pub(crate) mod case;
pub(crate) mod checks;
pub(crate) mod collect;
pub(crate) mod diagnose;
pub(crate) mod facts;
pub(crate) mod finding;
pub(crate) mod inside;
pub(crate) mod report;

mod aws_names;
mod policy;
mod promises;
mod snippets;
mod surroundings;

#[cfg(test)]
mod collected;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod printed;
#[cfg(test)]
mod table;
