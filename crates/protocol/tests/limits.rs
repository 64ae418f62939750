//! What a stream may hold at most, so that a hostile one can neither fill a caller's memory nor keep it busy.
#![cfg(test)]

use lamex_protocol::decode::MAX_LINE_BYTES;
use lamex_protocol::event::MAX_NAME_BYTES;
use lamex_protocol::reader::{Expectation, Item, Judgement, Reader, StreamEnd};
use serde_json::{Value, json};

/// Reads these events, numbered, and returns what was told of and the judgement in words.
fn read(events: impl IntoIterator<Item = Value>) -> (Vec<Item>, String) {
    let mut reader = Reader::new(Expectation { run_id: "r".into(), ..Expectation::default() });
    let mut items = Vec::new();
    for (seq, mut event) in events.into_iter().enumerate() {
        event["seq"] = json!(seq);
        event["at_ms"] = json!(seq);
        reader.feed(format!("{event}\n").as_bytes(), |item| items.push(item));
    }
    let judgement = match reader.finish(StreamEnd::Complete) {
        Judgement::Untrusted(why) => why.to_string(),
        judgement => format!("{judgement:?}"),
    };
    (items, judgement)
}

fn hello(selected: u64) -> Value {
    json!({
        "type": "hello", "lamex": 1, "run_id": "r", "function_name": "f", "function_version": "1",
        "runner_version": "0", "package_digest": "d", "request_id": "q", "selected": selected,
    })
}

fn started(command: u64, name: &str) -> Value {
    json!({"type": "command_started", "command": command, "name": name})
}

#[test]
fn names_have_a_longest_length() {
    let fits = "x".repeat(MAX_NAME_BYTES);
    let long = "x".repeat(MAX_NAME_BYTES + 1);
    let test = |kind: &str, name: &str| json!({"type": kind, "command": 0, "test": name, "outcome": "passed", "message": "m"});
    let finished = |name: &str| {
        json!({
            "type": "command_finished", "command": 0, "name": name, "outcome": "failed",
            "ending": {"kind": "exited", "code": 1}, "duration_ms": 1, "stdout_bytes": 0, "stderr_bytes": 0,
            "peak_rss_kib": 1, "cpu_ms": 1,
        })
    };
    let verdict = |name: &str| {
        json!({
            "type": "verdict", "outcome": "broken", "counts": {"passed": 0, "failed": 0, "skipped": 0, "not_run": 0},
            "remaining": [{"command": 0, "name": name}], "events": 2,
        })
    };
    let listed = |name: &str| {
        json!({
            "type": "command_listed", "command": 0, "name": name, "tags": [], "destructive": false,
            "parameters": [],
        })
    };
    let of_command = [started(0, &long), listed(&long), verdict(&long)];
    let of_test = ["test_started", "test_finished", "test_message"].map(|kind| test(kind, &long));
    for event in of_command.into_iter().chain(of_test).chain([finished(&long)]) {
        let events = [hello(1), started(0, "c"), event.clone()];
        let (items, judgement) = read(events);
        assert!(judgement.contains("a name of 501 bytes is longer than 500 bytes"), "{event}: {judgement}");
        assert_eq!(items.len(), 2);
    }
    for field in ["function_name", "function_version", "runner_version", "package_digest", "request_id"] {
        let mut event = hello(1);
        event[field] = json!(long);
        assert_eq!(read([event]).0, [], "{field}");
    }
    let events = [hello(1), started(0, &fits), test("test_started", &fits), test("test_message", &fits)];
    let (_, judgement) = read(events);
    assert!(judgement.contains("ended without a verdict"), "{judgement}");
}

#[test]
fn no_more_commands_than_were_selected_are_read() {
    let events = std::iter::once(hello(5_000)).chain((0..300_000).map(|place| started(place, "c")));
    let (items, judgement) = read(events);
    assert_eq!(items.len(), 5_001);
    assert!(judgement.contains("command 5000 is one more than the 5000 that were selected"), "{judgement}");
    let (items, judgement) = read([hello(5_001)]);
    assert!(items.is_empty() && judgement.contains("the maximum is 5000"), "{judgement}");
}

#[test]
fn only_the_first_hundred_unknown_kinds_are_told() {
    let unknown = |kind: String| json!({"type": kind});
    let events = std::iter::once(hello(0)).chain((0..270_000).map(|kind| unknown(format!("kind-{kind}"))));
    let (items, _) = read(events);
    let told = items.iter().filter(|item| matches!(item, Item::Unknown(_))).count();
    assert_eq!(told, 100);
    // The same in fields, many at once and with long names.
    let mut heartbeat = json!({"type": "heartbeat"});
    for field in 0..1_000 {
        heartbeat[format!("{}-{field}", "ä".repeat(200))] = json!(1);
    }
    let (items, _) = read([hello(0), heartbeat]);
    let told: Vec<&String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Unknown(what) => Some(what),
            Item::Event(_) => None,
        })
        .collect();
    assert!(told.len() <= 100 && told.iter().all(|what| what.len() < 120), "{told:?}");
}

#[test]
fn a_line_has_a_longest_length_whether_it_ends_or_not() {
    for end in ["", "\n"] {
        let mut reader = Reader::new(Expectation { run_id: "r".into(), ..Expectation::default() });
        reader.feed(json!({"seq": 0, "at_ms": 0}).to_string().replace('}', "").as_bytes(), |item| {
            panic!("{item:?}")
        });
        for _ in 0..=MAX_LINE_BYTES / 1_000 {
            reader.feed(&[b' '; 1_000], |item| panic!("{item:?}"));
        }
        reader.feed(end.as_bytes(), |item| panic!("{item:?}"));
        assert!(reader.is_faulty());
    }
}
