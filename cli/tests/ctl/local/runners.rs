//! Runners that die, lie, or are none: exit code 4, whatever the commands did.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use lamex_processes::{Signal, signal_each};
use lamex_testing::binaries::python;
use lamex_testing::junit::{Junit, Outcome};
use lamex_testing::project::Project;

const KILLED: &str = "Runtime exited with error: signal: killed";

#[test]
fn a_runner_that_is_killed_leaves_no_verdict() {
    for script in [
        // Before any output, in the middle of it, and when the command has nothing left but to exit with 0.
        "kill -9 $PPID\nexec sleep 600",
        "setsid sleep 600 &\necho some\nprintf more\nkill -9 $PPID\nexec yes",
        "echo all\nkill -9 $PPID\nexit 0",
    ] {
        let project = Project::of_commands("true\n./test\ntrue\n");
        project.script("test", &format!("echo run >>runs\n{script}"));
        let run = project.invoke(&[]).expect(4, &["infrastructure failure: ", KILLED]);
        assert!(run.document["counts"]["passed"].as_u64() <= Some(1), "{}", run.document);
        assert_eq!(fs::read_to_string(project.path("runs")).unwrap(), "run\n", "nothing runs twice");
        assert_eq!(run.junit.case("lamex", "the run").outcome, Outcome::Error);
    }
}

/// The command has exited with 0 and was reaped; what it left behind kills the runner.
#[test]
fn a_runner_that_is_killed_after_its_last_command_leaves_no_verdict() {
    let run = Project::of_script(
        r#"
export RUNNER=$PPID COMMAND=$$
(setsid sh -c 'while kill -0 $COMMAND; do :; done 2>/dev/null; kill -9 $RUNNER' &)
echo done"#,
    )
    .invoke(&[])
    .expect(4, &["infrastructure failure: ", KILLED]);
    assert_eq!(run.document["counts"]["passed"], 0);
}

#[test]
fn a_runner_that_is_killed_from_outside_leaves_no_verdict() {
    let project = Project::of_commands("yes\n");
    let junit = project.report("junit.xml");
    let mut run = project.live(&project.invoke_args(&["--junit", junit.to_str().unwrap()]));
    run.line_with("y");
    signal_each(&[run.process("bootstrap")], Signal::KILL);
    run.finish().expect(4, &["LOST", KILLED]);
    project.assert_nothing_is_left();
    assert!(!Junit::read(&junit).is_green());
}

#[test]
fn a_runner_that_ends_before_it_asks_for_work_has_its_last_words_shown() {
    let project = Project::of_commands("true\n");
    project.script("bootstrap", "echo 'libssl.so.1 is missing' >&2\nexit 3");
    project
        .invoke(&[])
        .expect(4, &["Runtime exited with error: exit status 3", "  | libssl.so.1 is missing"]);
    project.script("bootstrap", "exit 0");
    project.invoke(&[]).expect(4, &["Runtime exited without providing a reason"]);
    fs::write(project.path("bootstrap"), "no program").unwrap();
    project.invoke(&[]).expect(4, &["Runtime.InvalidEntrypoint", "exec format error"]);
}

/// A function that answers every request with what `answer(request)` returns.
fn answering(answer: &str) -> Project {
    let project = Project::of_commands("true\n");
    let program = format!(
        r#"#!{} -S
import hashlib, http.client, json, os

def call(method, path, body=None):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, "/2018-06-01/runtime/invocation/" + path, body)
    response = connection.getresponse()
    return response.headers, response.read()

def stream(request, **changes):
    digest = "sha256:" + hashlib.sha256(open("commands.txt", "rb").read()).hexdigest()
    hello = dict(lamex=1, run_id=request["run_id"], function_name="f", function_version="1",
                 runner_version="0", package_digest=digest, request_id="r", selected=1)
    end = dict(command=0, name="true", outcome="passed", ending=dict(kind="exited", code=0), duration_ms=1,
               stdout_bytes=0, stderr_bytes=0, peak_rss_kib=1, cpu_ms=1)
    counts = dict(passed=1, failed=0, skipped=0, not_run=0)
    events = [dict(type="hello", **(hello | changes)), dict(type="command_started", command=0, name="true"),
              dict(type="command_finished", **end), dict(type="verdict", outcome="passed", counts=counts, events=3)]
    return [json.dumps(dict(seq=seq, at_ms=seq) | event) + "\n" for seq, event in enumerate(events)]

def answer(request):
    {answer}

while True:
    headers, body = call("GET", "next")
    call("POST", headers["Lambda-Runtime-Aws-Request-Id"] + "/response", answer(json.loads(body)))
"#,
        python().display()
    );
    let bootstrap = project.file("bootstrap", program);
    fs::set_permissions(bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
    project
}

#[test]
fn what_is_not_a_lamex_runners_own_answer_proves_nothing() {
    let not_lamex = "the response does not begin like that of a lamex runner";
    for (answer, reason) in [
        (r#"return '{"hello": "world"}'"#, not_lamex),
        (r#"return "PASS\nok\n""#, not_lamex),
        (r#"return """#, not_lamex),
        (r#"return "".join(stream(request)[1:])"#, "has a gap"),
        (r#"return "".join(stream(request, run_id="other"))"#, "the response belongs to another run (other)"),
        (r#"return "".join(stream(request, package_digest="sha256:0"))"#, "another package ran: sha256:0"),
        (r#"return "".join(stream(request, lamex=2))"#, "the runner speaks protocol version 2"),
        (r#"return "".join(stream(request, selected=2))"#, "2 were selected, expected 1"),
        (r#"return "".join(stream(request)[:3])"#, "ended without a verdict"),
        (r#"return "".join(stream(request))[:-1]"#, "ended without a verdict"),
        (r#"return "".join(stream(request)) + "x""#, "goes on after its verdict"),
        (r#"return "".join(stream(request)) * 2"#, "goes on after its verdict"),
        (r#"s = stream(request); return s[0] + s[2] + s[1] + s[3]"#, "has a gap"),
    ] {
        answering(answer).invoke(&[]).expect(4, &["infrastructure failure: ", reason]);
    }
}

/// The lies above are told by a function that could also tell the truth.
#[test]
fn the_same_answer_unchanged_is_a_pass() {
    answering(r#"return "".join(stream(request))"#).invoke(&[]).expect(0, &[]);
}
