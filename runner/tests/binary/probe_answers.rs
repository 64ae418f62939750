//! What a probe makes of HTTP and gRPC servers, and of those that are neither.

use std::io::{Read as _, Write as _};
use std::thread;

use hyper::Response;
use lamex_protocol::probe::{Answer, GrpcHealth};
use serde_json::Value;

use crate::support::dns::DnsServer;
use crate::support::grpc::{Call, serve, with_message};
use crate::support::http::{read_head, value};
use crate::support::listeners::Server;
use crate::support::probing::{AMPLE_MS, SHORT_MS, ask, probed, start, target};

/// The answers of a target for each of these servers.
fn answers(servers: &[Server], check: &str, timeout_ms: u64) -> Vec<Answer> {
    let name = |place: usize| format!("{check}-{place}");
    let targets: Vec<Value> = servers
        .iter()
        .enumerate()
        .map(|(place, server)| target(&name(place), "127.0.0.1", server.port(), check))
        .collect();
    let transcript = ask(&start(&DnsServer::start([])), &targets, timeout_ms);
    let answer = |place| probed(&transcript, &name(place)).answer.clone().unwrap();
    (0..servers.len()).map(answer).collect()
}

/// Says this to whoever has said something, and closes.
fn saying(words: &'static [u8]) -> Server {
    Server::start("127.0.0.1:0", move |mut stream| {
        let mut heard = [0; 4096];
        let _ = stream.read(&mut heard);
        let _ = stream.write_all(words);
        // What the other side goes on to say must not reset the connection.
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    })
}

/// Closes without a word.
fn closing() -> Server {
    Server::start("127.0.0.1:0", drop)
}

fn failure(answer: &Answer) -> (bool, &str) {
    match answer {
        Answer::Failed { timed_out, message } => (*timed_out, message),
        other => panic!("{other:?}"),
    }
}

/// A fatal alert, as a TLS server answers what is no handshake.
const ALERT: &[u8] = &[0x15, 3, 3, 0, 2, 2, 0x46];

