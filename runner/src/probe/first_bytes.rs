//! What a server said first, kept so that a failure can tell which protocol it speaks instead.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How much is kept: enough for a line of a greeting.
const KEPT_BYTES: usize = 48;

/// A stream that keeps the first bytes that come in.
#[derive(Debug)]
pub struct Listening<S> {
    stream: S,
    heard: FirstBytes,
}

/// What came in first, of a stream that may be somebody else's by now.
#[derive(Debug, Clone, Default)]
pub struct FirstBytes(Arc<Mutex<Vec<u8>>>);

impl<S> Listening<S> {
    pub fn new(stream: S) -> (Self, FirstBytes) {
        let heard = FirstBytes::default();
        (Self { stream, heard: heard.clone() }, heard)
    }
}

/// What one expects of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Tls,
    Http1,
    Http2,
}

impl FirstBytes {
    fn keep(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT_BYTES - kept.len();
        kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Why there was no answer of the expected kind, where `error` is what its library says.
    #[must_use]
    pub fn explain(&self, expected: Expected, error: &str) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_tls = matches!(kept.as_slice(), [0x14..=0x17, 0x03, ..]);
        let is_http2 = matches!(kept.as_slice(), [0, 0, _, 0x04, ..]);
        match kept.as_slice() {
            [] if expected == Expected::Tls => format!("the server said nothing: {error}"),
            [] => format!("the server said nothing: {error}; perhaps it expects TLS or another protocol"),
            _ if is_tls && expected == Expected::Http2 => {
                "the server speaks TLS on this port, which `tls: true` asks for".to_owned()
            }
            _ if is_tls && expected != Expected::Tls => "the server speaks TLS on this port".to_owned(),
            _ if is_http2 && expected != Expected::Http2 => {
                format!("the server speaks plain HTTP/2 on this port{}", not(expected))
            }
            bytes if bytes.starts_with(b"HTTP/") && expected != Expected::Http1 => {
                format!("the server speaks plain HTTP/1 on this port{}: {}", not(expected), start(bytes))
            }
            _ if is_tls || is_http2 => error.to_owned(),
            bytes => format!("{error}; the server began with {}", start(bytes)),
        }
    }
}

fn not(expected: Expected) -> &'static str {
    match expected {
        Expected::Tls => ", not TLS",
        Expected::Http1 => ", not HTTP/1",
        Expected::Http2 => ", not HTTP/2",
    }
}

/// The first line, quoted.
fn start(bytes: &[u8]) -> String {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    format!("`{}`", line.trim_ascii_end().escape_ascii())
}

impl<S: AsyncRead + Unpin> AsyncRead for Listening<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.heard.keep(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Listening<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
