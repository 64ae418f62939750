//! What to write in place of something that only a shell does.

use crate::shell::{Construct, Kind};

/// Where a command line stands, which decides how else it can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    LamexYaml,
    CommandsTxt,
}

/// Longer lines are not repeated in an advice.
const MAX_REPEATED_BYTES: usize = 100;

impl Construct {
    /// What to write instead; `line` is the whole line that it stands in.
    #[must_use]
    pub fn advice(&self, line: &str, place: Place) -> String {
        let line = line.trim();
        let by_shell = || shell_form(line, place);
        let quoted = "in single quotes it is passed on as it stands";
        let is_last = line.ends_with(&self.text);
        match self.kind {
            Kind::And => format!(
                "make two commands of it, or run it in a shell: {} (in quotes it is passed on as it stands)",
                by_shell()
            ),
            Kind::Or => format!(
                "to hide a failure of what stands before it, run it in a shell: {}; {quoted}",
                by_shell()
            ),
            Kind::Pipe => format!(
                "leave it out where it only keeps the output, as lamex does; or run it in a shell, which \
                 fails where any part of it fails: {}; {quoted}",
                by_shell()
            ),
            Kind::Separator if is_last => format!("leave it out; {quoted}"),
            Kind::Separator => format!(
                "make two commands of it, or run it in a shell, which stops at the first failure: {}; \
                 {quoted}",
                by_shell()
            ),
            Kind::Background if is_last => {
                format!("leave it out: lamex waits for the program, whose exit code counts; {quoted}")
            }
            Kind::Background => {
                format!("run it in a shell, which waits for the last part: {}; {quoted}", by_shell())
            }
            Kind::Redirection
                if self.text.trim_start_matches(|digit: char| digit.is_ascii_digit()).starts_with('<') =>
            {
                format!("run it in a shell: {}; {quoted}", by_shell())
            }
            Kind::Redirection => format!(
                "leave it out where it only keeps the output, as lamex does with both streams; or run it in \
                 a shell: {}; {quoted}",
                by_shell()
            ),
            Kind::LineBreak => format!(
                "make two commands of it; end the line with a backslash if it goes on here; or run it in a \
                 shell, which stops at the first failure: {}",
                by_shell()
            ),
            Kind::CarriageReturn if place == Place::LamexYaml => {
                "remove it, or put it into quotes".to_owned()
            }
            Kind::CarriageReturn => "save the file with line ends of LF or CRLF".to_owned(),
            Kind::Variable => variable_advice(&self.text, line, place),
            Kind::Argument => format!("only a script has arguments; {quoted}"),
            Kind::Substitution => {
                format!("run it in a shell: {}; {quoted}", by_shell())
            }
            Kind::DollarBeforeTemplate => "put the `$` into the value of the variable".to_owned(),
            Kind::Assignment => assignment_advice(line, place),
            Kind::ChangeFolder => match place {
                Place::LamexYaml => {
                    "give the command `dir: FOLDER`, its working directory; the program is still \
                                     named from the package's root"
                        .to_owned()
                }
                Place::CommandsTxt => format!("run it in a shell: {}", by_shell()),
            },
            Kind::Exec => format!("leave it out: nothing stands between lamex and the program; {quoted}"),
            Kind::Time => format!("leave it out: reports have the time of every command; {quoted}"),
            Kind::Setup => {
                let variables = match place {
                    Place::LamexYaml => {
                        "variables go under `env:` of the environment; or run it in one shell"
                    }
                    Place::CommandsTxt => "run it in one shell",
                };
                format!("{variables} with the program that it is for: {}", by_shell())
            }
            Kind::Builtin | Kind::Keyword => {
                format!("run it in a shell: {}", by_shell())
            }
            Kind::Comment => match place {
                Place::LamexYaml => {
                    "put the comment outside of the quotes, or into a line of its own; an argument \
                                     that begins with `#` needs quotes of its own"
                        .to_owned()
                }
                Place::CommandsTxt => {
                    "a comment is a line of its own that begins with `#`; an argument that \
                                       begins with it needs quotes"
                        .to_owned()
                }
            },
            Kind::Tilde => format!(
                "name the file by its path in the package: on the function the home folder is empty; {quoted}"
            ),
            Kind::EscapedBlank => {
                "leave the backslash out where it was to join lines: these are joined already; \
                                   an argument that begins with a blank needs quotes"
                    .to_owned()
            }
            Kind::TypographicQuote => {
                format!("write `'` or `\"`; {quoted}")
            }
            Kind::Dash => format!("write `-`; {quoted}"),
            Kind::Blank => format!("write an ordinary blank, or nothing; {quoted}"),
        }
    }
}

fn variable_advice(variable: &str, line: &str, place: Place) -> String {
    let quoted = "in single quotes it is passed on as it stands";
    match place {
        Place::LamexYaml => {
            let name = variable.trim_start_matches('$');
            format!("write `${{{name}}}`, which is filled in on the function; {quoted}")
        }
        Place::CommandsTxt => format!(
            "lamex fills in nothing here, but in the commands of lamex.yaml: run it in a shell: {}; {quoted}",
            shell_form(line, place)
        ),
    }
}

