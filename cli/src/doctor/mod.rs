//! What `lamex-ctl doctor` asks AWS and the function, for the facts that `lamex-doctor` diagnoses.

pub(crate) mod collect;
pub(crate) mod inside;

mod network_scope;

#[cfg(test)]
mod collected;