#[test]
fn any_status_is_an_answer() {
    let asking = Server::start("127.0.0.1:0", |stream| {
        let mut reader = std::io::BufReader::new(stream.try_clone().unwrap());
        let head = read_head(&mut reader).unwrap().unwrap();
        let authority = stream.local_addr().unwrap().to_string();
        let is_right = head.method == "GET"
            && head.path == "/"
            && value(&head.headers, "host") == Some(authority.as_str());
        let status: &[u8] = if is_right { b"503 Service Unavailable" } else { b"400 Bad Request" };
        let _ =
            (&stream).write_all(&[b"HTTP/1.1 ", status, b"\r\nContent-Length: 1000000\r\n\r\nno"].concat());
        // The rest of the body never comes, and nobody waits for it.
        let _ = std::io::copy(&mut &stream, &mut std::io::sink());
    });
    let servers = [
        asking,
        saying(b"HTTP/1.0 200 OK\r\n\r\nhello"),
        saying(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n"),
        saying(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
    ];
    let statuses = [503, 200, 404, 302].map(|status| Answer::Http { status });
    assert_eq!(answers(&servers, "http", AMPLE_MS), statuses);
}

#[test]
fn what_is_no_http_is_told_as_what_it_is() {
    let servers = [
        saying(b"SSH-2.0-OpenSSH_9.6\r\n"),
        closing(),
        saying(ALERT),
        saying(&[0, 0, 0, 4, 0, 0, 0, 0, 0]),
        Server::silent("127.0.0.1:0"),
    ];
    let answers = answers(&servers, "http", SHORT_MS);
    let words = [
        (false, "began with `SSH-2.0-OpenSSH_9.6`"),
        (false, "the server said nothing"),
        (false, "the server speaks TLS on this port"),
        (false, "plain HTTP/2 on this port, not HTTP/1"),
        (true, "within 4000 ms"),
    ];
    for (answer, (timed_out, words)) in answers.iter().zip(words) {
        let (found, message) = failure(answer);
        assert!(found == timed_out && message.contains(words), "{words}: {answer:?}");
    }
}

/// A gRPC server that answers every call so.
fn grpc(answer: impl Fn(Call) -> Option<()> + Send + Sync + 'static) -> Server {
    let answer = std::sync::Arc::new(answer);
    Server::start("127.0.0.1:0", move |stream| {
        let answer = std::sync::Arc::clone(&answer);
        let _ = serve(stream, async |stream| Some(stream), &*answer);
    })
}

/// Answers with a head alone.
fn head_only(mut call: Call, status: u16, headers: &[(&str, &str)]) -> Option<()> {
    let mut head = Response::builder().status(status);
    for (name, value) in headers {
        head = head.header(*name, *value);
    }
    call.respond.send_response(head.body(()).unwrap(), true).ok().map(drop)
}

const GRPC: (&str, &str) = ("content-type", "application/grpc");

#[test]
fn a_grpc_servers_health_is_told_as_it_says() {
    let servers = [
        grpc(|call| with_message(call, &[0, 0, 0, 0, 2, 8, 1], "0")),
        grpc(|call| with_message(call, &[0, 0, 0, 0, 2, 8, 2], "0")),
        grpc(|call| with_message(call, &[0, 0, 0, 0, 0], "0")),
        grpc(|call| {
            head_only(call, 200, &[GRPC, ("grpc-status", "12"), ("grpc-message", "no such service")])
        }),
        grpc(|call| head_only(call, 200, &[GRPC, ("grpc-status", "16"), ("grpc-message", "who are you")])),
    ];
    let told = |health, message: Option<&str>| {
        let message = message.map(Into::into);
        Answer::Grpc { health, message, tls: None }
    };
    let expected = [
        told(GrpcHealth::Serving, None),
        told(GrpcHealth::NotServing, None),
        told(GrpcHealth::Unknown, Some("its serving status is 0")),
        told(GrpcHealth::Unimplemented, Some("no such service")),
        told(GrpcHealth::Unknown, Some("it answers with the gRPC status 16: who are you")),
    ];
    assert_eq!(answers(&servers, "grpc", AMPLE_MS), expected);
}

#[test]
fn what_is_no_grpc_is_told_as_what_it_is() {
    static LONG: [u8; 10_000] = [0; 10_000];
    let servers = [
        saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        saying(b"220 mail.example ESMTP\r\n"),
        saying(ALERT),
        closing(),
        grpc(|call| head_only(call, 404, &[("content-type", "text/html")])),
        grpc(|call| head_only(call, 200, &[("content-type", "text/html")])),
        grpc(|call| head_only(call, 200, &[GRPC])),
        grpc(|call| with_message(call, &[0, 0, 0, 0, 9, 8, 1], "0")),
        grpc(|call| with_message(call, &LONG, "0")),
        grpc(|_| {
            thread::sleep(std::time::Duration::from_secs(8));
            None
        }),
    ];
    let answers = answers(&servers, "grpc", SHORT_MS);
    let words = [
        (false, "plain HTTP/1 on this port, not HTTP/2: `HTTP/1.1 400 Bad Request`"),
        (false, "began with `220 mail.example ESMTP`"),
        (false, "the server speaks TLS on this port, which `tls: true` asks for"),
        (false, "the server said nothing"),
        (false, "not gRPC: it answers with status 404"),
        (false, "not gRPC: it answers with status 200"),
        (false, "without a gRPC status"),
        (false, "not a HealthCheckResponse"),
        (false, "more than 4096 bytes"),
        (true, "within 4000 ms"),
    ];
    for (answer, (timed_out, words)) in answers.iter().zip(words) {
        let (found, message) = failure(answer);
        assert!(found == timed_out && message.contains(words), "{words}: {answer:?}");
    }
}
