//! Nothing of a command is left behind, and its own outcome stays.

use lamex_protocol::event::{CommandOutcome, Ending};
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::support::{Environment, Marker, Runner, TaskRoot, at_once, wait_until};

/// What a script leaves behind, which goes on after the script's own end unless it is ended.
struct Left {
    what: &'static str,
    script: &'static str,
    /// It holds the script's stdout or stderr.
    holds_output: bool,
}

const LEFT_BEHIND: [Left; 8] = [
    Left { what: "a background child", script: "sh ./sleeper \"$1\" & up", holds_output: true },
    Left {
        what: "one that holds stderr alone",
        script: "sh ./sleeper \"$1\" > /dev/null & up",
        holds_output: true,
    },
    Left {
        what: "a daemon",
        script: "setsid sh ./sleeper \"$1\" < /dev/null > /dev/null 2>&1 & up",
        holds_output: false,
    },
    Left {
        what: "a daemon that closed its output",
        script: "setsid sh ./sleeper \"$1\" >&- 2>&- & up",
        holds_output: false,
    },
    Left {
        what: "a double fork that holds the pipe and talks",
        script: "(setsid sh -c 'sh ./talker \"$0\" &' \"$1\" &); up",
        holds_output: true,
    },
    Left {
        what: "a daemon that ignores SIGTERM",
        script: "setsid sh ./ignorer \"$1\" & up",
        holds_output: true,
    },
    Left {
        what: "a stopped daemon",
        script: "setsid sh ./sleeper \"$1\" & up; kill -STOP $!",
        holds_output: true,
    },
    // Every process starts its successor and ends, so that it is gone when it is looked for.
    Left {
        what: "a fork storm",
        script: "trap '' TERM; for i in 1 2 3 4; do sh ./comet \"$1\" 100000 & done; up",
        holds_output: true,
    },
];

const ENDED: &str = "the command left processes behind; they were ended";

/// The plan's setting, and how the script ends.
#[derive(Clone, Copy)]
enum Way {
    Default,
    Warn,
    Plain,
}

#[test]
fn nothing_is_left_and_work_that_was_cut_off_is_no_pass() {
    at_once(&LEFT_BEHIND, |left| {
        at_once(&[Way::Default, Way::Warn, Way::Plain], |&way| nothing_is_left(left, way));
    });
}

fn nothing_is_left(left: &Left, way: Way) {
    let &Left { what, script, holds_output } = left;
    let marker = Marker::new();
    let exit_code = if matches!(way, Way::Plain) { 3 } else { 0 };
    let script = format!(
        "up() {{ while ! [ -e seen ]; do sleep 0.01; done; }}\n{script}\necho started\nexit {exit_code}"
    );
    let mut leaves = json!({ "name": "leaves", "argv": ["./script", marker.text()] });
    if matches!(way, Way::Warn) {
        leaves["leftovers"] = json!("warn");
    }
    let root = TaskRoot::with_plan(&json!([leaves, { "name": "next", "argv": ["true"] }]))
        .script("script", &script)
        .script("sleeper", "touch seen; while :; do sleep 0.1; done")
        .script("ignorer", "trap '' TERM HUP INT; touch seen; while :; do sleep 0.1; done")
        .script("talker", "trap '' PIPE; touch seen; while :; do echo still here; sleep 0.01; done")
        .script("comet", "touch seen; [ \"$2\" -gt 0 ] && sh ./comet \"$1\" $(($2 - 1)) &");
    let runner = Runner::start(&root);
    if let Way::Plain = way {
        let exchange = runner.invoke("{}");
        assert_eq!(marker.processes(), [""; 0], "{what}");
        let document: Value = serde_json::from_slice(&exchange.body).unwrap();
        let commands = &document["report"]["commands"];
        assert_eq!(commands[0]["ending"]["code"], exit_code, "{what}: {document}");
        assert_eq!(commands[1]["outcome"], "passed", "{what}");
        let log = runner.log_with("lamex: FAIL: 1 passed, 1 failed");
        assert!(log.contains(&format!("lamex: warning: {ENDED}")), "{what}: {log}");
        return;
    }
    let transcript = runner.ask(json!({}));
    assert_eq!(marker.processes(), [""; 0], "{what}");
    let finished = transcript.finished(0);
    assert_eq!(finished.ending, Ending::Exited { code: exit_code }, "{what}: {finished:?}");
    assert!(transcript.stdout(0).contains("started"), "{what}");
    if holds_output && matches!(way, Way::Default) {
        assert_eq!(finished.outcome, CommandOutcome::Failed, "{what}");
        let message = transcript.message(0);
        for part in ["still held its stdout or stderr and had to be ended", "`leftovers: warn`"] {
            assert!(message.contains(part), "{what}: {message}");
        }
        assert_eq!(transcript.warnings(), [""; 0], "{what}: the failure says it");
        assert_eq!(transcript.judgement, Judgement::Failed);
    } else {
        assert_eq!(finished.outcome, CommandOutcome::Passed, "{what}: {finished:?}");
        assert_eq!(transcript.warnings(), [ENDED], "{what}");
        assert_eq!(transcript.judgement, Judgement::Passed);
    }
}

