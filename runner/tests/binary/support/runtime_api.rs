//! A bare Runtime API for one runner: hands out what it is given and keeps what it is told.

use std::io::{self, BufReader};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::PATIENCE;
use super::http::{self, Body, Head, Headers};

/// Told of every piece of an answer's body as it comes; it may wait as long as it likes, and may break the
/// connection.
pub(crate) type OnBody = Box<dyn FnMut(&[u8]) -> ControlFlow<()> + Send>;

/// What the runner gets from `next`.
pub(crate) struct Invocation {
    pub(crate) payload: Vec<u8>,
    /// From the moment that it is handed out.
    pub(crate) time: Duration,
    /// `None` collects the body.
    pub(crate) on_body: Option<OnBody>,
}

impl Invocation {
    pub(crate) fn new(payload: impl Into<Vec<u8>>) -> Self {
        Self { payload: payload.into(), time: Duration::from_secs(300), on_body: None }
    }

    pub(crate) fn time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    pub(crate) fn on_body(self, on_body: impl FnMut(&[u8]) -> ControlFlow<()> + Send + 'static) -> Self {
        Self { on_body: Some(Box::new(on_body)), ..self }
    }
}

/// One request of the runner but `next`.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) path: String,
    pub(crate) headers: Headers,
    /// Empty where somebody else took it.
    pub(crate) body: Vec<u8>,
    pub(crate) chunks: Vec<usize>,
    pub(crate) trailers: Headers,
    pub(crate) is_whole: bool,
}

impl Exchange {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        http::value(&self.headers, name)
    }

    /// The last part of the path: `response` or `error`.
    pub(crate) fn kind(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }
}

pub(crate) struct RuntimeApi {
    pub(crate) authority: String,
    invocations: Sender<Invocation>,
    exchanges: Receiver<Exchange>,
    stopped: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    invocations: Mutex<Receiver<Invocation>>,
    on_body: Mutex<Option<OnBody>>,
    exchanges: Sender<Exchange>,
    handed_out: Mutex<u32>,
    hangs_up: bool,
}

impl RuntimeApi {
    /// `hangs_up`: every connection is closed as soon as an invocation was handed out on it.
    pub(crate) fn start(hangs_up: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let (invocations, to_hand_out) = mpsc::channel();
        let (exchange_sender, exchanges) = mpsc::channel();
        let stopped = Arc::new(AtomicBool::new(false));
        let shared = Arc::new(Shared {
            invocations: Mutex::new(to_hand_out),
            on_body: Mutex::new(None),
            exchanges: exchange_sender,
            handed_out: Mutex::new(0),
            hangs_up,
        });
        let acceptor = thread::spawn({
            let stopped = Arc::clone(&stopped);
            move || {
                for connection in listener.incoming() {
                    if stopped.load(Ordering::SeqCst) {
                        return;
                    }
                    let shared = Arc::clone(&shared);
                    // A connection that breaks is the runner's or the test's own doing.
                    thread::spawn(move || drop(shared.serve(connection.unwrap())));
                }
            }
        });
        Self { authority, invocations, exchanges, stopped, acceptor: Some(acceptor) }
    }

    pub(crate) fn hand_out(&self, invocation: Invocation) {
        self.invocations.send(invocation).unwrap();
    }

    pub(crate) fn exchange(&self) -> Exchange {
        self.exchanges.recv_timeout(PATIENCE).expect("the runner answers")
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(&self.authority));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl Shared {
    fn serve(&self, mut connection: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::with_capacity(64 << 10, connection.try_clone()?);
        while let Some(head) = http::read_head(&mut reader)? {
            if head.method == "GET" {
                // The test is over when nobody hands out anything any more.
                let Ok(invocation) = self.invocations.lock().unwrap().recv() else { return Ok(()) };
                self.hand_out(&mut connection, invocation)?;
                if self.hangs_up {
                    return connection.shutdown(Shutdown::Both);
                }
                continue;
            }
            let exchange = self.receive(&mut reader, head);
            let is_whole = exchange.is_whole;
            if exchange.is_whole {
                http::respond(&mut connection, "202 Accepted", &Headers::new(), b"{\"status\":\"OK\"}")?;
            }
            if !is_whole {
                connection.shutdown(Shutdown::Both)?;
            }
            let _ = self.exchanges.send(exchange);
            if !is_whole {
                return Ok(());
            }
        }
        Ok(())
    }

    fn hand_out(&self, connection: &mut TcpStream, invocation: Invocation) -> io::Result<()> {
        *self.on_body.lock().unwrap() = invocation.on_body;
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + invocation.time;
        let number = {
            let mut handed_out = self.handed_out.lock().unwrap();
            *handed_out += 1;
            *handed_out
        };
        let headers = vec![
            ("Lambda-Runtime-Aws-Request-Id".to_owned(), format!("request-{number}")),
            ("Lambda-Runtime-Deadline-Ms".to_owned(), deadline.as_millis().to_string()),
            ("Content-Type".to_owned(), "application/json".to_owned()),
        ];
        http::respond(connection, "200 OK", &headers, &invocation.payload)
    }

    fn receive(&self, reader: &mut BufReader<TcpStream>, head: Head) -> Exchange {
        let mut collected = Vec::new();
        let mut on_body = self.on_body.lock().unwrap().take();
        let body = http::read_body(reader, &head.headers, &mut |piece| match &mut on_body {
            Some(on_body) => on_body(piece),
            None => {
                collected.extend_from_slice(piece);
                ControlFlow::Continue(())
            }
        });
        let Body { chunks, trailers, is_whole } = body.unwrap_or_default();
        Exchange { path: head.path, headers: head.headers, body: collected, chunks, trailers, is_whole }
    }
}
