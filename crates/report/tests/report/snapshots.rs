//! Whole reports for people, and what of them is exact.

use insta::assert_snapshot;
use lamex_protocol::event::{Body, CommandOutcome, Ending, Missing, TestOutcome, VerdictOutcome};
use lamex_protocol::reader::{Judgement, StreamEnd, Untrusted};
use lamex_report::console::ConsoleOptions;
use lamex_report::look::Verbosity;
use lamex_run::Conclusion;
use lamex_run::Exit;

use crate::fixture::Script;

fn quiet() -> ConsoleOptions {
    ConsoleOptions { verbosity: Verbosity::Quiet, ..ConsoleOptions::default() }
}

fn verbose() -> ConsoleOptions {
    ConsoleOptions {
        verbosity: Verbosity::Verbose,
        argv: vec![vec!["./orders".to_owned(), "-run".to_owned(), "it's $x".to_owned()]],
        ..ConsoleOptions::default()
    }
}

/// Two commands pass, one silently, and one is skipped.
fn passing() -> Script {
    let mut script = Script::new(3);
    script.start(0, "orders").test_start("TestCreate").out("one\n");
    script.err("warn\n").test_end("TestCreate", TestOutcome::Passed);
    script.test_end("TestLater", TestOutcome::Skipped).pass();
    script.start(1, "silent").pass();
    script.skip(2, "wipe", "destructive commands are not allowed here");
    script.verdict(VerdictOutcome::Passed, &[]);
    script
}

/// The first fails with tests, the second passes.
fn failing() -> Script {
    let mut script = Script::new(2);
    script.start(0, "orders").test_start("TestCreate");
    for line in 1..=30 {
        script.out(format!("line {line}\n"));
    }
    script.test_end("TestCreate", TestOutcome::Failed);
    script.test_end("TestList", TestOutcome::Passed).fail();
    script.start(1, "payments").out("fine\n").pass();
    script.verdict(VerdictOutcome::Failed, &[]);
    script
}

#[test]
fn a_pass() {
    let shown = passing().show(ConsoleOptions::default());
    assert_snapshot!(shown.text(), @r"
        Starting 3 commands on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] orders
    one
    warn
            PASS [   0.123s] orders: 2 tests: 1 passed, 1 skipped
            PASS [   0.123s] silent
            SKIP [   0.123s] wipe
                 destructive commands are not allowed here
    ────────────
         Summary [   2.750s] 2 commands run: 2 passed, 1 skipped; 2 tests: 1 passed, 1 skipped
    passed: 2 commands passed, 1 skipped
    ");
    assert_eq!(shown.stderr, b"");
}

#[test]
fn a_failure_is_repeated_at_the_end() {
    assert_snapshot!(failing().show(ConsoleOptions::default()).text(), @r"
        Starting 2 commands on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] orders
    line 1
    line 2
    line 3
    line 4
    line 5
    line 6
    line 7
    line 8
    line 9
    line 10
    line 11
    line 12
    line 13
    line 14
    line 15
    line 16
    line 17
    line 18
    line 19
    line 20
    line 21
    line 22
    line 23
    line 24
    line 25
    line 26
    line 27
    line 28
    line 29
    line 30
            FAIL [   0.123s] orders: 2 tests: 1 passed, 1 failed
                 it exited with code 1
                 failed [   0.010s] TestCreate
           START [         ] payments
    fine
            PASS [   0.123s] payments
    ────────────
            FAIL [   0.123s] orders: 2 tests: 1 passed, 1 failed
                 it exited with code 1
                 failed [   0.010s] TestCreate
                 the end of its output, after 71 bytes:
    line 11
    line 12
    line 13
    line 14
    line 15
    line 16
    line 17
    line 18
    line 19
    line 20
    line 21
    line 22
    line 23
    line 24
    line 25
    line 26
    line 27
    line 28
    line 29
    line 30
    ────────────
         Summary [   9.750s] 2 commands run: 1 passed, 1 failed; 2 tests: 1 passed, 1 failed
    failed: 1 of 2 commands failed
    ");
}

#[test]
fn what_stands_just_above_is_not_repeated() {
    let mut script = Script::new(1);
    script.start(0, "orders").out("assertion failed\n").fail();
    script.verdict(VerdictOutcome::Failed, &[]);
    assert_snapshot!(script.show(ConsoleOptions::default()).text(), @r"
        Starting 1 command on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] orders
    assertion failed
            FAIL [   0.123s] orders
                 it exited with code 1
    ────────────
         Summary [   1.000s] 1 command run: 0 passed, 1 failed
    failed: 1 of 1 command failed
    ");
}

