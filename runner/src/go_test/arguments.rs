//! The arguments that a Go test binary gets beside those of the plan.
//!
//! Without `-test.v` a passing Go suite prints nothing but `PASS`, which any test can print too. With
//! `-test.v=test2json` every line of the framework's own begins with a mark, whatever was printed before it.
//! `-test.paniconexit0` makes a call of os.Exit(0) within a test a panic: `go test` always sets it.

use lamex_protocol::event::Framing;

use super::TestBinary;

const TEST2JSON: &str = "-test.v=test2json";
const VERBOSE: &str = "-test.v";
const PANIC_ON_EXIT: &str = "-test.paniconexit0";

/// The first minor versions of Go that know the flags.
const TEST2JSON_SINCE: u32 = 20;
const PANIC_ON_EXIT_SINCE: u32 = 16;

/// A command line, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    pub argv: Vec<String>,
    pub framing: Option<Framing>,
    pub warning: Option<String>,
}

/// Adds what makes the test binary's output a proof, directly behind the program, and puts it in place of
/// every other `-test.v`: of two, the last counts.
#[must_use]
pub fn prepare(binary: TestBinary, argv: Vec<String>) -> Arguments {
    let has_test2json = binary.go_minor >= TEST2JSON_SINCE;
    let verbose = if has_test2json { TEST2JSON } else { VERBOSE };
    let mut warning = None;
    let mut words = argv.into_iter();
    let mut argv: Vec<String> = words.next().into_iter().collect();
    argv.push(verbose.to_owned());
    if binary.go_minor >= PANIC_ON_EXIT_SINCE {
        argv.push(PANIC_ON_EXIT.to_owned());
    }
    let mut are_flags = true;
    for (index, word) in words.enumerate() {
        are_flags &= word != "--";
        if !are_flags || !is_verbose_flag(&word) {
            argv.push(word);
            continue;
        }
        if word.ends_with("=false") {
            warning = Some(format!("`{word}` is left out: lamex needs `{verbose}` to tell the tests apart"));
        }
        // At the first place it is certainly a flag. Later it may be the value of one, and a value must stay.
        if index > 0 {
            argv.push(verbose.to_owned());
        }
    }
    Arguments { argv, framing: has_test2json.then_some(Framing::Test2json), warning }
}

/// Whether the command line itself asks for marked output, whatever the program is.
#[must_use]
pub fn asks_for_test2json(argv: &[String]) -> bool {
    let flags = argv.iter().skip(1).take_while(|word| *word != "--");
    flags.filter(|word| is_verbose_flag(word)).last().is_some_and(|word| word.ends_with("=test2json"))
}

fn is_verbose_flag(word: &str) -> bool {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
    name.and_then(|name| name.strip_prefix("test.v"))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn prepared(go_minor: u32, argv: &str) -> String {
        prepare(TestBinary { go_minor }, words(argv)).argv.join(" ")
    }

    #[test]
    fn the_flags_stand_behind_the_program_and_replace_others() {
        let marked = "./x -test.v=test2json -test.paniconexit0";
        let cases = [
            ("./x", ""),
            ("./x -test.v", ""),
            ("./x --test.v=true -test.run A", " -test.run A"),
            ("./x -test.run A -test.v", " -test.run A -test.v=test2json"),
            ("./x -test.run A -test.v=false --test.v", " -test.run A -test.v=test2json -test.v=test2json"),
            ("./x -addr h -- -test.v", " -addr h -- -test.v"),
            ("./x -test.vet -v", " -test.vet -v"),
        ];
        for (argv, rest) in cases {
            assert_eq!(prepared(26, argv), format!("{marked}{rest}"), "{argv}");
        }
        assert_eq!(prepared(19, "./x -test.v"), "./x -test.v -test.paniconexit0");
        assert_eq!(prepared(15, "./x -a"), "./x -test.v -a");
    }

    #[test]
    fn only_marked_output_is_framed_and_a_refusal_is_told() {
        let of = |go_minor, argv| prepare(TestBinary { go_minor }, words(argv));
        assert_eq!(of(20, "./x").framing, Some(Framing::Test2json));
        assert_eq!(of(19, "./x").framing, None);
        assert_eq!(of(20, "./x -test.v").warning, None);
        let warning = of(20, "./x -test.v=false").warning.unwrap_or_default();
        assert!(warning.contains("`-test.v=false` is left out"), "{warning}");
    }

    #[test]
    fn a_command_line_that_asks_itself() {
        let asks = |argv| asks_for_test2json(&words(argv));
        assert!(asks("env A=1 ./x -test.v=test2json"));
        assert!(!asks("env A=1 ./x -test.v"));
        assert!(!asks("./x -test.v=test2json -test.v=false"));
        assert!(!asks("./x -- -test.v=test2json"));
        assert!(!asks("-test.v=test2json"));
    }
}
