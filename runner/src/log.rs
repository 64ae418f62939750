//! The function's log: the runner's stdout.

use std::io::{self, Write};

use lamex_protocol::event::{Body, CommandFinished, CommandOutcome, Counts, Stream, Verdict, VerdictOutcome};
use lamex_protocol::framing::Filter;

use crate::entry::{Entry, What};
use crate::probe::log_line::{host_line, target_line};

/// `LogType: Tail` returns the last 4 KB of the log, of which Lambda's own END and REPORT lines take some.
const SUMMARY_BYTES: usize = 2_800;

/// Writes entries to the log as text. A log that cannot be written to is not the tests' fault and stops
/// nothing.
#[derive(Debug)]
pub struct Log<W> {
    writer: W,
    /// The last byte written was not a newline.
    mid_line: bool,
    /// Of the running command's stdout.
    filter: Option<Filter>,
}

impl Log<io::Stdout> {
    #[must_use]
    pub fn for_function() -> Self {
        Self::new(io::stdout())
    }
}

impl<W: Write> Log<W> {
    fn new(writer: W) -> Self {
        Self { writer, mid_line: false, filter: None }
    }

    /// Writes what the log shows in every mode: the start, each command's end, what a probe found, warnings
    /// and the verdict.
    pub fn event(&mut self, body: &Body) {
        match body {
            Body::CommandStarted(started) => self.filter = Filter::for_framing(started.framing),
            Body::CommandFinished(_) => {
                if let Some(mut filter) = self.filter.take() {
                    self.output(&filter.rest());
                }
            }
            _ => {}
        }
        if let Some(line) = line_of(body) {
            self.line(&line);
        }
    }

    /// Writes the entry whole: output as the bytes that it is, without its framing.
    pub fn entry(&mut self, entry: &Entry) {
        match &entry.what {
            What::Output { bytes, stream, .. } => match &mut self.filter {
                Some(filter) if *stream == Stream::Stdout => {
                    let text = filter.readable(bytes);
                    self.output(&text);
                }
                _ => self.output(bytes),
            },
            What::Event(Body::CommandStarted(started)) => {
                self.line(&format!("lamex: START {}", started.name));
                self.event(&Body::CommandStarted(started.clone()));
            }
            What::Event(body) => self.event(body),
            // Told with the command's end.
            What::Lost(_) => {}
        }
    }

    fn output(&mut self, bytes: &[u8]) {
        // See above: there is nobody to tell.
        let _ = self.writer.write_all(bytes).and_then(|()| self.writer.flush());
        if let Some(&last) = bytes.last() {
            self.mid_line = last != b'\n';
        }
    }

    /// Writes a line of lamex's own, on a line of its own.
    pub fn line(&mut self, line: &str) {
        let start = if std::mem::take(&mut self.mid_line) { "\n" } else { "" };
        let _ = writeln!(self.writer, "{start}{line}").and_then(|()| self.writer.flush());
    }
}

fn line_of(body: &Body) -> Option<String> {
    match body {
        Body::Hello(hello) => {
            let who =
                if hello.run_id.is_empty() { String::new() } else { format!(" for run {}", hello.run_id) };
            Some(format!(
                "lamex: runner {} begins{who}: {} commands of package {}",
                hello.runner_version, hello.selected, hello.package_digest
            ))
        }
        Body::CommandFinished(finished) => Some(format!("lamex: {}", command_line(finished))),
        Body::HostProbed(host) => Some(format!("lamex: PROBE {}", host_line(host))),
        Body::TargetProbed(target) => Some(format!("lamex: PROBE {}", target_line(target))),
        Body::Warning(warning) => Some(format!("lamex: warning: {}", warning.message)),
        Body::Verdict(verdict) => Some(format!("lamex: {}", verdict_line(verdict))),
        _ => None,
    }
}

fn command_line(finished: &CommandFinished) -> String {
    let word = match finished.outcome {
        CommandOutcome::Passed => "PASS",
        CommandOutcome::Failed => "FAIL",
        CommandOutcome::Skipped => "SKIP",
        CommandOutcome::Unknown => "UNKNOWN",
    };
    let seconds = finished.duration_ms as f64 / 1_000.0;
    let message = finished.message.as_deref().map(|message| format!(": {message}")).unwrap_or_default();
    let missing_bytes = finished.missing.stdout_bytes + finished.missing.stderr_bytes;
    let missing = if missing_bytes == 0 {
        String::new()
    } else {
        format!(" ({missing_bytes} bytes of its output are missing)")
    };
    format!("{word} [{seconds:.3} s] {}{message}{missing}", finished.name)
}

