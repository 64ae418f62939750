//! What may be filled into a command line, and what may not: values must not become code, nor options.

use std::fmt;

use crate::interpreters::code_arguments;
use crate::pattern::begins_with_hyphen;
use crate::plan::Command;
use crate::template;

impl Command {
    /// The first variable that would be filled into code, or would choose what a program is.
    #[must_use]
    pub fn template_in_code(&self) -> Option<TemplateInCode> {
        if self.literal {
            return None;
        }
        code_arguments(&self.argv).into_iter().find_map(|code| {
            let variables = template::variables(&self.argv[code.index]).unwrap_or_default();
            let variable = (*variables.first()?).to_owned();
            Some(TemplateInCode { argument: code.index, variable, what: code.what, reading: code.reading })
        })
    }

    /// The variable whose value would make an option of an argument that is not one as it is written, if one
    /// would. `parameter` gives the value that a variable has as a parameter of this command, by the request or
    /// by default; `variable` what it has otherwise.
    pub fn value_as_option(
        &self,
        parameter: impl Fn(&str) -> Option<String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Option<&str> {
        if self.literal {
            return None;
        }
        let value = |name: &str| parameter(name).or_else(|| variable(name));
        let is_meant = |name: &str| {
            parameter(name).is_some()
                && self.parameters.get(name).is_some_and(|parameter| begins_with_hyphen(&parameter.pattern))
        };
        let mut found = self.argv.iter().filter_map(|argument| template::becomes_option(argument, value));
        found.find(|name| !is_meant(name))
    }
}

/// A variable in an argument that another program runs as code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateInCode {
    /// Place of the argument in `argv`.
    pub argument: usize,
    pub variable: String,
    what: String,
    reading: Option<&'static str>,
}

impl fmt::Display for TemplateInCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, what, reading, .. } = self;
        write!(formatter, "`${{{variable}}}` stands inside {what}, where its value would be run as code; ")?;
        match reading {
            Some(reading) => {
                let reading = reading.replace("NAME", variable);
                write!(formatter, "write `{reading}` and let the program read it from the environment")
            }
            None if what.starts_with("a shell") => {
                write!(formatter, "write \"${variable}\" and let the shell read it from the environment")
            }
            None => formatter.write_str(
                "let the program read it from its environment, or put the code into a script of the package that \
                 takes it as an argument",
            ),
        }
    }
}

/// Why the command cannot be run with this value; its text is not told, since it may be a secret.
#[must_use]
pub fn value_as_option_message(variable: &str) -> String {
    format!(
        "the value of the variable {variable} begins with `-`, and would be an option of the program; write it \
         after the option that it belongs to, as in `--name=${{{variable}}}`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Parameter;

    fn command(argv: &[&str]) -> Command {
        Command {
            name: "a".to_owned(),
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            ..Command::default()
        }
    }

    #[test]
    fn templates_in_code_are_refused() {
        for (argv, message) in [
            (
                &["sh", "-c", "curl ${X}"][..],
                "inside a shell's -c argument, where its value would be run as code; write \"$X\"",
            ),
            (&["python3", "-c", "print(${X})"], "`${X}` stands inside the code that `python` is given"),
            (&["python3", "-c", "print(${X})"], "write `os.environ[\"X\"]`"),
            (&["env", "-S", "./tests ${X}"], "the code that `env` is given"),
            (&["ssh", "${HOST}", "run ${X}"], "`${X}` stands inside"),
        ] {
            let problem = command(argv).problem().unwrap();
            assert!(problem.contains(message), "{problem}");
        }
        for argv in [
            &["sh", "-c", "curl \"$1\"", "sh", "${X}"][..],
            &["python3", "tests.py", "${X}"],
            &["ssh", "${HOST}", "run"],
            &["python3", "-c", "print('$${X}')"],
        ] {
            assert_eq!(command(argv).problem(), None);
        }
        let mut command_with_parameter = command(&["env", "LD_PRELOAD=${X}", "./tests"]);
        assert_eq!(command_with_parameter.problem(), None, "the function's own value");
        command_with_parameter.parameters.insert("X".to_owned(), Parameter::default());
        assert!(command_with_parameter.problem().unwrap().contains("`X` would set `LD_PRELOAD`"));
        let literal = Command { literal: true, ..command(&["sh", "-c", "echo ${X}"]) };
        assert_eq!(literal.problem(), None);
    }

    #[test]
    fn a_value_is_no_option_unless_its_pattern_means_one() {
        let mut command = command(&["./tests", "${A}", "-x=${B}"]);
        let flag = |name: &str| (name == "A" || name == "B").then(|| "-v".to_owned());
        let nothing = |_: &str| None;
        assert_eq!(command.value_as_option(nothing, flag), Some("A"));
        assert_eq!(command.value_as_option(flag, nothing), Some("A"));
        let pattern = |pattern: &str| Parameter { pattern: pattern.to_owned(), default: None };
        command.parameters.insert("A".to_owned(), pattern(".*"));
        assert_eq!(command.value_as_option(flag, nothing), Some("A"));
        command.parameters.insert("A".to_owned(), pattern("^-v|-x$"));
        assert_eq!(command.value_as_option(flag, nothing), None);
        assert_eq!(
            command.value_as_option(nothing, flag),
            Some("A"),
            "the pattern says nothing of the function's"
        );
        command.literal = true;
        assert_eq!(command.value_as_option(nothing, flag), None);
    }
}
