//! An HTTP/1.1 server on loopback whose connections end with it.

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::header::{HOST, HeaderName, ORIGIN};
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

/// Why a request must not be answered, if it must not: it was made by a web page, of any site that the user of this
/// machine looks at. Browsers say so; and where a page has this server pass for its own (DNS rebinding), the
/// request names the page's host.
pub(crate) fn foreign<Body>(request: &Request<Body>, port: u16) -> Option<String> {
    /// Which browsers add to what pages cannot give an `Origin`, such as images.
    const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let headers = request.headers();
    if let Some(name) = [ORIGIN, FETCH_SITE].iter().find(|name| headers.contains_key(*name)) {
        return Some(format!("requests of web pages are refused, and this one has the header `{name}`"));
    }
    let own = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}"));
    let is_own = |host: &str| {
        // A client leaves out the port 80.
        own.iter().any(|own| {
            own.eq_ignore_ascii_case(host)
                || own.strip_suffix(":80").is_some_and(|own| own.eq_ignore_ascii_case(host))
        })
    };
    let hosts: Vec<_> = headers.get_all(HOST).iter().map(|host| host.to_str().unwrap_or_default()).collect();
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let is_for_us = matches!(hosts[..], [host] if is_own(host)) && authority.is_none_or(is_own);
    (!is_for_us).then(|| {
        format!("the request is for the host `{}`, and this is {}", hosts.join("`, `"), own.join(", "))
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn is_foreign(uri: &str, headers: &[(&str, &str)], port: u16) -> bool {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        foreign(&request.body(()).unwrap(), port).is_some()
    }

    #[test]
    fn only_this_machines_own_names_with_the_port_are_served() {
        for host in ["127.0.0.1:9000", "localhost:9000", "LOCALHOST:9000", "[::1]:9000"] {
            assert!(!is_foreign("/", &[("host", host)], 9000), "{host}");
        }
        for host in [
            "127.0.0.1",
            "127.0.0.1:9001",
            "evil.example:9000",
            "localhost.evil.example:9000",
            "",
            "localhost:90000",
        ] {
            assert!(is_foreign("/", &[("host", host)], 9000), "{host}");
        }
        assert!(!is_foreign("/", &[("host", "localhost")], 80));
        assert!(is_foreign("/", &[], 9000));
        assert!(is_foreign("/", &[("host", "localhost:9000"), ("host", "localhost:9000")], 9000));
        assert!(is_foreign("http://evil.example:9000/", &[("host", "localhost:9000")], 9000));
        assert!(!is_foreign("http://localhost:9000/", &[("host", "localhost:9000")], 9000));
    }

    #[test]
    fn nothing_that_a_browser_sends_for_a_page_is_served() {
        let host = ("host", "127.0.0.1:9000");
        for header in
            [("origin", "http://127.0.0.1:9000"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
        {
            assert!(is_foreign("/", &[host, header], 9000), "{header:?}");
        }
    }
}
