//! An HTTP/1.1 server on loopback whose connections end with it.

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Listens on 127.0.0.1; without a port, on a free one.
pub(crate) async fn listen(port: Option<u16>) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await
}

/// A task that does not outlive its handle.
#[derive(Debug)]
pub(crate) struct AbortOnDrop(pub(crate) JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves until the task is dropped, which closes every connection. A handler that fails closes its own.
pub(crate) fn serve<Handler, Answer, ResponseBody>(listener: TcpListener, handler: Handler) -> AbortOnDrop
where
    Handler: Fn(Request<Incoming>) -> Answer + Clone + Send + 'static,
    Answer: Future<Output = Result<Response<ResponseBody>, BoxError>> + Send + 'static,
    ResponseBody: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    AbortOnDrop(tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve_connection(stream, handler.clone()));
                    }
                    // Out of file descriptors: some come back when a connection ends.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }))
}

async fn serve_connection<Handler, Answer, ResponseBody>(stream: TcpStream, handler: Handler)
where
    Handler: Fn(Request<Incoming>) -> Answer,
    Answer: Future<Output = Result<Response<ResponseBody>, BoxError>>,
    ResponseBody: Body<Data = Bytes, Error: Into<BoxError>> + 'static,
{
    // Without it a small chunk waits for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    // However a connection ends, the peer has seen it, and there is nobody else to tell.
    let _ = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service_fn(handler))
        .await;
}
