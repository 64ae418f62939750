//! Where the events of a run go: into the record, and to the sinks.

use lamex_run::{Conclusion, RunEvent};

use crate::look::Verbosity;
use crate::record::{Keep, RunRecord};
use crate::sink::{Sink, SinkError, Update};

/// How much of the end of a failed command's output is repeated.
const RECENT_BYTES: usize = 4 << 10;

/// The same under `-q`, where it was not shown before.
const RECENT_QUIET_BYTES: usize = 16 << 10;

impl Keep {
    /// What a report of this verbosity repeats, and what JUnit needs if there is some.
    #[must_use]
    pub fn for_reports(verbosity: Verbosity, junit: bool) -> Self {
        let recent_bytes = match verbosity {
            Verbosity::Quiet => RECENT_QUIET_BYTES,
            Verbosity::Normal | Verbosity::Verbose => RECENT_BYTES,
        };
        Self { recent_bytes, streams: junit }
    }
}

/// Reports on one run. Reads no clock and asks nothing back.
pub struct Reporter {
    record: RunRecord,
    /// Without those that could not write: nothing more is given to them.
    sinks: Vec<Box<dyn Sink>>,
}

impl Reporter {
    /// The sinks are given each event, and the end of the run, in their order.
    #[must_use]
    pub fn new(keep: Keep, sinks: Vec<Box<dyn Sink>>) -> Self {
        Self { record: RunRecord::new(keep), sinks }
    }

    /// What has been folded so far.
    #[must_use]
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// Takes in what happened, and has it shown at once.
    ///
    /// # Errors
    /// That of a sink. One whose reader has gone away (`lamex-ctl invoke | head`) is `BrokenPipe`: the caller stops the
    /// run then, which has no verdict.
    pub fn on_event(&mut self, event: &RunEvent) -> Result<(), SinkError> {
        let shown = self.record.fold(event);
        let update = Update { record: &self.record, shown };
        each(&mut self.sinks, |sink| sink.on_event(event, &update))
    }

    /// For what moves on a terminal; to be called some ten times a second.
    pub fn tick(&mut self) {
        for sink in &mut self.sinks {
            sink.tick();
        }
    }

    /// Tells the user what is not an event of the run.
    ///
    /// # Errors
    /// As [`Reporter::on_event`].
    pub fn warn(&mut self, message: &str) -> Result<(), SinkError> {
        each(&mut self.sinks, |sink| sink.warn(message))
    }

    /// Ends every report. Where one cannot be written, the reports behind it say that the run has no end: a pass that
    /// could not be reported is not one.
    ///
    /// # Errors
    /// What was to be told has not been told, and the caller must not exit 0.
    pub fn finish(mut self, conclusion: Conclusion) -> Result<(), SinkError> {
        self.record.conclusion = conclusion;
        let mut result = Ok(());
        for sink in &mut self.sinks {
            if let Err(error) = sink.finish(&self.record) {
                self.record.conclusion = Conclusion::unfinished();
                result = result.and(Err(error));
            }
        }
        result
    }
}

/// All of them get it, also behind one that fails, which gets nothing more. Returns the first error.
fn each(
    sinks: &mut Vec<Box<dyn Sink>>,
    mut give: impl FnMut(&mut dyn Sink) -> Result<(), SinkError>,
) -> Result<(), SinkError> {
    let mut result = Ok(());
    sinks.retain_mut(|sink| match give(sink.as_mut()) {
        Ok(()) => true,
        Err(error) => {
            if result.is_ok() {
                result = Err(error);
            }
            false
        }
    });
    result
}
