//! What `live` means: which code and configuration, as which version.

pub(crate) mod decide;
pub(crate) mod placeholder;
pub(crate) mod prune;
pub(crate) mod record;
pub(crate) mod retention;
pub(crate) mod steps;
