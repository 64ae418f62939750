//! What a command runs: a line that is split, or a list, with the place of everything in it.

use lamex_protocol::command_line::{CommandLineError, Word, split_templates};
use lamex_protocol::shell_advice::Place;
use lamex_protocol::template::{self, TemplateError};

use super::file::RunEntry;
use super::model::Need;
use super::problem::{Problem, Problems, Span};
use super::read::At;
use super::scalar_places::inside;

/// Program and arguments.
pub(super) struct CommandLine<'a> {
    arguments: Vec<Argument<'a>>,
    text: &'a str,
}

/// An argument and the scalar of the file that it stands in.
struct Argument<'a> {
    value: String,
    scalar: &'a str,
    span: Span,
    /// Where it begins in the scalar.
    offset: usize,
    is_file_pattern: bool,
}

/// Reads and checks what the command runs; `text` is the file's.
pub(super) fn read<'a>(
    run: &'a At<RunEntry>,
    text: &'a str,
    problems: &mut Problems,
) -> Option<CommandLine<'a>> {
    let arguments = match &run.value {
        RunEntry::Line(line) => match split_templates(line) {
            Ok(words) => words.into_iter().map(|word| of_line(word, line, run.span)).collect(),
            Err(error) => {
                problems.push(about_line(&error, line, run.span, text));
                return None;
            }
        },
        RunEntry::Words(words) => words
            .iter()
            .map(|word| Argument {
                value: word.value.0.clone(),
                scalar: &word.value.0,
                span: word.span,
                offset: 0,
                is_file_pattern: false,
            })
            .collect(),
    };
    let line = CommandLine { arguments, text };
    if line.arguments.first().is_none_or(|program| program.value.is_empty()) {
        problems.push(
            Problem::at(run.span, "there is no program to run")
                .help("the first word is the program: `./orders-system-tests -test.v`"),
        );
        return None;
    }
    let before = line.arguments.len();
    let good = line.arguments.iter().filter(|argument| {
        let Err(error) = template::variables(&argument.value) else {
            return true;
        };
        problems.push(argument.about_template(&error, text));
        false
    });
    (good.count() == before).then_some(line)
}

fn of_line<'a>(word: Word, line: &'a str, span: Span) -> Argument<'a> {
    let Word { text, offset, is_file_pattern } = word;
    Argument { value: text, scalar: line, span, offset, is_file_pattern }
}

fn about_line(error: &CommandLineError, line: &str, span: Span, text: &str) -> Problem {
    let offset = error.offset();
    match error {
        CommandLineError::Shell(construct) => {
            let place = inside(span, line, offset, construct.text.len(), text);
            Problem::at(place, error.to_string()).help(construct.advice(line, Place::LamexYaml))
        }
        CommandLineError::UnclosedQuote { .. } | CommandLineError::TrailingBackslash { .. } => {
            let column = line[..offset].chars().count() + 1;
            let place = inside(span, line, offset, 1, text);
            Problem::at(place, format!("{error} (column {column} of the command)"))
                .help("the line is split as in a POSIX shell; a list of arguments needs no shell quotes")
        }
    }
}

impl CommandLine<'_> {
    pub(super) fn argv(&self) -> Vec<String> {
        self.arguments.iter().map(|argument| argument.value.clone()).collect()
    }

    /// Every variable that is filled in.
    pub(super) fn needs(&self) -> Vec<Need> {
        let of_argument = |argument: &Argument<'_>| -> Vec<Need> {
            let names = template::variables(&argument.value).unwrap_or_default();
            let need = |name: &str| Need {
                name: name.to_owned(),
                span: argument.place_of(&format!("${{{name}}}"), self.text),
                is_in_command_line: true,
            };
            names.into_iter().map(need).collect()
        };
        self.arguments.iter().flat_map(of_argument).collect()
    }

    /// What a shell would put names of files for.
    pub(super) fn file_patterns(&self) -> Vec<At<String>> {
        let patterns = self.arguments.iter().filter(|argument| argument.is_file_pattern);
        patterns
            .map(|argument| At {
                value: argument.value.clone(),
                span: inside(
                    argument.span,
                    argument.scalar,
                    argument.offset,
                    argument.value.len(),
                    self.text,
                ),
            })
            .collect()
    }

    /// Where the variable stands in that argument.
    pub(super) fn place_of(&self, argument: usize, variable: &str) -> Option<Span> {
        let argument = self.arguments.get(argument)?;
        Some(argument.place_of(&format!("${{{variable}}}"), self.text))
    }
}

impl Argument<'_> {
    fn place_of(&self, what: &str, text: &str) -> Span {
        match self.scalar[self.offset..].find(what) {
            Some(found) => inside(self.span, self.scalar, self.offset + found, what.len(), text),
            None => self.span,
        }
    }

    fn about_template(&self, error: &TemplateError, text: &str) -> Problem {
        let written = match error {
            TemplateError::BadName { name, .. } => format!("${{{name}}}"),
            TemplateError::Unclosed { .. } => "${".to_owned(),
        };
        let message = error.to_string();
        let (message, help) = message.split_once("; ").unwrap_or((&message, ""));
        let help = match error {
            // `${NAME:-value}` and its like.
            TemplateError::BadName { name, .. } if name.contains([':', '=', '?', '+', '#', '%', '/']) => {
                "the braces hold only a name: values come from `env:` of the environment and from \
                 `parameters:`, which may have a `default`; write `$${` for a literal `${`"
            }
            _ => help,
        };
        Problem::at(self.place_of(&written, text), message).help(help)
    }
}
