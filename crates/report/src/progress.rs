//! The spinner on a terminal: which command runs, for how long, and how many ended.

use std::ffi::OsString;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where the spinner is drawn: on stderr, if that is a terminal that somebody looks at.
pub fn draw_target(
    is_terminal: bool,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Option<ProgressDrawTarget> {
    let is_set = |name| variable(name).is_some_and(|value| !value.is_empty() && value != "false");
    let is_dumb = variable("TERM") == Some("dumb".into());
    (is_terminal && !is_dumb && !is_set("CI")).then(ProgressDrawTarget::stderr)
}

/// One line below the output. It is drawn by [`Progress::tick`] alone and never by a thread of its own, so
/// that it cannot fall between two writes of a report.
#[derive(Debug)]
pub struct Progress {
    /// The set of the one bar, which unlike the bar can be taken off the screen and drawn again.
    set: MultiProgress,
    bar: ProgressBar,
    /// Not given to the bar until it is drawn, for the bar draws itself then.
    message: String,
    is_shown: bool,
}

impl Progress {
    #[must_use]
    pub fn new(target: ProgressDrawTarget) -> Self {
        let set = MultiProgress::with_draw_target(target);
        let style = ProgressStyle::with_template("{spinner} [{elapsed_precise}] {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = set.add(ProgressBar::new_spinner().with_style(style));
        Self { set, bar, message: String::new(), is_shown: false }
    }

    /// What the line says from its next drawing on.
    pub fn say(&mut self, message: String) {
        self.message = message;
    }

    /// Draws the line anew, below what was written.
    pub fn tick(&mut self) {
        self.bar.set_message(self.message.clone());
        self.bar.tick();
        self.is_shown = true;
    }

    /// Takes the line off the screen, so that something else can be written.
    ///
    /// # Errors
    /// Those of the terminal.
    pub fn hide(&mut self) -> std::io::Result<()> {
        if std::mem::take(&mut self.is_shown) {
            self.set.clear()?;
        }
        Ok(())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, TermLike};

    use super::*;

    #[test]
    fn the_line_leaves_nothing_between_what_is_written() {
        let terminal = InMemoryTerm::new(10, 60);
        let mut progress = Progress::new(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        progress.say("orders, 0 of 2 commands ended".to_owned());
        for line in ["one", "two"] {
            progress.tick();
            assert!(terminal.contents().ends_with("orders, 0 of 2 commands ended"));
            progress.hide().unwrap();
            terminal.write_line(line).unwrap();
        }
        assert_eq!(terminal.contents(), "one\ntwo");
        progress.tick();
        drop(progress);
        assert_eq!(terminal.contents(), "one\ntwo");
    }

    #[test]
    fn nobody_looks_at_a_log() {
        let ci = |name: &str| (name == "CI").then(|| OsString::from("true"));
        let dumb = |name: &str| (name == "TERM").then(|| OsString::from("dumb"));
        assert!(draw_target(true, |_| None).is_some());
        assert!(draw_target(false, |_| None).is_none());
        assert!(draw_target(true, ci).is_none());
        assert!(draw_target(true, dumb).is_none());
    }
}
