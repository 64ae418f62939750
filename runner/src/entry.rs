//! What the worker tells the main thread, one thing at a time.

use lamex_protocol::event::{Body, Missing, Stream};

use crate::missing;

/// Output is joined to pieces of at most this size. JSON makes six bytes of one at worst, which stays below
/// [`lamex_protocol::decode::MAX_LINE_BYTES`].
pub const PIECE_BYTES: usize = 128 << 10;

/// What an entry takes in memory beside its bytes.
pub(crate) const ENTRY_BYTES: usize = 192;

/// One thing that happened.
#[derive(Debug, PartialEq)]
pub struct Entry {
    /// Milliseconds since the invocation began.
    pub at_ms: u64,
    pub what: What,
}

#[derive(Debug, PartialEq)]
pub enum What {
    Event(Body),
    Output {
        command: u64,
        stream: Stream,
        bytes: Vec<u8>,
    },
    /// Of the running command: /tmp could not hold it, or there was no time left for it.
    Lost(Missing),
}

impl What {
    /// Whether it may go to the file, or be lost: no verdict rests on it.
    pub(crate) fn is_bulk(&self) -> bool {
        matches!(
            self,
            Self::Output { .. }
                | Self::Event(Body::TestStarted(_) | Body::TestFinished(_) | Body::TestMessage(_))
        )
    }

    /// What it takes in memory.
    pub(crate) fn memory_bytes(&self) -> usize {
        ENTRY_BYTES
            + match self {
                Self::Output { bytes, .. } => bytes.len(),
                Self::Event(Body::TestStarted(test)) => test.test.len(),
                Self::Event(Body::TestFinished(test)) => test.test.len(),
                Self::Event(Body::TestMessage(test)) => test.test.len() + test.message.len(),
                Self::Event(_) | Self::Lost(_) => 0,
            }
    }

    /// What is missing without it.
    pub(crate) fn as_missing(&self) -> Missing {
        match self {
            Self::Output { stream, bytes, .. } => missing::output(*stream, bytes.len()),
            Self::Event(Body::TestStarted(_) | Body::TestFinished(_) | Body::TestMessage(_)) => {
                missing::test_event()
            }
            Self::Event(_) => Missing::default(),
            Self::Lost(missing) => *missing,
        }
    }
}
