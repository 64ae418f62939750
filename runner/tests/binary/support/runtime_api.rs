//! A bare Runtime API for one runner: hands out what it is given and keeps what it is told.

use std::io::{self, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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
    shared: Arc<Shared>,
}

struct Shared {
    invocations: Mutex<Receiver<Invocation>>,
    on_body: Mutex<Option<OnBody>>,
    exchanges: Sender<Exchange>,
    handed_out: Mutex<(u32, Instant)>,
    hangs_up: bool,
    /// Whether it was there before an answer had begun, as often as that could be told.
    looks_at: Option<PathBuf>,
    seen: Mutex<Vec<bool>>,
    connections: Mutex<Vec<TcpStream>>,
}

impl RuntimeApi {
    /// `hangs_up`: every connection is closed as soon as an invocation was handed out on it. `looks_at`: answers are
    /// received a moment later, after a look at this file.
    pub(crate) fn start(hangs_up: bool, looks_at: Option<PathBuf>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let (invocations, to_hand_out) = mpsc::channel();
        let (exchange_sender, exchanges) = mpsc::channel();
        let stopped = Arc::new(AtomicBool::new(false));
        let shared = Arc::new(Shared {
            invocations: Mutex::new(to_hand_out),
            on_body: Mutex::new(None),
            exchanges: exchange_sender,
            handed_out: Mutex::new((0, Instant::now())),
            hangs_up,
            looks_at,
            seen: Mutex::default(),
            connections: Mutex::default(),
        });
        let acceptor = thread::spawn({
            let (stopped, shared) = (Arc::clone(&stopped), Arc::clone(&shared));
            move || {
                for connection in listener.incoming() {
                    if stopped.load(Ordering::SeqCst) {
                        return;
                    }
                    let shared = Arc::clone(&shared);
                    let connection = connection.unwrap();
                    shared.connections.lock().unwrap().push(connection.try_clone().unwrap());
                    // A connection that breaks is the runner's or the test's own doing.
                    thread::spawn(move || drop(shared.serve(connection)));
                }
            }
        });
        Self { authority, invocations, exchanges, stopped, acceptor: Some(acceptor), shared }
    }

    pub(crate) fn hand_out(&self, invocation: Invocation) {
        self.invocations.send(invocation).unwrap();
    }

    pub(crate) fn exchange(&self) -> Exchange {
        self.exchanges.recv_timeout(PATIENCE).expect("the runner answers")
    }
}

impl RuntimeApi {
    /// Whether the file was there before an answer had begun.
    pub(crate) fn seen(&self) -> Vec<bool> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// When the last invocation was.
    pub(crate) fn handed_out_at(&self) -> Instant {
        self.shared.handed_out.lock().unwrap().1
    }

    /// Listens no longer, and breaks every connection.
    pub(crate) fn end(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        if let Some(acceptor) = self.acceptor.take() {
            drop(TcpStream::connect(&self.authority));
            let _ = acceptor.join();
        }
        for connection in self.shared.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.end();
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
            if http::value(&head.headers, "expect") == Some("100-continue") {
                self.look();
                connection.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
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
            *handed_out = (handed_out.0 + 1, Instant::now());
            handed_out.0
        };
        let headers = vec![
            ("Lambda-Runtime-Aws-Request-Id".to_owned(), format!("request-{number}")),
            ("Lambda-Runtime-Deadline-Ms".to_owned(), deadline.as_millis().to_string()),
            ("Lambda-Runtime-Trace-Id".to_owned(), format!("Root=1-5759e988-{number}")),
            ("Content-Type".to_owned(), "application/json".to_owned()),
        ];
        http::respond(connection, "200 OK", &headers, &invocation.payload)
    }

    /// Gives a command the time to start too early. What is seen too late, when the runner no longer waits for a sign
    /// that the answer is received, tells nothing.
    fn look(&self) {
        let Some(path) = &self.looks_at else { return };
        let handed_out_at = self.handed_out.lock().unwrap().1;
        thread::sleep(Duration::from_millis(100));
        let seen = path.exists();
        if handed_out_at.elapsed() < Duration::from_millis(240) {
            self.seen.lock().unwrap().push(seen);
        }
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
