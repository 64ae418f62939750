//! A way to AWS on which somebody else is quicker, at a moment that the test chooses.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use lamex_testing::ministack;

type Meanwhile = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

/// The endpoint of a proxy that holds the first request of this method to a path that ends so until
/// `meanwhile` is over.
pub(crate) fn before(
    method: &'static str,
    path_end: &'static str,
    meanwhile: impl FnOnce() + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let meanwhile: Meanwhile = Arc::new(Mutex::new(Some(Box::new(meanwhile))));
    // It listens for as long as this process lives.
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, meanwhile) = (client.unwrap(), Arc::clone(&meanwhile));
            thread::spawn(move || forward(client, method, path_end, &meanwhile).unwrap());
        }
    });
    endpoint
}

fn forward(client: TcpStream, method: &str, path_end: &str, meanwhile: &Meanwhile) -> io::Result<()> {
    let server = TcpStream::connect(ministack::endpoint().trim_start_matches("http://"))?;
    let (mut client, mut server) = (BufReader::new(client), BufReader::new(server));
    while let Some(request) = read_message(&mut client)? {
        let line = String::from_utf8_lossy(request.split(|byte| *byte == b'\r').next().unwrap_or_default());
        let mut words = line.split(' ');
        let is_awaited =
            words.next() == Some(method) && words.next().is_some_and(|path| path.ends_with(path_end));
        if is_awaited && let Some(meanwhile) = meanwhile.lock().unwrap().take() {
            meanwhile();
        }
        server.get_mut().write_all(&request)?;
        let Some(response) = read_message(&mut server)? else { break };
        client.get_mut().write_all(&response)?;
    }
    Ok(())
}

/// A whole request or response; `None` at the end of the connection.
pub(crate) fn read_message(from: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    let mut body_bytes = 0;
    loop {
        let begin = message.len();
        if from.read_until(b'\n', &mut message)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&message[begin..]).trim_end().to_ascii_lowercase();
        assert!(!line.starts_with("transfer-encoding"), "only bodies of a known length are forwarded");
        if let Some(length) = line.strip_prefix("content-length:") {
            body_bytes = length.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    from.take(body_bytes).read_to_end(&mut message)?;
    Ok(Some(message))
}
