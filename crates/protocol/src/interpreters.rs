//! Arguments that another program would run as code: a value that is filled in there could be a program.
//!
//! Names are looked for behind `env`, `timeout`, `xargs` and their like, too, and the best known of them anywhere
//! among the arguments. In doubt an argument counts as code: there is always another way to pass a value.

/// An argument that is code, or holds some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    /// Place among the arguments.
    pub(crate) index: usize,
    /// What it is part of, for messages: "a shell's -c argument".
    pub(crate) what: String,
    /// How the code reads a variable from the environment; `NAME` stands for its name.
    pub(crate) reading: Option<&'static str>,
}

/// How a program is given code.
enum Style {
    /// `sh -c CODE`: the first argument behind all options.
    Shell,
    /// Short options with code, attached or in the next argument, and long ones, `--long=CODE` or `--long CODE`;
    /// then those with a value that is no code. The first argument that is no option ends them.
    Options { code: &'static str, long: &'static [&'static str], valued: &'static str },
    /// The same, but the first argument that is no option is code, too, unless one of `files` named a file of it.
    Program { code: &'static str, long: &'static [&'static str], valued: &'static str, files: &'static str },
    /// `-c CODE` anywhere: options and others may be mixed.
    Anywhere { code: &'static str, long: &'static [&'static str] },
    /// `env [OPTIONS] [NAME=VALUE…] PROGRAM`: what is split into words, and words that may turn out to be the
    /// program.
    Env,
    /// `ssh HOST CODE…`: everything behind the first argument that is no option.
    Rest { valued: &'static str, skipped: usize },
}

struct Interpreter {
    /// Without versions, as in `python3.11`.
    names: &'static [&'static str],
    style: Style,
    reading: Option<&'static str>,
}

const SHELLS: &[&str] =
    &["sh", "bash", "rbash", "dash", "ash", "zsh", "ksh", "mksh", "csh", "tcsh", "fish", "busybox", "toybox"];

const INTERPRETERS: &[Interpreter] = &[
    Interpreter { names: SHELLS, style: Style::Shell, reading: None },
    Interpreter {
        names: &["python", "pypy", "ipython"],
        style: Style::Options { code: "c", long: &["command"], valued: "WX" },
        reading: Some("os.environ[\"NAME\"]"),
    },
    Interpreter {
        names: &["perl"],
        style: Style::Options { code: "eEmM", long: &[], valued: "I" },
        reading: Some("$ENV{NAME}"),
    },
    Interpreter {
        names: &["ruby", "jruby", "irb"],
        style: Style::Options { code: "e", long: &[], valued: "IrCE" },
        reading: Some("ENV[\"NAME\"]"),
    },
    Interpreter {
        names: &["node", "nodejs", "bun", "deno", "qjs"],
        style: Style::Options { code: "ep", long: &["eval", "print"], valued: "rC" },
        reading: Some("process.env.NAME"),
    },
    Interpreter {
        names: &["php"],
        style: Style::Options {
            code: "rBRE",
            long: &["run", "process-begin", "process-code", "process-end"],
            valued: "cdztS",
        },
        reading: Some("getenv(\"NAME\")"),
    },
    Interpreter {
        names: &["lua", "luajit"],
        style: Style::Options { code: "e", long: &[], valued: "l" },
        reading: Some("os.getenv(\"NAME\")"),
    },
    Interpreter {
        names: &["julia", "Rscript", "R", "elixir", "groovy", "scala", "raku", "guile", "osascript", "swift"],
        style: Style::Options { code: "eEc", long: &["eval", "print"], valued: "" },
        reading: None,
    },
    Interpreter {
        names: &["pwsh", "powershell"],
        style: Style::Anywhere { code: "cC", long: &["command", "Command"] },
        reading: Some("$Env:NAME"),
    },
    Interpreter {
        names: &["awk", "gawk", "mawk", "nawk", "original-awk"],
        style: Style::Program { code: "e", long: &["source"], valued: "vF", files: "fE" },
        reading: Some("ENVIRON[\"NAME\"]"),
    },
    Interpreter {
        names: &["sed", "gsed"],
        style: Style::Program { code: "e", long: &["expression"], valued: "l", files: "f" },
        reading: None,
    },
    Interpreter {
        names: &["jq", "yq"],
        style: Style::Program { code: "", long: &[], valued: "", files: "f" },
        reading: Some("env.NAME"),
    },
    Interpreter { names: &["env"], style: Style::Env, reading: None },
    Interpreter {
        names: &["su", "runuser", "script", "flock"],
        style: Style::Anywhere { code: "c", long: &["command", "session-command"] },
        reading: None,
    },
    Interpreter { names: &["watch"], style: Style::Rest { valued: "n", skipped: 0 }, reading: None },
    Interpreter { names: &["parallel"], style: Style::Rest { valued: "jaIP", skipped: 0 }, reading: None },
    Interpreter {
        names: &["ssh", "slogin"],
        style: Style::Rest { valued: "BbcDEeFIiJLlmOoPpQRSWw", skipped: 1 },
        reading: None,
    },
    Interpreter { names: &["psql"], style: Style::Anywhere { code: "c", long: &["command"] }, reading: None },
    Interpreter {
        names: &["mysql", "mariadb"],
        style: Style::Anywhere { code: "e", long: &["execute", "init-command"] },
        reading: None,
    },
    Interpreter {
        names: &["mongosh", "mongo"],
        style: Style::Anywhere { code: "", long: &["eval"] },
        reading: Some("process.env.NAME"),
    },
    Interpreter { names: &["sqlite3"], style: Style::Rest { valued: "", skipped: 1 }, reading: None },
    Interpreter {
        names: &["gdb", "lldb"],
        style: Style::Anywhere { code: "eox", long: &["eval-command"] },
        reading: None,
    },
    Interpreter {
        names: &["expect", "tclsh"],
        style: Style::Anywhere { code: "c", long: &[] },
        reading: None,
    },
    Interpreter { names: &["socat"], style: Style::Rest { valued: "", skipped: 0 }, reading: None },
    Interpreter {
        names: &["nc", "ncat"],
        style: Style::Anywhere { code: "ce", long: &["exec", "sh-exec"] },
        reading: None,
    },
];

/// Programs that start another one, which their arguments name.
const STARTERS: &[&str] = &[
    "env",
    "timeout",
    "nice",
    "nohup",
    "xargs",
    "sudo",
    "doas",
    "time",
    "stdbuf",
    "setsid",
    "strace",
    "ltrace",
    "chroot",
    "unshare",
    "nsenter",
    "setpriv",
    "ionice",
    "taskset",
    "chrt",
    "prlimit",
    "busybox",
    "toybox",
    "find",
    "flock",
    "su",
    "runuser",
    "parallel",
    "watch",
    "script",
    "ssh",
    "catchsegv",
    "faketime",
    "numactl",
];

/// Looked for anywhere: a script of the package may start what its arguments name. The other names may well be
/// the value of somebody's option.
const ANYWHERE: &[&str] = &["python", "pypy", "perl", "ruby", "node", "nodejs", "php"];

/// The arguments that are code, in order; each once.
pub(crate) fn code_arguments(argv: &[String]) -> Vec<Code> {
    let mut found: Vec<Code> = Vec::new();
    for (place, word) in argv.iter().enumerate() {
        let name = program_name(word);
        let Some(interpreter) = INTERPRETERS.iter().find(|known| known.names.contains(&name)) else {
            continue;
        };
        let is_started = place == 0
            || SHELLS.contains(&name)
            || ANYWHERE.contains(&name)
            || argv[..place].iter().any(|word| STARTERS.contains(&program_name(word)));
        if !is_started {
            continue;
        }
        for index in code_of(&interpreter.style, &argv[place + 1..]) {
            let index = place + 1 + index;
            if found.iter().all(|code| code.index != index) {
                found.push(Code { index, what: interpreter.describe(name), reading: interpreter.reading });
            }
        }
    }
    found.sort_by_key(|code| code.index);
    found
}

impl Interpreter {
    fn describe(&self, name: &str) -> String {
        match self.style {
            Style::Shell => "a shell's -c argument".to_owned(),
            _ => format!("the code that `{name}` is given"),
        }
    }
}

/// The name of the file without its folders and its version.
fn program_name(word: &str) -> &str {
    let file_name = word.rsplit('/').next().unwrap_or(word);
    const WITH_A_DIGIT: [&str; 1] = ["sqlite3"];
    if WITH_A_DIGIT.contains(&file_name) {
        return file_name;
    }
    let name = file_name.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.');
    name.strip_suffix('-').unwrap_or(name)
}

fn code_of(style: &Style, arguments: &[String]) -> Vec<usize> {
    match *style {
        Style::Shell => script_of_shell(arguments).into_iter().collect(),
        Style::Options { code, long, valued } => options(arguments, code, long, valued, "").0,
        Style::Anywhere { code, long } => anywhere(arguments, code, long),
        Style::Env => {
            let (mut found, operands, _) = options(arguments, "S", &["split-string"], "uC", "");
            for first in operands {
                let operands = arguments.iter().enumerate().skip(first);
                let mut words = operands.take_while(|(_, word)| word.starts_with("${") || word.contains('='));
                found.extend(words.find(|(_, word)| word.starts_with("${")).map(|(index, _)| index));
            }
            found
        }
        Style::Program { code, long, valued, files } => {
            let (mut found, operands, has_file) = options(arguments, code, long, valued, files);
            if found.is_empty() && !has_file {
                found.extend(operands);
            }
            found
        }
        Style::Rest { valued, skipped } => {
            let (_, operands, _) = options(arguments, "", &[], valued, "");
            let commands_of_options = arguments.iter().enumerate().filter(|(_, word)| {
                // ssh's ProxyCommand and its like.
                word.to_ascii_lowercase().contains("command") && word.contains('=')
            });
            let behind = operands.first().map_or(arguments.len(), |first| first + skipped);
            commands_of_options.map(|(index, _)| index).chain(behind..arguments.len()).collect()
        }
    }
}

/// The script of `sh [-euo pipefail] -c SCRIPT`.
fn script_of_shell(arguments: &[String]) -> Option<usize> {
    let mut has_script = false;
    let mut words = arguments.iter().enumerate();
    while let Some((index, word)) = words.next() {
        match word.strip_prefix(['-', '+']) {
            Some("") => {}
            Some("-rcfile" | "-init-file") => {
                words.next();
            }
            // `--command`, which fish has.
            Some(long) if long.starts_with('-') => {
                if long == "-command" {
                    has_script = true;
                } else if long.starts_with("-command=") {
                    return Some(index);
                }
            }
            Some(letters) => {
                has_script |= word.starts_with('-') && letters.contains('c');
                // `-o pipefail`, also as `-eo pipefail`.
                for _ in letters.chars().filter(|letter| matches!(letter, 'o' | 'O')) {
                    words.next();
                }
            }
            None => return has_script.then_some(index),
        }
    }
    None
}

/// The options at the beginning: where code is; the first argument that is not an option, and before it those
/// that may be or may be the value of a long option; whether code is in a file.
fn options(
    arguments: &[String],
    code: &str,
    long: &[&str],
    valued: &str,
    files: &str,
) -> (Vec<usize>, Vec<usize>, bool) {
    let (mut found, mut operands, mut has_file) = (Vec::new(), Vec::new(), false);
    let mut words = arguments.iter().enumerate();
    let mut may_be_value = false;
    while let Some((index, word)) = words.next() {
        if let Some(name) = word.strip_prefix("--") {
            if name.is_empty() {
                operands.extend(words.next().map(|(index, _)| index));
                break;
            }
            let is_code = |name: &str| long.contains(&name);
            match name.split_once('=') {
                Some((name, _)) if is_code(name) => found.push(index),
                None if is_code(name) => found.extend(words.next().map(|(index, _)| index)),
                // `--other VALUE` or `--other`: what follows may be its value.
                separate => may_be_value = separate.is_none(),
            }
            if name == "file" || name.starts_with("file=") {
                has_file = true;
            }
            continue;
        }
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            operands.push(index);
            if may_be_value {
                may_be_value = false;
                continue;
            }
            break;
        };
        may_be_value = false;
        let special = letters.char_indices().find(|(_, letter)| {
            code.contains(*letter) || valued.contains(*letter) || files.contains(*letter)
        });
        if let Some((at, letter)) = special {
            // `-pe CODE` of node has no code of its own.
            let attached =
                letters[at + letter.len_utf8()..].trim_start_matches(|letter| code.contains(letter));
            let is_attached = !attached.is_empty();
            let value = if is_attached { Some(index) } else { words.next().map(|(index, _)| index) };
            has_file |= files.contains(letter);
            if code.contains(letter) {
                found.extend(value);
            }
        }
    }
    (found, operands, has_file)
}

fn anywhere(arguments: &[String], code: &str, long: &[&str]) -> Vec<usize> {
    let mut found = Vec::new();
    for (index, word) in arguments.iter().enumerate() {
        let next = Some(index + 1).filter(|&next| next < arguments.len());
        let name = word.trim_start_matches('-');
        let (before, attached) = name.split_once('=').map_or((name, false), |(before, _)| (before, true));
        if !word.starts_with('-') {
            continue;
        }
        if long.contains(&before) {
            found.extend(if attached { Some(index) } else { next });
        } else if !word.starts_with("--")
            && let Some(at) = name.find(|letter: char| code.contains(letter))
        {
            found.extend(if at + 1 < name.len() { Some(index) } else { None });
            // `-ex CODE` of gdb, `-c CODE`.
            found.extend(next);
        }
    }
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arguments that are code.
    fn code(line: &[&str]) -> Vec<String> {
        let argv: Vec<String> = line.iter().map(|&word| word.to_owned()).collect();
        code_arguments(&argv).into_iter().map(|code| argv[code.index].clone()).collect()
    }

    #[test]
    fn scripts_of_shells() {
        for line in [
            &["sh", "-c", "CODE"][..],
            &["/bin/bash", "-euc", "CODE", "bash", "x"],
            &["bash", "-o", "pipefail", "-c", "CODE", "x"],
            &["bash", "-euo", "pipefail", "-c", "CODE"],
            &["bash", "--norc", "-c", "-e", "CODE", "x"],
            &["bash", "-c", "--", "CODE"],
            &["timeout", "9", "sh", "-c", "CODE"],
            &["xargs", "-n", "1", "sh", "-c", "CODE", "sh"],
            &["busybox", "sh", "-c", "CODE"],
            &["su", "-s", "/bin/zsh-5.9", "-c", "CODE"],
            &["find", ".", "-exec", "sh", "-c", "CODE", ";"],
        ] {
            assert_eq!(code(line), ["CODE"], "{line:?}");
        }
        for line in
            [&["sh", "x.sh", "-c", "x"][..], &["bash", "-e", "x.sh"], &["./sh-tests", "-c", "x"], &["sh"]]
        {
            assert_eq!(code(line), [""; 0], "{line:?}");
        }
    }

    #[test]
    fn code_of_languages() {
        for line in [
            &["python3", "-c", "CODE", "x"][..],
            &["/usr/bin/python3.11", "-Wignore", "-Ic", "CODE"],
            &["python", "-W", "ignore", "-c", "CODE"],
            &["env", "-i", "python3", "-uc", "CODE"],
            &["perl", "-we", "CODE", "x"],
            &["perl5.36.0", "-I", "lib", "-E", "CODE"],
            &["ruby", "-rjson", "-e", "CODE"],
            &["ruby3.2", "-r", "json", "-e", "CODE"],
            &["node", "--eval", "CODE"],
            &["node", "--import", "x", "-p", "CODE"],
            &["node20", "-r", "x", "-pe", "CODE"],
            &["deno", "-e", "CODE"],
            &["php8.2", "-d", "a=b", "-r", "CODE"],
            &["lua5.4", "-e", "CODE"],
            &["awk", "CODE", "file"],
            &["gawk", "-F", ":", "-v", "a=b", "CODE", "file"],
            &["sed", "-n", "CODE", "file"],
            &["sed", "-e", "CODE", "file"],
            &["timeout", "5", "jq", "-r", "CODE", "file"],
            &["env", "-S", "CODE"],
            &["env", "--split-string", "CODE"],
            &["su", "-", "tester", "-c", "CODE"],
            &["runuser", "-u", "tester", "--command", "CODE"],
            &["ssh", "-p", "22", "host", "CODE"],
            &["psql", "-h", "db", "-c", "CODE"],
            &["mysql", "-h", "db", "-e", "CODE"],
            &["mongosh", "host", "--eval", "CODE"],
        ] {
            assert_eq!(code(line), ["CODE"], "{line:?}");
        }
        assert_eq!(code(&["perl", "-e'CODE'"]), ["-e'CODE'"]);
        assert_eq!(code(&["perl", "-MCODE", "x.pl"]), ["-MCODE"]);
        assert_eq!(code(&["node", "--eval=CODE"]), ["--eval=CODE"]);
        assert_eq!(code(&["env", "-vSCODE"]), ["-vSCODE"]);
        assert_eq!(code(&["env", "--split-string=CODE"]), ["--split-string=CODE"]);
        assert_eq!(code(&["env", "A=b", "${X}", "./tests", "${Y}"]), ["${X}"]);
        assert_eq!(code(&["env", "A=${X}", "./tests", "${Y}"]), [""; 0]);
        assert_eq!(code(&["ssh", "-o", "ProxyCommand=CODE", "host"]), ["ProxyCommand=CODE"]);
        assert_eq!(code(&["ssh", "host", "CODE", "MORE"]), ["CODE", "MORE"]);
    }

    #[test]
    fn arguments_of_programs_are_no_code() {
        for line in [
            &["python3", "tests.py", "-c", "config"][..],
            &["python3", "-m", "pytest", "-c", "config"],
            &["python3", "-W", "ignore", "tests.py", "-c", "config"],
            &["perl", "-I", "lib", "tests.pl", "-e", "x"],
            &["node", "tests.js", "-e", "staging"],
            &["env", "A=b", "./tests", "-S", "x"],
            &["awk", "-v", "a=value", "-f", "x.awk", "file"],
            &["ssh", "-p", "port", "host"],
            &["./tests", "--tool", "sed", "value"],
            &["./tests", "-e", "x", "-c", "y"],
            &["curl", "-c", "jar", "-e", "referer", "x"],
            &["grep", "-e", "x"],
        ] {
            assert_eq!(code(line), [""; 0], "{line:?}");
        }
    }
}
