//! What the worker has to say and the main thread has not taken yet: in memory up to a bound, beyond it in
//! a file, so that a test never waits for a slow reader.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use lamex_protocol::event::{Body, Stream};

/// How many bytes of output may wait in memory; the runner is to stay below 64 MB in all.
const MEMORY_BYTES: usize = 8 << 20;

/// Output is joined to pieces of at most this size. JSON makes six bytes of one at worst, which stays below
/// [`lamex_protocol::decode::MAX_LINE_BYTES`].
pub const PIECE_BYTES: usize = 128 << 10;

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
    Output { command: u64, stream: Stream, bytes: Vec<u8> },
}

/// Makes the two ends. `open_spill` is called when memory is exhausted for the first time.
pub fn spool(began: Instant, open_spill: fn() -> io::Result<File>) -> (Sender, Receiver) {
    let state = State {
        queue: VecDeque::new(),
        memory_bytes: 0,
        spill: None,
        spilled_entries: 0,
        spill_end: 0,
        open_spill,
        closed: false,
        waker: None,
    };
    let shared = Arc::new(Mutex::new(state));
    (Sender { shared: Arc::clone(&shared), began }, Receiver { shared })
}

/// The worker's end. Dropping it closes the spool.
#[derive(Debug)]
pub struct Sender {
    shared: Arc<Mutex<State>>,
    began: Instant,
}

/// The main thread's end.
#[derive(Debug)]
pub struct Receiver {
    shared: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    queue: VecDeque<Queued>,
    memory_bytes: usize,
    spill: Option<File>,
    spilled_entries: usize,
    spill_end: u64,
    open_spill: fn() -> io::Result<File>,
    closed: bool,
    waker: Option<Waker>,
}

#[derive(Debug)]
struct Queued {
    at_ms: u64,
    what: QueuedWhat,
}

#[derive(Debug)]
enum QueuedWhat {
    Event(Body),
    Memory { command: u64, stream: Stream, bytes: Vec<u8> },
    Spilled { command: u64, stream: Stream, offset: u64, length: usize },
}

impl Sender {
    /// Queues an event. Events are small and few beside output, and always find room.
    pub fn event(&self, body: Body) {
        let at_ms = self.now_ms();
        let mut state = lock(&self.shared);
        state.queue.push_back(Queued { at_ms, what: QueuedWhat::Event(body) });
        state.wake();
    }

    /// Queues output, at most [`PIECE_BYTES`] of it.
    ///
    /// # Errors
    /// Memory is exhausted and the file cannot take it: these bytes are lost, and the caller must count them.
    pub fn output(&self, command: u64, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let at_ms = self.now_ms();
        let mut state = lock(&self.shared);
        if state.memory_bytes + bytes.len() > MEMORY_BYTES {
            let (offset, length) = (state.spill(bytes)?, bytes.len());
            state
                .queue
                .push_back(Queued { at_ms, what: QueuedWhat::Spilled { command, stream, offset, length } });
        } else {
            state.memory_bytes += bytes.len();
            state.push_or_join(at_ms, command, stream, bytes);
        }
        state.wake();
        Ok(())
    }

    fn now_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut state = lock(&self.shared);
        state.closed = true;
        state.wake();
    }
}

