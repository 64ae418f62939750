//! What tests on this machine cannot do to lamex-ctl, its runner and their package; and what is left when
//! somebody kills one of them.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use lamex_processes::{Signal, signal_each};
use lamex_testing::binaries::python;
use lamex_testing::finished::Finished;
use lamex_testing::project::Project;
use serde_json::Value;

/// A user without capabilities, whose files are the caller's all the same.
const ORDINARY: [&str; 4] = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// The words before a command line: for whoever runs this, and for an ordinary user if that is root and may make one.
fn users() -> Vec<&'static [&'static str]> {
    let may_make_one = || {
        Command::new(ORDINARY[0])
            .args(&ORDINARY[1..])
            .arg("true")
            .status()
            .is_ok_and(|status| status.success())
    };
    if is_root() && may_make_one() { vec![&[], &ORDINARY] } else { vec![&[]] }
}

/// The same command behind other words.
fn behind(words: &[&str], command: &Command) -> Command {
    let [first, rest @ ..] = words else { panic!("no words") };
    let mut wrapped = Command::new(first);
    wrapped.args(rest).arg(command.get_program()).args(command.get_args()).env_clear();
    wrapped.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    wrapped.current_dir(command.get_current_dir().unwrap());
    wrapped
}

fn invoke_as(user: &[&str], project: &Project, args: &[&str]) -> Finished {
    let command = project.lamex_ctl(&project.invoke_args(args));
    Finished::new(if user.is_empty() { command } else { behind(user, &command) })
}

