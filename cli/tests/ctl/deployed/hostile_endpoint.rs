//! An AWS endpoint on loopback that answers an invocation with whatever a test makes up, down to the last byte.

use std::io::{self, BufRead as _, BufReader, Read as _, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use serde_json::{Value, json};

use crate::deployed::function::ACCOUNT;

pub(crate) struct Endpoint {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

/// Where the answer to an invocation goes. It fails once lamex-ctl has had enough.
pub(crate) struct Client {
    stream: TcpStream,
    run_id: String,
    next_seq: u64,
    /// Events that were not sent yet.
    lines: Vec<u8>,
}

impl Endpoint {
    /// Answers every invocation so, and knows who the caller is; everything else is denied.
    pub(crate) fn start(answer: impl Fn(&mut Client) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let answer = Arc::new(answer);
        let listener = thread::spawn(move || {
            let mut clients = Vec::new();
            for stream in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let (stream, answer) = (stream.unwrap(), Arc::clone(&answer));
                clients.push(thread::spawn(move || {
                    // lamex-ctl goes away in the middle of most of these answers.
                    let _ = serve(stream, &*answer);
                }));
            }
            for client in clients {
                client.join().unwrap();
            }
        });
        Self { address, is_over, listener: Some(listener) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(listener)) = (woken, self.listener.take())
            && let Err(panic) = listener.join()
            && !thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

fn serve(stream: TcpStream, answer: &dyn Fn(&mut Client) -> io::Result<()>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let request = String::from_utf8_lossy(&body);
    let mut client = Client { stream, run_id: String::new(), next_seq: 0, lines: Vec::new() };
    let path = head.split(' ').nth(1).unwrap_or_default();
    if path.contains("invocations") {
        let request: Value = serde_json::from_str(&request)?;
        request["run_id"].as_str().unwrap().clone_into(&mut client.run_id);
        return answer(&mut client);
    }
    let (status, content_type, body) = if request.contains("GetCallerIdentity") {
        let identity =
            format!("<Arn>arn:aws:iam::{ACCOUNT}:user/u</Arn><UserId>U</UserId><Account>{ACCOUNT}</Account>");
        let result = format!("<GetCallerIdentityResult>{identity}</GetCallerIdentityResult>");
        ("200 OK", "text/xml", format!("<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>"))
    } else {
        let denied = json!({"__type": "AccessDeniedException", "message": "denied"});
        ("403 Forbidden", "application/json", denied.to_string())
    };
    let length = body.len();
    client.send(format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ))
}

impl Client {
    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// The head of an answer whose body goes on until the connection is closed.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        self.send("HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\nconnection: close\r\n\r\n")
    }

    /// Waits until lamex-ctl closes the connection.
    pub(crate) fn wait(&mut self) -> io::Result<()> {
        self.stream.read_to_end(&mut Vec::new()).map(|_| ())
    }

    /// A message of the event stream.
    pub(crate) fn message(&mut self, event_type: &'static str, payload: Vec<u8>) -> io::Result<()> {
        self.send(message(event_type, payload))
    }

    /// An event, numbered; sent with others in one message.
    pub(crate) fn event(&mut self, event: Value) -> io::Result<()> {
        let (seq, event) = (self.next_seq, event.to_string());
        self.next_seq += 1;
        writeln!(self.lines, "{{\"seq\":{seq},\"at_ms\":{seq},{}", &event[1..])?;
        if self.lines.len() > 1 << 16 { self.flush() } else { Ok(()) }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let lines = std::mem::take(&mut self.lines);
        self.message("PayloadChunk", lines)
    }

    pub(crate) fn hello(&mut self, selected: u64) -> io::Result<()> {
        let hello = json!({
            "type": "hello", "lamex": 1, "run_id": self.run_id, "function_name": "system-tests",
            "function_version": "$LATEST", "runner_version": "0", "package_digest": "sha256:0",
            "request_id": "r", "selected": selected,
        });
        self.event(hello)
    }

    pub(crate) fn started(&mut self, command: u64, name: &str) -> io::Result<()> {
        self.event(json!({"type": "command_started", "command": command, "name": name}))
    }

    /// The whole and complete end of a run of one command, `first`, that failed.
    pub(crate) fn end(&mut self, stdout_bytes: u64) -> io::Result<()> {
        let failed = json!({"outcome": "failed", "ending": {"kind": "exited", "code": 1}});
        self.end_as(failed, "failed", "failed", stdout_bytes)
    }

    /// The same, with what is particular of the command's end and of the verdict.
    pub(crate) fn end_as(
        &mut self,
        particulars: Value,
        verdict: &str,
        counted: &str,
        stdout_bytes: u64,
    ) -> io::Result<()> {
        let mut finished = json!({
            "type": "command_finished", "command": 0, "name": "first", "duration_ms": 1,
            "stdout_bytes": stdout_bytes, "stderr_bytes": 0, "peak_rss_kib": 1, "cpu_ms": 1,
        });
        for (name, value) in particulars.as_object().unwrap() {
            finished[name] = value.clone();
        }
        self.event(finished)?;
        let mut counts = json!({"passed": 0, "failed": 0, "skipped": 0, "not_run": 0});
        counts[counted] = json!(1);
        self.event(
            json!({"type": "verdict", "outcome": verdict, "counts": counts, "events": self.next_seq}),
        )?;
        self.flush()?;
        self.message("InvokeComplete", b"{}".to_vec())
    }
}

pub(crate) fn message(event_type: &'static str, payload: Vec<u8>) -> Vec<u8> {
    let header =
        |name: &'static str, value: &'static str| Header::new(name, HeaderValue::String(value.into()));
    let message = Message::new(payload)
        .add_header(header(":message-type", "event"))
        .add_header(header(":event-type", event_type))
        .add_header(header(":content-type", "application/octet-stream"));
    let mut encoded = Vec::new();
    write_message_to(&message, &mut encoded).unwrap();
    encoded
}
