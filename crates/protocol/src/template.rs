//! `${NAME}` in an argument of a command.

use thiserror::Error;

use crate::variable_names::is_variable_name;

/// What is wrong with a template, and where: byte offset into the argument.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    #[error("`${{` without a closing `}}`; write `$${{` for a literal `${{`")]
    Unclosed { offset: usize },
    #[error(
        "`{name}` is not a valid variable name (letters, digits and _, not starting with a digit); write \
         `$${{` for a literal `${{`"
    )]
    BadName { name: String, offset: usize },
}

impl TemplateError {
    #[must_use]
    pub fn offset(&self) -> usize {
        match self {
            Self::Unclosed { offset } | Self::BadName { offset, .. } => *offset,
        }
    }
}

enum Part<'a> {
    Literal(&'a str),
    Variable(&'a str),
}

/// The variables that the argument names, in order.
///
/// # Errors
/// A `${` that is not closed or names no variable.
pub fn variables(argument: &str) -> Result<Vec<&str>, TemplateError> {
    let parts = parse(argument)?;
    Ok(parts
        .into_iter()
        .filter_map(|part| if let Part::Variable(name) = part { Some(name) } else { None })
        .collect())
}

/// Fills the argument in, or returns the name that has no value. `$${` becomes `${`; every other `$` stays.
///
/// # Errors
/// The name without a value; a malformed template, which plans are checked for beforehand, is left as it is.
pub fn fill(argument: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let Ok(parts) = parse(argument) else {
        return Ok(argument.to_owned());
    };
    let mut filled = String::with_capacity(argument.len());
    for part in parts {
        match part {
            Part::Literal(text) => filled.push_str(text),
            Part::Variable(name) => filled.push_str(&value(name).ok_or_else(|| name.to_owned())?),
        }
    }
    Ok(filled)
}

/// The variable whose value would make an option of the argument, if one would: the argument begins with a
/// hyphen only once it is filled in. What [`fill`] cannot fill in is no option.
#[must_use]
pub fn becomes_option(argument: &str, value: impl Fn(&str) -> Option<String>) -> Option<&str> {
    for part in parse(argument).ok()? {
        match part {
            Part::Literal("") => {}
            Part::Literal(_) => return None,
            Part::Variable(name) => {
                let value = value(name)?;
                if !value.is_empty() {
                    return value.starts_with('-').then_some(name);
                }
            }
        }
    }
    None
}

fn parse(argument: &str) -> Result<Vec<Part<'_>>, TemplateError> {
    let mut parts = Vec::new();
    let mut rest = argument;
    while let Some(found) = rest.find("${") {
        let offset = argument.len() - rest.len() + found;
        if rest[..found].ends_with('$') {
            parts.extend([Part::Literal(&rest[..found - 1]), Part::Literal("${")]);
            rest = &rest[found + 2..];
            continue;
        }
        let after = &rest[found + 2..];
        let end = after.find('}').ok_or(TemplateError::Unclosed { offset })?;
        let name = &after[..end];
        if !is_variable_name(name) {
            return Err(TemplateError::BadName { name: name.to_owned(), offset });
        }
        parts.extend([Part::Literal(&rest[..found]), Part::Variable(name)]);
        rest = &after[end + 1..];
    }
    parts.push(Part::Literal(rest));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(argument: &str) -> Result<String, String> {
        fill(argument, |name| (name == "ADDR").then(|| "host:1 ${X}".to_owned()))
    }

    #[test]
    fn fills_variables_once_and_keeps_everything_else() {
        assert_eq!(filled("-addr=${ADDR}!").unwrap(), "-addr=host:1 ${X}!");
        assert_eq!(filled("$${ADDR} $$ $ADDR ^x$").unwrap(), "${ADDR} $$ $ADDR ^x$");
        assert_eq!(filled("$$${ADDR}").unwrap(), "$${ADDR}");
        assert_eq!(filled("${NOPE}").unwrap_err(), "NOPE");
        assert_eq!(filled("ä${ADDR}ö").unwrap(), "ähost:1 ${X}ö");
    }

    #[test]
    fn a_value_that_comes_first_can_make_an_option_of_the_argument() {
        let value = |name: &str| match name {
            "FLAG" => Some("-test.run=Nothing".to_owned()),
            "EMPTY" => Some(String::new()),
            "HOST" => Some("host-1".to_owned()),
            _ => None,
        };
        for argument in ["${FLAG}", "${FLAG}/x", "${EMPTY}${FLAG}", "${EMPTY}${EMPTY}${FLAG}"] {
            assert_eq!(becomes_option(argument, value), Some("FLAG"), "{argument}");
        }
        for argument in [
            "-x=${FLAG}",
            "-${FLAG}",
            "x${FLAG}",
            "${HOST}${FLAG}",
            "$${FLAG}",
            "${EMPTY}",
            "${NOPE}${FLAG}",
            "",
            "-x",
            "${EMPTY}-x",
            "${FLAG",
        ] {
            assert_eq!(becomes_option(argument, value), None, "{argument}");
        }
    }

    #[test]
    fn malformed_templates_are_found_with_their_place() {
        assert_eq!(variables("ab${C").unwrap_err(), TemplateError::Unclosed { offset: 2 });
        assert_eq!(variables("${}").unwrap_err().offset(), 0);
        assert_eq!(
            variables("${A}${b-c}").unwrap_err(),
            TemplateError::BadName { name: "b-c".into(), offset: 4 }
        );
        assert_eq!(variables("${A} $${B} ${C}").unwrap(), ["A", "C"]);
    }
}
