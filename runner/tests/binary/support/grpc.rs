//! A gRPC server for one call.

use std::net::TcpStream;

use bytes::Bytes;
use hyper::{HeaderMap, Response};
use tokio::io::{AsyncRead, AsyncWrite};

type Respond = h2::server::SendResponse<Bytes>;

/// A call that came in whole.
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) content_type: String,
    pub(crate) message: Vec<u8>,
    pub(crate) respond: Respond,
}

/// Serves one call over what `secure` makes of the connection.
pub(crate) fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: TcpStream,
    secure: impl AsyncFnOnce(tokio::net::TcpStream) -> Option<S>,
    answer: &dyn Fn(Call) -> Option<()>,
) -> Option<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    runtime.block_on(async {
        stream.set_nonblocking(true).ok()?;
        let stream = secure(tokio::net::TcpStream::from_std(stream).ok()?).await?;
        let mut connection = h2::server::handshake(stream).await.ok()?;
        let (request, respond) = connection.accept().await?.ok()?;
        let (head, mut body) = request.into_parts();
        // Frames are read while the connection is polled.
        let reading = async {
            let mut message = Vec::new();
            while let Some(data) = body.data().await {
                message.extend_from_slice(&data.unwrap());
            }
            message
        };
        let mut reading = std::pin::pin!(reading);
        let message = std::future::poll_fn(|context| {
            if let std::task::Poll::Ready(message) = reading.as_mut().poll(context) {
                return std::task::Poll::Ready(Some(message));
            }
            connection.poll_closed(context).map(|_| None)
        })
        .await?;
        let path = head.uri.path().to_owned();
        let content_type = head.headers["content-type"].to_str().unwrap().to_owned();
        answer(Call { path, content_type, message, respond });
        while connection.accept().await.is_some() {}
        Some(())
    })
}

/// Answers with a message and the trailing status.
pub(crate) fn with_message(call: Call, frame: &'static [u8], status: &'static str) -> Option<()> {
    let Call { path, content_type, message, mut respond } = call;
    assert_eq!((path.as_str(), content_type.as_str()), ("/grpc.health.v1.Health/Check", "application/grpc"));
    assert_eq!(message, [0; 5]);
    let head = Response::builder().header("content-type", "application/grpc+proto").body(()).unwrap();
    let mut stream = respond.send_response(head, false).ok()?;
    stream.send_data(Bytes::from_static(frame), false).ok()?;
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", status.parse().unwrap());
    stream.send_trailers(trailers).ok()
}
