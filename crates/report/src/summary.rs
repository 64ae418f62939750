//! The end of the report for people.

use std::fmt::Write as _;

use lamex_protocol::event::CommandOutcome;
use lamex_protocol::reader::Judgement;
use lamex_run::Conclusion;

use crate::colors::Styles;
use crate::command_record::CommandRecord;
use crate::look::{INDENT, Look, Verbosity, missing};
use crate::record::RunRecord;
use crate::terminal::Terminal;
use crate::text::{counted, duration, escaped, last_lines, parts};
use crate::verdict_line;

/// How many lines of a failed command's output the recap repeats.
const RECAP_LINES: usize = 20;

/// The most commands that a list at the end names.
const MAX_LISTED: usize = 20;

const RULE: &str = "────────────\n";

/// Failures again, totals, what never ran, what is missing, and the verdict. Bytes, for the repeated
/// output need not be text.
/// `last_shown` is the place of the command that was written about last.
pub(crate) fn text(look: Look, last_shown: Option<usize>, record: &RunRecord) -> Vec<u8> {
    let mut end = Vec::new();
    recap(look, last_shown, record, &mut end);
    let mut lines = String::new();
    if look.verbosity > Verbosity::Quiet {
        lines.push_str(RULE);
        totals(look, record, &mut lines);
        billing(record, &mut lines);
    }
    not_run(look, record, &mut lines);
    if look.verbosity > Verbosity::Quiet {
        all_missing(record, &mut lines);
    }
    verdict(look, record, &mut lines);
    end.extend_from_slice(lines.as_bytes());
    end
}

/// Every command that did not pass, with the end of its output, but for what stands just above.
fn recap(look: Look, last_shown: Option<usize>, record: &RunRecord, end: &mut Vec<u8>) {
    let commands = record.commands.iter().enumerate();
    let failures: Vec<(usize, &CommandRecord)> = commands
        .filter(|(_, command)| {
            matches!(command.outcome(), None | Some(CommandOutcome::Failed | CommandOutcome::Unknown))
        })
        .collect();
    if let [(place, only)] = failures.as_slice()
        && last_shown == Some(*place)
        && only.finished.is_some()
    {
        return;
    }
    for (place, command) in failures {
        end.extend_from_slice(RULE.as_bytes());
        end.extend_from_slice(look.status(command).as_bytes());
        if last_shown != Some(place) {
            repeat_output(look, command, end);
        }
    }
}

fn repeat_output(look: Look, command: &CommandRecord, end: &mut Vec<u8>) {
    let recent = command.recent.tail();
    let repeated = match look.verbosity {
        Verbosity::Quiet => recent.as_slice(),
        Verbosity::Normal | Verbosity::Verbose => last_lines(&recent, RECAP_LINES),
    };
    if repeated.is_empty() {
        return;
    }
    let before = command.recent.total_bytes() - repeated.len() as u64;
    let heading = match before {
        0 => format!("{INDENT}its output:\n"),
        _ => format!("{INDENT}the end of its output, after {}:\n", counted(before, "byte")),
    };
    end.extend_from_slice(heading.as_bytes());
    end.extend_from_slice(repeated);
    let mut terminal = Terminal::default();
    terminal.feed(repeated);
    let is_mid_line = !repeated.ends_with(b"\n") || terminal.is_mid_sequence();
    end.extend_from_slice(terminal.restore(is_mid_line).as_bytes());
}

fn totals(look: Look, record: &RunRecord, lines: &mut String) {
    if record.commands.is_empty() && record.remaining().is_empty() {
        return;
    }
    let style = match record.conclusion {
        Conclusion::Judged(Judgement::Passed) => look.styles.pass,
        _ => look.styles.fail,
    };
    let counts = record.counts();
    let ran_no_test = record.commands.iter().filter(|command| command.ran_no_test()).count() as u64;
    let lost = record.commands.iter().filter(|command| command.finished.is_none()).count() as u64;
    let commands = [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (lost, "lost"),
        (counts.skipped, "skipped"),
        (counts.not_run, "not run"),
    ];
    let _ = write!(
        lines,
        "{style}{:>12}{style:#} {} {} run: {}",
        "Summary",
        duration(record.elapsed_ms),
        counted(counts.passed + counts.failed + lost + ran_no_test, "command"),
        parts(&commands)
    );
    let tests = record.test_counts();
    if tests.total() > 0 {
        let outcomes = [(tests.passed, "passed"), (tests.failed, "failed"), (tests.skipped, "skipped")];
        let _ = write!(lines, "; {}: {}", counted(tests.total(), "test"), parts(&outcomes));
    }
    lines.push('\n');
}

fn billing(record: &RunRecord, lines: &mut String) {
    let Some(billing) = record.billing() else { return };
    let seconds = |ms: f64| ms / 1_000.0;
    let _ = writeln!(
        lines,
        "{:>12} ran {:.3} s, billed {:.3} s, used {} of {} MB, about ${:.6}",
        "Function",
        seconds(billing.duration_ms),
        seconds(billing.billed_duration_ms),
        billing.max_memory_used_mb,
        billing.memory_mb,
        billing.estimated_cost_usd
    );
}

fn not_run(look: Look, record: &RunRecord, lines: &mut String) {
    let Styles { skip, name, .. } = look.styles;
    let remaining = record.remaining();
    for command in remaining.iter().take(MAX_LISTED) {
        let _ = writeln!(
            lines,
            "{skip}{:>12}{skip:#} [         ] {name}{}{name:#}",
            "NOT RUN",
            escaped(&command.name)
        );
    }
    and_more(remaining.len(), lines);
}

fn all_missing(record: &RunRecord, lines: &mut String) {
    let mut incomplete = 0;
    for command in &record.commands {
        if let Some(missing) = missing(command) {
            incomplete += 1;
            if incomplete <= MAX_LISTED {
                let _ = writeln!(lines, "{INDENT}{}: {missing}", escaped(&command.name));
            }
        }
    }
    and_more(incomplete, lines);
}

fn and_more(listed: usize, lines: &mut String) {
    if listed > MAX_LISTED {
        let _ = writeln!(lines, "{INDENT}and {} more", listed - MAX_LISTED);
    }
}

fn verdict(look: Look, record: &RunRecord, lines: &mut String) {
    let style = match record.conclusion {
        Conclusion::Judged(Judgement::Passed) => look.styles.pass,
        _ => look.styles.fail,
    };
    let _ = writeln!(
        lines,
        "{style}{}{style:#}: {}",
        verdict_line::label(&record.conclusion),
        verdict_line::detail(record)
    );
}
