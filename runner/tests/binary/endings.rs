//! How commands end, told apart in plain words.

use lamex_protocol::event::{CommandOutcome, Ending};
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::support::{Runner, TaskRoot, Transcript};

/// A command and what its end must say.
struct Case {
    argv: Value,
    ending: Ending,
    message: &'static [&'static str],
}

fn case(argv: Value, ending: Ending, message: &'static [&'static str]) -> Case {
    Case { argv, ending, message }
}

/// Runs each as a command of one plan; the first and the last pass, so that nothing in between stops it.
fn check(root: TaskRoot, cases: &[Case]) -> Transcript {
    let mut commands: Vec<Value> = cases
        .iter()
        .enumerate()
        .map(|(index, case)| json!({ "name": format!("case {index}"), "argv": case.argv }))
        .collect();
    commands.push(json!({ "name": "after", "argv": ["true"] }));
    let plan = json!({ "lamex": 1, "commands": commands });
    let transcript = Runner::start(&root.file("lamex.plan.json", plan.to_string())).ask(json!({}));
    for (index, case) in cases.iter().enumerate() {
        let finished = transcript.finished(index as u64);
        assert_eq!(finished.ending, case.ending, "{}: {finished:?}", case.argv);
        let passes = case.ending == Ending::Exited { code: 0 };
        assert_eq!(finished.outcome == CommandOutcome::Passed, passes, "{}", case.argv);
        assert_eq!(finished.message.is_none(), passes);
        for part in case.message {
            let message = transcript.message(index as u64);
            assert!(message.contains(part), "{}: {message}", case.argv);
        }
    }
    assert_eq!(transcript.finished(cases.len() as u64).outcome, CommandOutcome::Passed);
    assert_eq!(transcript.judgement, Judgement::Failed);
    transcript
}

fn shell(script: &str) -> Value {
    json!(["/bin/sh", "-c", script])
}

#[test]
fn exit_codes() {
    let exited = |code| Ending::Exited { code };
    let cases = [
        case(shell("exit 0"), exited(0), &[]),
        case(shell("exit 1"), exited(1), &["it exited with code 1"]),
        case(shell("exit 3"), exited(3), &["it exited with code 3"]),
        case(shell("exit 127"), exited(127), &["code 127"]),
        case(shell("exit 255"), exited(255), &["code 255"]),
        // What a shell makes of a signal is an exit code.
        case(shell("sh -c 'kill -9 $$'; exit $?"), exited(137), &["code 137"]),
    ];
    check(TaskRoot::new(), &cases);
}

#[test]
fn signals() {
    let signals: [(i32, &str, &[&str]); 18] = [
        (1, "HUP", &["SIGHUP"]),
        (2, "INT", &["SIGINT"]),
        (3, "QUIT", &["SIGQUIT"]),
        (4, "ILL", &["SIGILL"]),
        (5, "TRAP", &["SIGTRAP"]),
        (6, "ABRT", &["SIGABRT"]),
        (7, "BUS", &["SIGBUS"]),
        (8, "FPE", &["SIGFPE"]),
        (9, "KILL", &["SIGKILL", "out of memory"]),
        (10, "USR1", &["SIGUSR1"]),
        (11, "SEGV", &["SIGSEGV"]),
        (12, "USR2", &["SIGUSR2"]),
        (13, "PIPE", &["SIGPIPE"]),
        (14, "ALRM", &["SIGALRM"]),
        (15, "TERM", &["SIGTERM"]),
        (24, "XCPU", &["SIGXCPU"]),
        (31, "SYS", &["SIGSYS"]),
        (34, "34", &["signal 34"]),
    ];
    let cases: Vec<Case> = signals
        .iter()
        .map(|&(signal, name, message)| {
            let script = format!("ulimit -c 0; kill -{name} $$; sleep 60");
            case(shell(&script), Ending::Signaled { signal, core_dumped: false }, message)
        })
        .collect();
    check(TaskRoot::new(), &cases);
}

#[test]
fn a_core_dump_is_told() {
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    if !pattern.starts_with("core") {
        // Where cores go elsewhere, this machine's own handler decides whether one is dumped.
        return;
    }
    let root = TaskRoot::with_script("ulimit -c unlimited && kill -ABRT $$");
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.finished(0).ending, Ending::Signaled { signal: 6, core_dumped: true });
    assert!(transcript.message(0).contains("SIGABRT (signal 6), core dumped"), "{}", transcript.message(0));
}

/// The header of a 64-bit ELF program without anything behind it.
fn elf_header(machine: u8) -> Vec<u8> {
    let mut header = b"\x7fELF\x02\x01\x01".to_vec();
    header.resize(64, 0);
    header[16] = 2; // ET_EXEC
    header[18] = machine;
    header[20] = 1;
    header[52] = 64;
    header
}