impl Receiver {
    /// The next entry; `None` once the spool is closed and empty.
    pub fn poll_next(&self, context: &Context<'_>) -> Poll<Option<Entry>> {
        let mut state = lock(&self.shared);
        match state.queue.pop_front() {
            Some(queued) => Poll::Ready(Some(state.load(queued))),
            None if state.closed => Poll::Ready(None),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl State {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Many small writes become one entry while the reader is behind.
    fn push_or_join(&mut self, at_ms: u64, command: u64, stream: Stream, bytes: &[u8]) {
        if let Some(Queued {
            what: QueuedWhat::Memory { command: last, stream: kind, bytes: joined }, ..
        }) = self.queue.back_mut()
            && (*last, *kind) == (command, stream)
            && joined.len() + bytes.len() <= PIECE_BYTES
        {
            joined.extend_from_slice(bytes);
            return;
        }
        let what = QueuedWhat::Memory { command, stream, bytes: bytes.to_vec() };
        self.queue.push_back(Queued { at_ms, what });
    }

    fn spill(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let file = match self.spill.take() {
            Some(file) => file,
            None => (self.open_spill)()?,
        };
        let file = self.spill.insert(file);
        file.write_all_at(bytes, self.spill_end)?;
        let offset = self.spill_end;
        self.spill_end += bytes.len() as u64;
        self.spilled_entries += 1;
        Ok(offset)
    }

    fn load(&mut self, queued: Queued) -> Entry {
        let what = match queued.what {
            QueuedWhat::Event(body) => What::Event(body),
            QueuedWhat::Memory { command, stream, bytes } => {
                self.memory_bytes -= bytes.len();
                What::Output { command, stream, bytes }
            }
            QueuedWhat::Spilled { command, stream, offset, length } => {
                What::Output { command, stream, bytes: self.read_back(offset, length) }
            }
        };
        Entry { at_ms: queued.at_ms, what }
    }

    /// Gives the space back to /tmp as it reads, for the tests need it too.
    fn read_back(&mut self, offset: u64, length: usize) -> Vec<u8> {
        use rustix::fs::FallocateFlags;
        let mut bytes = vec![0; length];
        let file = self.spill.as_ref().filter(|file| file.read_exact_at(&mut bytes, offset).is_ok());
        let Some(file) = file else {
            // An unlinked file of our own that cannot be read back means that the machine is failing; an
            // empty piece leaves the stream short of the bytes that the command's end counts, and so proves
            // nothing to its reader.
            return Vec::new();
        };
        self.spilled_entries -= 1;
        if self.spilled_entries == 0 {
            self.spill_end = 0;
            // Where this is not possible, the space comes back when the invocation ends.
            let _ = file.set_len(0);
        } else {
            let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
            let _ = rustix::fs::fallocate(file, hole, offset, length as u64);
        }
        bytes
    }
}

fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    // The state is whole after every statement, so a panic elsewhere does not spoil it.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(receiver: &Receiver) -> Vec<Entry> {
        let context = Context::from_waker(Waker::noop());
        let mut entries = Vec::new();
        while let Poll::Ready(Some(entry)) = receiver.poll_next(&context) {
            entries.push(entry);
        }
        entries
    }

    fn bytes_of(entries: &[Entry]) -> Vec<u8> {
        entries
            .iter()
            .flat_map(|entry| match &entry.what {
                What::Output { bytes, .. } => bytes.clone(),
                What::Event(_) => Vec::new(),
            })
            .collect()
    }

    #[test]
    fn small_pieces_are_joined_and_events_keep_their_place() {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile);
        sender.output(0, Stream::Stdout, b"a").unwrap();
        sender.output(0, Stream::Stdout, b"b").unwrap();
        sender.event(Body::Heartbeat);
        sender.output(0, Stream::Stdout, b"c").unwrap();
        sender.output(0, Stream::Stderr, b"d").unwrap();
        let entries = drain(&receiver);
        assert_eq!(entries.len(), 4);
        assert_eq!(entries[1].what, What::Event(Body::Heartbeat));
        assert_eq!(bytes_of(&entries), b"abcd");
    }

    #[test]
    fn what_memory_cannot_hold_goes_through_the_file_in_order() {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile);
        let mut written = Vec::new();
        let mut read = Vec::new();
        for round in 0..3_u8 {
            for piece in 0..200_usize {
                let bytes = vec![round ^ piece as u8; PIECE_BYTES - piece];
                sender.output(0, Stream::Stdout, &bytes).unwrap();
                written.extend_from_slice(&bytes);
            }
            read.extend(bytes_of(&drain(&receiver)));
        }
        assert!(read == written, "{} of {} bytes came back", read.len(), written.len());
    }

    #[test]
    fn a_full_disk_loses_output_and_says_so_but_never_an_event() {
        // /dev/full refuses every write as a full disk does.
        let (sender, receiver) = spool(Instant::now(), || File::options().write(true).open("/dev/full"));
        let piece = vec![b'x'; PIECE_BYTES];
        let accepted = (0..100).filter(|_| sender.output(0, Stream::Stdout, &piece).is_ok()).count();
        assert_eq!(accepted, MEMORY_BYTES / PIECE_BYTES);
        sender.event(Body::Heartbeat);
        let entries = drain(&receiver);
        assert_eq!(bytes_of(&entries).len(), accepted * PIECE_BYTES);
        assert_eq!(entries.last().map(|entry| &entry.what), Some(&What::Event(Body::Heartbeat)));
    }

    #[test]
    fn closing_ends_the_reader_after_the_last_entry() {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile);
        let context = Context::from_waker(Waker::noop());
        assert!(receiver.poll_next(&context).is_pending());
        sender.event(Body::Heartbeat);
        drop(sender);
        assert!(matches!(receiver.poll_next(&context), Poll::Ready(Some(_))));
        assert!(matches!(receiver.poll_next(&context), Poll::Ready(None)));
    }
}
