//! What the worker has to say and the main thread has not taken yet: in memory up to a bound, beyond it in
//! a file, so that a test never waits for a slow reader.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use lamex_protocol::event::{Body, Missing, Stream};

use crate::entry::{ENTRY_BYTES, Entry, PIECE_BYTES, What};
use crate::missing;
use crate::spill::{Region, Spill};

/// How much output, and how many events of tests, may wait in memory; the runner is to stay below 64 MB in
/// all.
const MEMORY_BYTES: usize = 8 << 20;

/// How much output is worth a chunk of the answer, whatever else may follow.
pub const CHUNK_BYTES: usize = 256 << 10;

/// How much output may wait in the file where the answer has no limit, or is the function's log.
pub const FILE_BYTES: u64 = 1 << 30;

/// Makes the two ends. `open_spill` is called when memory is exhausted for the first time; the file holds at most
/// `file_bytes`, and a share of the free space. What has no room is counted, and so is the rest of the
/// command's output, for a text with holes in it reads as one without.
pub fn spool(began: Instant, open_spill: fn() -> io::Result<File>, file_bytes: u64) -> (Sender, Receiver) {
    let state = State {
        queue: VecDeque::new(),
        memory_bytes: 0,
        spill: Spill::new(open_spill, file_bytes.min(FILE_BYTES)),
        cut: None,
        discards: false,
        closed: false,
        waker: None,
        gatherer: None,
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
    spill: Spill,
    /// The command whose output has had no room.
    cut: Option<u64>,
    discards: bool,
    closed: bool,
    /// Woken by the next entry.
    waker: Option<Waker>,
    /// Woken by the end, or by a chunk's worth of output.
    gatherer: Option<Waker>,
}

#[derive(Debug)]
enum Queued {
    Memory(Entry),
    /// Output and tests of one command.
    Spilled(Region),
}

const _: () = assert!(size_of::<Queued>() <= ENTRY_BYTES);

impl Sender {
    /// Queues an event. Those that a verdict rests on are few, and always find room in memory.
    pub fn event(&self, body: Body) {
        self.send(What::Event(body));
    }

    /// Queues output, at most [`PIECE_BYTES`] of it.
    pub fn output(&self, command: u64, stream: Stream, bytes: &[u8]) {
        self.send(What::Output { command, stream, bytes: bytes.to_vec() });
    }

    fn send(&self, what: What) {
        let at_ms = self.began.elapsed().as_millis() as u64;
        let mut state = lock(&self.shared);
        state.push(Entry { at_ms, what });
        unlock_and_wake(state);
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut state = lock(&self.shared);
        state.closed = true;
        unlock_and_wake(state);
    }
}

impl Receiver {
    /// The next entry; `None` once the spool is closed and empty.
    pub fn poll_next(&self, context: &Context<'_>) -> Poll<Option<Entry>> {
        let mut state = lock(&self.shared);
        match state.pop() {
            Some(entry) => Poll::Ready(Some(entry)),
            None if state.closed => Poll::Ready(None),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// The next entry if there is one now. Whoever asks is not woken by the next.
    pub fn next_now(&self) -> Option<Entry> {
        lock(&self.shared).pop()
    }

    /// Waits for the end or for a chunk's worth of output; smaller amounts do not wake the
    /// reader.
    pub fn poll_gathered(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = lock(&self.shared);
        if state.has_chunk() {
            return Poll::Ready(());
        }
        state.gatherer = Some(context.waker().clone());
        Poll::Pending
    }

    /// No more than this is worth keeping in the file: the answer cannot carry more.
    pub fn limit(&self, file_bytes: u64) {
        lock(&self.shared).spill.limit(file_bytes.min(FILE_BYTES));
    }

    /// From now on output and tests are only counted, those that wait as well: there is no time left to
    /// send them.
    pub fn discard(&self) {
        lock(&self.shared).discards = true;
    }
}

impl State {
    fn has_chunk(&self) -> bool {
        self.closed || self.memory_bytes >= CHUNK_BYTES
    }

    fn push(&mut self, entry: Entry) {
        if !entry.what.is_bulk() {
            self.queue.push_back(Queued::Memory(entry));
        } else if self.discards || self.is_cut(&entry.what) {
            self.push_lost(entry.at_ms, entry.what.as_missing());
        } else if self.memory_bytes + entry.what.memory_bytes() <= MEMORY_BYTES {
            self.push_or_join(entry);
        } else {
            self.push_spilled(&entry);
        }
    }

    /// Many small writes become one entry while the reader is behind.
    fn push_or_join(&mut self, entry: Entry) {
        if let What::Output { command, stream, bytes } = &entry.what
            && let Some(Queued::Memory(Entry {
                what: What::Output { command: last, stream: kind, bytes: joined },
                ..
            })) = self.queue.back_mut()
            && (*last, *kind) == (*command, *stream)
            && joined.len() + bytes.len() <= PIECE_BYTES
        {
            joined.extend_from_slice(bytes);
            self.memory_bytes += bytes.len();
            return;
        }
        self.memory_bytes += entry.what.memory_bytes();
        self.queue.push_back(Queued::Memory(entry));
    }

    fn push_spilled(&mut self, entry: &Entry) {
        let last = match self.queue.back_mut() {
            Some(Queued::Spilled(region)) => Some(region),
            _ => None,
        };
        match self.spill.append(entry, last) {
            Ok(None) => {}
            Ok(Some(region)) => self.queue.push_back(Queued::Spilled(region)),
            Err(_) => {
                if let What::Output { command, .. } = entry.what {
                    self.cut = Some(command);
                }
                self.push_lost(entry.at_ms, entry.what.as_missing());
            }
        }
    }

    fn is_cut(&self, what: &What) -> bool {
        matches!(what, What::Output { command, .. } if self.cut == Some(*command))
    }

    fn push_lost(&mut self, at_ms: u64, lost: Missing) {
        if let Some(Queued::Memory(Entry { what: What::Lost(sum), .. })) = self.queue.back_mut() {
            missing::add(sum, lost);
        } else {
            self.queue.push_back(Queued::Memory(Entry { at_ms, what: What::Lost(lost) }));
        }
    }

    fn pop(&mut self) -> Option<Entry> {
        loop {
            match self.queue.pop_front()? {
                Queued::Memory(entry) => return Some(self.taken(entry)),
                Queued::Spilled(region) if self.discards => {
                    return Some(Entry { at_ms: 0, what: What::Lost(self.spill.skip(region)) });
                }
                Queued::Spilled(region) => match self.spill.take(region) {
                    Ok((entries, rest)) => self.load(entries, rest),
                    Err(lost) => return Some(Entry { at_ms: 0, what: What::Lost(lost) }),
                },
            }
        }
    }

    fn taken(&mut self, entry: Entry) -> Entry {
        if !entry.what.is_bulk() {
            return entry;
        }
        self.memory_bytes -= entry.what.memory_bytes();
        if self.discards { Entry { what: What::Lost(entry.what.as_missing()), ..entry } } else { entry }
    }

    /// Puts what was read back where it belongs: before everything else.
    fn load(&mut self, entries: Vec<Entry>, rest: Option<Region>) {
        if let Some(rest) = rest {
            self.queue.push_front(Queued::Spilled(rest));
        }
        for entry in entries.into_iter().rev() {
            self.memory_bytes += entry.what.memory_bytes();
            self.queue.push_front(Queued::Memory(entry));
        }
    }
}

fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    // The state is whole after every statement, so a panic elsewhere does not spoil it.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In this order, so that the reader does not wake up to a lock that is still held.
fn unlock_and_wake(mut state: MutexGuard<'_, State>) {
    let gatherer = if state.has_chunk() { state.gatherer.take() } else { None };
    let waker = state.waker.take();
    drop(state);
    waker.into_iter().chain(gatherer).for_each(Waker::wake);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use lamex_protocol::event::TestStarted;

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
                What::Event(_) | What::Lost(_) => Vec::new(),
            })
            .collect()
    }

    #[test]
    fn small_pieces_are_joined_and_events_keep_their_place() {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile, FILE_BYTES);
        sender.output(0, Stream::Stdout, b"a");
        sender.output(0, Stream::Stdout, b"b");
        sender.event(Body::Heartbeat);
        sender.output(0, Stream::Stdout, b"c");
        sender.output(0, Stream::Stderr, b"d");
        let entries = drain(&receiver);
        assert_eq!(entries.len(), 4);
        assert_eq!(entries[1].what, What::Event(Body::Heartbeat));
        assert_eq!(bytes_of(&entries), b"abcd");
    }

    #[test]
    fn what_memory_cannot_hold_goes_through_the_file_in_order() {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile, FILE_BYTES);
        let mut written = Vec::new();
        let mut read = Vec::new();
        for round in 0..3_u8 {
            for piece in 0..200_usize {
                let bytes = vec![round ^ piece as u8; PIECE_BYTES - piece];
                sender.output(0, Stream::Stdout, &bytes);
                written.extend_from_slice(&bytes);
            }
            read.extend(bytes_of(&drain(&receiver)));
        }
        assert!(read == written, "only {} of {} bytes could be read back", read.len(), written.len());
    }

    fn lost(entries: &[Entry]) -> Missing {
        let mut sum = Missing::default();
        for entry in entries {
            if let What::Lost(lost) = entry.what {
                missing::add(&mut sum, lost);
            }
        }
        sum
    }

    fn test(number: usize) -> Body {
        Body::TestStarted(TestStarted { command: 0, test: format!("test {number}") })
    }

    #[test]
    fn a_full_disk_loses_output_and_says_how_much_but_never_an_event() {
        // /dev/full refuses every write as a full disk does.
        let (sender, receiver) =
            spool(Instant::now(), || File::options().write(true).open("/dev/full"), FILE_BYTES);
        let piece = vec![b'x'; PIECE_BYTES];
        for _ in 0..100 {
            sender.output(0, Stream::Stdout, &piece);
        }
        sender.event(Body::Heartbeat);
        let entries = drain(&receiver);
        let kept = bytes_of(&entries).len();
        assert!(kept > MEMORY_BYTES / 2 && kept <= MEMORY_BYTES);
        let stdout_bytes = (100 * PIECE_BYTES - kept) as u64;
        assert_eq!(lost(&entries), Missing { stdout_bytes, ..Missing::default() });
        assert_eq!(entries.last().map(|entry| &entry.what), Some(&What::Event(Body::Heartbeat)));
    }

    #[test]
    fn small_entries_take_no_memory_beyond_the_bound_and_keep_their_order() {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile, FILE_BYTES);
        let mut expected = Vec::new();
        for number in 0..60_000_usize {
            let stream = if number % 2 == 0 { Stream::Stdout } else { Stream::Stderr };
            sender.output(0, stream, &[number as u8]);
            if number % 3 == 0 {
                sender.event(test(number));
            }
            expected.push((stream, number as u8));
        }
        let queued = lock(&receiver.shared).queue.len();
        assert!(queued <= MEMORY_BYTES / ENTRY_BYTES + 1, "{queued} entries wait in memory");
        let mut tests = 0;
        let mut found = Vec::new();
        for entry in drain(&receiver) {
            match entry.what {
                What::Output { stream, bytes, .. } => found.extend(bytes.iter().map(|&byte| (stream, byte))),
                What::Event(event) => {
                    assert_eq!(event, test(3 * tests));
                    tests += 1;
                }
                What::Lost(_) => panic!("nothing is lost"),
            }
        }
        assert!(found == expected && tests == 20_000);
        assert_eq!(lock(&receiver.shared).memory_bytes, 0);
    }

    #[test]
    fn discarding_counts_what_waits_and_what_comes() {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile, FILE_BYTES);
        for round in 0..2 {
            for number in 0..200 {
                sender.output(0, Stream::Stdout, &[b'x'; PIECE_BYTES]);
                sender.output(0, Stream::Stderr, b"e");
                sender.event(test(number));
            }
            if round == 0 {
                receiver.discard();
            }
        }
        sender.event(Body::Heartbeat);
        let entries = drain(&receiver);
        let stdout_bytes = (400 * PIECE_BYTES) as u64;
        assert_eq!(lost(&entries), Missing { stdout_bytes, stderr_bytes: 400, test_events: 400 });
        assert_eq!(bytes_of(&entries).len(), 0);
        assert_eq!(entries.last().map(|entry| &entry.what), Some(&What::Event(Body::Heartbeat)));
    }

    #[test]
    fn a_file_that_cannot_be_read_back_is_counted_as_lost() {
        let (sender, receiver) =
            spool(Instant::now(), || File::options().write(true).open("/dev/null"), FILE_BYTES);
        for _ in 0..100 {
            sender.output(0, Stream::Stderr, &[b'x'; PIECE_BYTES]);
        }
        let entries = drain(&receiver);
        assert_eq!(lost(&entries).stderr_bytes + bytes_of(&entries).len() as u64, (100 * PIECE_BYTES) as u64);
    }

    /// How many pieces of so many come back, in their order and from the first on, and how many of another
    /// command's.
    fn kept_of(pieces: usize, file_bytes: u64) -> (usize, usize) {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile, file_bytes);
        for number in 0..pieces {
            sender.output(0, Stream::Stdout, &vec![number as u8; PIECE_BYTES]);
        }
        // After these there is room again, and still nothing of the command that was cut may come.
        for _ in 0..pieces / 2 {
            assert!(receiver.next_now().is_some());
        }
        sender.output(0, Stream::Stdout, &[0xff; PIECE_BYTES]);
        sender.output(1, Stream::Stderr, &[0xfe; PIECE_BYTES]);
        let entries = drain(&receiver);
        let bytes = bytes_of(&entries);
        let own: Vec<u8> = bytes.iter().copied().filter(|&byte| byte < 0xfe).collect();
        let firsts: Vec<u8> = own.chunks(PIECE_BYTES).map(|piece| piece[0]).collect();
        let first = pieces / 2;
        assert_eq!(firsts, (first..first + firsts.len()).map(|number| number as u8).collect::<Vec<_>>());
        let lost = lost(&entries);
        assert_eq!(
            lost.stdout_bytes as usize,
            (pieces / 2 + 1) * PIECE_BYTES - own.len() - count(&bytes, 0xff)
        );
        (firsts.len() + first, count(&bytes, 0xfe) / PIECE_BYTES)
    }

    fn count(bytes: &[u8], wanted: u8) -> usize {
        bytes.iter().filter(|&&byte| byte == wanted).count()
    }

    #[test]
    fn what_the_answer_cannot_carry_is_not_kept_and_counted_without_a_hole() {
        let in_memory = MEMORY_BYTES / (PIECE_BYTES + ENTRY_BYTES);
        assert_eq!(kept_of(100, 0).0, in_memory);
        // Each record has its head.
        assert_eq!(kept_of(100, 20 * PIECE_BYTES as u64), (in_memory + 19, 1));
        assert_eq!(kept_of(100, FILE_BYTES), (100, 1));
    }

    #[test]
    fn the_limit_follows_what_the_answer_can_still_carry() {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile, FILE_BYTES);
        receiver.limit(PIECE_BYTES as u64 / 2);
        for _ in 0..100 {
            sender.output(0, Stream::Stdout, &[b'x'; PIECE_BYTES]);
        }
        let kept = bytes_of(&drain(&receiver)).len();
        assert!(kept <= MEMORY_BYTES, "{kept}");
    }

    struct Counter(AtomicUsize);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn who_gathers_is_woken_by_a_chunk_or_by_the_end_and_by_nothing_else() {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile, FILE_BYTES);
        let counter = Arc::new(Counter(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&counter));
        let context = Context::from_waker(&waker);
        let woken = || counter.0.load(Ordering::Relaxed);
        assert!(receiver.poll_next(&context).is_pending());
        sender.event(Body::Heartbeat);
        assert_eq!(woken(), 1);
        assert!(receiver.next_now().is_some() && receiver.next_now().is_none());
        assert!(receiver.poll_gathered(&context).is_pending());
        sender.event(Body::Heartbeat);
        sender.output(0, Stream::Stdout, b"x");
        assert_eq!(woken(), 1);
        for _ in 0..CHUNK_BYTES / PIECE_BYTES {
            sender.output(0, Stream::Stdout, &vec![b'x'; PIECE_BYTES]);
        }
        assert_eq!(woken(), 2);
        assert!(receiver.poll_gathered(&context).is_ready());
        drain(&receiver);
        assert!(receiver.poll_gathered(&context).is_pending());
        drop(sender);
        assert_eq!(woken(), 3);
        assert!(receiver.poll_gathered(&context).is_ready());
    }

    #[test]
    fn closing_ends_the_reader_after_the_last_entry() {
        let (sender, receiver) = spool(Instant::now(), tempfile::tempfile, FILE_BYTES);
        let context = Context::from_waker(Waker::noop());
        assert!(receiver.poll_next(&context).is_pending());
        sender.event(Body::Heartbeat);
        drop(sender);
        assert!(matches!(receiver.poll_next(&context), Poll::Ready(Some(_))));
        assert!(matches!(receiver.poll_next(&context), Poll::Ready(None)));
    }
}
