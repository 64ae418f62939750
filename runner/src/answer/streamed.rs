//! The answer to a protocol request: the event stream, as it happens.

use std::convert::Infallible;
use std::future::Future as _;
use std::io::Stdout;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::body::{Body, Frame};
use lamex_protocol::event::{Body as EventBody, Verdict, VerdictOutcome};
use tokio::time::{Sleep, sleep};

use crate::encoder::Encoder;
use crate::entry::{Entry, What};
use crate::gate::Gate;
use crate::log::{Log, verdict_line};
use crate::run::Schedule;
use crate::runtime_api::{ApiError, RuntimeApi, error_trailers};
use crate::spool::{CHUNK_BYTES, FILE_BYTES, Receiver};

/// How long a stream may be silent. Load balancers and NAT gateways forget a connection after 350 s, and
/// the caller takes 60 s of silence for a broken run.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How long what follows a chunk is gathered before the next one. A thousand short commands then make few
/// chunks, and leave the processor to the tests; what comes after a silence is sent at once.
const GATHER: Duration = Duration::from_millis(5);

/// How long the Runtime API may take to say that it receives the answer. One that never says so has had the time to
/// read its head.
const BEGINNING: Duration = Duration::from_millis(250);

/// Sends the stream, and opens the gate when it has begun. When the connection breaks, the rest goes to the function's
/// log.
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
    let feed =
        Arc::new(Mutex::new(Feed { receiver, encoder, schedule, log: Log::of_function(), verdict: None }));
    let body = StreamBody {
        feed: Arc::clone(&feed),
        heartbeat: Box::pin(sleep(HEARTBEAT)),
        gathering: None,
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
                .line(&format!("lamex: the answer could not be sent ({error}); what follows was not"));
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
    encoder: Encoder,
    schedule: Schedule,
    log: Log<Stdout>,
    verdict: Option<Verdict>,
}

fn lock(feed: &Mutex<Feed>) -> MutexGuard<'_, Feed> {
    feed.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Feed {
    /// Encodes what is there, up to a chunk; `None` at the end.
    fn poll_chunk(&mut self, context: &Context<'_>) -> Poll<Option<Vec<u8>>> {
        if Instant::now() >= self.schedule.close_at {
            self.receiver.discard();
        }
        let mut chunk = Vec::new();
        while chunk.len() < CHUNK_BYTES {
            // An entry that was left out makes no line, so an empty chunk is not the end.
            let entry = if chunk.is_empty() {
                match ready!(self.receiver.poll_next(context)) {
                    Some(entry) => entry,
                    None => return Poll::Ready(None),
                }
            } else {
                match self.receiver.next_now() {
                    Some(entry) => entry,
                    None => break,
                }
            };
            self.take(entry, &mut chunk);
        }
        self.receiver.limit(self.encoder.room_bytes());
        Poll::Ready(Some(chunk))
    }

    fn take(&mut self, entry: Entry, chunk: &mut Vec<u8>) {
        if let What::Event(body) = &entry.what {
            self.log.event(body);
            if let EventBody::Verdict(verdict) = body {
                self.verdict = Some(verdict.clone());
            }
        }
        self.encoder.encode(entry, chunk);
    }

    /// A line for a silence, which after the verdict only means that the worker has not closed the spool yet.
    fn heartbeat(&mut self) -> Option<Vec<u8>> {
        if self.verdict.is_some() {
            return None;
        }
        let mut line = Vec::new();
        let at_ms = self.schedule.began.elapsed().as_millis() as u64;
        self.encoder.encode(Entry { at_ms, what: What::Event(EventBody::Heartbeat) }, &mut line);
        Some(line)
    }

    fn trailers(&self) -> Option<HeaderMap> {
        let error_type = error_type(self.verdict.as_ref()?.outcome)?;
        Some(error_trailers(error_type, &verdict_line(self.verdict.as_ref()?)))
    }
}

/// What other callers than lamex-ctl see as the function's error; `None` for a pass.
#[must_use]
pub fn error_type(outcome: VerdictOutcome) -> Option<&'static str> {
    match outcome {
        VerdictOutcome::Passed => None,
        VerdictOutcome::Failed => Some("Lamex.TestsFailed"),
        VerdictOutcome::Incomplete => Some("Lamex.Incomplete"),
        VerdictOutcome::Empty => Some("Lamex.NothingRun"),
        VerdictOutcome::Refused => Some("Lamex.Refused"),
        VerdictOutcome::Broken => Some("Lamex.Broken"),
    }
}

struct StreamBody {
    feed: Arc<Mutex<Feed>>,
    heartbeat: Pin<Box<Sleep>>,
    /// Until then nothing is sent but a whole chunk or the end.
    gathering: Option<Pin<Box<Sleep>>>,
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
        let polled = lock(&self.feed).poll_chunk(context);
        let chunk = match polled {
            Poll::Ready(Some(chunk)) => chunk,
            Poll::Ready(None) => {
                self.ended = true;
                return Poll::Ready(
                    lock(&self.feed).trailers().map(|trailers| Ok(Frame::trailers(trailers))),
                );
            }
            Poll::Pending if self.heartbeat.as_mut().poll(context).is_pending() => return Poll::Pending,
            Poll::Pending => match lock(&self.feed).heartbeat() {
                Some(line) => line,
                None => return Poll::Pending,
            },
        };
        if chunk.len() < CHUNK_BYTES {
            self.gathering = Some(Box::pin(sleep(GATHER)));
        }
        self.heartbeat.as_mut().reset(tokio::time::Instant::now() + HEARTBEAT);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(chunk)))))
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
            if Instant::now() >= feed.schedule.close_at {
                feed.receiver.discard();
            }
            match feed.receiver.poll_next(context) {
                Poll::Ready(Some(entry)) => feed.log.entry(&entry),
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
