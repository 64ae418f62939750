//! Mistakes on the command line and in the files that it names: exit code 2, and what to do.

use std::fs;

use lamex_testing::binaries::examples;
use lamex_testing::finished::Finished;
use lamex_testing::project::Project;

#[test]
fn unknown_names_are_met_with_the_nearest_known_one() {
    let config = examples().join("lamex.yaml");
    let config = config.to_str().unwrap();
    let project = Project::new();
    for (args, parts) in [
        (&["--only", "smoek"][..], &["no command named `smoek`", "did you mean `smoke`?"][..]),
        (&["--only", "smoke", "--only", "nothing"], &["`nothing`", "smoke, orders, inventory, wipe"]),
        (&["--tag", "quikc"], &["the tag `quikc`", "did you mean `quick`?"]),
        (&["--tag", "orders"], &["the tag `orders`", "its tags are: api, quick"]),
        (&["--param", "CUSTOMR=x"], &["the parameter `CUSTOMR`", "did you mean `CUSTOMER`?"]),
        (&["--only", "smoke", "--param", "CUSTOMER=x"], &["the parameter `CUSTOMER`", "declare it"]),
        (&["--env", "lcoal"], &["no environment `lcoal`", "did you mean `local`?"]),
        (&["--ouput", "json"], &["--output"]),
    ] {
        let args = [&["--config", config], args].concat();
        let finished = project.show(&args).expect(2, parts);
        assert_eq!(finished.stdout(), "", "{args:?}");
    }
}

#[test]
fn arguments_that_say_nothing_are_not_guessed_at() {
    let project = Project::of_commands("touch ran\n");
    for (args, part) in [
        (&["--timeout", "30"][..], "it needs a unit"),
        (&["--timeout", "0s"], "--timeout"),
        (&["--param", "NAME"], "NAME=VALUE"),
        (&["--param", "1A=x"], "not a valid variable name"),
        (&["-q", "-v"], "cannot be used with"),
        (&["--config", "lamex.yaml", "--task-root", "."], "cannot be used with"),
        (&["--env", "staging"], "--task-root runs on this machine"),
        (&["--runner", "nowhere"], "there is no runner at nowhere"),
        (&["--output", "xml"], "human"),
        (&["--qualifier", ""], "it is an alias such as `live`"),
        (&["--expect-digest", "sha256:1"], "64 hex digits"),
        (&["--allow-stale"], "cannot be used with"),
    ] {
        project.show(args).expect(2, &[part]);
    }
    Finished::of(project.lamex_ctl(&["invoke", "--task-root", "nowhere"])).expect(2, &["nowhere"]);
    Finished::of(project.lamex_ctl(&["frobnicate"])).expect(2, &["frobnicate"]);
    assert!(!project.path("ran").exists());
}

#[test]
fn a_missing_or_wrong_lamex_yaml_says_where_and_what() {
    let project = Project::new();
    let invoke = || Finished::of(project.lamex_ctl(&["invoke"]));
    invoke().expect(2, &["there is no lamex.yaml", "--config FILE"]);
    project.file("lamex.yaml", "commands:\n  - name: orders\n    runn: ./orders\n");
    let caret = ["lamex.yaml:3:5", "runn: ./orders", "·     ────", "did you mean `run`?"];
    invoke().expect(2, &caret);
    Finished::of(project.lamex_ctl(&["config", "check"])).expect(2, &caret);
    project.file("lamex.yaml", "commands:\n  - { name: orders, run: ./orders }\n");
    invoke().expect(2, &["lamex.yaml:2", "`./orders` is not in the package", "package.include"]);
    project.file("lamex.yaml", "commands: [\n");
    invoke().expect(2, &["lamex.yaml:"]);
}

/// Each of these passed once, without running what follows.
const SHELL_LINES: [(&str, &str, &str); 14] = [
    ("./ok && ./tests", "`&&` joins commands", ":6"),
    ("./ok || ./tests", "`||` joins commands", ":6"),
    ("./ok; ./tests", "`;` joins commands", ":5"),
    ("./ok | ./tests", "`|` joins commands", ":6"),
    ("./ok > log", "`>` redirects", ":6"),
    ("./ok 2>&1", "`2>&1` redirects", ":6"),
    ("./ok &", "`&` sends a command to the background", ":6"),
    ("./ok $FILTER", "`$FILTER` stands for something else", ":6"),
    ("./ok \"$(./tests)\"", "`$(` stands for something else", ":7"),
    ("./ok `./tests`", "``` stands for something else", ":6"),
    ("A=1 ./tests", "`A=1` sets a variable", ":1"),
    ("cd folder", "`cd` is a word of shells", ":1"),
    ("./ok # and more", "`#` begins a comment", ":6"),
    ("~/tests", "`~/` stands for the home folder", ":1"),
];

