//! An endpoint that is hostile or broken: no run without an end, and no answer that fills the memory.

use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use lamex_testing::live::high_water_mark_kib;
use serde_json::json;

use crate::deployed::function::Function;
use crate::deployed::hostile_endpoint::{Client, Endpoint, message};

const PEAK_RSS_KIB: u64 = 200 << 10;

/// What lamex-ctl said, and how it ended.
struct Met {
    exit_code: i32,
    text: String,
    peak_rss_kib: u64,
    junit: String,
}

/// Lets lamex-ctl invoke an endpoint that answers so, with every report that it can write.
fn meet(answer: impl Fn(&mut Client) -> io::Result<()> + Send + Sync + 'static) -> Met {
    meet_with(&[], &[], answer)
}

fn meet_with(
    environment: &[&str],
    arguments: &[&str],
    answer: impl Fn(&mut Client) -> io::Result<()> + Send + Sync + 'static,
) -> Met {
    meet_function(Function::new(), environment, arguments, answer)
}

/// A function that may take a second.
fn brief_function() -> Function {
    let mut function = Function::new();
    function.timeout = Duration::from_secs(1);
    function
}

fn meet_function(
    mut function: Function,
    environment: &[&str],
    arguments: &[&str],
    answer: impl Fn(&mut Client) -> io::Result<()> + Send + Sync + 'static,
) -> Met {
    let endpoint = Endpoint::start(answer);
    function.environment.extend(environment.iter().map(|&line| line.to_owned()));
    let junit = function.path("junit.xml");
    let reports = ["--expect-digest", "any", "--output", "json", "--junit", junit.to_str().unwrap()];
    let command = function.command_for(&endpoint.url(), &[&reports, arguments].concat());
    let (exit_code, text, peak_rss_kib) = watch(command, &function);
    assert!(peak_rss_kib < PEAK_RSS_KIB, "{peak_rss_kib} KiB: {text}");
    Met { exit_code, text, peak_rss_kib, junit: fs::read_to_string(junit).unwrap() }
}

/// Runs it to its end, and tells what it took.
fn watch(mut command: Command, function: &Function) -> (i32, String, u64) {
    let log = function.path("log");
    let file = fs::File::create(&log).unwrap();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).spawn().unwrap();
    let mut peak_rss_kib = 0;
    // What wait4 tells is never less than what this process had when it started the other. The high-water
    // mark is looked at so often that hardly anything can be added to the last one.
    let status = loop {
        peak_rss_kib = peak_rss_kib.max(high_water_mark_kib(child.id()));
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => thread::sleep(Duration::from_millis(1)),
        }
    };
    // The end tells the verdict, and all of it is nothing to print when a test fails.
    let log = fs::read(log).unwrap();
    let end = &log[log.len().saturating_sub(2_000)..];
    (status.code().unwrap(), String::from_utf8_lossy(end).into_owned(), peak_rss_kib)
}

impl Met {
    #[track_caller]
    fn expect(&self, exit_code: i32, part: &str) -> &Self {
        assert_eq!(self.exit_code, exit_code, "{}", self.text);
        assert!(self.text.contains(part), "no `{part}` in {}", self.text);
        self
    }
}

#[test]
fn a_message_that_claims_to_be_endless_is_refused_at_once() {
    for claim in [u32::MAX, (24 << 20) + 1, 15] {
        meet(move |client| {
            client.begin()?;
            client.send(claim.to_be_bytes())?;
            loop {
                client.send([0; 1 << 16])?;
            }
        })
        .expect(4, "the endpoint did not send an event stream: a message of");
    }
    meet(|client| {
        client.begin()?;
        client.send((20_u32 << 20).to_be_bytes())?;
        client.send((19_u32 << 20).to_be_bytes())?;
        client.send(vec![0; 20 << 20])
    })
    .expect(4, "bytes of headers, where at most 131072 are possible");
}

