//! The barest Runtime API: one runtime, one connection, and no work while the runtime works.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::failure::Failure;

/// Longer than anything that is measured.
const PATIENCE: Duration = Duration::from_secs(120);

/// A runtime process, killed when dropped.
pub(crate) struct Runtime {
    process: Child,
    /// From its start to its first request.
    pub(crate) ready_after: Duration,
    connection: TcpStream,
    /// What came and was not taken yet.
    received: Vec<u8>,
}

/// An answer as it came, and how long it took.
pub(crate) struct Answer {
    pub(crate) wall: Duration,
    body: Vec<u8>,
}

impl Runtime {
    /// Starts the program, and waits until it asks for an invocation.
    pub(crate) fn start(program: &Path, task_root: &Path) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr()?.to_string())
            .env("LAMBDA_TASK_ROOT", task_root)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let began = Instant::now();
        let process = command.spawn()?;
        // A program that dies instead of connecting would leave `accept` waiting.
        let patience = Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
        if poll(&mut [PollFd::new(&listener, PollFlags::IN)], Some(&patience))? == 0 {
            return Err(format!("{} did not connect", program.display()).into());
        }
        let (connection, _) = listener.accept()?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_nodelay(true)?;
        let received = Vec::with_capacity(1 << 20);
        let mut runtime = Self { process, ready_after: Duration::ZERO, connection, received };
        runtime.expect("GET /2018-06-01/runtime/invocation/next ")?;
        runtime.ready_after = began.elapsed();
        Ok(runtime)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Hands out an invocation, and reads the answer until the runtime has said all of it.
    pub(crate) fn invoke(&mut self, payload: &[u8]) -> Result<Answer, Failure> {
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH)? + PATIENCE;
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             lambda-runtime-aws-request-id: bench\r\nlambda-runtime-deadline-ms: {}\r\n\r\n",
            payload.len(),
            deadline.as_millis()
        );
        let began = Instant::now();
        self.connection.write_all(&[head.as_bytes(), payload].concat())?;
        let head = self.expect("POST /2018-06-01/runtime/invocation/bench/response ")?;
        if head
            .windows(b"\r\nexpect: 100-".len())
            .any(|window| window.eq_ignore_ascii_case(b"\r\nexpect: 100-"))
        {
            self.connection.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        // Two line ends in a row come only behind the last chunk: lines of JSON hold none.
        while !self.received.ends_with(b"\r\n\r\n") {
            self.receive()?;
        }
        let wall = began.elapsed();
        let body = std::mem::take(&mut self.received);
        self.connection.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")?;
        self.expect("GET /2018-06-01/runtime/invocation/next ")?;
        Ok(Answer { wall, body })
    }

    /// Reads and returns a request's head.
    fn expect(&mut self, start: &str) -> Result<Vec<u8>, Failure> {
        let end = loop {
            match self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => self.receive()?,
            }
        };
        let head: Vec<u8> = self.received.drain(..end).collect();
        if head.starts_with(start.as_bytes()) {
            return Ok(head);
        }
        Err(format!("the runtime asked for {}", String::from_utf8_lossy(&head)).into())
    }

    fn receive(&mut self) -> Result<(), Failure> {
        let mut piece = [0; 16 << 10];
        match self.connection.read(&mut piece)? {
            0 => Err("the runtime went away".into()),
            length => {
                self.received.extend_from_slice(&piece[..length]);
                Ok(())
            }
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // It has ended already where this fails.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Answer {
    /// The body without its chunks.
    pub(crate) fn decoded(&self) -> Result<Vec<u8>, Failure> {
        let mut decoded = Vec::with_capacity(self.body.len());
        let mut rest = self.body.as_slice();
        loop {
            let end = rest.windows(2).position(|window| window == b"\r\n").ok_or("a chunk without a size")?;
            let length = usize::from_str_radix(std::str::from_utf8(&rest[..end])?, 16)?;
            let chunk = rest.get(end + 2..end + 2 + length).ok_or("a chunk was cut")?;
            if chunk.is_empty() {
                return Ok(decoded);
            }
            decoded.extend_from_slice(chunk);
            rest = rest.get(end + 2 + length + 2..).ok_or("a chunk without an end")?;
        }
    }
}