fn wait_for(path: &Path) {
    while !path.exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn nothing_of_a_package_is_left_or_written_to_whoever_runs_it() {
    for user in users() {
        let project = Project::from_config(
            "
package: { include: [writes, data/deep/file] }
commands: [{ name: writes, run: ./writes }]
",
        );
        fs::create_dir_all(project.path("data/deep")).unwrap();
        project.file("data/deep/file", "packed");
        project.script(
            "writes",
            r#"
packed=$(find . -name file)
[ -n "$packed" ] || exit 3
for file in new "${packed%/*}/new" "$packed" writes lamex.plan.json; do
    (echo x >>"$file") 2>/dev/null && echo "wrote $file"
done
rm -f "$packed" 2>/dev/null && echo removed
touch "$TMPDIR/file" "$HOME/file" && pwd -P >"$TMPDIR/pwd" && echo "in $(pwd -P)"
[ "$(pwd -P)" = "$LAMBDA_TASK_ROOT" ]"#,
        );
        let finished = invoke_as(user, &project, &[]).expect(0, &["in /"]);
        let text = finished.stdout() + &finished.stderr();
        for unwanted in ["wrote ", "removed", "warning"] {
            assert!(!text.contains(unwanted), "{text}");
        }
        project.assert_nothing_is_left();
    }
}

#[test]
fn root_that_may_not_mount_is_told_what_differs_from_lambda() {
    let project = Project::from_config("commands: [{ name: first, run: 'true' }]\n");
    if !is_root() {
        return;
    }
    // CAP_SYS_ADMIN, as in most containers.
    let user = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"];
    invoke_as(&user, &project, &[]).expect(0, &["tests can write to the package's folder"]);
    project.assert_nothing_is_left();
}

#[test]
fn a_run_that_is_killed_takes_everything_with_it_and_the_next_one_cleans_up() {
    for user in users() {
        let project = Project::from_config(
            "
package: { include: [first, second] }
commands:
  - { name: first, run: './first ${MARK}' }
  - { name: second, run: './second ${MARK}' }
environments: { local: { env: { MARK: MARKED } } }
",
        );
        let lamex_yaml = fs::read_to_string(project.path("lamex.yaml")).unwrap();
        let root = project.root();
        project.file("lamex.yaml", lamex_yaml.replace("MARKED", root.to_str().unwrap()));
        project.script("first", "trap '' TERM HUP INT\n(setsid sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' \"$1\" &)\necho started\nwhile :; do sleep 0.1; done");
        project.script("second", "touch \"$1/second-ran\"");
        let command = project.lamex_ctl(&project.invoke_args(&[]));
        let mut run =
            lamex_testing::live::Live::start(if user.is_empty() { command } else { behind(user, &command) });
        run.line_with("started");
        assert!(project.processes().iter().any(|process| process.contains("./first")));
        // `unshare` has become lamex-ctl.
        run.signal(Signal::KILL);
        assert_eq!(run.finish_unread().code, None);
        while !project.processes().is_empty() {
            std::thread::sleep(Duration::from_millis(2));
        }
        assert!(!project.path("second-ran").exists());
        project.file("lamex.yaml", "commands: [{ name: first, run: 'true' }]\n");
        invoke_as(user, &project, &[]).expect(0, &[]);
        project.assert_nothing_is_left();
    }
}

#[test]
fn an_interrupt_while_the_package_is_staged_leaves_nothing() {
    let project =
        Project::from_config("package: { include: [data/] }\ncommands: [{ name: first, run: 'true' }]\n");
    fs::create_dir(project.path("data")).unwrap();
    for number in 0..2_000 {
        project.file(&format!("data/{number}"), [b'x'; 5_000]);
    }
    let run = project.live(&project.invoke_args(&[]));
    // The folder is there before its first file.
    let tmp = project.path("../tmp");
    while fs::read_dir(&tmp).unwrap().next().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    run.signal(Signal::INT);
    run.finish().expect(130, &[]);
    project.assert_nothing_is_left();
}

/// The runner's parent holds the other ends of its connections.
#[test]
fn a_test_reaches_neither_the_runner_nor_lamex_ctl() {
    for user in users() {
        let project = Project::from_commands("./test\n");
        project.file("hostile.py", include_str!("../../../../runner/tests/programs/hostile.py"));
        let script = format!(
            r#"
grandparent=$(sed -n 's/^PPid:\t//p' /proc/$PPID/status)
for victim in $PPID $grandparent; do {} hostile.py $victim; done
exit 1"#,
            python().display()
        );
        project.script("test", &script);
        let finished = invoke_as(user, &project, &[]).expect(1, &[]);
        let stdout = finished.stdout();
        let reports: Vec<Value> = stdout
            .lines()
            .filter_map(|line| line.find('{').and_then(|start| serde_json::from_str(&line[start..]).ok()))
            .collect();
        assert_eq!(reports.len(), 2, "{stdout}");
        for report in &reports {
            for (way, outcome) in report.as_object().unwrap() {
                assert!(outcome == "EPERM" || outcome == "EACCES", "{way}: {stdout}");
            }
        }
        project.assert_nothing_is_left();
    }
}

/// It finds the Runtime API in /proc/net/tcp, as it would know it on Lambda.
#[test]
fn a_test_that_asks_the_runtime_api_for_the_invocation_is_refused() {
    let project = Project::from_commands("./test\n");
    let program = format!(
        r#"#!{}
import http.client, json
known = open("known-ports").read().split()
for line in open("/proc/net/tcp").readlines()[1:]:
    fields = line.split()
    address, port = fields[1].split(":")
    # Others' functions on this machine must not lose their invocations to this one.
    if fields[3] != "0A" or address != "0100007F" or fields[1] in known:
        continue
    try:
        connection = http.client.HTTPConnection("127.0.0.1", int(port, 16), timeout=5)
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        answer = connection.getresponse()
        found = json.loads(answer.read())
    except Exception:
        continue
    if "invocation" in str(found) or found.get("errorType"):
        print("found", answer.status, found.get("errorType"), answer.headers.get("Lambda-Runtime-Aws-Request-Id"))
"#,
        python().display()
    );
    let path = project.file("test", program);
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let sockets = fs::read_to_string("/proc/net/tcp").unwrap();
    let known: Vec<_> = sockets.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    project.file("known-ports", known.join("\n"));
    let run = project.invoke(&[]).expect(0, &[]);
    let stdout = String::from_utf8(run.stdout()).unwrap();
    assert!(stdout.contains("found 403 InvalidStateTransition None"), "{stdout}");
    assert!(!stdout.contains("found 200"), "{stdout}");
}

/// Neither of them alone, nor the other, can make a run that was broken off a pass.
#[test]
fn a_test_that_stops_or_kills_its_runner_gets_no_verdict() {
    let project = Project::from_script("kill -TERM $PPID\nwhile :; do sleep 0.1; done");
    project.invoke(&[]).expect(4, &["infrastructure failure: "]);
    let project = Project::from_script("touch up\nkill -STOP $PPID\nwhile :; do sleep 0.1; done");
    let run = project.live(&project.invoke_args(&[]));
    wait_for(&project.path("up"));
    signal_each(&[run.pid()], Signal::INT);
    run.finish().expect(130, &["interrupted"]);
    project.assert_nothing_is_left();
}
