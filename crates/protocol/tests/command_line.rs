//! What of a command line is refused as a shell's, what is advised in its place, and where mistakes are.

use lamex_protocol::command_line::{CommandLineError, split};
use lamex_protocol::shell::Kind;
use lamex_protocol::shell_advice::Place;
use lamex_protocol::template::variables;

/// The first thing in the line that only a shell does, and what is advised.
fn refused(line: &str, place: Place) -> (Kind, String) {
    match split(line) {
        Err(CommandLineError::Shell(construct)) => (construct.kind, construct.advice(line, place)),
        other => panic!("{line:?}: {other:?}"),
    }
}

#[test]
fn words_of_shells_are_programs_names_where_they_are_a_part_of_one() {
    for line in ["cd'x' y", "time\\x", "if\"\"f", "export'er'"] {
        assert!(split(line).is_ok(), "{line}");
    }
    assert_eq!(refused("cd x", Place::LamexYaml).0, Kind::ChangeFolder);
}

#[test]
fn a_tilde_is_a_home_folder_only_as_a_word_or_the_beginning_of_a_path() {
    for line in ["./x a~", "./x a~ b", "./x ~a", "./x a~/b", "./x '~'"] {
        assert!(split(line).is_ok(), "{line}");
    }
    for line in ["./x ~", "./x ~ b", "./x ~/b"] {
        assert_eq!(refused(line, Place::LamexYaml).0, Kind::Tilde, "{line}");
    }
}

#[test]
fn the_advice_fits_what_stands_there() {
    let yaml = |line| refused(line, Place::LamexYaml).1;
    let text = |line| refused(line, Place::CommandsTxt).1;
    for (found, begins) in [
        (yaml("./a;"), "leave it out; in single quotes"),
        (yaml("./a; ./b"), "make two commands of it"),
        (yaml("./a &"), "leave it out: lamex waits"),
        (yaml("./a & ./b"), "run it in a shell, which waits for the last part"),
        (yaml("./a > log"), "leave it out where it only keeps the output"),
        (yaml("./a 2> log"), "leave it out where it only keeps the output"),
        (yaml("./a < in"), "run it in a shell: "),
        (yaml("./a 0< in"), "run it in a shell: "),
        (yaml("./a\r./b"), "remove it, or put it into quotes"),
        (text("./a\r./b"), "save the file with line ends of LF or CRLF"),
    ] {
        assert!(found.starts_with(begins), "{found}");
    }
}

#[test]
fn a_mistake_in_a_template_has_a_place() {
    assert_eq!(variables("ab${C").unwrap_err().offset(), 2);
    assert_eq!(variables("${A}-${b-c}").unwrap_err().offset(), 5);
    assert_eq!(variables("$${A}-${").unwrap_err().offset(), 6);
}
