//! The least that a Rust program does to ask Lambda for an invocation: what the runner's start is measured against.

use std::env;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let authority = env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
    let mut stream = TcpStream::connect(&authority)?;
    write!(stream, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {authority}\r\n\r\n")?;
    // Waits, as a runtime does.
    stream.read(&mut [0; 1 << 10]).map(|_| ())
}
