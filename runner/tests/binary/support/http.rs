//! As much of HTTP/1.1 as a Runtime API needs, read so that chunks and trailers stay visible.

use std::io::{self, BufRead, Read as _, Write as _};
use std::net::TcpStream;
use std::ops::ControlFlow;

pub(crate) type Headers = Vec<(String, String)>;

#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Headers,
}

/// What is known of a body after it was read.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// Sizes of the chunks that it came in; empty for a body that came whole.
    pub(crate) chunks: Vec<usize>,
    pub(crate) trailers: Headers,
    /// It was read to its end.
    pub(crate) is_whole: bool,
}

pub(crate) fn value<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The next request's head, or `None` when the peer is done.
pub(crate) fn read_head(from: &mut impl BufRead) -> io::Result<Option<Head>> {
    let first = read_line(from)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    Ok(Some(Head { method, path, headers: read_headers(from)? }))
}

/// Reads the body and hands it on piece by piece, until its end or until told to stop.
pub(crate) fn read_body(
    from: &mut impl BufRead,
    headers: &Headers,
    on_piece: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<Body> {
    let mut body = Body::default();
    if value(headers, "transfer-encoding") != Some("chunked") {
        let length = value(headers, "content-length").map_or(0, |length| length.parse().unwrap());
        body.is_whole = pass_on(from, length, on_piece)?.is_continue();
        return Ok(body);
    }
    loop {
        let size = usize::from_str_radix(read_line(from)?.trim(), 16)
            .map_err(|_| io::Error::other("a chunk without a size"))?;
        if size == 0 {
            body.trailers = read_headers(from)?;
            body.is_whole = true;
            return Ok(body);
        }
        body.chunks.push(size);
        if pass_on(from, size, on_piece)?.is_break() {
            return Ok(body);
        }
        read_line(from)?;
    }
}

pub(crate) fn respond(to: &mut TcpStream, status: &str, headers: &Headers, body: &[u8]) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    to.write_all(&[head.as_bytes(), body].concat())
}

fn pass_on(
    from: &mut impl BufRead,
    mut left: usize,
    on_piece: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
    while left > 0 {
        let piece = from.fill_buf()?;
        if piece.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let length = piece.len().min(left);
        let flow = on_piece(&piece[..length]);
        from.consume(length);
        left -= length;
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn read_headers(from: &mut impl BufRead) -> io::Result<Headers> {
    let mut headers = Headers::new();
    loop {
        let line = read_line(from)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) = line.split_once(':').ok_or_else(|| io::Error::other("no header"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

fn read_line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    from.take(64 << 10).read_until(b'\n', &mut line)?;
    let line = String::from_utf8(line).map_err(io::Error::other)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
