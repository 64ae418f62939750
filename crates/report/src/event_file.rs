//! The event stream as it came (`--events`).

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use lamex_run::{RunEvent, RunEventKind};

use crate::record::RunRecord;
use crate::sink::{Sink, SinkError, Update};

/// A file that holds the bytes of the responses, one after the other.
pub struct EventFile {
    file: File,
}

impl EventFile {
    /// Makes the file, after its folders.
    ///
    /// # Errors
    /// When the path cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        Ok(Self { file: File::create(path)? })
    }
}

impl Sink for EventFile {
    fn on_event(&mut self, event: &RunEvent, _update: &Update<'_>) -> Result<(), SinkError> {
        match &event.kind {
            RunEventKind::Received(bytes) => self.file.write_all(bytes).map_err(SinkError::Events),
            _ => Ok(()),
        }
    }

    fn finish(&mut self, _record: &RunRecord) -> Result<(), SinkError> {
        Ok(())
    }
}
