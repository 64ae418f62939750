//! Why a measurement came to nothing.

use std::error::Error;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;
