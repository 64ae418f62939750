//! Bodies of responses, in bounded memory: an endpoint that is broken or hostile can claim any length.
//!
//! The SDK collects a whole message of an event stream, or a whole document, before it looks at it, and keeps
//! every piece in which it came. Here a message or a document is joined to one piece, as long as it is not
//! longer than any that Lambda sends.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The longest message or document. Messages of AWS event streams have at most 24 MB. A buffered answer has
/// 6 MB, which an emulator that puts it into a JSON string may make some times as long.
pub(super) const MAX_BYTES: usize = 24 << 20;

/// The headers of a message, which the SDK makes a list of.
const MAX_HEADERS_BYTES: usize = 128 << 10;

/// Two lengths and a checksum before a message, a checksum behind it.
const EMPTY_MESSAGE_BYTES: usize = 16;

/// What a body is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Messages of `application/vnd.amazon.eventstream`, handed on one by one.
    EventStream,
    /// One document, handed on when it is complete.
    Document,
}

/// A body, joined to messages or to one document.
pub(super) struct Bounded<B> {
    inner: B,
    joined: Joined,
    has_ended: bool,
}

impl<B> Bounded<B> {
    pub(super) fn new(inner: B, shape: Shape) -> Self {
        Self { inner, joined: Joined { shape, held: BytesMut::new() }, has_ended: false }
    }
}

impl<B> Body for Bounded<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            match self.joined.next() {
                Ok(None) if self.has_ended => {
                    return Poll::Ready(self.joined.rest().map(Frame::data).map(Ok));
                }
                Ok(None) => {}
                Ok(Some(message)) => return Poll::Ready(Some(Ok(Frame::data(message)))),
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            }
            match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                // Trailers, if any, tell nothing that is needed.
                Some(Ok(frame)) => self.joined.held.extend_from_slice(&frame.into_data().unwrap_or_default()),
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => self.has_ended = true,
            }
        }
    }
}

/// What came and was not handed on yet.
#[derive(Debug)]
struct Joined {
    shape: Shape,
    held: BytesMut,
}

impl Joined {
    /// The next whole message.
    fn next(&mut self) -> Result<Option<Bytes>, TooLong> {
        match self.shape {
            Shape::Document if self.held.len() > MAX_BYTES => Err(TooLong::Document),
            Shape::Document => Ok(None),
            Shape::EventStream => match message_length(&self.held)? {
                Some(length) if length <= self.held.len() => Ok(Some(self.held.split_to(length).freeze())),
                _ => Ok(None),
            },
        }
    }

    /// The document, or what is there of a message whose end will not come.
    fn rest(&mut self) -> Option<Bytes> {
        let rest = self.held.split().freeze();
        (!rest.is_empty()).then_some(rest)
    }
}

/// How long the message is that begins with these bytes, once they tell.
fn message_length(bytes: &[u8]) -> Result<Option<usize>, TooLong> {
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(*length) as usize;
    if !(EMPTY_MESSAGE_BYTES..=MAX_BYTES).contains(&length) {
        return Err(TooLong::Message(length));
    }
    let Some(headers) = rest.first_chunk() else {
        return Ok(None);
    };
    let headers = u32::from_be_bytes(*headers) as usize;
    if headers > MAX_HEADERS_BYTES {
        return Err(TooLong::Headers(headers));
    }
    Ok(Some(length))
}

/// What no service sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TooLong {
    Message(usize),
    Headers(usize),
    Document,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(length) => write!(
                f,
                "the endpoint did not send an event stream: a message of {length} bytes, where \
                 {EMPTY_MESSAGE_BYTES} to {MAX_BYTES} are possible"
            ),
            Self::Headers(length) => write!(
                f,
                "the endpoint did not send an event stream: {length} bytes of headers, where at most \
                 {MAX_HEADERS_BYTES} are possible"
            ),
            Self::Document => write!(f, "the endpoint's response is longer than {MAX_BYTES} bytes"),
        }
    }
}

impl std::error::Error for TooLong {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(headers: u32, payload: &[u8]) -> Vec<u8> {
        let length = (EMPTY_MESSAGE_BYTES + payload.len()) as u32;
        [&length.to_be_bytes()[..], &headers.to_be_bytes(), b"crc ", payload, b"crc "].concat()
    }

    /// Everything that is handed on when the bytes come in pieces of this size.
    fn handed_on(shape: Shape, bytes: &[u8], piece_bytes: usize) -> Result<Vec<Bytes>, TooLong> {
        let mut joined = Joined { shape, held: BytesMut::new() };
        let mut found = Vec::new();
        for piece in bytes.chunks(piece_bytes) {
            joined.held.extend_from_slice(piece);
            while let Some(message) = joined.next()? {
                found.push(message);
            }
        }
        found.extend(joined.rest());
        Ok(found)
    }

    proptest! {
        #[test]
        fn messages_come_whole_however_they_were_sent(
            payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6),
            piece_bytes in 1_usize..60,
            cut in 0_usize..20,
        ) {
            let messages: Vec<Vec<u8>> = payloads.iter().map(|payload| message(0, payload)).collect();
            let all = messages.concat();
            let sent = &all[..all.len().saturating_sub(cut)];
            let found = handed_on(Shape::EventStream, sent, piece_bytes).unwrap();
            prop_assert_eq!(found.concat(), sent);
            for (found, message) in found.iter().zip(&messages) {
                prop_assert!(message.starts_with(found));
            }
            if cut == 0 {
                prop_assert_eq!(found.len(), messages.len());
            }
            let document = handed_on(Shape::Document, &all, piece_bytes).unwrap();
            prop_assert_eq!(document.len(), usize::from(!all.is_empty()));
            prop_assert_eq!(document.concat(), all);
        }
    }

    #[test]
    fn claims_are_refused_before_anything_is_collected() {
        let stream = |bytes: &[u8]| handed_on(Shape::EventStream, bytes, 1);
        assert_eq!(stream(&[0xff; 4]), Err(TooLong::Message(u32::MAX as usize)));
        assert_eq!(stream(&[0, 0, 0, 15]), Err(TooLong::Message(15)));
        assert_eq!(stream(b"{\"error\": 1}"), Err(TooLong::Message(0x7b22_6572)));
        let headers = MAX_HEADERS_BYTES as u32;
        assert!(stream(&message(headers, b"")).is_ok());
        assert_eq!(stream(&message(headers + 1, b"")), Err(TooLong::Headers(MAX_HEADERS_BYTES + 1)));
        assert!(handed_on(Shape::Document, &vec![b'x'; MAX_BYTES], 1 << 20).is_ok());
        assert_eq!(handed_on(Shape::Document, &vec![b'x'; MAX_BYTES + 1], 1 << 20), Err(TooLong::Document));
    }
}
