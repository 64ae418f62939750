//! A stream that is cut, or a runner that dies, at any place: never a pass, never a second run.

use std::fs;

use lamex_emulator::{Faults, Trigger};

use crate::deployed::function::Function;

/// The bytes of a whole stream of this function. Times and ids differ in every run, lengths hardly.
fn whole_stream(function: &Function) -> Vec<u8> {
    let events = function.path("whole.jsonl");
    function.invoke(&["--events", events.to_str().unwrap()]).expect(0, 1);
    fs::read(events).unwrap()
}

/// The ends of events, and some places between, in a fixed order that looks like none.
fn places(stream: &[u8]) -> Vec<u64> {
    let ends =
        stream.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| index as u64 + 1);
    let between = (1..=12_u64).map(|step| step * 7_919 % stream.len() as u64);
    // The last digits of a time may be missing in another run: the whole stream is the verdict's own case.
    ends.chain(between).filter(|&place| place + 16 < stream.len() as u64).collect()
}

#[test]
fn a_stream_cut_anywhere_is_an_infrastructure_failure() {
    let mut function = Function::new();
    for place in places(&whole_stream(&function)) {
        function.faults = Faults { cut_client: Some(Trigger::AfterBytes(place)), ..Faults::default() };
        // One that was cut early may end before its command has begun.
        function.invoke(&[]).expect_at_most(4, 1).says("infrastructure failure");
    }
}

#[test]
fn a_verdict_without_the_services_word_is_no_pass() {
    let mut function = Function::new();
    let verdict = Trigger::AtBytes(b"\"not_run\":0},\"events\":".to_vec());
    function.faults = Faults { cut_client: Some(verdict), ..Faults::default() };
    function.invoke(&[]).expect(4, 1);
    // The whole of it, but for what the service says at the end.
    let end = Trigger::AtBytes(b"\"events\":6}\n".to_vec());
    function.faults = Faults { cut_client: Some(end), ..Faults::default() };
    function.invoke(&[]).expect(4, 1);
}

#[test]
fn a_runner_killed_anywhere_is_an_infrastructure_failure() {
    let mut function = Function::new();
    for trigger in ["hello", "command_started", "\"text\":\"out", "command_finished", "verdict"] {
        let trigger = Trigger::AtBytes(trigger.as_bytes().to_vec());
        function.faults = Faults { kill_runtime: Some(trigger), ..Faults::default() };
        let ran = function.invoke(&[]);
        assert!(ran.runs <= 1, "{} runs", ran.runs);
        assert_eq!(ran.exit_code, 4, "{}\n{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn an_answer_that_the_runner_cannot_send_is_an_infrastructure_failure() {
    let mut function = Function::new();
    for place in [0, 100, 700] {
        function.faults =
            Faults { break_runtime_response: Some(Trigger::AfterBytes(place)), ..Faults::default() };
        function.invoke(&[]).expect(4, 1).says("infrastructure failure");
    }
}

#[test]
fn a_failure_that_was_told_in_full_stays_one() {
    let mut function = Function::new();
    function.script("first", "exit 3");
    let end = Trigger::AtBytes(b"\"events\":4}\n".to_vec());
    function.faults = Faults { cut_client: Some(end), ..Faults::default() };
    function.invoke(&[]).expect(1, 0);
}
