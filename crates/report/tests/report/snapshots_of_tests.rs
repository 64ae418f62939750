//! Reports for people of the tests inside commands.

use insta::assert_snapshot;
use lamex_protocol::event::{Body, TestOutcome, VerdictOutcome};
use lamex_report::console::ConsoleOptions;

use crate::fixture::Script;

#[test]
fn what_a_framework_says_stands_below_its_test() {
    let mut script = Script::new(2);
    script.start(0, "orders").test_start("TestCreate").out("much\n");
    script.test_message("TestCreate", "orders_test.go:7: got 1,\n    want \u{202e}2\n\n");
    script.test_end("TestCreate", TestOutcome::Failed);
    script.test_message("TestCreate", &"and so on\n".repeat(20)).test_message("TestCreate", &"x".repeat(400));
    script.test_start("TestCrash").test_message("TestCrash", "panic: no such order");
    script.fail().start(1, "payments").pass();
    script.verdict(VerdictOutcome::Failed, &[]);
    let text = script.show(ConsoleOptions::default()).text();
    let (_, recap) = text.split_once("────────────").unwrap();
    assert_snapshot!(recap, @r"

            FAIL [   0.123s] orders: 1 test: 0 passed, 1 failed
                 it exited with code 1
                 failed [   0.010s] TestCreate
                   orders_test.go:7: got 1,
                       want \u{202e}2
                   and so on
                   and so on
                   and so on
                   and so on
                   and so on
                   and so on
                   and so on
                   and so on
                   and 13 more lines
                 unfinished TestCrash
                   panic: no such order
                 its output:
    much
    ────────────
         Summary [   3.250s] 2 commands run: 1 passed, 1 failed; 1 test: 0 passed, 1 failed
    failed: 1 of 2 commands failed
    ");
}

#[test]
fn framing_is_left_out() {
    let mut script = Script::new(2);
    script.start_framed(0, "orders");
    for chunk in ["\x16=== RUN   TestA\n    a_te", "st.go:3: one\ndots", "\x16=== NA", "ME  TestB\ntwo\n\x16"]
    {
        script.out(chunk);
    }
    script.out("    --- FAIL: TestB/sub (0.00s)\n").err("\x16 on stderr\n");
    // Nothing follows for a while: it is shown all the same.
    script.out("waits\n\x16=== NAME").push(Body::Heartbeat).out(" of the rose\n\x16").fail();
    script.start(1, "plain").out("\x16=== NAME  TestA\n").pass();
    script.verdict(VerdictOutcome::Failed, &[]);
    let shown = script.show(ConsoleOptions::default());
    assert_snapshot!(shown.text().replace('\x16', "^V"), @r"
        Starting 2 commands on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] orders
    === RUN   TestA
        a_test.go:3: one
    dots
    two
        --- FAIL: TestB/sub (0.00s)
    ^V on stderr
    waits
    === NAME of the rose
            FAIL [   0.123s] orders
                 it exited with code 1
           START [         ] plain
    ^V=== NAME  TestA
            PASS [   0.123s] plain
    ────────────
            FAIL [   0.123s] orders
                 it exited with code 1
                 its output:
    === RUN   TestA
        a_test.go:3: one
    dots
    two
        --- FAIL: TestB/sub (0.00s)
    ^V on stderr
    waits
    === NAME of the rose
    ────────────
         Summary [   3.750s] 2 commands run: 1 passed, 1 failed
    failed: 1 of 2 commands failed
    ");
}

#[test]
fn commands_that_ran_no_test() {
    let mut script = Script::new(1);
    script.start(0, "orders").out("testing: warning: no tests to run\n").no_test(0, "no test ran");
    script.verdict(VerdictOutcome::Empty, &[]);
    assert_snapshot!(script.show(ConsoleOptions::default()).text(), @r"
        Starting 1 command on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] orders
    testing: warning: no tests to run
            SKIP [   0.123s] orders
                 no test ran
    ────────────
         Summary [   1.000s] 1 command run: 0 passed, 1 skipped
    nothing was run: the only command ran no test
    ");

    let mut script = Script::new(3);
    script.skip(0, "wipe", "not allowed");
    script.start(1, "orders").test_end("TestA", TestOutcome::Skipped).no_test(1, "");
    script.start(2, "payments").no_test(0, "");
    script.verdict(VerdictOutcome::Empty, &[]);
    assert_snapshot!(script.show(ConsoleOptions::default()).text(), @r"
        Starting 3 commands on system-tests, version 7 (package 0123456789ab, run run-1)
            SKIP [   0.123s] wipe
                 not allowed
            SKIP [   0.123s] orders: 1 test: 0 passed, 1 skipped
                 all of its tests were skipped (1)
            SKIP [   0.123s] payments
                 it ran no test
    ────────────
         Summary [   1.750s] 2 commands run: 0 passed, 3 skipped; 1 test: 0 passed, 1 skipped
    nothing was run: none of the 3 commands ran a test
    ");
}
