//! A way to AWS on which the answers are those that the test wants: what ministack itself never comes to.

use std::io::{self, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use lamex_testing::ministack;
use serde_json::Value;

use crate::aws::interception::read_message;

/// What is done with one request, `METHOD target`, and with the answer to it.
pub(crate) enum Altered {
    Unaltered,
    /// It is not forwarded.
    Denied,
    /// The answer has these fields as well.
    With(Value),
    /// So has each item of this list in the answer.
    EachWith(&'static str, Value),
}

/// An endpoint that is there for as long as this process lives.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

type Alter = Box<dyn FnMut(&str) -> Altered + Send>;

impl Endpoint {
    pub(crate) fn altered(alter: impl FnMut(&str) -> Altered + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let alter: Arc<Mutex<Alter>> = Arc::new(Mutex::new(Box::new(alter)));
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, alter, seen) = (client.unwrap(), Arc::clone(&alter), Arc::clone(&seen));
                thread::spawn(move || forward(client, &alter, &seen).unwrap());
            }
        });
        Self { url, requests }
    }

    /// All requests that came, as `METHOD target`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn position(&self, end: &str) -> Option<usize> {
        self.requests().iter().rposition(|request| request.ends_with(end))
    }
}

fn forward(client: TcpStream, alter: &Mutex<Alter>, requests: &Mutex<Vec<String>>) -> io::Result<()> {
    let server = TcpStream::connect(ministack::endpoint().trim_start_matches("http://"))?;
    let (mut client, mut server) = (BufReader::new(client), BufReader::new(server));
    while let Some(request) = read_message(&mut client)? {
        let line = String::from_utf8_lossy(request.split(|byte| *byte == b'\r').next().unwrap_or_default());
        let words: Vec<&str> = line.split(' ').take(2).collect();
        let request_line = words.join(" ");
        requests.lock().unwrap().push(request_line.clone());
        let altered = (alter.lock().unwrap())(&request_line);
        let response = if matches!(altered, Altered::Denied) {
            let body = br#"{"message":"you are not authorized to do this"}"#;
            let code = "403 Forbidden\r\nx-amzn-errortype: AccessDeniedException";
            message(&format!("HTTP/1.1 {code}\r\n"), body)
        } else {
            server.get_mut().write_all(&request)?;
            let Some(response) = read_message(&mut server)? else { break };
            with(response, altered)
        };
        client.get_mut().write_all(&response)?;
    }
    Ok(())
}

fn with(response: Vec<u8>, altered: Altered) -> Vec<u8> {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(response[..end].to_vec()).unwrap();
    let merge = |item: &mut Value, fields: &Value| {
        for (name, value) in fields.as_object().unwrap() {
            item[name] = value.clone();
        }
    };
    let parsed = || serde_json::from_slice::<Value>(&response[end + 4..]).unwrap();
    let body = match altered {
        Altered::Unaltered | Altered::Denied => return response,
        Altered::With(fields) => {
            let mut body = parsed();
            merge(&mut body, &fields);
            body
        }
        Altered::EachWith(list, fields) => {
            let mut body = parsed();
            for item in body[list].as_array_mut().unwrap() {
                merge(item, &fields);
            }
            body
        }
    };
    let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("content-length:"));
    let head: String = kept.map(|line| format!("{line}\r\n")).collect();
    message(&head, body.to_string().as_bytes())
}

fn message(head: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{head}content-length: {}\r\n\r\n", body.len()).into_bytes();
    message.extend_from_slice(body);
    message
}