#[test]
fn the_largest_message_is_read() {
    meet(|client| {
        client.begin()?;
        client.hello(1)?;
        client.flush()?;
        // Lines that are nearly as long as they may be.
        let mut seq = 1;
        let mut lines = Vec::new();
        while lines.len() < 22 << 20 {
            let text = "\u{1}".repeat(170_000);
            let warning = json!({"seq": seq, "at_ms": 0, "type": "warning", "message": text});
            lines.extend_from_slice(format!("{warning}\n").as_bytes());
            seq += 1;
        }
        // In pieces of one byte, of which no trace may be kept.
        let message = message("PayloadChunk", lines);
        let (first, rest) = message.split_at(100_000);
        for byte in first {
            client.send([*byte])?;
        }
        client.send(rest)
    })
    .expect(4, "the response was cut off");
}

#[test]
fn more_commands_than_were_selected_are_refused() {
    meet(|client| {
        client.begin()?;
        client.hello(5_000)?;
        for command in 0..300_000 {
            client.started(command, &format!("{command:0>500}"))?;
        }
        client.end(0)
    })
    .expect(4, "infrastructure failure");
}

#[test]
fn names_longer_than_any_are_refused() {
    meet(|client| {
        client.begin()?;
        client.hello(1)?;
        client.started(0, "first")?;
        client.event(json!({"type": "test_started", "command": 0, "test": "x".repeat(501)}))?;
        client.end(0)
    })
    .expect(4, "a name of 501 bytes is longer than 500 bytes");
}

#[test]
fn hundreds_of_thousands_of_unknown_kinds_are_read_in_passing() {
    let met = meet(|client| {
        client.begin()?;
        client.hello(1)?;
        client.started(0, "first")?;
        for kind in 0..270_000 {
            client.event(json!({"type": format!("kind-{kind}"), "more": "x"}))?;
        }
        client.end(0)
    });
    met.expect(1, "1 of 1 command failed");
}

#[test]
fn an_answer_without_an_end_is_given_up_when_the_functions_time_is_over() {
    let too_late = "the response has not ended after 3 s, and the function's timeout is 1 s";
    let heartbeats: fn(&mut Client) -> io::Result<()> = |client| {
        client.begin()?;
        client.hello(1)?;
        client.started(0, "first")?;
        loop {
            client.event(json!({"type": "heartbeat"}))?;
            client.flush()?;
            thread::sleep(Duration::from_millis(20));
        }
    };
    // Messages of which the client hands nothing on.
    let unknown: fn(&mut Client) -> io::Result<()> = |client| {
        client.begin()?;
        let message = message("SomethingNew", b"{}".to_vec()).repeat(1_000);
        loop {
            client.send(&message)?;
        }
    };
    let nothing: fn(&mut Client) -> io::Result<()> = Client::wait;
    let informational: fn(&mut Client) -> io::Result<()> = |client| {
        loop {
            client.send("HTTP/1.1 103 Early Hints\r\n\r\n")?;
        }
    };
    for answer in [heartbeats, unknown, nothing, informational] {
        meet_function(brief_function(), &[], &["--max-silence", "2s"], answer).expect(4, too_late);
    }
    // All of an answer that comes at its end is waited for no longer.
    meet_function(brief_function(), &["invoke: buffered"], &["--max-silence", "2s"], nothing)
        .expect(4, too_late);
}

#[test]
fn an_answer_longer_than_any_is_given_up() {
    meet(|client| {
        client.begin()?;
        client.hello(1)?;
        client.started(0, "first")?;
        loop {
            let text = "x".repeat(60_000);
            client.event(json!({"type": "output", "command": 0, "stream": "stdout", "text": text}))?;
        }
    })
    .expect(4, "the response is longer than 220000000 bytes");
    meet_with(&["invoke: buffered"], &[], |client| {
        client.send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
        loop {
            client.send([b'x'; 1 << 16])?;
        }
    })
    .expect(4, "the endpoint's response is longer than 25165824 bytes");
    meet(|client| {
        client.send("HTTP/1.1 200 OK\r\n")?;
        for number in 0.. {
            client.send(format!("x-{number}: {}\r\n", "x".repeat(1_000)))?;
        }
        Ok(())
    })
    .expect(4, "infrastructure failure");
}

