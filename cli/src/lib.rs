//! The library behind `lamex-ctl`.

pub mod exit;
pub mod report;
