//! What a command finds around itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lamex_protocol::reader::Judgement;
use serde_json::json;

use crate::support::{Environment, Runner, TaskRoot};

fn variables(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.split_once('=')).collect()
}

#[test]
fn a_command_cannot_speak_for_the_runtime() {
    let root = TaskRoot::with_commands("env");
    let environment =
        vec![("ORDERS_ADDR", "orders.internal:50051".to_owned()), ("AWS_REGION", "x".to_owned())];
    let runner = Runner::start_in(&root, Environment { variables: environment, ..Environment::default() });
    let transcript = runner.ask(json!({}));
    let text = transcript.stdout(0);
    let found = variables(&text);
    assert!(!found.contains_key("AWS_LAMBDA_RUNTIME_API") && !found.contains_key("_HANDLER"), "{text}");
    assert_eq!(found["ORDERS_ADDR"], "orders.internal:50051");
    assert_eq!(found["AWS_REGION"], "x");
    assert_eq!(found["AWS_LAMBDA_FUNCTION_NAME"], "system-tests");
    assert_eq!(found["LAMBDA_TASK_ROOT"], root.path().to_str().unwrap());
}

#[test]
fn a_command_has_the_trace_of_its_own_invocation() {
    let root = TaskRoot::with_commands("printenv _X_AMZN_TRACE_ID");
    let runner = Runner::start(&root);
    let first = runner.ask(json!({})).stdout(0);
    let second = runner.ask(json!({})).stdout(0);
    assert!(first.starts_with("Root=1-5759e988-"), "{first}");
    assert!(second.starts_with("Root=1-5759e988-") && second != first, "{second}");
}

#[test]
fn a_command_starts_in_a_known_state() {
    let root = TaskRoot::with_script(
        r#"pwd -P
        cat; echo "stdin is at its end"
        read -r pid name state ppid group rest < /proc/self/stat; echo "group $((group == $$))"
        grep -E '^Sig(Ign|Blk)' /proc/self/status | tr -d '\n\t'; echo
        for fd in /proc/self/fd/*; do case "$fd" in */[012]) ;; *) readlink "$fd" ;; esac; done"#,
    );
    let transcript = Runner::start(&root).ask(json!({}));
    let stdout = transcript.stdout(0);
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(Path::new(lines[0]), root.path().canonicalize().unwrap());
    assert_eq!(lines[1], "stdin is at its end");
    assert_eq!(lines[2], "group 1", "it leads its own process group");
    // What this process was given by its own parent passes through; SIGPIPE is what Rust sets for itself, and
    // signals from 32 on are the C library's.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ours = status.lines().find_map(|line| line.strip_prefix("SigIgn:\t")).unwrap();
    let ordinary = |mask: &str| u64::from_str_radix(mask, 16).unwrap() & 0x7fff_ffff;
    let (blocked, ignored) = lines[3].strip_prefix("SigBlk:").unwrap().split_once("SigIgn:").unwrap();
    assert_eq!((ordinary(blocked), ordinary(ignored)), (0, ordinary(ours) & !(1 << 12)));
    // Likewise descriptors; the runner's own do not pass.
    let ours: Vec<PathBuf> = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .collect();
    for link in &lines[4..] {
        let is_script = link.ends_with("/script");
        assert!(is_script || ours.iter().any(|known| known == Path::new(link)), "inherited: {link}");
    }
}

#[test]
fn tmpdir_and_home_are_fresh_and_removed_afterwards() {
    let root = TaskRoot::with_script(
        r#"echo "$TMPDIR"; echo "$HOME"
        test "$(ls -A "$TMPDIR" "$HOME" | wc -l)" = 3 || exit 7
        echo x > "$TMPDIR/file"; mkdir -p "$HOME/.cache/deep"; ln -s / "$HOME/root"; mkfifo "$TMPDIR/fifo""#,
    );
    let runner = Runner::start(&root);
    let mut seen: Vec<PathBuf> = Vec::new();
    for protocol in [true, false, true] {
        let stdout = if protocol {
            let transcript = runner.ask(json!({}));
            assert_eq!(transcript.judgement, Judgement::Passed, "{:?}", transcript.finished(0));
            transcript.stdout(0)
        } else {
            assert_eq!(runner.invoke("{}").kind(), "response");
            let log = runner.log_text();
            log.split("lamex: START script\n").nth(1).unwrap().to_owned()
        };
        let folders: Vec<PathBuf> = stdout.lines().take(2).map(PathBuf::from).collect();
        for folder in &folders {
            assert!(folder.starts_with("/tmp") && !seen.contains(folder), "{folder:?}");
            assert!(!folder.exists() && !folder.parent().unwrap().exists(), "{folder:?}");
        }
        assert!(folders.len() == 2, "{stdout}");
        seen.extend(folders);
    }
}

#[test]
fn folders_are_removed_also_when_a_test_made_them_unwritable() {
    let root = TaskRoot::with_script(
        r#"echo "$TMPDIR"; mkdir -p "$TMPDIR/a/b"; echo x > "$TMPDIR/a/b/c"; chmod 0 "$TMPDIR/a/b" "$TMPDIR/a" "$HOME""#,
    );
    // Permissions bind an ordinary user only.
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let root = root.program("bootstrap", std::fs::read(env!("CARGO_BIN_EXE_bootstrap")).unwrap());
    let user = is_root.then(|| (65_534, root.join("bootstrap")));
    let runner = Runner::start_in(&root, Environment { user, ..Environment::default() });
    let transcript = runner.ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Passed, "{:?}", transcript.finished(0));
    let folder = PathBuf::from(transcript.stdout(0).trim_end());
    assert!(!folder.parent().unwrap().exists(), "{folder:?}");
}