#[test]
fn the_largest_buffered_answer_is_read() {
    // Where it is an error's document, or a text in JSON, it is looked at as such.
    for (head, filling, tail) in [("", "x", ""), ("[0", ",0", "]"), ("\"", "\\u0001", "\"")] {
        meet_with(&["invoke: buffered"], &[], move |client| {
            let length = (24 << 20) / filling.len() * filling.len() - head.len() - tail.len();
            let error = if head.starts_with('[') { "x-amz-function-error: Unhandled\r\n" } else { "" };
            client.send(format!(
                "HTTP/1.1 200 OK\r\n{error}content-length: {}\r\n\r\n{head}",
                head.len() + length / filling.len() * filling.len() + tail.len()
            ))?;
            client.send(filling.repeat(length / filling.len()))?;
            client.send(tail)
        })
        .expect(4, "infrastructure failure");
    }
}

#[test]
fn warnings_without_number_are_counted() {
    for (count, length) in [(500_000, 100), (180, 1_000_000)] {
        let met = meet(move |client| {
            client.begin()?;
            client.hello(1)?;
            client.started(0, "first")?;
            let text = "w".repeat(length);
            for _ in 0..count {
                client.event(json!({"type": "warning", "message": text}))?;
            }
            client.end(0)
        });
        met.expect(1, "1 of 1 command failed");
    }
}

#[test]
fn tests_by_the_million_are_counted() {
    // Of 200 MB: short names, and the longest, which escapes make six times as long.
    for (count, name) in [(1_000_000, "TestPlaceAnOrder/with_item_"), (55_000, "\u{1}".repeat(490).as_str())]
    {
        let name = name.to_owned();
        let met = meet(move |client| {
            client.begin()?;
            client.hello(1)?;
            client.started(0, "first")?;
            for number in 0..count {
                let outcome = ["passed", "failed", "skipped"][number % 3];
                let test = format!("{name}{number}");
                client.event(
                    json!({"type": "test_finished", "command": 0, "test": test, "outcome": outcome}),
                )?;
                if number % 8 == 1 {
                    client.event(json!({"type": "test_message", "command": 0, "test": test, "message": "\u{1}".repeat(90)}))?;
                }
            }
            client.end(0)
        });
        let failed = (count + 1) / 3;
        met.expect(1, &format!("{failed} failed"));
        assert!(met.junit.contains("<failure"), "{} KiB", met.peak_rss_kib);
    }
}

#[test]
fn tests_that_never_end_take_little() {
    meet(|client| {
        client.begin()?;
        client.hello(1_000)?;
        for command in 0..200 {
            client.started(command, &format!("{command}"))?;
            for test in 0..1_100 {
                client.event(
                    json!({"type": "test_started", "command": command, "test": format!("{test:0>490}")}),
                )?;
            }
            let text = "\u{0}".repeat(40_000);
            client.event(json!({"type": "output", "command": command, "stream": "stdout", "text": text}))?;
        }
        client.flush()?;
        client.message("InvokeComplete", b"{}".to_vec())
    })
    .expect(4, "infrastructure failure");
}

#[test]
fn an_output_as_long_as_possible_passes_through() {
    for piece in ["x".repeat(100_000), "\n".repeat(50_000), "\u{0}".repeat(16_000)] {
        meet(move |client| {
            client.begin()?;
            client.hello(1)?;
            client.started(0, "first")?;
            let output = json!({"type": "output", "command": 0, "stream": "stdout", "text": piece});
            for _ in 0..1_900 {
                client.event(output.clone())?;
            }
            client.end(1_900 * piece.len() as u64)
        })
        .expect(1, "1 of 1 command failed");
    }
}
