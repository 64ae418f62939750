//! The command line of lamex: reads lamex.yaml, stages the package, invokes the function, reports.

pub mod config;
pub mod package;
