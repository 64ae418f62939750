//! The build lines of lamex.yaml: what makes the programs that commands run.
//!
//! [`steps`] (each line once, with the commands that it is for) -> [`shell`] (a line as a process) -> [`run`] (all of
//! them, as many at once as there are processors). A line is code of the project that runs on the caller's machine; it is
//! no part of the plan, and gets no credentials of AWS.

mod run;
mod shell;
mod steps;

pub use run::{Ended, Event, Outcome, Stop, run};
pub use shell::StepError;
pub use steps::{Step, steps};
