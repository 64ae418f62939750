//! What a newer runner may add is told of, and a bound is put on it.

use lamex_protocol::event::Body;
use lamex_protocol::reader::{Item, Judgement};

use crate::streams::{any_command, bytes, good, numbered, read};

/// The stream that passes, with lines between its first event and the rest. `SEQ` stands for their number.
fn with_lines(lines: &[String]) -> (Vec<String>, Judgement) {
    let mut events = numbered(good());
    let added = lines.len() as u64;
    for event in &mut events[1..] {
        event.seq += added;
        if let Body::Verdict(verdict) = &mut event.body {
            verdict.events += added;
        }
    }
    let mut stream = bytes(&events[..1]);
    for (seq, line) in (1..).zip(lines) {
        stream.extend(line.replace("SEQ", &format!("{seq}")).into_bytes());
        stream.push(b'\n');
    }
    stream.extend(bytes(&events[1..]));
    let (items, judgement) = read(any_command(), &stream);
    let unknown = |item| if let Item::Unknown(what) = item { Some(what) } else { None };
    (items.into_iter().filter_map(unknown).collect(), judgement)
}

fn heartbeat_with(fields: &str) -> String {
    format!(r#"{{"seq":SEQ,"at_ms":0,"type":"heartbeat",{fields}}}"#)
}

fn of_type(kind: &str) -> String {
    format!(r#"{{"seq":SEQ,"at_ms":0,"type":"{kind}"}}"#)
}

#[test]
fn each_kind_is_told_once_and_changes_nothing() {
    let lines = [heartbeat_with(r#""mood":1,"load":2"#), of_type("metric"), heartbeat_with(r#""mood":1"#)];
    let (told, judgement) = with_lines(&lines);
    assert_eq!(told, ["field `load`", "field `mood`", "event type `metric`"]);
    assert_eq!(judgement, Judgement::Passed);
    assert_eq!(with_lines(&[of_type("metric"), of_type("metric")]).0, ["event type `metric`"]);
}

#[test]
fn no_more_kinds_are_told_than_a_hundred() {
    let numbers = |from: u32, to: u32| (from..to).map(|number| of_type(&format!("kind{number:03}")));
    let (told, judgement) = with_lines(&numbers(0, 101).collect::<Vec<_>>());
    assert_eq!(told.len(), 100);
    assert_eq!(told.last().unwrap(), "event type `kind099`");
    assert_eq!(judgement, Judgement::Passed);
    // The room for the last one is left although a line has three.
    let lines: Vec<String> =
        numbers(0, 99).chain([heartbeat_with(r#""a":1,"b":1,"c":1"#), of_type("late")]).collect();
    let (told, judgement) = with_lines(&lines);
    assert_eq!((told.len(), told.last().unwrap().as_str()), (100, "field `a`"));
    assert_eq!(judgement, Judgement::Passed);
}

#[test]
fn long_names_are_cut_at_a_character() {
    let told = |name: &str| with_lines(&[of_type(name)]).0.remove(0);
    let name = "n".repeat(100);
    assert_eq!(told(&name), format!("event type `{name}`"));
    assert_eq!(told(&format!("{name}n")), format!("event type `{name}`"));
    let name = "n".repeat(99);
    assert_eq!(told(&format!("{name}ä")), format!("event type `{name}`"));
    let field = with_lines(&[heartbeat_with(&format!(r#""{name}äx":1"#))]).0;
    assert_eq!(field, [format!("field `{name}`")]);
}

#[test]
fn fields_that_say_nothing_are_not_told() {
    for blank in ["null", "[]", "{}", r#"{"a":0,"b":0}"#] {
        assert_eq!(with_lines(&[heartbeat_with(&format!(r#""mood":{blank}"#))]).0, [""; 0], "{blank}");
    }
    for told in ["false", "0", "\"\"", "[0]", r#"{"a":0,"b":1}"#, r#"{"a":null}"#] {
        let fields = format!(r#""mood":{told}"#);
        assert_eq!(with_lines(&[heartbeat_with(&fields)]).0, ["field `mood`"], "{told}");
    }
}
