//! `grpc.health.v1.Health/Check` for the server as a whole, over plain HTTP/2 or over TLS.
//!
//! The one message in each direction is small enough to be read and written here.

use bytes::{Buf as _, Bytes};
use h2::RecvStream;
use h2::client::handshake;
use hyper::header::{CONTENT_TYPE, TE, USER_AGENT};
use hyper::{HeaderMap, Request, StatusCode};
use lamex_protocol::probe::GrpcHealth;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use crate::probe::first_bytes::{Expected, Listening};

/// A message that is not compressed and has no bytes: `HealthCheckRequest` with an empty service.
const EMPTY_MESSAGE: &[u8] = &[0; 5];

/// The longest answer that is read: a health status takes 7 bytes.
const MAX_BYTES: usize = 4 << 10;

/// What the server said of itself, and what it said beside.
pub type Health = (GrpcHealth, Option<String>);

/// What is asked for with ALPN, over TLS.
pub const PROTOCOL: &str = "h2";

/// Asks for the health of the server at `origin`: `http://` or `https://`, host and port.
///
/// # Errors
/// Why the answer is not valid gRPC.
pub async fn check<S>(stream: S, origin: &str) -> Result<Health, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (stream, heard) = Listening::new(stream);
    let explain = |error: h2::Error| heard.explain(Expected::Http2, &error.to_string());
    let (client, connection) = handshake(stream).await.map_err(explain)?;
    // It ends with this function.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let mut client = client.ready().await.map_err(explain)?;
    let request = Request::post(format!("{origin}/grpc.health.v1.Health/Check"))
        .header(CONTENT_TYPE, "application/grpc")
        .header(TE, "trailers")
        .header(USER_AGENT, concat!("lamex-probe/", env!("CARGO_PKG_VERSION")))
        .body(())
        .map_err(|error| format!("cannot ask {origin}: {error}"))?;
    let (response, mut sender) = client.send_request(request, false).map_err(explain)?;
    sender.send_data(Bytes::from_static(EMPTY_MESSAGE), true).map_err(explain)?;
    let (head, mut body) = response.await.map_err(explain)?.into_parts();
    let is_grpc = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/grpc"));
    if head.status != StatusCode::OK || !is_grpc {
        return Err(format!("the server speaks HTTP/2 but not gRPC: it answers with status {}", head.status));
    }
    // An answer without a message has its status in the head.
    if let Some(status) = Status::from_headers(&head.headers) {
        return status.health(&[]);
    }
    let message = read(&mut body).await.map_err(|error| match error {
        ReadError::Stream(error) => explain(error),
        ReadError::TooLong => format!("the server answers with more than {MAX_BYTES} bytes"),
    })?;
    let trailers = body.trailers().await.map_err(explain)?.unwrap_or_default();
    match Status::from_headers(&trailers) {
        Some(status) => status.health(&message),
        None => Err("the server answers without a gRPC status".to_owned()),
    }
}

enum ReadError {
    Stream(h2::Error),
    TooLong,
}

async fn read(body: &mut RecvStream) -> Result<Vec<u8>, ReadError> {
    let mut message = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.map_err(ReadError::Stream)?;
        if message.len() + data.len() > MAX_BYTES {
            return Err(ReadError::TooLong);
        }
        message.extend_from_slice(&data);
        body.flow_control().release_capacity(data.len()).map_err(ReadError::Stream)?;
    }
    Ok(message)
}

/// How a call ended: gRPC's own code, and its words.
struct Status {
    code: String,
    message: Option<String>,
}

impl Status {
    fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let text =
            |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Some(Self { code: text("grpc-status")?, message: text("grpc-message") })
    }

    fn health(&self, message: &[u8]) -> Result<Health, String> {
        const UNIMPLEMENTED: &str = "12";
        match self.code.as_str() {
            "0" => {
                let status = serving_status(message)
                    .ok_or("the server's answer is not a HealthCheckResponse".to_owned())?;
                Ok(match status {
                    1 => (GrpcHealth::Serving, None),
                    2 => (GrpcHealth::NotServing, None),
                    other => (GrpcHealth::Unknown, Some(format!("its serving status is {other}"))),
                })
            }
            UNIMPLEMENTED => Ok((GrpcHealth::Unimplemented, self.message.clone())),
            code => {
                let words = self.message.as_deref().map(|words| format!(": {words}")).unwrap_or_default();
                Ok((GrpcHealth::Unknown, Some(format!("it answers with the gRPC status {code}{words}"))))
            }
        }
    }
}

/// The field `status`, number 1, of the one message that `frame` holds; 0 where it is absent.
fn serving_status(frame: &[u8]) -> Option<u64> {
    const STATUS: u64 = 1;
    let (mut head, mut message) = frame.split_at_checked(5)?;
    let is_compressed = head.get_u8() != 0;
    if is_compressed || head.get_u32() as usize != message.len() {
        return None;
    }
    let mut status = 0;
    while !message.is_empty() {
        let key = varint(&mut message)?;
        match key & 0b111 {
            0 if key >> 3 == STATUS => status = varint(&mut message)?,
            0 => drop(varint(&mut message)?),
            1 => message = message.get(8..)?,
            2 => {
                let length = usize::try_from(varint(&mut message)?).ok()?;
                message = message.get(length..)?;
            }
            5 => message = message.get(4..)?,
            _ => return None,
        }
    }
    Some(status)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(message: &[u8]) -> Vec<u8> {
        [&[0][..], &(message.len() as u32).to_be_bytes(), message].concat()
    }

    #[test]
    fn the_serving_status_is_read_among_other_fields() {
        assert_eq!(serving_status(&frame(&[])), Some(0));
        assert_eq!(serving_status(&frame(&[0x08, 1])), Some(1));
        assert_eq!(serving_status(&frame(&[0x08, 0xac, 0x02])), Some(300));
        let others = [0x10, 7, 0x1a, 2, 0x08, 9, 0x25, 1, 2, 3, 4, 0x08, 2, 0x29, 1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(serving_status(&frame(&others)), Some(2));
    }

    #[test]
    fn what_is_no_message_has_no_status() {
        let damaged: [&[u8]; 8] = [
            &[],
            &[0, 0, 0, 0],
            &[0, 0, 0, 0, 1],
            &[1, 0, 0, 0, 2, 0x08, 1],
            &[0, 0, 0, 0, 1, 0x08],
            &[0, 0, 0, 0, 2, 0x1a, 5],
            &[0, 0, 0, 0, 1, 0x0b],
            &[0, 0, 0, 0, 1, 0x08, 1],
        ];
        for frame in damaged {
            assert_eq!(serving_status(frame), None, "{frame:?}");
        }
        assert_eq!(serving_status(&frame(&[&[0x08][..], &[0xff; 10], &[1]].concat())), None);
    }
}