/// The verdict in one line.
#[must_use]
pub fn verdict_line(verdict: &Verdict) -> String {
    let word = match verdict.outcome {
        VerdictOutcome::Passed => "PASS",
        VerdictOutcome::Failed => "FAIL",
        VerdictOutcome::Incomplete => "INCOMPLETE",
        VerdictOutcome::Empty => "NOTHING RUN",
        VerdictOutcome::Refused => "REFUSED",
        VerdictOutcome::Broken => "BROKEN",
        VerdictOutcome::Unknown => "UNKNOWN",
    };
    let Counts { passed, failed, skipped, not_run } = verdict.counts;
    let message = verdict.message.as_deref().map(|message| format!(": {message}")).unwrap_or_default();
    format!("{word}: {passed} passed, {failed} failed, {skipped} skipped, {not_run} not run{message}")
}

/// What a plain invocation's log ends with: failures first, at most [`SUMMARY_BYTES`], the verdict last.
#[must_use]
pub fn summary(commands: &[CommandFinished], verdict: &Verdict) -> String {
    let last = format!("lamex: {}", verdict_line(verdict));
    let rank = |finished: &&CommandFinished| match finished.outcome {
        CommandOutcome::Failed | CommandOutcome::Unknown => 0,
        CommandOutcome::Skipped => 1,
        CommandOutcome::Passed => 2,
    };
    let mut ordered: Vec<&CommandFinished> = commands.iter().collect();
    ordered.sort_by_key(rank);
    let mut text = String::from("lamex: summary\n");
    for (shown, finished) in ordered.iter().enumerate() {
        let line = format!("  {}\n", command_line(finished));
        let more = format!("  … and {} more\n", ordered.len() - shown);
        if text.len() + line.len() + more.len() + last.len() > SUMMARY_BYTES {
            text.push_str(&more);
            break;
        }
        text.push_str(&line);
    }
    text.push_str(&last);
    text
}

#[cfg(test)]
mod tests {
    use lamex_protocol::event::{Ending, Missing};

    use super::*;

    fn finished(name: &str, outcome: CommandOutcome) -> CommandFinished {
        CommandFinished {
            attempt: None,
            command: 0,
            name: name.into(),
            phase: lamex_protocol::plan::Phase::Test,
            outcome,
            ending: Ending::Exited { code: 0 },
            message: None,
            duration_ms: 1_234,
            tests: None,
            stdout_bytes: 0,
            stderr_bytes: 0,
            missing: Missing::default(),
            peak_rss_kib: 0,
            cpu_ms: 0,
        }
    }

    fn failed_verdict() -> Verdict {
        let counts = Counts { passed: 1_999, failed: 1, ..Counts::default() };
        Verdict { outcome: VerdictOutcome::Failed, counts, remaining: Vec::new(), events: 0, message: None }
    }

    #[test]
    fn the_summary_stays_small_names_failures_first_and_ends_in_the_verdict() {
        let mut commands: Vec<_> =
            (0..1_999).map(|n| finished(&format!("c{n}"), CommandOutcome::Passed)).collect();
        commands.push(finished("the-one", CommandOutcome::Failed));
        let text = summary(&commands, &failed_verdict());
        assert!(text.len() < 3_000, "{}", text.len());
        assert_eq!(text.lines().nth(1), Some("  FAIL [1.234 s] the-one"));
        assert_eq!(text.lines().last(), Some("lamex: FAIL: 1999 passed, 1 failed, 0 skipped, 0 not run"));
        assert!(text.contains("more\n"));
    }

    #[test]
    fn own_lines_start_on_a_line_of_their_own() {
        let mut log = Log::new(Vec::new());
        let output = What::Output {
            command: 0,
            stream: lamex_protocol::event::Stream::Stdout,
            bytes: b"\xff no end".to_vec(),
        };
        log.entry(&Entry { at_ms: 0, what: output });
        log.line("own");
        log.line("again");
        assert_eq!(log.writer, b"\xff no end\nown\nagain\n");
    }
}
