//! The real binaries, run in folders of their own and held to what all their reports say.

pub(crate) mod binaries;
pub(crate) mod events;
pub(crate) mod junit;
pub(crate) mod live;
pub(crate) mod project;
pub(crate) mod run;
