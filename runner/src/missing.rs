//! What of the running command's output and tests is left out of the answer.

use lamex_protocol::event::{CommandFinished, Missing, Stream};

/// Adds up until the command's end tells it.
#[derive(Debug, Default)]
pub struct Shortfall(Missing);

impl Shortfall {
    pub fn add(&mut self, missing: Missing) {
        add(&mut self.0, missing);
    }

    /// Tells what was left out since the last command's end.
    pub fn settle(&mut self, finished: &mut CommandFinished) {
        add(&mut finished.missing, std::mem::take(&mut self.0));
    }
}

pub(crate) fn add(sum: &mut Missing, more: Missing) {
    sum.stdout_bytes += more.stdout_bytes;
    sum.stderr_bytes += more.stderr_bytes;
    sum.test_events += more.test_events;
}

pub(crate) fn subtract(sum: &mut Missing, less: Missing) {
    sum.stdout_bytes -= less.stdout_bytes;
    sum.stderr_bytes -= less.stderr_bytes;
    sum.test_events -= less.test_events;
}

#[must_use]
pub(crate) fn output(stream: Stream, length: usize) -> Missing {
    match stream {
        Stream::Stdout => Missing { stdout_bytes: length as u64, ..Missing::default() },
        Stream::Stderr => Missing { stderr_bytes: length as u64, ..Missing::default() },
    }
}

#[must_use]
pub(crate) fn test_event() -> Missing {
    Missing { test_events: 1, ..Missing::default() }
}
