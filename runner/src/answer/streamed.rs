//! The answer to a protocol request: the event stream, as it happens.

use std::convert::Infallible;
use std::future::Future as _;
use std::io::Stdout;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use lamex_protocol::event::{Body as EventBody, VerdictOutcome};
use tokio::time::{Sleep, sleep};

use crate::answer::pace::{Allowance, Pace};
use crate::encoder::Encoder;
use crate::entry::{Entry, What};
use crate::gate::Gate;
use crate::log::Log;
use crate::runtime_api::{ApiError, RuntimeApi};
use crate::schedule::Schedule;
use crate::spool::{CHUNK_BYTES, FILE_BYTES, Receiver};

/// How long a stream may be silent. Load balancers and NAT gateways forget a connection after 350 s, and
/// the caller takes 60 s of silence for a broken run.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How long what follows a chunk is gathered before the next one. A thousand short commands then make few
/// chunks, and leave the processor to the tests; what comes after a silence is sent at once.
const GATHER: Duration = Duration::from_millis(5);

/// How much output one event holds where Lambda limits the rate, so that a chunk can be small.
const PACED_PIECE_BYTES: usize = 16 << 10;

/// How long the Runtime API may take to say that it receives the answer. One that never says so has had the time to
/// read its head.
const BEGINNING: Duration = Duration::from_millis(250);

/// Sends the stream, and opens the gate when it has begun. It has no error trailers, whatever the verdict is: nothing
/// says what Lambda makes of them in a buffered invocation, and the stream itself is the truth. When the connection
/// breaks, the rest goes to the function's log.
///
/// # Errors
/// The Runtime API is gone for good; a broken stream alone is no error.
pub async fn answer(
    api: &mut RuntimeApi,
    request_id: &str,
    receiver: Receiver,
    encoder: Encoder,
    schedule: Schedule,
    gate: &Gate,
) -> Result<(), ApiError> {
    let pace = encoder.is_limited().then(|| Pace::new(schedule.closing_time(), Instant::now()));
    let feed = Arc::new(Mutex::new(Feed {
        receiver,
        rest: None,
        encoder,
        pace,
        schedule,
        log: Log::for_function(),
        has_verdict: false,
    }));
    let body = StreamBody {
        feed: Arc::clone(&feed),
        heartbeat: Box::pin(sleep(HEARTBEAT)),
        gathering: None,
        pause: None,
        ended: false,
    };
    let answered = {
        let received = gate.clone();
        let answered = api.respond_streaming(request_id, body, move || received.open());
        tokio::pin!(answered);
        tokio::select! {
            biased;
            answered = &mut answered => answered,
            () = sleep(BEGINNING) => {
                gate.open();
                answered.await
            }
        }
    };
    // However it ended, nobody else can answer any more.
    gate.open();
    match answered {
        Ok(()) => Ok(()),
        Err(error) => {
            // The log has no limit.
            lock(&feed).receiver.limit(FILE_BYTES);
            // On AWS it goes with the whole environment.
            if let Some(gone) = api.is_gone().await {
                return Err(gone);
            }
            lock(&feed)
                .log
                .line(&format!("lamex: the response could not be sent ({error}); the rest was not sent"));
            tokio::select! {
                biased;
                () = LogRest { feed } => Ok(()),
                gone = api.gone() => Err(gone),
            }
        }
    }
}

/// Where entries become lines. Shared, because hyper owns the body and drops it when the connection breaks.
struct Feed {
    receiver: Receiver,
    /// What was cut off the entry before, and comes next.
    rest: Option<Entry>,
    encoder: Encoder,
    pace: Option<Pace>,
    schedule: Schedule,
    log: Log<Stdout>,
    has_verdict: bool,
}

