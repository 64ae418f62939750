//! The frame of a stream: its first event, its numbers, its verdict, its end.

use lamex_protocol::decode::DecodeError;
use lamex_protocol::event::{Body, Event, Hello};
use lamex_protocol::plan::MAX_COMMANDS;
use lamex_protocol::reader::{Judgement, Reader, StreamEnd, Untrusted};

use crate::streams::{any_command, bytes, contradiction, good, hello, judge, numbered, read};

/// The stream that passes, with its first event changed.
fn with_hello(change: impl FnOnce(&mut Hello)) -> Judgement {
    let mut bodies = good();
    let Body::Hello(hello) = &mut bodies[0] else { panic!("{:?}", bodies[0]) };
    change(hello);
    judge(bodies)
}

fn with_events(change: impl FnOnce(&mut Vec<Event>)) -> Judgement {
    let mut events = numbered(good());
    change(&mut events);
    read(any_command(), &bytes(&events)).1
}

#[test]
fn a_stream_that_breaks_no_rule_passes() {
    assert_eq!(judge(good()), Judgement::Passed);
}

#[test]
fn a_stream_begins_once_with_the_callers_own_run() {
    let untrusted = Judgement::Untrusted;
    let no_hello = || untrusted(Untrusted::NoHello);
    let mut bodies = good();
    bodies.remove(0);
    assert_eq!(judge(bodies), no_hello());
    let mut bodies = good();
    bodies.insert(0, Body::Heartbeat);
    assert_eq!(judge(bodies), no_hello());
    let mut bodies = good();
    bodies.insert(1, hello(2));
    assert_eq!(judge(bodies), untrusted(Untrusted::SecondHello));
    let other_version = untrusted(Untrusted::OtherVersion { found: 2 });
    assert_eq!(with_hello(|hello| hello.lamex = 2), other_version);
    let other_run = untrusted(Untrusted::OtherRun { found: "yours".into() });
    assert_eq!(with_hello(|hello| hello.run_id = "yours".into()), other_run);
}

#[test]
fn no_more_commands_are_selected_than_a_plan_can_have() {
    let limit = MAX_COMMANDS as u64;
    assert_eq!(
        with_hello(|hello| hello.selected = limit),
        contradiction("not every selected command is accounted for")
    );
    assert_eq!(
        with_hello(|hello| hello.selected = limit + 1),
        contradiction("5001 commands are selected; the maximum is 5000")
    );
}

#[test]
fn numbers_have_no_gap_and_the_verdict_counts_them() {
    let gap = |expected, found| Judgement::Untrusted(Untrusted::Gap { expected, found });
    let shift = |by: u64| move |events: &mut Vec<Event>| events.iter_mut().for_each(|event| event.seq += by);
    assert_eq!(with_events(shift(1)), gap(0, 1));
    assert_eq!(with_events(|events| events[4].seq = 5), gap(4, 5));
    assert_eq!(with_events(|events| events[4].seq = 3), gap(4, 3));
    for claimed in [7, 9] {
        let claim = |events: &mut Vec<Event>| {
            let Body::Verdict(verdict) = &mut events[8].body else { panic!("{:?}", events[8]) };
            verdict.events = claimed;
        };
        assert_eq!(with_events(claim), contradiction("the verdict does not count the events that arrived"));
    }
}

#[test]
fn nothing_follows_the_verdict() {
    let after = Judgement::Untrusted(Untrusted::AfterVerdict);
    for more in [Body::Heartbeat, good().pop().unwrap()] {
        let mut bodies = good();
        bodies.push(more);
        assert_eq!(judge(bodies), after);
    }
    let mut unfinished = bytes(&numbered(good()));
    unfinished.push(b' ');
    assert_eq!(read(any_command(), &unfinished).1, after);
    unfinished.push(b'\n');
    let Judgement::Untrusted(Untrusted::Decode(DecodeError::NotAnEvent { line: 10, .. })) =
        read(any_command(), &unfinished).1
    else {
        panic!("an empty line is no event");
    };
}

#[test]
fn what_comes_after_a_fault_is_neither_shown_nor_believed() {
    let mut events = numbered(good());
    events[4].seq = 9;
    let whole = bytes(&events);
    let (before, after) = whole.split_at(bytes(&events[..5]).len());
    for pieces in [vec![&whole[..]], vec![before, after]] {
        let mut reader = Reader::new(any_command());
        let mut shown = 0;
        for piece in pieces {
            reader.feed(piece, |_| shown += 1);
        }
        assert_eq!(shown, 4);
        assert!(reader.is_faulty());
        let gap = Untrusted::Gap { expected: 4, found: 9 };
        assert_eq!(reader.finish(StreamEnd::Complete), Judgement::Untrusted(gap));
    }
}

#[test]
fn a_reader_tells_what_it_has_seen_so_far() {
    let events = numbered(good());
    let mut reader = Reader::new(any_command());
    assert!(reader.hello().is_none() && reader.verdict().is_none() && !reader.is_faulty());
    reader.feed(&bytes(&events[..8]), |_| {});
    assert_eq!(reader.hello().unwrap().run_id, "mine");
    assert!(reader.verdict().is_none());
    reader.feed(&bytes(&events[8..]), |_| {});
    assert_eq!(reader.verdict().unwrap().counts.passed, 2);
    assert!(!reader.is_faulty());
}

#[test]
fn an_answer_without_a_verdict_proves_nothing() {
    let events = numbered(good());
    let ends = [
        StreamEnd::Complete,
        StreamEnd::Broken("reset".into()),
        StreamEnd::FunctionError { code: "Sandbox.Timedout".into(), details: String::new() },
    ];
    let finish = |count: usize, end: &StreamEnd| {
        let mut reader = Reader::new(any_command());
        reader.feed(&bytes(&events[..count]), |_| {});
        reader.finish(end.clone())
    };
    for end in &ends {
        let no_verdict = Judgement::Untrusted(Untrusted::NoVerdict(end.clone()));
        assert_eq!(finish(1, end), no_verdict);
        assert_eq!(finish(8, end), no_verdict);
        // An answer of no bytes that is complete is somebody else's; one that broke may have been the runner's.
        let nothing =
            if *end == StreamEnd::Complete { Untrusted::NoHello } else { Untrusted::NoVerdict(end.clone()) };
        assert_eq!(finish(0, end), Judgement::Untrusted(nothing));
    }
}

#[test]
fn a_damaged_line_is_the_runners_only_after_its_first() {
    let mut bytes = bytes(&numbered(good())[..1]);
    bytes.extend(b"{}\n");
    let Judgement::Untrusted(Untrusted::Decode(DecodeError::NotAnEvent { line: 2, .. })) =
        read(any_command(), &bytes).1
    else {
        panic!("a damaged line");
    };
    assert_eq!(read(any_command(), b"{}\n").1, Judgement::Untrusted(Untrusted::NoHello));
}