/// `/bin/true` with one text in it replaced by another of the same length.
fn true_with(text: &str, other: &str) -> Vec<u8> {
    assert_eq!(text.len(), other.len());
    let mut program = std::fs::read("/bin/true").unwrap();
    let places: Vec<usize> = memchr::memmem::find_iter(&program, text).collect();
    assert!(!places.is_empty(), "/bin/true is linked dynamically");
    for place in places {
        program[place..place + text.len()].copy_from_slice(other.as_bytes());
    }
    program
}

#[test]
fn programs_that_cannot_start() {
    const X86_64: u8 = 0x3e;
    const AARCH64: u8 = 0xb7;
    let (here, there, there_message): (u8, u8, &[&str]) = if cfg!(target_arch = "x86_64") {
        (X86_64, AARCH64, &["is built for aarch64, this function runs on x86_64 (Exec format error)"])
    } else {
        (AARCH64, X86_64, &["is built for x86_64, this function runs on aarch64 (Exec format error)"])
    };
    let interpreter =
        if cfg!(target_arch = "x86_64") { "ld-linux-x86-64.so.2" } else { "ld-linux-aarch64.so.1" };
    let other_interpreter = format!("{}9", &interpreter[..interpreter.len() - 1]);
    let root = TaskRoot::new()
        .file("plain", "#!/bin/sh\n")
        .program("foreign", elf_header(there))
        .program("damaged", elf_header(here))
        .program("big-endian", [&b"\x7fELF\x02\x02\x01"[..], &[0; 57]].concat())
        .program("garbage", b"MZ\x90\x00 for another system")
        .program("empty", "")
        .program("text", "echo no interpreter line\n")
        .program("no-interpreter", "#!/no/such/interpreter -x\n")
        .program("crlf", "#!/bin/sh\r\ntrue\r\n")
        .program("static-pie", true_with(interpreter, &other_interpreter))
        .program("loads", true_with("libc.so.6", "libq.so.6"));
    std::fs::create_dir(root.join("folder")).unwrap();
    std::os::unix::fs::symlink("nowhere", root.join("dangling")).unwrap();
    std::os::unix::fs::symlink("cycle", root.join("cycle")).unwrap();
    let no = || Ending::NotStarted;
    let long = "x".repeat(200 << 10);
    let cases = [
        case(json!(["./nothing"]), no(), &["./nothing was not found in the package"]),
        case(json!(["./folder/nothing"]), no(), &["was not found"]),
        case(json!(["./plain/nothing"]), no(), &["was not found"]),
        case(json!(["no-such-program"]), no(), &["`no-such-program` was not found in PATH (/usr/local/bin:"]),
        case(json!(["empty"]), no(), &["was not found in PATH", "it is in the package: write ./empty"]),
        case(json!(["./plain"]), no(), &["./plain is not executable", "0755", "chmod +x"]),
        case(json!(["./folder"]), no(), &["./folder is a folder"]),
        case(json!(["./foreign"]), no(), there_message),
        case(json!(["./damaged"]), no(), &["./damaged is a damaged ELF program"]),
        case(json!(["./big-endian"]), no(), &["another kind of machine"]),
        case(
            json!(["./garbage"]),
            no(),
            &["./garbage is neither an ELF program nor a script", "operating system"],
        ),
        case(json!(["./empty"]), no(), &["./empty is empty"]),
        case(json!(["./text"]), no(), &["./text is neither an ELF program nor a script that begins with #!"]),
        case(
            json!(["./no-interpreter"]),
            no(),
            &["is a script for /no/such/interpreter, which does not exist"],
        ),
        case(json!(["./crlf"]), no(), &["is a script for /bin/sh", "ends in CR"]),
        case(json!(["./static-pie"]), no(), &["needs the dynamic linker /", "so.9, which does not exist"]),
        case(json!(["./dangling"]), no(), &["./dangling is a broken symbolic link"]),
        case(json!(["./cycle"]), no(), &["./cycle"]),
        case(json!(["true", long]), no(), &["could not be started: Argument list too long"]),
        case(
            json!(["./loads"]),
            Ending::Exited { code: 127 },
            &["it exited with code 127: the shared library libq.so.6 is missing", "LD_LIBRARY_PATH"],
        ),
        case(
            shell(
                "echo \"./x: /lib/libc.so.6: version \\`GLIBC_2.38' not found (required by ./x)\" >&2; exit 1",
            ),
            Ending::Exited { code: 1 },
            &["needs glibc 2.38", "CGO_ENABLED=0"],
        ),
    ];
    check(root, &cases);
}

#[test]
fn what_a_command_used_is_told() {
    let script =
        "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; dd if=/dev/zero of=/dev/null bs=64M count=1";
    let root = TaskRoot::with_plan(&json!([{ "name": "busy", "argv": ["/bin/sh", "-c", script] }]));
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Passed);
    let busy = transcript.finished(0);
    assert!(busy.peak_rss_kib >= 64 << 10, "{} KiB", busy.peak_rss_kib);
    assert!(busy.cpu_ms > 0 && busy.cpu_ms < 60_000, "{} ms", busy.cpu_ms);
}
