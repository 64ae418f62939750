//! What may be filled into a command line: values become neither code nor options.

use lamex_protocol::filling::value_as_option_message;
use lamex_protocol::plan::Command;

fn command(argv: &[&str]) -> Command {
    let argv = argv.iter().map(|&word| word.into()).collect();
    Command { name: "a".into(), argv, ..Command::default() }
}

/// The places of the arguments into which no variable may be filled, each tried alone.
fn code(argv: &[&str]) -> Vec<usize> {
    let is_code = |place: usize| {
        let mut words = argv.to_vec();
        let with_variable = format!("{}${{X}}", words[place]);
        words[place] = &with_variable;
        command(&words).template_in_code().is_some_and(|found| found.argument == place)
    };
    (0..argv.len()).filter(|&place| is_code(place)).collect()
}

#[test]
fn the_message_says_how_the_program_reads_the_variable() {
    let message = |argv: &[&str]| command(argv).template_in_code().unwrap().to_string();
    assert!(
        message(&["sh", "-c", "${X}"])
            .ends_with("write \"$X\" and let the shell read it from the environment")
    );
    let python = message(&["python3", "-c", "${X}"]);
    assert!(
        python.ends_with("write `os.environ[\"X\"]` and let the program read it from the environment"),
        "{python}"
    );
    let ssh = message(&["ssh", "host", "${X}"]);
    assert!(
        ssh.contains("let the program read it from its environment, or put the code into a script"),
        "{ssh}"
    );
    let option = value_as_option_message("X");
    assert!(
        option.contains("the variable X begins with `-`") && option.contains("`--name=${X}`"),
        "{option}"
    );
}

#[test]
fn names_in_the_middle_count_only_behind_a_program_that_starts_others() {
    assert_eq!(code(&["env", "awk", "CODE", "file"]), [2]);
    assert_eq!(code(&["./tests", "awk", "CODE", "file"]), [0; 0]);
    assert_eq!(code(&["awk", "CODE", "file"]), [1]);
    // These are known anywhere; `-cCODE` is code, too.
    assert_eq!(code(&["./tests", "python3", "-c", "CODE"]), [2, 3]);
    assert_eq!(code(&["./tests", "sh", "-c", "CODE"]), [3]);
}

#[test]
fn an_argument_behind_a_long_option_may_be_its_value_or_the_code() {
    assert_eq!(code(&["jq", "--raw-output", "CODE", "file"]), [2, 3]);
    assert_eq!(code(&["sed", "--quiet", "-E", "CODE", "file"]), [3]);
    assert_eq!(code(&["awk", "--", "CODE", "file"]), [2]);
    assert_eq!(code(&["watch", "--color", "CODE", "MORE"]), [2, 3]);
    assert_eq!(code(&["node", "--import=x", "-p", "CODE"]), [2, 3]);
    assert_eq!(code(&["node", "--eval=CODE", "x"]), [1]);
    let program = |argv: &[&str]| command(argv).template_in_code().map(|found| found.argument);
    assert_eq!(program(&["env", "--ignore-environment", "${X}", "./tests"]), Some(2));
    assert_eq!(program(&["env", "--chdir", "folder", "${X}", "./tests"]), Some(3));
    assert_eq!(program(&["env", "--ignore-environment", "A=${X}", "./tests"]), None);
}

#[test]
fn a_file_of_code_leaves_arguments_free() {
    for argv in
        [&["awk", "--file=x.awk", "file"][..], &["awk", "-fx.awk", "file"], &["awk", "-f", "x.awk", "file"]]
    {
        assert_eq!(code(argv), [0; 0], "{argv:?}");
    }
    assert_eq!(code(&["awk", "--file", "x.awk", "file"]), [0; 0]);
    assert_eq!(code(&["awk", "--files", "x.awk", "file"]), [2, 3]);
}

#[test]
fn long_options_of_shells_take_no_code_but_one() {
    assert_eq!(code(&["bash", "--norc", "x.sh", "ARGUMENT"]), [0; 0]);
    assert_eq!(code(&["bash", "--rcfile", "x", "-c", "CODE"]), [4]);
    assert_eq!(code(&["fish", "--command", "CODE", "ARGUMENT"]), [2]);
    assert_eq!(code(&["fish", "--command=CODE", "ARGUMENT"]), [1]);
}

#[test]
fn options_of_ssh_are_code_where_they_are_commands() {
    assert_eq!(code(&["ssh", "-o", "Port=22", "host"]), [0; 0]);
    assert_eq!(code(&["ssh", "-l", "command", "host"]), [0; 0]);
    assert_eq!(code(&["ssh", "-o", "ProxyCommand=CODE", "host", "CODE"]), [2, 4]);
}

#[test]
fn an_option_for_code_may_have_it_attached_or_none() {
    assert_eq!(code(&["psql", "-c", "CODE", "db"]), [1, 2]);
    assert_eq!(code(&["psql", "-h", "db", "--command=CODE", "x"]), [3]);
    for argv in
        [&["psql", "${X}", "-c"][..], &["psql", "${X}", "--command"], &["perl", "-e"], &["node", "--eval"]]
    {
        assert_eq!(command(argv).template_in_code(), None, "{argv:?}");
    }
    let attached = command(&["psql", "-cselect ${X}"]).template_in_code().unwrap();
    assert_eq!(attached.argument, 1);
}
