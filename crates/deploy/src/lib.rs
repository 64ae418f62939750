//! What `live` means: which code and configuration, as which version.

pub mod decide;

pub mod prune;
pub mod record;
pub mod retention;
pub mod steps;