#[test]
fn a_short_afterglow_is_no_fault() {
    let root = TaskRoot::with_script("(sleep 0.1; echo late) &\necho early");
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.stdout(0), "early\nlate\n");
    assert_eq!(transcript.warnings(), [""; 0]);
}

#[test]
fn orphans_that_end_while_the_command_runs_are_no_burden() {
    // Counts the zombies below the runner until there is none; the timeout ends what would wait in vain.
    let script = r#"for i in 1 2 3 4 5 6 7 8 9; do (true &); done
        zombies() {
            for stat in /proc/[0-9]*/stat; do
                read -r pid name state parent rest < "$stat" && [ "$state $parent" = "Z $PPID" ] && echo "$pid"
            done 2> /dev/null
        }
        while [ -n "$(zombies)" ]; do sleep 0.05; done"#;
    let root = TaskRoot::with_plan(&json!([{ "name": "a", "argv": ["./script"], "timeout_ms": 30_000 }]))
        .script("script", script);
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Passed, "{:?}", transcript.finished(0));
}

#[test]
fn a_pipe_in_a_strangers_hands_is_not_waited_for_and_proves_no_pass() {
    let root = TaskRoot::with_commands("./script\ntrue").script(
        "script",
        "echo $$ > pid.new; mv pid.new pid; while ! [ -e held ]; do sleep 0.01; done; echo said",
    );
    let stranger = std::thread::spawn({
        let root = root.clone();
        move || {
            wait_until("the script runs", || root.join("pid").exists());
            let pid = std::fs::read_to_string(root.join("pid")).unwrap();
            let pipe =
                std::fs::File::options().write(true).open(format!("/proc/{}/fd/1", pid.trim())).unwrap();
            std::fs::write(root.join("held"), "").unwrap();
            pipe
        }
    });
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.stdout(0), "said\n");
    assert_eq!(transcript.finished(0).ending, Ending::Exited { code: 0 });
    assert_eq!(transcript.message(0), "it exited with 0, but its output could not be read to the end");
    assert_eq!(transcript.finished(1).outcome, CommandOutcome::Passed);
    assert_eq!(transcript.judgement, Judgement::Failed);
    drop(stranger.join().unwrap());
}

#[test]
fn what_the_runner_inherited_does_not_blind_it() {
    // A parent that ignores SIGCHLD hands that on, and then the kernel reaps children by itself.
    let root = TaskRoot::with_commands("true\n./fails\n./script")
        .script("fails", "exit 3")
        .script("script", "sh -c 'exit 5'; echo $?");
    let environment = Environment {
        shell: Some("set -- env --ignore-signal=CHLD \"$@\"".into()),
        ..Environment::default()
    };
    let transcript = Runner::start_in(&root, environment).ask(json!({}));
    let endings: Vec<_> = transcript.all_finished().map(|finished| finished.ending.clone()).collect();
    let exited = |code| Ending::Exited { code };
    assert_eq!(endings, [exited(0), exited(3), exited(0)]);
    assert_eq!(transcript.stdout(2), "5\n", "nor its commands");
}