#[test]
fn a_line_that_needs_a_shell_is_refused_and_nothing_runs() {
    for (line, problem, column) in SHELL_LINES {
        let project = Project::of_commands(&format!("touch ran\n{line}\n"));
        project.script("ok", "touch ran");
        let place = format!("commands.txt:2{column}");
        project.show(&[]).expect(2, &[&place, problem]);
        assert!(!project.path("ran").exists(), "{line}");

        let yaml = format!("package: {{ include: [ok] }}\ncommands:\n  - name: a\n    run: '{line}'\n");
        project.file("lamex.yaml", yaml);
        let column: usize = column[1..].parse().unwrap();
        let place = format!("lamex.yaml:4:{}", 10 + column);
        for args in [&["invoke"][..], &["package"], &["config", "check"]] {
            Finished::of(project.lamex_ctl(args)).expect(2, &[&place, problem, "help: "]);
        }
        assert!(!project.path("ran").exists() && !project.path("dist").exists(), "{line}");
    }
}

#[test]
fn a_second_line_is_a_second_command() {
    let project = Project::new();
    project.script("ok", "touch ran");
    project.file(
        "lamex.yaml",
        "package: { include: [ok] }\ncommands:\n  - name: a\n    run: |\n      ./ok\n      ./tests\n",
    );
    for args in [&["invoke"][..], &["package"], &["config", "check"]] {
        Finished::of(project.lamex_ctl(args)).expect(2, &["lamex.yaml:5:11", "a second line begins here"]);
    }
    let project = Project::of_commands("# all\rtouch ran\r./tests\r");
    project.show(&[]).expect(2, &["commands.txt:1:6", "line ends of LF or CRLF"]);
    assert!(!project.path("ran").exists());
}

#[test]
fn what_only_looks_like_a_shells_runs_as_it_stands() {
    for (run, expected) in [
        (
            "'echo -test.run=^Test(A|B)$ http://h/?a=1&b=2;c u:p@tcp(h:1)/d *.txt'",
            "-test.run=^Test(A|B)$ http://h/?a=1&b=2;c u:p@tcp(h:1)/d *.txt\n",
        ),
        (r#"echo '&&' ";" '$HOME' \; \$X \${X} $${Y}"#, "&& ; $HOME ; $X ${X} ${Y}\n"),
        ("[echo, '&&', '$HOME', '`id`', '> log']", "&& $HOME `id` > log\n"),
        ("|\n      echo one \\\n        two", "one two\n"),
        (">\n      echo\n      one", "one\n"),
    ] {
        let project = Project::of_config(&format!("commands:\n  - name: a\n    run: {run}\n"));
        let ran = project.invoke(&[]).expect(0, &[]);
        assert_eq!(String::from_utf8(ran.stdout()).unwrap(), expected);
    }
}

#[test]
fn a_task_root_without_a_plan_or_with_a_wrong_one_does_not_run() {
    let project = Project::new();
    let invoke = || project.show(&[]);
    invoke().expect(2, &["commands.txt"]);
    project.file("commands.txt", "touch ran\n./second 'without an end\n");
    invoke().expect(2, &["commands.txt:2:10"]);
    project.file("commands.txt", "touch ran\n");
    project.file("lamex.plan.json", "{}");
    invoke().expect(2, &["lamex.plan.json", "commands.txt"]);
    assert!(!project.path("ran").exists());
}

#[test]
fn reports_that_cannot_be_written_are_found_before_anything_runs() {
    let project = Project::of_commands("touch ran\n");
    project.file("file", "");
    for (args, part) in [
        (["--junit", "file/junit.xml"], "file"),
        (["--junit", "."], "JUnit"),
        (["--junit", "/dev/full"], "JUnit"),
        (["--events", "file/events.jsonl"], "cannot write the events to file/events.jsonl"),
        (["--events", "."], "cannot write the events to ."),
    ] {
        project.show(&args).expect(2, &[part]);
    }
    assert!(!project.path("ran").exists());
}

#[test]
fn help_and_version_are_answers() {
    let project = Project::new();
    let help = Finished::of(project.lamex_ctl(&["--help"])).expect(0, &["Exit codes:"]);
    for line in [
        "0  passed",
        "1  tests failed",
        "2  usage",
        "3  refused",
        "4  infra",
        "5  incomplete",
        "6  nothing",
        "130  interrupted",
    ] {
        assert!(help.stdout().contains(line), "{line}");
    }
    Finished::of(project.lamex_ctl(&["--version"])).expect(0, &[env!("CARGO_PKG_VERSION")]);
    assert_eq!(fs::read_dir(project.root()).unwrap().count(), 0);
}
