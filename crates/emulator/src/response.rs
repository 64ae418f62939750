//! From the runtime's response to the caller: limits, pace and faults on the way.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::HeaderMap;
use hyper::body::Incoming;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::config::StreamLimits;
use crate::faults::InvocationFaults;
use crate::function_error::MAX_BUFFERED_RESPONSE_BYTES;
use crate::invocation::Completion;
use crate::pacing::{Allowance, TokenBucket};

/// What a caller of a streaming invocation is sent.
#[derive(Debug)]
pub(crate) enum ClientEvent {
    Chunk(Bytes),
    Complete(Box<Completion>),
}

/// Where a response goes.
#[derive(Debug)]
pub(crate) enum Sink {
    /// A caller that waits for the whole.
    Collect(Vec<u8>),
    Stream(mpsc::Sender<ClientEvent>),
    /// Nobody, or no longer anybody.
    Discard,
}

/// How the reading of a response ended.
#[derive(Debug)]
pub(crate) enum BodyEnd {
    Complete {
        trailers: Option<HeaderMap>,
    },
    /// The connection broke, or was broken by a fault.
    Broken,
    /// It was larger than its limit; the rest was read and thrown away.
    TooLarge {
        bytes: u64,
        limit: u64,
    },
    /// The fault that kills the runtime is due.
    KillRuntime,
}

impl Sink {
    /// Waits while the caller is slow. A caller that has gone away is forgotten: the function is not told.
    pub(crate) async fn push(&mut self, piece: Bytes) {
        match self {
            Self::Collect(bytes) => bytes.extend_from_slice(&piece),
            Self::Stream(client) => {
                if !piece.is_empty() && client.send(ClientEvent::Chunk(piece)).await.is_err() {
                    *self = Self::Discard;
                }
            }
            Self::Discard => {}
        }
    }

    fn limit(&self) -> Option<u64> {
        matches!(self, Self::Collect(_)).then_some(MAX_BUFFERED_RESPONSE_BYTES as u64)
    }
}

/// Reads a response to its end and passes it on as it comes.
pub(crate) async fn relay(
    body: &mut Incoming,
    sink: &mut Sink,
    limits: &StreamLimits,
    faults: &mut InvocationFaults,
) -> BodyEnd {
    let limit = match (sink.limit(), limits.max_bytes) {
        (Some(one), Some(other)) => one.min(other),
        (one, other) => one.or(other).unwrap_or(u64::MAX),
    };
    let mut bucket = limits.pace.map(|pace| TokenBucket::new(pace, Instant::now().into_std()));
    let mut received: u64 = 0;
    let mut trailers = None;
    let mut piece = Bytes::new();
    loop {
        let is_killed = faults.kill_runtime.cut(&mut piece);
        let is_broken = !is_killed && faults.break_runtime_response.cut(&mut piece);
        let room = limit.saturating_sub(received);
        received += piece.len() as u64;
        piece.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        pass_on(piece, sink, bucket.as_mut()).await;
        if is_killed {
            return BodyEnd::KillRuntime;
        } else if is_broken {
            return BodyEnd::Broken;
        }
        piece = match body.frame().await {
            None if received > limit => {
                return BodyEnd::TooLarge { bytes: received, limit };
            }
            None => return BodyEnd::Complete { trailers },
            Some(Err(_)) => return BodyEnd::Broken,
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => data,
                Err(other) => {
                    trailers = other.into_trailers().ok();
                    Bytes::new()
                }
            },
        };
    }
}

async fn pass_on(mut piece: Bytes, sink: &mut Sink, bucket: Option<&mut TokenBucket>) {
    if let Some(bucket) = bucket {
        while !piece.is_empty() {
            match bucket.take(piece.len(), Instant::now().into_std()) {
                Allowance::Bytes(count) => sink.push(piece.split_to(count)).await,
                Allowance::Wait(pause) => tokio::time::sleep(pause).await,
            }
        }
    } else {
        sink.push(piece).await;
    }
}
