//! The framework readers against captured output of real test binaries, and against hostile output.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use lamex_protocol::event::{Framing, MAX_TEST_MESSAGE_BYTES, TestCounts, TestOutcome};
use lamex_protocol::plan::Framework;
use lamex_runner::framework::{Evidence, Reader, TestEvent};
use proptest::prelude::*;

/// What a suite printed.
#[derive(Debug, Clone)]
struct Capture {
    path: PathBuf,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Capture {
    fn read_from(path: PathBuf) -> Self {
        let stdout = std::fs::read(&path).unwrap();
        let stderr = std::fs::read(path.with_extension("stderr")).unwrap_or_default();
        Self { path, stdout, stderr }
    }

    fn framework(&self) -> Framework {
        match self.path.file_name().unwrap().to_str().unwrap().split_once('-').unwrap().0 {
            "go" => Framework::Go,
            "libtest" => Framework::Libtest,
            "gtest" => Framework::Gtest,
            other => panic!("no framework {other}"),
        }
    }

    /// As the runner makes it: it knows whether the suite was told to mark its lines.
    fn reader(&self) -> Reader {
        let stem = self.path.file_stem().unwrap().to_str().unwrap();
        let is_marked = self.framework() == Framework::Go && stem.ends_with("-json");
        Reader::new(self.framework(), is_marked.then_some(Framing::Test2json))
    }

    fn read<'a>(&'a self, pieces: impl IntoIterator<Item = &'a [u8]>, exit_code_zero: bool) -> String {
        let mut reader = self.reader();
        reader.feed_stderr(&self.stderr);
        read_with(reader, pieces, exit_code_zero)
    }
}

/// Everything that the reader makes of the output, a line each.
fn read<'a>(
    framework: Framework,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    exit_code_zero: bool,
) -> String {
    read_with(Reader::new(framework, None), pieces, exit_code_zero)
}

fn read_with<'a>(
    mut reader: Reader,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    exit_code_zero: bool,
) -> String {
    let mut events = Vec::new();
    for piece in pieces {
        reader.feed(piece, &mut |event| events.push(event));
    }
    let findings = reader.finish(exit_code_zero, &mut |event| events.push(event));
    let mut text = String::new();
    for event in events {
        match event {
            TestEvent::Started { test } => writeln!(text, "started {test}").unwrap(),
            TestEvent::Finished { test, outcome, duration_ms } => {
                let outcome = match outcome {
                    TestOutcome::Passed => "passed",
                    TestOutcome::Failed => "failed",
                    TestOutcome::Skipped => "skipped",
                    TestOutcome::Unknown => "unknown",
                };
                let duration = duration_ms.map_or(String::new(), |duration| format!(" ({duration} ms)"));
                writeln!(text, "{outcome} {test}{duration}").unwrap();
            }
            TestEvent::Message { test, message } => writeln!(text, "message {test}: {message:?}").unwrap(),
        }
    }
    if let Some(TestCounts { passed, failed, skipped }) = findings.tests {
        writeln!(text, "counts: {passed} passed, {failed} failed, {skipped} skipped").unwrap();
    }
    match findings.evidence {
        Evidence::Agrees => text.push_str("agrees\n"),
        Evidence::Contradicts(message) => writeln!(text, "contradicts: {message}").unwrap(),
        Evidence::NothingRan(reason) => {
            writeln!(text, "no test ran: {}", reason.unwrap_or_default()).unwrap();
        }
        Evidence::AllSkipped(reason) => {
            writeln!(text, "all skipped: {}", reason.unwrap_or_default()).unwrap();
        }
    }
    text
}

/// The verdict on an exit code of 0: `agrees`, or what is missing, without the advice.
fn verdict(framework: Framework, output: &str) -> String {
    verdict_of(&read(framework, [output.as_bytes()], true))
}

fn verdict_of(text: &str) -> String {
    let verdict = text.lines().last().unwrap().to_owned();
    match verdict.strip_prefix("contradicts: it exited with 0, but ") {
        Some(objection) => objection.split(". ").next().unwrap().to_owned(),
        None => verdict,
    }
}

fn captures() -> Vec<Capture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let mut captures: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    captures.sort();
    assert!(captures.len() > 60, "the captures are there");
    captures.into_iter().map(Capture::read_from).collect()
}

