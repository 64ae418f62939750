//! `commands.txt`: one command a line.

use std::collections::HashMap;

use thiserror::Error;

use crate::command_line::{self, CommandLineError};
use crate::plan::{Command, MAX_NAME_BYTES, Plan, PlanError};
use crate::shell::{Construct, Kind};
use crate::shell_advice::Place;

/// The name of the file in the task root.
pub const FILE_NAME: &str = "commands.txt";

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandsError {
    /// Line and column count from 1; columns count characters.
    #[error("{FILE_NAME}:{line}:{column}: {error}{}", hint(advice.as_deref()))]
    Words { line: usize, column: usize, error: CommandLineError, advice: Option<String> },
    #[error("{FILE_NAME}:{line}: not UTF-8")]
    NotUtf8 { line: usize },
    #[error("{FILE_NAME}:{line}: {problem}")]
    Command { line: usize, problem: String },
    #[error("{FILE_NAME}: {0}")]
    Plan(PlanError),
}

fn hint(advice: Option<&str>) -> String {
    advice.map(|advice| format!("; {advice}")).unwrap_or_default()
}

/// Reads the file: blank lines and lines whose first character is `#` are skipped, quoting is that of a
/// POSIX shell, nothing is expanded, and what a shell would expand or do is refused. Takes CRLF, a byte order
/// mark and a last line without a newline. A command is named after its program; the second of a name is
/// `name#2`.
///
/// # Errors
/// The first line that is not a command, with its place.
pub fn parse(bytes: &[u8]) -> Result<Plan, CommandsError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut commands: Vec<Command> = Vec::new();
    let mut uses: HashMap<String, usize> = HashMap::new();
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let number = index + 1;
        let line = std::str::from_utf8(line).map_err(|_| CommandsError::NotUtf8 { line: number })?;
        let line = line.strip_suffix('\r').unwrap_or(line);
        // Before comments: where every line ends in CR alone, the first of them would hide all others.
        if let Some(offset) = line.find('\r') {
            let construct = Construct { kind: Kind::CarriageReturn, text: "\r".to_owned(), offset };
            return Err(words_error(CommandLineError::Shell(construct), number, line));
        }
        if line.trim_start().starts_with('#') {
            continue;
        }
        let argv = command_line::split(line).map_err(|error| words_error(error, number, line))?;
        let Some(program) = argv.first() else { continue };
        let command =
            Command { name: unused_name(program, &mut uses), argv, literal: true, ..Command::default() };
        if let Some(problem) = command.problem() {
            return Err(CommandsError::Command { line: number, problem });
        }
        commands.push(command);
    }
    let plan = Plan { lamex: crate::VERSION, commands, ..Plan::default() };
    plan.validate().map_err(CommandsError::Plan)?;
    Ok(plan)
}

fn words_error(error: CommandLineError, number: usize, line: &str) -> CommandsError {
    let advice = match &error {
        CommandLineError::Shell(construct) => Some(construct.advice(line, Place::CommandsTxt)),
        CommandLineError::UnclosedQuote { .. } | CommandLineError::TrailingBackslash { .. } => None,
    };
    let column = line[..error.offset()].chars().count() + 1;
    CommandsError::Words { line: number, column, error, advice }
}

fn unused_name(program: &str, uses: &mut HashMap<String, usize>) -> String {
    let file_name = program.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("command");
    let clean = |character: char| character.is_control() || matches!(character, '"' | '\\' | '#');
    let mut base: String = file_name.chars().map(|c| if clean(c) { '_' } else { c }).collect();
    // Room for `#` and a count.
    base.truncate(base.floor_char_boundary(MAX_NAME_BYTES - 8));
    let count = uses.entry(base.clone()).or_default();
    *count += 1;
    if *count == 1 { base } else { format!("{base}#{count}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argvs(text: &[u8]) -> Vec<Vec<String>> {
        parse(text).unwrap().commands.into_iter().map(|command| command.argv).collect()
    }

    #[test]
    fn reads_what_editors_on_any_system_write() {
        let text =
            b"\xef\xbb\xbf# suite\r\n\r\n./orders -test.run 'A B'\r\n  # indented\n\t./pay \"x\"\n./last";
        assert_eq!(argvs(text), [vec!["./orders", "-test.run", "A B"], vec!["./pay", "x"], vec!["./last"]]);
        assert_eq!(argvs(b""), Vec::<Vec<String>>::new());
        assert_eq!(
            argvs(b"run '#not-a-comment' '${LITERAL}' ^Test(A|B)$ *.txt"),
            [["run", "#not-a-comment", "${LITERAL}", "^Test(A|B)$", "*.txt"]]
        );
    }

    #[test]
    fn names_are_the_programs_and_unique() {
        let plan = parse(b"./bin/a 1\n./a 2\nb\n/\n'./a#2'").unwrap();
        let names: Vec<_> = plan.commands.iter().map(|command| command.name.as_str()).collect();
        assert_eq!(names, ["a", "a#2", "b", "command", "a_2"]);
    }

    #[test]
    fn an_error_says_line_and_column() {
        let error = |text: &[u8]| parse(text).unwrap_err().to_string();
        assert_eq!(
            error("ok\n\n./ä 'open".as_bytes()),
            "commands.txt:3:5: this single quote is never closed"
        );
        assert_eq!(error(b"a\\"), "commands.txt:1:2: nothing follows this backslash");
        assert_eq!(
            error("ok\n./ä && ./b".as_bytes()),
            "commands.txt:2:5: `&&` joins commands, and no shell reads this line: what follows would only be \
             arguments of the first program; make two commands of it, or run it in a shell: \
             `sh -c './ä && ./b'` (in quotes it is passed on as it stands)"
        );
        for (text, place) in [
            (&b"./a ${X}"[..], "commands.txt:1:5: `${X}` stands for"),
            (b"./a\n./b # c", "commands.txt:2:5: `#` begins a comment"),
            (b"# all\r./a\r./b", "commands.txt:1:6: a carriage return"),
            (b"./a\r./b\r\n", "commands.txt:1:4: a carriage return"),
            (b"./a 'x\ry'\r\n", "commands.txt:1:7: a carriage return"),
            (b"./a\r\r\n", "commands.txt:1:4: a carriage return"),
        ] {
            assert!(error(text).starts_with(place), "{}", error(text));
        }
        assert_eq!(error(b"ok\n\xff"), "commands.txt:2: not UTF-8");
        assert_eq!(error(b"''"), "commands.txt:1: it has no program to run");
        assert_eq!(
            error(b"a\0b"),
            "commands.txt:1: an argument holds a NUL character, which no process can be given"
        );
    }
}
