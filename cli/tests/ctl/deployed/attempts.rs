//! At most once: only what provably never started is tried again.

use std::time::Duration;

use lamex_emulator::{Faults, Trigger};

use crate::deployed::function::Function;

fn with(faults: Faults) -> Function {
    let mut function = Function::new();
    function.faults = faults;
    function
}

#[test]
fn a_throttled_invocation_is_tried_again_visibly_and_runs_once() {
    let function = with(Faults { throttle_first: 2, ..Faults::default() });
    let ran = function.invoke(&[]);
    ran.expect(0, 1);
    assert_eq!(ran.stderr.matches("trying again in").count(), 2, "{}", ran.stderr);
}

#[test]
fn throttling_that_goes_on_ends_with_the_time_allowed() {
    let function = with(Faults { throttle_first: 1_000, ..Faults::default() });
    function.invoke(&["--start-timeout", "1s"]).expect(4, 0).says("the function never started");
}

#[test]
fn an_error_of_the_service_is_not_tried_again() {
    let function = with(Faults { fail_first: 1, ..Faults::default() });
    let ran = function.invoke(&[]);
    ran.expect(4, 0).says("ServiceException");
    assert!(!ran.stderr.contains("trying again"), "{}", ran.stderr);
}

#[test]
fn a_connection_that_cannot_be_made_is_tried_again_and_then_given_up() {
    // The first call is the guard's question to STS, which runs nothing and may be repeated by the client.
    Function::new().invoke_nobody(&["--start-timeout", "1s"]).expect(4, 0).says("onnect");
}

#[test]
fn a_connection_that_breaks_after_the_start_is_not_tried_again() {
    for mode in ["invoke: stream", "invoke: buffered"] {
        let cut = Some(Trigger::AfterBytes(0));
        let mut function = with(Faults { cut_client: cut, ..Faults::default() });
        function.environment.push(mode.to_owned());
        function.invoke(&[]).expect(4, 1);
    }
}

#[test]
fn a_slow_answer_is_waited_for() {
    let function = with(Faults { answer_delay: Duration::from_secs(2), ..Faults::default() });
    function.invoke(&[]).expect(0, 1);
}

#[test]
fn a_stream_that_falls_silent_is_given_up_and_not_tried_again() {
    let stall = Some(Trigger::AtBytes(b"command_started".to_vec()));
    let function = with(Faults { stall_client: stall, ..Faults::default() });
    function.invoke(&["--max-silence", "2s"]).expect(4, 1).says("nothing received from the runner");
}
