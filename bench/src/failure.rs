//! Why a measurement failed.

use std::error::Error;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;