#[test]
fn captured_output_gives_the_expected_events() {
    let mut wrong = Vec::new();
    for capture in captures() {
        let expected_path = capture.path.with_extension("events");
        let expected = std::fs::read_to_string(&expected_path).unwrap();
        let exit = expected.lines().next().unwrap();
        let found = capture.read([capture.stdout.as_slice()], exit == "exit 0");
        let found = format!("{exit}\n{found}");
        if std::env::var_os("LAMEX_BLESS").is_some() {
            std::fs::write(expected_path, found).unwrap();
        } else if found != expected {
            wrong.push(format!("{}:\n{found}\nexpected:\n{expected}", capture.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_capture_cut_anywhere_is_no_pass() {
    for capture in captures() {
        let output = &capture.stdout;
        let framework = capture.framework();
        let end = match framework {
            Framework::Go => memchr::memmem::rfind(output, b"PASS\n"),
            Framework::Libtest => memchr::memmem::rfind(output, b"test result: "),
            _ => memchr::memmem::rfind(output, b"[  PASSED  ] "),
        };
        let name = capture.path.to_str().unwrap();
        // Without -test.v, Go prints nothing that tells a test's `PASS` from its own.
        let is_mute = framework == Framework::Go
            && !name.ends_with("-json.txt")
            && memchr::memmem::find(output, b"=== RUN").is_none();
        // Between two iterations of GoogleTest nothing is open.
        let is_repeated = name.contains("repeat");
        if is_mute || is_repeated {
            continue;
        }
        for cut in 0..end.unwrap_or(output.len()) {
            let text = capture.read([&output[..cut]], true);
            let last = text.lines().last().unwrap();
            assert!(last != "agrees" && !last.starts_with("all skipped"), "{name} cut at {cut}: {last}");
        }
    }
}

#[test]
fn the_exit_code_is_authoritative_for_failure() {
    for framework in
        [Framework::Go, Framework::Libtest, Framework::Gtest, Framework::Tap, Framework::ExitCode]
    {
        assert_eq!(read(framework, [&b"anything"[..]], false).lines().last(), Some("agrees"));
    }
    assert_eq!(read(Framework::ExitCode, [&b"not ok 1\nFAIL\n"[..]], true), "agrees\n");
}

#[test]
fn go_verdicts() {
    let cases = [
        ("", "its output has no line `PASS` at the end"),
        ("PASS\n", "agrees"),
        ("PASS\r\n", "agrees"),
        ("PASS", "its output has no line `PASS` at the end"),
        ("noisePASS\n", "its output has no line `PASS` at the end"),
        ("PASS\ncoverage: 81.5% of statements\n", "agrees"),
        ("PASS\n\n", "agrees"),
        (
            "PASS\nmore\n",
            "its output goes on after `PASS`, which proves an end only with the argument -test.v",
        ),
        ("PASS\nmore", "its output goes on after `PASS`, which proves an end only with the argument -test.v"),
        ("FAIL\nPASS\n", "agrees"),
        ("PASS\nFAIL\n", "its output ends in `FAIL`"),
        ("--- FAIL: TestA (0.00s)\nPASS\n", "its test `TestA` failed"),
        ("--- PASS: TestA (0.00s)\nPASS\n", "agrees"),
        ("BenchmarkA-8 \t 100 \t 12.0 ns/op\nPASS\n", "agrees"),
        ("=== RUN   TestA\n--- SKIP: TestA (0.00s)\nPASS\n", "all skipped: "),
        (
            "=== RUN   TestA\n=== RUN   TestA/b\n--- PASS: TestA (0.00s)\n    --- SKIP: TestA/b (0.00s)\nPASS\n",
            "all skipped: ",
        ),
        (
            "=== RUN   TestA\n=== RUN   TestA/b\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/b (0.00s)\nPASS\n",
            "agrees",
        ),
        ("=== RUN   BenchmarkA\n--- SKIP: BenchmarkA\nPASS\n", "all skipped: "),
        ("=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nteardown\n", "agrees"),
        ("=== RUN   TestA\nPASS\n", "its test `TestA` started and never ended"),
        (
            "=== RUN   TestA\n=== RUN   TestA/b\n--- PASS: TestA (0.00s)\nPASS\n",
            "its test `TestA/b` started and never ended",
        ),
        (
            "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n=== RUN   TestB\n",
            "its test `TestB` started and never ended",
        ),
        (
            "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n=== RUN   TestA\n--- PASS: TestA (0.00s)\n",
            "its output has no line `PASS` at the end",
        ),
        ("=== RUN   TestA\nx--- FAIL: TestB (0.00s)\n--- PASS: TestA (0.00s)\nPASS\n", "agrees"),
        (
            "=== RUN   TestA\ntalk --- PASS: TestA (0.00s) talk\nPASS\n",
            "its test `TestA` started and never ended",
        ),
        // Behind a marker nothing without one counts.
        ("\x16=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n", "its test `TestA` started and never ended"),
        ("\x16=== RUN   TestA\nx\x16--- PASS: TestA (0.00s)\n\x16PASS\n", "agrees"),
        ("=== RUN   TestA\nx\0y\n--- PASS: TestA (0.00s)\nPASS\n", "agrees"),
    ];
    for (output, expected) in cases {
        assert_eq!(verdict(Framework::Go, output), expected, "{output:?}");
    }
}

fn marked_go(stdout: &str) -> String {
    verdict_of(&read_with(Reader::new(Framework::Go, Some(Framing::Test2json)), [stdout.as_bytes()], true))
}

#[test]
fn go_that_marks_its_lines_is_believed_only_where_it_does() {
    let unproven = "its output does not end in the `PASS` that Go's testing package prints and marks";
    let run = "\x16=== RUN   TestA\n";
    let pass = "\x16--- PASS: TestA (0.00s)\n";
    let cases = [
        (String::new(), unproven),
        ("PASS\n".to_owned(), unproven),
        ("=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\n".to_owned(), unproven),
        (format!("{run}{pass}PASS\n"), unproven),
        (format!("{run}--- PASS: TestA (0.00s)\n\x16PASS\n"), "its test `TestA` started and never ended"),
        (format!("{run}--- FAIL: TestA (0.00s)\n{pass}\x16PASS\n"), "agrees"),
        (format!("{run}no newline{pass}nor here\x16PASS\n"), "agrees"),
        // A test that forged its end is unmasked where it goes on to fail.
        (format!("{run}{pass}\x16--- FAIL: TestA (0.00s)\n\x16PASS\n"), "its test `TestA` failed"),
        // As Go since 1.27 writes what a test logs.
        (format!("{run}    \x1b\x16--- FAIL: TestA (0.00s)\n{pass}\x16PASS\n"), "agrees"),
        ("\x16PASS\n".to_owned(), "no test ran: "),
        ("testing: warning: no tests to run\n\x16PASS\n".to_owned(), "no test ran: "),
        // A subtest was selected that is not there.
        (format!("{run}{pass}testing: warning: no tests to run\n\x16PASS\n"), "no test ran: "),
        (format!("{run}testing: warning: no tests to run\n{pass}\x16PASS\n"), "agrees"),
        // Of several runs in one command, one is enough.
        (format!("testing: warning: no tests to run\n\x16PASS\n{run}{pass}\x16PASS\n"), "agrees"),
        (format!("{run}{pass}\x16PASS\ntesting: warning: no tests to run\n\x16PASS\n"), "agrees"),
        ("\x16=== RUN   BenchmarkA\nBenchmarkA \t 1 \t 9 ns/op\n\x16PASS\n".to_owned(), "agrees"),
        ("BenchmarkA \t 1 \t 9 ns/op\n\x16PASS\n".to_owned(), "no test ran: "),
        (
            "\x16=== RUN   BenchmarkA\n\x16=== RUN   BenchmarkA/b\n\x16--- SKIP: BenchmarkA/b\n\x16PASS\n"
                .to_owned(),
            "all skipped: ",
        ),
    ];
    for (output, expected) in &cases {
        assert_eq!(marked_go(output), *expected, "{output:?}");
    }
}

#[test]
fn go_says_on_stderr_that_no_test_was_selected() {
    let verdict = |stdout: &str, stderr: &str| {
        let mut reader = Reader::new(Framework::Go, None);
        reader.feed_stderr(stderr.as_bytes());
        verdict_of(&read_with(reader, [stdout.as_bytes()], true))
    };
    let warning = "testing: warning: no tests to run\n";
    assert_eq!(verdict("PASS\n", warning), "no test ran: ");
    assert_eq!(verdict("PASS\n", &format!("set up\n{warning}torn down")), "no test ran: ");
    assert_eq!(verdict("PASS\n", &format!("it said: {warning}")), "agrees");
    assert_eq!(verdict("PASS\nPASS\n", warning), "agrees", "one of two binaries ran tests");
    assert_eq!(verdict("PASS\nPASS\n", &format!("{warning}{warning}")), "no test ran: ");
}

/// What is told of each test beside its outcome.
fn messages(framework: Framework, stdout: &str, stderr: &str) -> Vec<String> {
    let mut reader = Reader::new(framework, None);
    reader.feed_stderr(stderr.as_bytes());
    let text = read_with(reader, [stdout.as_bytes()], false);
    text.lines().filter_map(|line| line.strip_prefix("message ").map(str::to_owned)).collect()
}

#[test]
fn go_messages() {
    let stdout = "=== RUN   TestA\n    a_test.go:1: of a\n=== RUN   TestA/b\n    a_test.go:2: of b\n        more\n\
        printed\n=== NAME  TestA\n    a_test.go:3: of a again\n=== RUN   TestC\n    a_test.go:4: of c\n\
        --- PASS: TestC (0.00s)\n--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\n        a_test.go:5: late\nFAIL\n";
    assert_eq!(
        messages(Framework::Go, stdout, ""),
        [
            r#"TestA: "a_test.go:1: of a\na_test.go:3: of a again""#,
            r#"TestA/b: "a_test.go:2: of b\n    more""#,
            r#"TestA/b: "a_test.go:5: late""#,
        ]
    );
    let marked =
        "\x16=== RUN   TestA\n\x0f    a_test.go:1: \x1b\x1b[31mred\x0e\n\x16--- FAIL: TestA (0.00s)\n";
    assert_eq!(messages(Framework::Go, marked, ""), ["TestA: \"a_test.go:1: \\u{1b}[31mred\""]);
    let hangs = "=== RUN   TestA\n";
    let stderr =
        "panic: test timed out after 1s\n\trunning tests:\n\t\tTestA (1s)\n\ngoroutine 1 [running]:\n";
    assert_eq!(
        messages(Framework::Go, hangs, stderr),
        [r#"TestA: "panic: test timed out after 1s\n\trunning tests:\n\t\tTestA (1s)""#]
    );
}

#[test]
fn libtest_messages() {
    let stdout = "running 2 tests\ntest a ... FAILED\ntest b ... FAILED\n\nfailures:\n\n---- a stdout ----\nprinted\n\
        failures:\n---- x stdout ----\n\nthread 'a' (7) panicked at src/lib.rs:1:2:\nnope\nfailures:\n\
        note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n\n\
        ---- b stdout ----\nError: \"refused\"\n\n\nfailures:\n    a\n    b\n\n\
        test result: FAILED. 0 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
    assert_eq!(
        messages(Framework::Libtest, stdout, ""),
        [r#"a: "thread 'a' (7) panicked at src/lib.rs:1:2:\nnope\nfailures:""#, r#"b: "Error: \"refused\"""#]
    );
    let stdout = "running 1 test\ntest a ... FAILED\n\nfailures:\n\nfailures:\n    a\n\n\
        test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
    for thread in ["a", "main"] {
        let stderr = format!(
            "\nthread '{thread}' panicked at src/lib.rs:1:2:\nnope\nnote: run with `RUST_BACKTRACE=1`\nx\n"
        );
        assert_eq!(
            messages(Framework::Libtest, stdout, &stderr),
            [format!("a: \"thread '{thread}' panicked at src/lib.rs:1:2:\\nnope\"")]
        );
    }
    assert_eq!(messages(Framework::Libtest, stdout, "thread 'other' panicked at src/lib.rs:1:2:\n"), [""; 0]);
}

#[test]
fn tap_messages() {
    let stdout = "1..4\n# before\nnot ok 1 - a\n#   Failed test 'a'\n#   got: 1\nok 2\n# of two\nnot ok 3 - c\n  ---\n  message: bad\n  \
        at: here\n  ...\nnot ok 4 - d # TODO some day\n# of d\n";
    assert_eq!(
        messages(Framework::Tap, stdout, ""),
        [r#"a: "Failed test 'a'\ngot: 1""#, r#"c: "message: bad\nat: here""#, r#"d: "some day""#]
    );
}

#[test]
fn a_result_behind_a_long_unfinished_line_is_found() {
    let dots = ".".repeat(100_000);
    let output = format!("=== RUN   TestA\n{dots}--- PASS: TestA (1.50s)\nPASS\n");
    assert_eq!(
        read(Framework::Go, [output.as_bytes()], true),
        "started TestA\npassed TestA (1500 ms)\ncounts: 1 passed, 0 failed, 0 skipped\nagrees\n"
    );
    let output = format!(
        "[ RUN      ] A.B\n{dots}[       OK ] A.B (3 ms)\n[==========] 1 test ran.\n[  PASSED  ] 1 test.\n"
    );
    assert_eq!(
        read(Framework::Gtest, [output.as_bytes()], true),
        "started A.B\npassed A.B (3 ms)\ncounts: 1 passed, 0 failed, 0 skipped\nagrees\n"
    );
    let output = format!(
        "running 1 test\ntest a ... {dots}ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"
    );
    assert_eq!(
        read(Framework::Libtest, [output.as_bytes()], true),
        "started a\npassed a\ncounts: 1 passed, 0 failed, 0 skipped\nagrees\n"
    );
}

#[test]
fn a_libtest_test_is_announced_when_it_starts() {
    let mut events = Vec::new();
    let mut reader = Reader::new(Framework::Libtest, None);
    reader.feed(b"\nrunning 1 test\ntest a::b - should panic ... ", &mut |event| events.push(event));
    assert_eq!(events, [TestEvent::Started { test: "a::b".into() }]);
}

#[test]
fn libtest_verdicts() {
    let ok = |count: u64| {
        format!(
            "test result: ok. {count} passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s\n"
        )
    };
    let cases = [
        (String::new(), "its output has no line `running N tests`"),
        (ok(1), "its output has no line `running N tests`"),
        (format!("running 0 tests\n\n{}", ok(0)), "no test ran: 9 of its tests were filtered out"),
        (format!("running 0 tests\n{}running 0 tests\n{}", ok(0), ok(0)), "no test ran: 18 of its tests were filtered out"),
        (format!("running 0 tests\n{}running 1 test\n{}running 0 tests\n{}", ok(0), ok(1), ok(0)), "agrees"),
        (
            "running 1 test\ntest result: ok. 0 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n".to_owned(),
            "all skipped: ",
        ),
        (
            "running 1 test\ntest result: ok. 0 passed; 0 failed; 0 ignored; 1 measured; 0 filtered out\n".to_owned(),
            "agrees",
        ),
        (format!("running 1 test\n\n{}", ok(1)), "agrees"),
        (
            "running 1 test\ntest a ... ".to_owned(),
            "its line `running 1 test` is not followed by `test result: ok.` for as many tests, its test `a` never ended",
        ),
        (
            format!("running 2 tests\n{}", ok(1)),
            "its line `running 2 tests` is not followed by `test result: ok.` for as many tests",
        ),
        (
            format!("running 1 test\n{}running 1 test\n", ok(1)),
            "its line `running 1 test` is not followed by `test result: ok.` for as many tests",
        ),
        (format!("running 1 test\n{}running 2 tests\n{}", ok(1), ok(2)), "agrees"),
        // Only the first is this process's own.
        (format!("running 1 test\nrunning 2 tests\n{}{}", ok(2), ok(1)), "agrees"),
        (format!("running 1 test\nrunning 2 tests\n{}", ok(1)), "agrees"),
        (
            format!("running 2 tests\nrunning 2 tests\n{}", ok(2)),
            "its line `running 2 tests` is not followed by `test result: ok.` for as many tests",
        ),
        (
            format!("running 2 tests\ntest a ... \nrunning 2 tests\n{}", ok(2)),
            "its line `running 2 tests` is not followed by `test result: ok.` for as many tests, its test `a` never ended",
        ),
        (
            format!(
                "running 1 test\ntest a ... \nrunning 2 tests\ntest b ... FAILED\n\n\
                 test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\nok\n\n{}",
                ok(1)
            ),
            "agrees",
        ),
        (
            "running 1 test\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n".to_owned(),
            "its output has a line `test result: FAILED`",
        ),
        (
            "running 1 test\ntest result: ok. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n".to_owned(),
            "its output has a line `test result: FAILED`",
        ),
        (format!("running 1 test\ntest a ... FAILED\n{}", ok(1)), "its test `a` failed"),
        // A test printed what begins the recap, and not all had their turn.
        (
            format!("running 2 tests\ntest a ... ok\nfailures:\ntest b ... FAILED\n{}", ok(2)),
            "its test `b` failed",
        ),
        (
            "running 1 test\n".repeat(100),
            "its output has more than 64 lines `running N tests` without a result",
        ),
    ];
    for (output, expected) in &cases {
        assert_eq!(verdict(Framework::Libtest, output), *expected, "{output:?}");
    }
}

#[test]
fn libtest_results_of_every_kind() {
    let output = b"running 6 tests\r\n\
        test a ... ok <0.012s>\r\n\
        test slow has been running for over 60 seconds\n\
        test b ... ignored, needs a ... b\n\
        test c   ... bench:          10 ns/iter (+/- 1)\n\
        test d ... FAILED (time limit exceeded)\n\
        test src/lib.rs - f (line 3) ... ok\n\
        test e ... some output\nmore outputok <1.500s>\n\
        \n\
        failures:\n\
        \n\
        test quoted ... ok\n\
        running 7 tests\n\
        \n\
        test result: FAILED. 4 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
    assert_eq!(
        read(Framework::Libtest, [&output[..]], false),
        "started a\npassed a (12 ms)\nstarted b\nskipped b\nmessage b: \"needs a ... b\"\nstarted c\npassed c\n\
         started d\nfailed d\nstarted src/lib.rs - f (line 3)\npassed src/lib.rs - f (line 3)\nstarted e\n\
         passed e (1500 ms)\ncounts: 4 passed, 1 failed, 1 skipped\nagrees\n"
    );
}

#[test]
fn gtest_verdicts() {
    let summary = "[==========] 1 test from 1 test suite ran. (0 ms total)\n[  PASSED  ] 1 test.\n";
    let run = "[ RUN      ] A.B\n";
    let ok = "[       OK ] A.B (0 ms)\n";
    let cases = [
        (String::new(), "its output does not end in GoogleTest's summary"),
        (format!("{run}{ok}"), "its output does not end in GoogleTest's summary"),
        (format!("{run}{ok}[  PASSED  ] 1 test.\n"), "its output does not end in GoogleTest's summary"),
        (format!("{run}{ok}{summary}"), "agrees"),
        (
            "[==========] 0 tests from 0 test suites ran. (0 ms total)\n[  PASSED  ] 0 tests.\n".to_owned(),
            "no test ran: ",
        ),
        (
            "[==========] 0 tests from 0 test suites ran.\n[  PASSED  ] 0 tests.\n\n  YOU HAVE 2 DISABLED TESTS\n".to_owned(),
            "no test ran: 2 of its tests are disabled",
        ),
        (
            format!(
                "{run}[  SKIPPED ] A.B (0 ms)\n[==========] 1 test from 1 test suite ran.\n[  PASSED  ] 0 tests.\n\
                 [  SKIPPED ] 1 test, listed below:\n[  SKIPPED ] A.B\n"
            ),
            "all skipped: ",
        ),
        (format!("{run}{summary}"), "its test `A.B` started and never ended"),
        (format!("{run}{ok}{summary}{run}"), "its test `A.B` started and never ended"),
        (
            format!("{run}{ok}{summary}[==========] Running 1 test from 1 test suite.\n"),
            "its output does not end in GoogleTest's summary",
        ),
        (format!("{run}[  FAILED  ] A.B (0 ms)\n{summary}"), "its test `A.B` failed"),
        (format!("[  FAILED  ] A.B (0 ms)\n{summary}"), "its test `A.B` failed"),
        (
            format!("{run}{ok}{summary}[  FAILED  ] 1 test suite, listed below:\n"),
            "its summary names a failure",
        ),
        (format!("{run}[  FAILED  ] Other.Test (0 ms)\n{ok}{summary}"), "agrees"),
    ];
    for (output, expected) in &cases {
        assert_eq!(verdict(Framework::Gtest, output), *expected, "{output:?}");
    }
}

#[test]
fn tap_verdicts() {
    let cases = [
        ("", "its output has no plan"),
        ("ok 1\n", "its output has no plan"),
        ("1..1\nok 1\n", "agrees"),
        ("1..1\r\nok 1\r\n", "agrees"),
        ("ok\nok\n1..2", "agrees"),
        ("TAP version 14\n1..3 # three\nok 2\nok 3\nok 1\n", "agrees"),
        ("1..0 # skip nothing to do\n", "all skipped: nothing to do"),
        ("1..0 # Skipped: no database\n", "all skipped: no database"),
        ("1..0 # SKIP\n", "all skipped: "),
        ("1..0\n", "no test ran: its plan is `1..0`, without `# SKIP` and a reason"),
        ("1..0 # nothing\n", "no test ran: its plan is `1..0`, without `# SKIP` and a reason"),
        ("1..1 # SKIP not now\nok 1\n", "agrees"),
        ("1..2\nok 1 # SKIP a\nnot ok 2 # skip b\n", "all skipped: "),
        ("1..2\nok 1 # SKIP a\nnot ok 2 # TODO b\n", "all skipped: "),
        ("1..2\nok 1 # SKIP a\nok 2\n", "agrees"),
        ("1..2\nok 1 # TODO a\nnot ok 2 # TODO b\n", "no test ran: every test is marked TODO"),
        ("1..2\nok 1\n", "its plan announces 2 tests, but its output has 1"),
        ("1..1\nok 1\nok 2\n", "its plan announces 1 test, but its output has 2"),
        ("1..2\nok 1\nok 3\n", "its plan announces 2 tests, but its output has number 3"),
        ("1..2\nok 1\nok 1\n", "its output has test 1 twice"),
        ("1..1\nok 0\n", "its test number 0 is not between 1 and 1000000"),
        (
            "1..1\nok 99999999999999999999999\n",
            "its test number 18446744073709551615 is not between 1 and 1000000",
        ),
        ("1..1\n1..1\nok 1\n", "its output has two plans"),
        ("ok 1\n1..2\nok 2\n", "its test 2 follows a plan at the end"),
        ("1..1\nnot ok 1 - orders\n", "its test `orders` failed"),
        ("1..2\nok 1\nnot ok 2 - orders # TODO later\n", "agrees"),
        ("1..2\nok 1\nnot ok 2 - orders #skip: no network\n", "agrees"),
        ("1..1\nnot ok 1 - the #todo-list\n", "its test `the #todo-list` failed"),
        ("1..1\nnot ok 1 - a \\# TODO\n", "its test `a # TODO` failed"),
        ("1..1\nnot ok 1 - # SKIPPED_ROWS\n", "its test `# SKIPPED_ROWS` failed"),
        ("1..1\nok 1\nBail out! no database\n", "its output says `Bail out!`: no database"),
        ("1..1\n    bail OUT!\nok 1\n", "its output says `Bail out!`"),
        // Subtests and diagnostics are their parent's affair.
        ("1..1\n    1..2\n    not ok 1\n    ok 2\nok 1\n", "agrees"),
        ("1..1\nok 1\n  ---\n  1..7\n  not ok: true\n  ...\n# not ok 2\n", "agrees"),
        ("1..1\nokay\nnot okay\nnotok\nok 1\n", "agrees"),
        ("1..1 of many\nok 1\n", "its output has no plan"),
    ];
    for (output, expected) in cases {
        assert_eq!(verdict(Framework::Tap, output), expected, "{output:?}");
    }
}

#[test]
fn tap_names_and_outcomes() {
    let output = b"1..8\nok 1 - first\nok 2 second one\nnot ok 3 - third\nok\nok 5 - fifth # SKIP not here\n\
        not ok 6 sixth # todo\nok 7 - # skip\nok 8 - issue #42 \\# \\\\ # ToDo fine\n";
    assert_eq!(
        read(Framework::Tap, [&output[..]], false)
            .lines()
            .filter(|line| !line.starts_with("started"))
            .collect::<Vec<_>>(),
        [
            "passed first",
            "passed second one",
            "failed third",
            "passed test 4",
            "skipped fifth",
            "message fifth: \"not here\"",
            "skipped sixth",
            "skipped test 7",
            "passed issue #42 # \\",
            "message issue #42 # \\: \"fine\"",
            "counts: 4 passed, 1 failed, 3 skipped",
            "agrees"
        ]
    );
}

#[test]
fn every_finish_follows_its_start() {
    for capture in captures() {
        let mut running = std::collections::HashSet::new();
        let mut on_test = |event: TestEvent| match event {
            TestEvent::Started { test } => assert!(running.insert(test.clone()), "{test} started twice"),
            TestEvent::Finished { test, .. } => {
                assert!(running.remove(&test), "{}: {test} never started", capture.path.display());
            }
            TestEvent::Message { .. } => {}
        };
        let mut reader = capture.reader();
        reader.feed(&capture.stdout, &mut on_test);
        let _ = reader.finish(true, &mut on_test);
    }
}

/// Pieces of what frameworks print, and of what disturbs them.
const FRAGMENTS: [&[u8]; 40] = [
    b"\n",
    b"\r\n",
    b"\n\n",
    b" ",
    b"    ",
    b"\x16",
    b"\0",
    b"\xff\xfe",
    b"ok",
    b"FAILED",
    b"=== RUN   TestA",
    b"=== RUN   TestA/b",
    b"=== NAME  TestA",
    b"--- PASS: TestA (0.01s)",
    b"--- FAIL: TestA/b (1.50s)",
    b"--- SKIP: TestA (0.00s)",
    b"PASS",
    b"FAIL",
    b"coverage: 1%",
    b"running 1 test",
    b"running 2 tests",
    b"test a ... ",
    b"test b - should panic ... ",
    b"ignored, why",
    b" <0.001s>",
    b"failures:",
    b"test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
    b"test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
    b"[ RUN      ] A.B",
    b"[       OK ] A.B (1 ms)",
    b"[  FAILED  ] A.B, where GetParam() = 1 (2 ms)",
    b"[==========] Running 1 test",
    b"[==========] 1 test ran.",
    b"[  PASSED  ] 1 test.",
    b"1..2",
    b"ok 1 - a",
    b"not ok 2 - b # TODO c",
    b"Bail out!",
    &[b'.'; 3000],
    b"=== RUN   BenchmarkX",
];

fn any_framework() -> impl Strategy<Value = Framework> {
    prop::sample::select(vec![Framework::Go, Framework::Libtest, Framework::Gtest, Framework::Tap])
}

fn any_output() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(FRAGMENTS.to_vec()), 0..60).prop_map(|parts| parts.concat())
}

/// The output in pieces of the given lengths, the rest in one.
fn split<'a>(mut output: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for length in lengths {
        let (piece, rest) = output.split_at((*length).min(output.len()));
        pieces.push(piece);
        output = rest;
    }
    pieces.push(output);
    pieces
}

proptest! {
    #[test]
    fn any_split_gives_the_same_events(
        framework in any_framework(),
        output in any_output(),
        lengths in prop::collection::vec(0_usize..50, 0..200),
    ) {
        let whole = read(framework, [output.as_slice()], true);
        prop_assert_eq!(&read(framework, split(&output, &lengths), true), &whole);
        prop_assert_eq!(&read(framework, output.chunks(1), true), &whole);
    }

    #[test]
    fn exit_code_zero_and_a_failed_test_never_agree(framework in any_framework(), output in any_output()) {
        let text = read(framework, [output.as_slice()], true);
        let has_failed = text.lines().any(|line| line.starts_with("failed "));
        prop_assert!(!(has_failed && text.ends_with("agrees\n")), "{text}");
    }

    #[test]
    fn any_split_of_a_capture_gives_the_same_events(
        capture in prop::sample::select(captures()),
        lengths in prop::collection::vec(0_usize..200, 0..100),
    ) {
        prop_assert_eq!(
            capture.read(split(&capture.stdout, &lengths), true),
            capture.read([capture.stdout.as_slice()], true)
        );
    }

    #[test]
    fn names_stay_bounded(
        framework in any_framework(),
        output in any_output(),
        filler in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        let mut reader = Reader::new(framework, None);
        let mut check = |event: TestEvent| {
            if let TestEvent::Message { message, .. } = &event {
                assert!(message.len() <= MAX_TEST_MESSAGE_BYTES);
            }
            let (TestEvent::Started { test }
            | TestEvent::Finished { test, .. }
            | TestEvent::Message { test, .. }) = event;
            assert!(test.len() <= 500);
        };
        for part in [&output[..], b"\n=== RUN   ", &filler, b"\ntest ", &filler, b" ... ok\nok 9 ", &filler, b"\n[ RUN      ] ", &filler] {
            reader.feed(part, &mut check);
        }
        let _ = reader.finish(true, &mut check);
    }
}
