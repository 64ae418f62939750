//! Whole runs: streamed and buffered answers come to the same.

use crate::deployed::function::Function;

const TRANSPORTS: [&str; 2] = ["invoke: stream", "invoke: buffered"];

#[test]
fn a_run_that_passes_exits_0() {
    for transport in TRANSPORTS {
        let mut function = Function::new();
        function.environment.push(transport.to_owned());
        function
            .invoke(&[])
            .expect(0, 1)
            .says("out\n")
            .says("err\n")
            .says("1 command passed, 1 skipped")
            .says("billed");
    }
}

#[test]
fn a_test_that_fails_exits_1() {
    for transport in TRANSPORTS {
        let mut function = Function::new();
        function.environment.push(transport.to_owned());
        function.script("first", "exit 3");
        function.invoke(&[]).expect(1, 0).says("it exited with code 3");
    }
}

#[test]
fn a_runner_that_dies_in_the_middle_exits_4() {
    for transport in TRANSPORTS {
        let mut function = Function::new();
        function.environment.push(transport.to_owned());
        function.script("first", "echo before; kill -9 $PPID; sleep 5");
        function.invoke(&[]).expect(4, 0).says("infrastructure failure").says("Runtime.ExitError");
    }
}

#[test]
fn an_interrupted_run_says_that_the_function_goes_on() {
    let function = Function::new();
    function.script("first", "echo out; exec sleep 600");
    let ran = function.invoke_and_interrupt();
    ran.expect(130, 0)
        .says("the function keeps running until its deadline")
        .says("aws logs tail /aws/lambda/system-tests");
}

#[test]
fn another_package_than_expected_exits_4_and_the_expected_one_passes() {
    let function = Function::new();
    let digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    function.invoke(&["--expect-digest", digest]).expect(4, 1).says("another package ran");
    let events = function.path("events.jsonl");
    function.invoke(&["--events", events.to_str().unwrap()]).expect(0, 1);
    let stream = std::fs::read_to_string(&events).unwrap();
    let hello: serde_json::Value = serde_json::from_str(stream.lines().next().unwrap()).unwrap();
    let digest = hello["package_digest"].as_str().unwrap();
    function.invoke(&["--expect-digest", digest]).expect(0, 1);
}

#[test]
fn a_function_that_is_not_there_exits_4() {
    let function = Function::new();
    function.invoke(&["--qualifier", "17"]).expect(4, 0).says("system-tests has no version or alias 17");
    function
        .invoke(&["--qualifier", ""])
        .expect(2, 0)
        .says("--qualifier")
        .says("it is an alias such as `live`");
}