#[test]
fn quiet_tells_of_failures_alone() {
    assert_snapshot!(passing().show(quiet()).text(), @"passed: 2 commands passed, 1 skipped");
    let mut script = Script::new(2);
    script.start(0, "payments").out("fine\n").pass();
    script.start(1, "orders").out("assertion failed\n").err("at line 3").fail();
    script.verdict(VerdictOutcome::Failed, &[]);
    assert_snapshot!(script.show(quiet()).text(), @r"
    ────────────
            FAIL [   0.123s] orders
                 it exited with code 1
                 its output:
    assertion failed
    at line 3
    failed: 1 of 2 commands failed
    ");
}

#[test]
fn verbose_tells_what_a_command_used() {
    let mut script = Script::new(1);
    script.start(0, "orders").push(Body::Heartbeat).out("x\n").pass();
    script.verdict(VerdictOutcome::Passed, &[]);
    let shown = script.show(verbose());
    assert_snapshot!(shown.text(), @r"
        Starting 1 command on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] orders ./orders -run 'it'\''s $x'
    x
            PASS [   0.123s] orders
                 peak memory 2.5 MiB, processor time 45 ms, stdout 2 bytes, stderr 0 bytes
    ────────────
         Summary [   1.250s] 1 command run: 1 passed
    passed: 1 command passed
    ");
    assert_snapshot!(String::from_utf8_lossy(&shown.stderr), @"the runner is alive after 0 s: orders");
}

#[test]
fn a_time_out_names_the_tests_that_were_running() {
    let mut script = Script::new(3);
    script.start(0, "slow").test_start("TestForever").out("waiting");
    let message = "it ran longer than its timeout of 5 s";
    script.end(CommandOutcome::Failed, Ending::TimedOut { after_ms: 5000 }, message);
    let killed = Ending::Signaled { signal: 11, core_dumped: false };
    script.start(1, "crash").end(CommandOutcome::Failed, killed, "signal 11 (SIGSEGV) ended it");
    script.verdict(VerdictOutcome::Failed, &[(2, "never")]);
    assert_snapshot!(script.show(ConsoleOptions::default()).text(), @r"
        Starting 3 commands on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] slow
    waiting
         TIMEOUT [   0.123s] slow
                 it ran longer than its timeout of 5 s
                 unfinished TestForever
           ABORT [   0.123s] crash
                 signal 11 (SIGSEGV) ended it
    ────────────
         TIMEOUT [   0.123s] slow
                 it ran longer than its timeout of 5 s
                 unfinished TestForever
                 its output:
    waiting
    ────────────
           ABORT [   0.123s] crash
                 signal 11 (SIGSEGV) ended it
    ────────────
         Summary [   1.750s] 2 commands run: 0 passed, 2 failed, 1 not run
         NOT RUN [         ] never
    failed: 2 of 3 commands failed
    ");
}

#[test]
fn an_untrusted_run() {
    let mut script = Script::new(3);
    script.start(0, "orders").out("one\n").pass();
    script.start(1, "payments").out("half a li");
    let end = StreamEnd::FunctionError {
        code: "Sandbox.Timedout".to_owned(),
        details: "Task timed out\nafter 3 s".to_owned(),
    };
    let shown = script.show_until(ConsoleOptions::default(), end, Conclusion::Judged);
    assert_snapshot!(shown.text(), @r"
        Starting 3 commands on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] orders
    one
            PASS [   0.123s] orders
           START [         ] payments
    half a li
    ────────────
            LOST [         ] payments
                 it started, and its end was never reported
    ────────────
         Summary [   1.250s] 2 commands run: 1 passed, 1 lost
    infrastructure failure: the event stream ended without a verdict: Sandbox.Timedout: Task timed out\nafter 3 s (this is not a test result)
    ");
    assert_eq!(shown.exit, Exit::Infrastructure);
}

#[test]
fn an_interrupted_run() {
    let mut script = Script::new(2);
    script.start(0, "orders").out("one\n").pass();
    let end = StreamEnd::Broken("stopped".to_owned());
    let shown = script.show_until(ConsoleOptions::default(), end, |_| Conclusion::Interrupted);
    assert_snapshot!(shown.text(), @r"
        Starting 2 commands on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] orders
    one
            PASS [   0.123s] orders
    ────────────
         Summary [   0.750s] 1 command run: 1 passed
    interrupted: 1 passed until then (this is not a test result)
    ");
    assert_eq!(shown.exit, Exit::Interrupted);
}

#[test]
fn an_incomplete_run_names_what_is_left() {
    let mut script = Script::new(24);
    script.start(0, "orders").pass();
    let names: Vec<String> = (1..24).map(|number| format!("command-{number}")).collect();
    let remaining: Vec<(u64, &str)> = (1..).zip(names.iter().map(String::as_str)).collect();
    script.verdict(VerdictOutcome::Incomplete, &remaining);
    assert_snapshot!(script.show(ConsoleOptions::default()).text(), @r"
        Starting 24 commands on system-tests, version 7 (package 0123456789ab, run run-1)
            PASS [   0.123s] orders
    ────────────
         Summary [   0.750s] 1 command run: 1 passed, 23 not run
         NOT RUN [         ] command-1
         NOT RUN [         ] command-2
         NOT RUN [         ] command-3
         NOT RUN [         ] command-4
         NOT RUN [         ] command-5
         NOT RUN [         ] command-6
         NOT RUN [         ] command-7
         NOT RUN [         ] command-8
         NOT RUN [         ] command-9
         NOT RUN [         ] command-10
         NOT RUN [         ] command-11
         NOT RUN [         ] command-12
         NOT RUN [         ] command-13
         NOT RUN [         ] command-14
         NOT RUN [         ] command-15
         NOT RUN [         ] command-16
         NOT RUN [         ] command-17
         NOT RUN [         ] command-18
         NOT RUN [         ] command-19
         NOT RUN [         ] command-20
                 and 3 more
    incomplete: nothing failed, but 23 commands never ran
    ");
}

#[test]
fn runs_in_which_nothing_ran() {
    let mut empty = Script::new(0);
    empty.verdict(VerdictOutcome::Empty, &[]);
    assert_snapshot!(empty.show(ConsoleOptions::default()).text(), @r"
        Starting 0 commands on system-tests, version 7 (package 0123456789ab, run run-1)
    ────────────
    nothing was run: there was no command to run
    ");

    let mut skipped = Script::new(2);
    skipped.skip(0, "wipe", "not allowed").skip(1, "drop", "not allowed");
    skipped.verdict(VerdictOutcome::Empty, &[]);
    assert_snapshot!(skipped.show(ConsoleOptions::default()).text(), @r"
        Starting 2 commands on system-tests, version 7 (package 0123456789ab, run run-1)
            SKIP [   0.123s] wipe
                 not allowed
            SKIP [   0.123s] drop
                 not allowed
    ────────────
         Summary [   0.750s] 0 commands run: 0 passed, 2 skipped
    nothing was run: all 2 commands were skipped
    ");

    let mut refused = Script::new(0);
    refused.verdict(VerdictOutcome::Refused, &[]);
    let reason = "the parameter `X` is not declared".to_owned();
    let judgement = Conclusion::Judged(Judgement::Refused(reason));
    let shown = refused.show_until(ConsoleOptions::default(), StreamEnd::Complete, |_| judgement);
    assert_snapshot!(shown.text(), @r"
        Starting 0 commands on system-tests, version 7 (package 0123456789ab, run run-1)
    ────────────
    refused: the parameter `X` is not declared
    ");

    let nothing = Script::default();
    assert_snapshot!(nothing.show(ConsoleOptions::default()).text(), @r"
    ────────────
    infrastructure failure: the response does not begin like that of a lamex runner (this is not a test result)
    ");
}

#[test]
fn missing_bytes_are_told_twice() {
    let mut script = Script::new(2);
    let missing = Missing { stdout_bytes: 1000, stderr_bytes: 24, test_events: 1 };
    script.start(0, "chatty").out("begin\n").end_with_missing(
        CommandOutcome::Passed,
        Ending::Exited { code: 0 },
        "",
        missing,
    );
    script.start(1, "calm").pass().verdict(VerdictOutcome::Passed, &[]);
    assert_snapshot!(script.show(ConsoleOptions::default()).text(), @r"
        Starting 2 commands on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] chatty
    begin
            PASS [   0.123s] chatty
                 never arrived: 1024 bytes of its output (stdout 1000, stderr 24) and 1 test event
            PASS [   0.123s] calm
    ────────────
         Summary [   1.500s] 2 commands run: 2 passed
                 chatty: never arrived: 1024 bytes of its output (stdout 1000, stderr 24) and 1 test event
    passed: 2 commands passed
    ");
}

#[test]
fn names_cannot_paint_and_output_stays_as_it_is() {
    let mut script = Script::new(1);
    let output = b"\x1b[31mred \xff\xfe\0 no newline";
    script.start(0, "or\x1bders").out(output);
    script.test_end("Test\x1b[2J", TestOutcome::Failed).warning("odd\x1b[2J");
    script.end(CommandOutcome::Failed, Ending::NotStarted, "bad\rmessage");
    script.verdict(VerdictOutcome::Failed, &[]);
    let colored = ConsoleOptions { report_colors: true, ..ConsoleOptions::default() };
    let shown = script.show(colored);
    assert_snapshot!(shown.text().escape_debug().to_string().replace("\\n", "\n"), @r"
    \u{1b}[1m\u{1b}[32m    Starting\u{1b}[0m 1 command on \u{1b}[1msystem-tests\u{1b}[0m, version 7 (package 0123456789ab, run run-1)
    \u{1b}[1m\u{1b}[32m       START\u{1b}[0m [         ] \u{1b}[1mor\\u{1b}ders\u{1b}[0m
    \u{1b}[31mred ��\0 no newline\u{1b}[0m
    \u{1b}[1m\u{1b}[31m        FAIL\u{1b}[0m [   0.123s] \u{1b}[1mor\\u{1b}ders\u{1b}[0m: 1 test: 0 passed, 1 failed
                 bad\\rmessage
                 \u{1b}[1m\u{1b}[31mfailed\u{1b}[0m [   0.010s] Test\\u{1b}[2J
    ────────────
    \u{1b}[1m\u{1b}[31m     Summary\u{1b}[0m [   1.500s] 1 command run: 0 passed, 1 failed; 1 test: 0 passed, 1 failed
    \u{1b}[1m\u{1b}[31mfailed\u{1b}[0m: 1 of 1 command failed
    ");
    assert_snapshot!(String::from_utf8_lossy(&shown.stderr), @r"warning: or\u{1b}ders: odd\u{1b}[2J");
    let place = shown.stdout.windows(output.len()).position(|found| found == output);
    assert!(place.is_some());
}

#[test]
fn output_is_exact_between_status_lines() {
    let chunks: [&[u8]; 6] = [b"a", b"", b"\r\nb\n\n", b"\xc3", b"\xa4\n", b"end"];
    let mut script = Script::new(1);
    script.start(0, "orders");
    for (number, chunk) in chunks.iter().enumerate() {
        if number % 2 == 0 {
            script.out(chunk)
        } else {
            script.err(chunk)
        };
    }
    script.pass().verdict(VerdictOutcome::Passed, &[]);
    let stdout = script.show(ConsoleOptions::default()).stdout;
    let after = |pattern: &[u8]| {
        let place = stdout.windows(pattern.len()).position(|found| found == pattern);
        place.unwrap() + pattern.len()
    };
    let end = after(b"\n        PASS") - b"\n        PASS".len();
    assert_eq!(stdout[after(b"orders\n")..end], chunks.concat());
}

#[test]
fn a_terminal_is_restored_before_lamexs_own_lines() {
    let mut script = Script::new(2);
    // A title that never ends, with a line end in it, which a terminal does not show.
    script.start(0, "orders").out("\x1b[31mred\n").warning("odd").out("\x1b]0;title\n").fail();
    script.start(1, "payments").out("fine \x1b[32mok\x1b[0m\n").pass();
    script.verdict(VerdictOutcome::Failed, &[]);
    let shown = script.show(ConsoleOptions::default());
    assert_snapshot!(shown.text().escape_debug().to_string().replace("\\n", "\n"), @r"
        Starting 2 commands on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] orders
    \u{1b}[31mred
    \u{1b}[0m\u{1b}]0;title
    \u{1b}\\\u{1b}[0m
            FAIL [   0.123s] orders
                 it exited with code 1
           START [         ] payments
    fine \u{1b}[32mok\u{1b}[0m
            PASS [   0.123s] payments
    ────────────
            FAIL [   0.123s] orders
                 it exited with code 1
                 its output:
    \u{1b}[31mred
    \u{1b}]0;title
    \u{1b}\\\u{1b}[0m
    ────────────
         Summary [   2.250s] 2 commands run: 1 passed, 1 failed
    failed: 1 of 2 commands failed
    ");
}

#[test]
fn other_answers_than_were_expected() {
    let other_version = Untrusted::OtherFunctionVersion { expected: "8".to_owned(), found: "7".to_owned() };
    let other_commands =
        Untrusted::OtherCommands("command 1, `pay\u{202e}ments`, was not selected".to_owned());
    let mut shown = String::new();
    for untrusted in [other_version, other_commands] {
        let judgement = Conclusion::Judged(Judgement::Untrusted(untrusted));
        assert_eq!(judgement.exit(), Exit::Infrastructure);
        let run = Script::default().show_until(quiet(), StreamEnd::Complete, |_| judgement);
        shown.push_str(&run.text());
    }
    assert_snapshot!(shown, @r"
    infrastructure failure: version 7 of the function ran, expected version 8 (this is not a test result)
    infrastructure failure: the response is about other commands: command 1, `pay\u{202e}ments`, was not selected (this is not a test result)
    ");
}