fn assignment_advice(line: &str, place: Place) -> String {
    let env = if line.len() <= MAX_REPEATED_BYTES {
        format!("`env {line}`")
    } else {
        "`env NAME=value …`".to_owned()
    };
    match place {
        Place::LamexYaml => format!("write {env}, or put the variable under `env:` of the environment"),
        Place::CommandsTxt => format!("write {env}"),
    }
}

/// The line as an argument of a shell, as the file would have it. Where it has parts whose failure that shell
/// would not tell, the shell is told to.
fn shell_form(line: &str, place: Place) -> String {
    let bytes = line.as_bytes();
    let has_pipe = (0..bytes.len()).any(|at| {
        bytes[at] == b'|' && bytes.get(at + 1) != Some(&b'|') && (at == 0 || bytes[at - 1] != b'|')
    });
    let options: &[&str] = if has_pipe {
        &["bash", "-eo", "pipefail", "-c"]
    } else if line.contains([';', '\n']) {
        &["sh", "-ec"]
    } else {
        &["sh", "-c"]
    };
    let is_short = line.len() <= MAX_REPEATED_BYTES && !line.contains(char::is_control);
    let script = if is_short { without_templates(line, place) } else { "…".to_owned() };
    match place {
        Place::LamexYaml => {
            let words = options.join(", ");
            let needs_single_quotes = script.contains(['"', '\\']);
            if needs_single_quotes {
                format!("`run: [{words}, '{}']`", script.replace('\'', "''"))
            } else {
                format!("`run: [{words}, \"{script}\"]`")
            }
        }
        Place::CommandsTxt => format!("`{} '{}'`", options.join(" "), script.replace('\'', r"'\''")),
    }
}

/// In a shell's script a value would be code, so that templates are refused there; the shell itself knows the
/// variables.
fn without_templates(line: &str, place: Place) -> String {
    let mut script = String::new();
    let mut rest = line;
    while let (Place::LamexYaml, Some(start)) = (place, rest.find("${")) {
        let Some(end) = rest[start..].find('}').map(|end| start + end) else { break };
        script.push_str(&rest[..start]);
        script.push('$');
        script.push_str(&rest[start + 2..end]);
        rest = &rest[end + 1..];
    }
    script + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::{self, CommandLineError};

    fn advice(line: &str, place: Place) -> String {
        let split = match place {
            Place::LamexYaml => command_line::split_templates(line).map(|_| ()),
            Place::CommandsTxt => command_line::split(line).map(|_| ()),
        };
        match split {
            Err(CommandLineError::Shell(construct)) => construct.advice(line, place),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_line_is_written_as_a_shell_needs_it() {
        let yaml = |line| advice(line, Place::LamexYaml);
        let text = |line| advice(line, Place::CommandsTxt);
        for (found, part) in [
            (yaml("./a && ./b"), r#"`run: [sh, -c, "./a && ./b"]`"#),
            (text("./a && ./b"), "`sh -c './a && ./b'`"),
            (yaml("./a 'x' \"y\" && ./b"), r#"`run: [sh, -c, './a ''x'' "y" && ./b']`"#),
            (text("./a 'x' && ./b"), r"`sh -c './a '\''x'\'' && ./b'`"),
            (yaml("./a -x=${X} && ./b"), r#"`run: [sh, -c, "./a -x=$X && ./b"]`"#),
            (yaml("./a | tee log"), r#"`run: [bash, -eo, pipefail, -c, "./a | tee log"]`"#),
            (yaml("./a 2>&1 | tee log"), r#"`run: [bash, -eo, pipefail, -c, "./a 2>&1 | tee log"]`"#),
            (yaml("./a > log; ./b"), r#"`run: [sh, -ec, "./a > log; ./b"]`"#),
            (yaml("./a || ./b"), r#"`run: [sh, -c, "./a || ./b"]`"#),
            (yaml("./a < in"), r#"run it in a shell: `run: [sh, -c, "./a < in"]`"#),
            (yaml("./a; ./b"), r#"`run: [sh, -ec, "./a; ./b"]`"#),
            (yaml("./a\n./b"), r#"`run: [sh, -ec, "…"]`"#),
            (yaml(&format!("./a && ./{}", "b".repeat(100))), r#"`run: [sh, -c, "…"]`"#),
            (yaml("./a $X"), "write `${X}`"),
            (text("./a $X"), "`sh -c './a $X'`"),
            (yaml("A=1 ./x"), "`env A=1 ./x`"),
            (yaml("cd x && ./y"), "`dir: FOLDER`"),
            (text("cd x && ./y"), "`sh -c 'cd x && ./y'`"),
        ] {
            assert!(found.contains(part), "{found}");
        }
    }

    #[test]
    fn what_is_only_too_much_at_the_end_is_left_out() {
        for line in ["./a;", "./a ;", "./a &", "./a&"] {
            assert!(advice(line, Place::LamexYaml).starts_with("leave it out"), "{line}");
        }
    }

    #[test]
    fn the_advised_lines_are_good_ones() {
        for line in ["./a && ./b", "./a 'x' | tee log", "./a $X", "cd x && ./y", "./a; ./b"] {
            let advice = advice(line, Place::CommandsTxt);
            let start = advice.rfind(" `").or_else(|| advice.find('`')).unwrap();
            let advised = advice[start..].trim_start_matches([' ', '`']).split("'`").next().unwrap();
            assert!(command_line::split(&format!("{advised}'")).is_ok(), "{advice}");
        }
    }
}
