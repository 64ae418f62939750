//! Those who report on a run.

use std::io;
use std::path::PathBuf;

use lamex_run::RunEvent;
use miette::Diagnostic;
use thiserror::Error;

use crate::record::{RunRecord, Shown};

/// Takes in a run as it happens. Hands nothing back to it.
pub trait Sink {
    /// `update` is what the event has become in the record.
    ///
    /// # Errors
    /// It could not be written. The sink is given nothing more then.
    fn on_event(&mut self, event: &RunEvent, update: &Update<'_>) -> Result<(), SinkError>;

    /// Some ten times a second, for what moves on a terminal.
    fn tick(&mut self) {}

    /// Tells what is not an event of the run, such as why it may not begin.
    ///
    /// # Errors
    /// As above.
    fn warn(&mut self, _message: &str) -> Result<(), SinkError> {
        Ok(())
    }

    /// The run is over.
    ///
    /// # Errors
    /// As above.
    fn finish(&mut self, record: &RunRecord) -> Result<(), SinkError>;
}

/// The record after an event.
#[derive(Debug)]
pub struct Update<'a> {
    pub record: &'a RunRecord,
    pub shown: Shown<'a>,
}

/// What goes wrong on this side while a run is reported on.
#[derive(Debug, Error, Diagnostic)]
pub enum SinkError {
    /// The reader of stdout is gone, or a disk is full.
    #[error("cannot write the report: {0}")]
    Report(#[source] io::Error),
    #[error("cannot write the events: {0}")]
    Events(#[source] io::Error),
    #[error("cannot create the folder {} for the JUnit file", path.display())]
    JunitFolder { path: PathBuf, source: io::Error },
    #[error("cannot write the JUnit file {}", path.display())]
    Junit { path: PathBuf, source: io::Error },
}
