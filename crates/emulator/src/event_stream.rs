//! A streamed answer on the wire: `PayloadChunk` and `InvokeComplete` messages of
//! `application/vnd.amazon.eventstream`.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame};
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio::time::Sleep;

use crate::faults::InvocationFaults;
use crate::http::BoxError;
use crate::invocation::Completion;
use crate::response::ClientEvent;

/// What is there already is sent in one message, up to about so much.
const MESSAGE_BYTES: usize = 256 << 10;

/// How long a connection that is to be cut stays open, so that what was sent before gets out.
const CUT_DELAY: Duration = Duration::from_millis(20);

/// What a caller of an invocation reads.
pub(crate) enum AnswerBody {
    /// The messages of a streamed answer, as they come.
    Events {
        next: Option<ClientEvent>,
        events: mpsc::Receiver<ClientEvent>,
        is_tail_wanted: bool,
        faults: Box<InvocationFaults>,
    },
    /// A buffered answer.
    Whole {
        body: Bytes,
        faults: Box<InvocationFaults>,
    },
    Ended,
    /// The connection is about to be cut.
    Cut(Pin<Box<Sleep>>),
    /// Nothing more comes. What would have come is kept, so that the function notices a slow caller and not
    /// one that has gone.
    Stalled {
        _unread: Box<AnswerBody>,
    },
}

impl AnswerBody {
    /// Cuts the piece at a fault, and is from then on what the fault makes of it.
    fn suffer(&mut self, piece: &mut Bytes) -> bool {
        let (Self::Events { faults, .. } | Self::Whole { faults, .. }) = self else {
            return false;
        };
        if faults.cut_client.cut(piece) {
            *self = Self::Cut(Box::pin(tokio::time::sleep(CUT_DELAY)));
        } else if faults.stall_client.cut(piece) {
            let unread = Box::new(std::mem::replace(self, Self::Ended));
            *self = Self::Stalled { _unread: unread };
        } else {
            return false;
        }
        true
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            let (mut piece, is_framed) = match &mut *self {
                Self::Ended => return Poll::Ready(None),
                Self::Stalled { .. } => return Poll::Pending,
                Self::Cut(delay) => {
                    ready!(delay.as_mut().poll(context));
                    return Poll::Ready(Some(Err("the connection is cut on purpose".into())));
                }
                Self::Whole { body, .. } => (std::mem::take(body), false),
                Self::Events { next, events, is_tail_wanted, .. } => {
                    let event = match next.take() {
                        Some(event) => event,
                        None => match ready!(events.poll_recv(context)) {
                            Some(event) => event,
                            // The emulator ends in the middle of the invocation.
                            None => return Poll::Ready(Some(Err("the invocation was abandoned".into()))),
                        },
                    };
                    match event {
                        ClientEvent::Complete(completion) => {
                            let message = invoke_complete(&completion, *is_tail_wanted);
                            *self = Self::Ended;
                            return Poll::Ready(Some(message.map(Frame::data)));
                        }
                        ClientEvent::Chunk(chunk) => {
                            let merged = merge(chunk, next, || match events.poll_recv(context) {
                                Poll::Ready(event) => event,
                                Poll::Pending => None,
                            });
                            (merged, true)
                        }
                    }
                }
            };
            let is_faulty = self.suffer(&mut piece);
            let frame = if is_framed && !piece.is_empty() {
                encode("PayloadChunk", "application/octet-stream", piece)?
            } else {
                piece
            };
            if !is_framed && !is_faulty {
                *self = Self::Ended;
            }
            if !frame.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(frame))));
            }
        }
    }
}

/// Joins a chunk with those that are there already; an event that ends the row is left in `next`.
fn merge(
    chunk: Bytes,
    next: &mut Option<ClientEvent>,
    mut more: impl FnMut() -> Option<ClientEvent>,
) -> Bytes {
    let mut merged = BytesMut::new();
    let mut only = Some(chunk);
    while merged.len() + only.as_ref().map_or(0, Bytes::len) < MESSAGE_BYTES {
        match more() {
            Some(ClientEvent::Chunk(chunk)) => {
                // The first one is copied only when there is a second.
                if let Some(first) = only.take() {
                    merged.reserve(MESSAGE_BYTES.max(first.len() + chunk.len()));
                    merged.extend_from_slice(&first);
                }
                merged.extend_from_slice(&chunk);
            }
            other => {
                *next = other;
                break;
            }
        }
    }
    only.unwrap_or_else(|| merged.freeze())
}

fn invoke_complete(completion: &Completion, is_tail_wanted: bool) -> Result<Bytes, BoxError> {
    let mut fields = Map::new();
    if let Some(error) = &completion.error {
        let details = String::from_utf8_lossy(&error.body).into_owned();
        fields.insert("ErrorCode".to_owned(), Value::String(error.error_type.clone()));
        fields.insert("ErrorDetails".to_owned(), Value::String(details));
    }
    if is_tail_wanted {
        let tail = STANDARD.encode(&completion.log_tail);
        fields.insert("LogResult".to_owned(), Value::String(tail));
    }
    let payload = Value::Object(fields).to_string();
    encode("InvokeComplete", "application/json", payload.into())
}

fn encode(event_type: &'static str, content_type: &'static str, payload: Bytes) -> Result<Bytes, BoxError> {
    let header =
        |name: &'static str, value: &'static str| Header::new(name, HeaderValue::String(value.into()));
    // Length and checksum before, checksum behind, and three headers of some 40 bytes.
    let mut encoded = Vec::with_capacity(payload.len() + 160);
    let message = Message::new(payload)
        .add_header(header(":message-type", "event"))
        .add_header(header(":event-type", event_type))
        .add_header(header(":content-type", content_type));
    write_message_to(&message, &mut encoded)?;
    Ok(encoded.into())
}

/// For the answers that are no invocation's.
pub(crate) fn never(error: Infallible) -> BoxError {
    match error {}
}
