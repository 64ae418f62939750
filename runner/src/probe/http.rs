//! `GET /` over plain HTTP/1.1. Any status is an answer.

use bytes::Bytes;
use http_body_util::Empty;
use hyper::Request;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::probe::first_bytes::{Expected, Listening};

/// The status of the answer.
///
/// # Errors
/// Why there is none.
pub async fn get(stream: TcpStream, authority: &str) -> Result<u16, String> {
    let (stream, heard) = Listening::new(stream);
    let explain = |error: hyper::Error| heard.explain(Expected::Http1, &error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(explain)?;
    // It ends with this function: the body is not read.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let request = Request::get("/")
        .header(HOST, authority)
        .header(USER_AGENT, concat!("lamex-probe/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| format!("cannot ask for / at {authority}: {error}"))?;
    let response = sender.send_request(request).await.map_err(explain)?;
    Ok(response.status().as_u16())
}
