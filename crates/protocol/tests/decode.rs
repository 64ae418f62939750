//! From bytes to events, at the exact edges of what is accepted.

use lamex_protocol::decode::{DecodeError, Decoder, MAX_LINE_BYTES, unknown_fields};
use lamex_protocol::event::{Body, Event, Output, Stream, Warning};

/// A warning whose line has this many bytes, its newline among them.
fn line_of(length: usize) -> Vec<u8> {
    let line = |message: String| {
        format!("{{\"seq\":0,\"at_ms\":0,\"type\":\"warning\",\"message\":\"{message}\"}}\n")
    };
    let padding = length - line(String::new()).len();
    line("x".repeat(padding)).into_bytes()
}

/// How many events came, and the first error.
fn decode(pieces: &[&[u8]]) -> (usize, Result<(), DecodeError>) {
    let mut decoder = Decoder::default();
    let mut events = 0;
    let mut result = Ok(());
    for piece in pieces {
        let fed = decoder.feed(piece, |_, _| events += 1);
        result = result.and(fed);
    }
    (events, result)
}

#[test]
fn a_line_has_at_most_a_mebibyte() {
    assert_eq!(MAX_LINE_BYTES, 1_048_576);
    let too_long = |line| Err(DecodeError::LineTooLong { line });
    let (longest, longer) = (line_of(MAX_LINE_BYTES), line_of(MAX_LINE_BYTES + 1));
    assert_eq!(decode(&[&longest]), (1, Ok(())));
    assert_eq!(decode(&[&longest, &longest, &longer]), (2, too_long(3)));
    // In pieces, whose sum it is that counts.
    for cut in [1, 1_000, MAX_LINE_BYTES - 1] {
        let (head, tail) = longest.split_at(cut);
        assert_eq!(decode(&[head, tail]), (1, Ok(())), "{cut}");
        let (head, tail) = longer.split_at(cut);
        assert_eq!(decode(&[head, tail]), (0, too_long(1)), "{cut}");
    }
}

#[test]
fn a_line_without_an_end_is_given_up_at_the_limit() {
    let (full, one) = (vec![b'x'; MAX_LINE_BYTES], [b'x']);
    let too_long = Err(DecodeError::LineTooLong { line: 2 });
    let first = line_of(100);
    assert_eq!(decode(&[&first, &full]), (1, Ok(())));
    assert_eq!(decode(&[&first, &full, &one]), (1, too_long.clone()));
    assert_eq!(decode(&[&first, &full[1..], &one]), (1, Ok(())));
    assert_eq!(decode(&[&first, &[&full[..], &one].concat()]), (1, too_long));
}

#[test]
fn nothing_is_decoded_after_a_damaged_line() {
    let good = line_of(100);
    for damaged in
        [&b"\n"[..], b"{}\n", b"\xff\n", b"{\"seq\":0,\"at_ms\":0,\"type\":\"output\",\"command\":0}\n"]
    {
        let (events, result) = decode(&[&good, &[&good, damaged, &good].concat(), &good]);
        assert_eq!(events, 2);
        assert!(matches!(result, Err(DecodeError::NotAnEvent { line: 3, .. })), "{result:?}");
    }
    // Only the first error is told.
    let mut decoder = Decoder::default();
    assert!(decoder.feed(b"{}\n", |_, _| {}).is_err());
    assert_eq!(decoder.feed(b"{}\n", |_, _| panic!("an event")), Ok(()));
    assert_eq!(decoder.feed(&line_of(100), |_, _| panic!("an event")), Ok(()));
}

#[test]
fn an_output_has_either_text_or_valid_base64() {
    let output = |fields: &str| {
        let line = format!(
            "{{\"seq\":0,\"at_ms\":0,\"type\":\"output\",\"command\":0,\"stream\":\"stdout\"{fields}}}\n"
        );
        decode(&[line.as_bytes()])
    };
    for fields in [r#","text":"""#, r#","text":"a""#, r#","base64":"/w==""#] {
        assert_eq!(output(fields), (1, Ok(())), "{fields}");
    }
    for fields in ["", r#","base64":"/w=""#, r#","base64":"?""#, r#","text":"a","base64":"YQ==""#] {
        let reason = "an output event needs either text or valid base64".to_owned();
        assert_eq!(output(fields), (0, Err(DecodeError::NotAnEvent { line: 1, reason })), "{fields}");
    }
}

#[test]
fn each_event_comes_with_its_own_line() {
    let line = line_of(100);
    for cut in 0..=line.len() {
        let mut decoder = Decoder::default();
        let mut lines = Vec::new();
        decoder.feed(&line[..cut], |_, line| lines.push(line.to_vec())).unwrap();
        assert_eq!(decoder.is_mid_line(), cut > 0 && cut < line.len(), "{cut}");
        decoder.feed(&[&line[cut..], &line[..]].concat(), |_, line| lines.push(line.to_vec())).unwrap();
        assert_eq!(lines, [&line[..], &line[..]], "{cut}");
        assert!(!decoder.is_mid_line());
    }
}

#[test]
fn only_control_events_are_searched_for_unknown_fields() {
    let line = br#"{"seq":0,"at_ms":0,"type":"warning","message":"m","command":null,"mood":1}"#;
    let event = |body| Event { seq: 0, at_ms: 0, body };
    let warning = Body::Warning(Warning { command: None, message: "m".into() });
    assert_eq!(unknown_fields(&event(warning.clone()), line), ["mood"]);
    assert_eq!(unknown_fields(&event(Body::Unknown), line), [""; 0]);
    let output = Body::Output(Output::new(0, Stream::Stdout, b""));
    assert_eq!(unknown_fields(&event(output), line), [""; 0]);
    assert_eq!(unknown_fields(&event(warning), b"[]"), [""; 0]);
}