fn lock(feed: &Mutex<Feed>) -> MutexGuard<'_, Feed> {
    feed.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Feed {
    /// How much may be sent now. Once output is given up, everything: what is left are few events, and the
    /// pace has kept time for them.
    fn allowance(&mut self, now: Instant) -> Allowance {
        match &mut self.pace {
            Some(pace) if now < self.schedule.close_at => match pace.allowance(now) {
                Allowance::Wait(time) => Allowance::Wait(time.min(self.schedule.close_at - now)),
                allowance => allowance,
            },
            _ => Allowance::Bytes(CHUNK_BYTES),
        }
    }

    /// Encodes what is there, up to about `limit` bytes; `None` at the end.
    fn poll_chunk(&mut self, limit: usize, context: &Context<'_>) -> Poll<Option<Vec<u8>>> {
        self.give_up_when_due();
        let mut chunk = Vec::new();
        while chunk.len() < limit {
            // An entry that was left out makes no line, so an empty chunk is not the end.
            let entry = match self.rest.take() {
                Some(rest) => rest,
                None if chunk.is_empty() => match ready!(self.receiver.poll_next(context)) {
                    Some(entry) => entry,
                    None => return Poll::Ready(None),
                },
                None => match self.receiver.next_now() {
                    Some(entry) => entry,
                    None => break,
                },
            };
            let entry = self.first_piece(entry);
            self.take(entry, &mut chunk);
        }
        self.receiver.limit(self.encoder.room_bytes());
        Poll::Ready(Some(chunk))
    }

    fn give_up_when_due(&mut self) {
        if Instant::now() >= self.schedule.close_at {
            self.receiver.discard();
            if let Some(Entry { at_ms, what }) = self.rest.take() {
                self.rest = Some(Entry { at_ms, what: What::Lost(what.as_missing()) });
            }
        }
    }

    /// The entry, or as much of its output as one event of a paced response holds.
    fn first_piece(&mut self, mut entry: Entry) -> Entry {
        let at_ms = entry.at_ms;
        if self.pace.is_some()
            && let What::Output { command, stream, bytes } = &mut entry.what
            && bytes.len() > PACED_PIECE_BYTES
        {
            let (command, stream) = (*command, *stream);
            let bytes = bytes.split_off(character_boundary(bytes, PACED_PIECE_BYTES));
            self.rest = Some(Entry { at_ms, what: What::Output { command, stream, bytes } });
        }
        entry
    }

    fn take(&mut self, entry: Entry, chunk: &mut Vec<u8>) {
        if let What::Event(body) = &entry.what {
            self.log.event(body);
            self.has_verdict |= matches!(body, EventBody::Verdict(_));
        }
        self.encoder.encode(entry, chunk);
    }

    /// A line for a silence, which after the verdict only means that the worker has not closed the spool yet.
    fn heartbeat(&mut self) -> Option<Vec<u8>> {
        if self.has_verdict {
            return None;
        }
        let mut line = Vec::new();
        let at_ms = self.schedule.began.elapsed().as_millis() as u64;
        self.encoder.encode(Entry { at_ms, what: What::Event(EventBody::Heartbeat) }, &mut line);
        Some(line)
    }
}

/// The nearest place at or before `at` that is no continuation of a character.
fn character_boundary(bytes: &[u8], at: usize) -> usize {
    (at.saturating_sub(3)..=at).rev().find(|&at| bytes[at] & 0xc0 != 0x80).unwrap_or(at)
}

/// What other callers than lamex-ctl see as the function's error; `None` for a pass.
#[must_use]
pub fn error_type(outcome: VerdictOutcome) -> Option<&'static str> {
    match outcome {
        VerdictOutcome::Passed => None,
        VerdictOutcome::Failed => Some("Function.TestsFailed"),
        VerdictOutcome::Incomplete => Some("Function.Incomplete"),
        VerdictOutcome::Empty => Some("Function.NothingRun"),
        VerdictOutcome::Refused => Some("Function.Refused"),
        VerdictOutcome::Broken | VerdictOutcome::Unknown => Some("Function.Broken"),
    }
}

struct StreamBody {
    feed: Arc<Mutex<Feed>>,
    heartbeat: Pin<Box<Sleep>>,
    /// Until then nothing is sent but a whole chunk or the end.
    gathering: Option<Pin<Box<Sleep>>>,
    /// Until then nothing is sent at all: Lambda has enough to read.
    pause: Option<Pin<Box<Sleep>>>,
    ended: bool,
}

impl Body for StreamBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Some(gathering) = &mut self.gathering {
            if gathering.as_mut().poll(context).is_pending() {
                ready!(lock(&self.feed).receiver.poll_gathered(context));
            }
            self.gathering = None;
        }
        let limit = ready!(self.poll_allowance(context));
        let polled = lock(&self.feed).poll_chunk(limit, context);
        let chunk = match polled {
            Poll::Ready(Some(chunk)) => chunk,
            Poll::Ready(None) => {
                self.ended = true;
                return Poll::Ready(None);
            }
            Poll::Pending if self.heartbeat.as_mut().poll(context).is_pending() => return Poll::Pending,
            Poll::Pending => match lock(&self.feed).heartbeat() {
                Some(line) => line,
                None => return Poll::Pending,
            },
        };
        if let Some(pace) = &mut lock(&self.feed).pace {
            pace.sent(chunk.len());
        }
        if chunk.len() < limit {
            self.gathering = Some(Box::pin(sleep(GATHER)));
        }
        self.heartbeat.as_mut().reset(tokio::time::Instant::now() + HEARTBEAT);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(chunk)))))
    }
}

impl StreamBody {
    /// Waits until something may be sent; then, how much.
    fn poll_allowance(&mut self, context: &mut Context<'_>) -> Poll<usize> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            let allowance = lock(&self.feed).allowance(Instant::now());
            match allowance {
                Allowance::Bytes(bytes) => return Poll::Ready(bytes.min(CHUNK_BYTES)),
                Allowance::Wait(time) => self.pause = Some(Box::pin(sleep(time))),
            }
        }
    }
}

/// Writes to the log what is left, until the worker is done.
struct LogRest {
    feed: Arc<Mutex<Feed>>,
}

impl Future for LogRest {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut feed = lock(&self.feed);
        loop {
            feed.give_up_when_due();
            if let Some(rest) = feed.rest.take() {
                feed.log.entry(&rest);
            }
            match feed.receiver.poll_next(context) {
                Poll::Ready(Some(entry)) => feed.log.entry(&entry),
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
