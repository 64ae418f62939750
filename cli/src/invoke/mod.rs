//! From the command line to a judgement: where to run, what to ask for, whether that is allowed; then the
//! answer is read, shown and judged.

pub(crate) mod compare;
mod drift;
pub(crate) mod expect;
pub(crate) mod guard;
pub(crate) mod live;
mod needs;
pub(crate) mod request;
pub(crate) mod target;
mod unbuilt;
mod unknown;
