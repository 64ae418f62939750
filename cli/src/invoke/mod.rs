//! From a request to a judgement: the answer is read, shown and judged.

pub(crate) mod lambda;
pub(crate) mod session;
pub(crate) mod unknown;
