//! Whether reports are coloured, and how.

use std::ffi::OsString;

use anstyle::{AnsiColor, Style};

/// When a report is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    /// Whether to colour what goes to a stream. An explicit choice stands above NO_COLOR, that above
    /// CLICOLOR_FORCE, that above the terminal.
    pub fn resolve(self, is_terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if is_set("NO_COLOR") => false,
            Self::Auto if is_set("CLICOLOR_FORCE") && variable("CLICOLOR_FORCE") != Some("0".into()) => true,
            Self::Auto => is_terminal && variable("TERM") != Some("dumb".into()),
        }
    }
}

/// The styles of a report; without colours they all write nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Styles {
    pub pass: Style,
    pub fail: Style,
    pub skip: Style,
    pub name: Style,
}

impl Styles {
    #[must_use]
    pub fn new(colored: bool) -> Self {
        if !colored {
            return Self::default();
        }
        Self {
            pass: AnsiColor::Green.on_default().bold(),
            fail: AnsiColor::Red.on_default().bold(),
            skip: AnsiColor::Yellow.on_default().bold(),
            name: Style::new().bold(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides_only_what_is_not_chosen() {
        use ColorChoice::{Always, Auto, Never};
        let table: [(_, _, &[_], _); 9] = [
            (Auto, true, &[], true),
            (Auto, false, &[], false),
            (Auto, true, &[("TERM", "dumb")], false),
            (Auto, true, &[("NO_COLOR", "")], true),
            (Auto, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
            (Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            (Auto, true, &[("CLICOLOR_FORCE", "0")], true),
            (Always, false, &[("NO_COLOR", "1")], true),
            (Never, true, &[("CLICOLOR_FORCE", "1")], false),
        ];
        for (choice, is_terminal, variables, colored) in table {
            let variable = |name: &str| {
                let found = variables.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(choice.resolve(is_terminal, variable), colored, "{choice:?} {variables:?}");
        }
    }
}
