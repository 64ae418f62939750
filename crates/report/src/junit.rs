//! The result of a run as JUnit XML, for Jenkins, GitLab and GitHub.
//!
//! One test suite a command. A file looks green only for a run that passed: whatever else happened has at
//! least one failure or error in it.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lamex_protocol::event::{CommandOutcome, TestOutcome};
use lamex_run::{Exit, RunEvent};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::command_record::CommandRecord;
use crate::look::missing;
use crate::record::{Keep, RunRecord};
use crate::sink::{Sink, SinkError, Update};
use crate::tests_record::TestRecord;
use crate::text::shortened;
use crate::verdict_line;
use crate::xml_text::{excerpt, message as said, name as named, text};

/// What CI systems show of a failure in a list.
const TITLE_BYTES: usize = 300;

/// The suite that says what went wrong with the run itself.
const RUN_SUITE: &str = "lamex";

/// Writes the file when the run is over.
pub struct JunitFile {
    path: PathBuf,
}

impl JunitFile {
    /// Writes a report of a run that never ended: an unwritable path is found before anything runs, and no green file
    /// of an earlier run outlives this one when it is killed.
    ///
    /// # Errors
    /// When the path cannot be written.
    pub fn create(path: &Path) -> Result<Self, SinkError> {
        write(&RunRecord::new(Keep::default()), path)?;
        Ok(Self { path: path.to_owned() })
    }
}

impl Sink for JunitFile {
    fn on_event(&mut self, _event: &RunEvent, _update: &Update<'_>) -> Result<(), SinkError> {
        Ok(())
    }

    fn finish(&mut self, record: &RunRecord) -> Result<(), SinkError> {
        write(record, &self.path)
    }
}

/// Writes the file in one step, after its folders.
///
/// # Errors
/// When the path cannot be written.
pub fn write(record: &RunRecord, path: &Path) -> Result<(), SinkError> {
    // Through a symbolic link (/dev/stdout is one), so that the link stays.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)
        .map_err(|source| SinkError::JunitFolder { path: folder.to_owned(), source })?;
    put(&report(record), folder, &target).map_err(|source| SinkError::Junit { path: path.to_owned(), source })
}

fn put(report: &Report, folder: &Path, path: &Path) -> io::Result<()> {
    // What is there and no file, such as /dev/stdout, can only be written to.
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return serialize(report, &File::options().write(true).open(path)?);
    }
    // As any new file, by the umask; a temporary one would be readable by its owner alone.
    let temporary = tempfile::Builder::new()
        .prefix(".lamex-junit-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    serialize(report, temporary.as_file())?;
    temporary.persist(path)?;
    Ok(())
}

fn serialize(report: &Report, file: &File) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    report.serialize(&mut out).map_err(io::Error::other)?;
    out.flush()
}

/// The report as `quick_junit` has it.
fn report(record: &RunRecord) -> Report {
    let mut report = Report::new(RUN_SUITE);
    report.set_time(Duration::from_millis(record.elapsed_ms));
    for command in &record.commands {
        let mut suite = command_suite(command);
        add_properties(&mut suite, record);
        report.add_test_suite(suite);
    }
    for remaining in record.remaining() {
        let name = named(&remaining.name);
        let mut status = TestCaseStatus::skipped();
        status.set_message("never ran: the run ended before it");
        let mut suite = TestSuite::new(name.as_str());
        suite.add_test_case(case(&name, &name, status, None));
        add_properties(&mut suite, record);
        report.add_test_suite(suite);
    }
    let is_red = report.failures + report.errors > 0;
    match record.conclusion.exit() {
        Exit::Passed => {}
        Exit::Failed if is_red => {}
        _ => {
            let mut suite = run_suite(record);
            add_properties(&mut suite, record);
            report.add_test_suite(suite);
        }
    }
    report
}

fn command_suite(command: &CommandRecord) -> TestSuite {
    let name = named(&command.name);
    let mut suite = TestSuite::new(name.as_str());
    let time = command.finished.as_ref().map(|finished| Duration::from_millis(finished.duration_ms));
    if let Some(time) = time {
        suite.set_time(time);
    }
    for test in command.tests.kept() {
        let time = test.duration_ms.map(Duration::from_millis);
        suite.add_test_case(case(&named(&test.name), &name, test_status(test), time));
    }
    for test in command.interrupted_tests() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message("it started, and its end was never reported");
        if !test.message.is_empty() {
            status.set_description(said(test.message));
        }
        suite.add_test_case(case(&named(test.name), &name, status, None));
    }
    // Without tests the command is its own; with them it is only told of where they do not say it.
    let outcome = command.outcome();
    let tests_say_it = match outcome {
        Some(CommandOutcome::Passed) => true,
        Some(CommandOutcome::Failed) => command.has_failed_test(),
        Some(CommandOutcome::Skipped | CommandOutcome::Unknown) | None => false,
    };
    if command.tests.kept().is_empty() || !tests_say_it {
        suite.add_test_case(case(&name, &name, command_status(command), time));
    }
    let mut out = excerpt(&command.stdout);
    if let Some(missing) = missing(command) {
        out.push_str(&format!("\n[lamex: {missing}]\n"));
    }
    if !out.is_empty() {
        suite.set_system_out(out);
    }
    if command.stderr.total_bytes() > 0 {
        suite.set_system_err(excerpt(&command.stderr));
    }
    suite
}

fn test_status(test: &TestRecord) -> TestCaseStatus {
    let message = test.message.as_deref().unwrap_or_default();
    match test.outcome {
        TestOutcome::Passed => TestCaseStatus::success(),
        TestOutcome::Skipped => {
            let mut status = TestCaseStatus::skipped();
            if !message.is_empty() {
                status.set_message(said(message));
            }
            status
        }
        TestOutcome::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let title = message.lines().map(str::trim).find(|line| !line.is_empty());
            status.set_message(match title {
                Some(title) => named(&shortened(title, TITLE_BYTES)),
                None => format!("{} failed", named(&test.name)),
            });
            let output = test.output.as_ref().map(|output| excerpt(output)).unwrap_or_default();
            let details = details(&said(message), output);
            if !details.is_empty() {
                status.set_description(details);
            }
            status
        }
        TestOutcome::Unknown => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message("this lamex-ctl does not know its outcome: update lamex-ctl");
            if !message.is_empty() {
                status.set_description(said(message));
            }
            status
        }
    }
}

/// The failing lines and what the test wrote, of which they may be a part already.
fn details(message: &str, output: String) -> String {
    let is_told = message.lines().map(str::trim).all(|line| output.contains(line));
    match (message.is_empty() || is_told, output.is_empty()) {
        (true, _) => output,
        (false, true) => message.to_owned(),
        (false, false) => format!("{message}\n\n{output}"),
    }
}

fn command_status(command: &CommandRecord) -> TestCaseStatus {
    let mut status = match command.outcome() {
        Some(CommandOutcome::Passed) => TestCaseStatus::success(),
        Some(CommandOutcome::Skipped) => TestCaseStatus::skipped(),
        Some(CommandOutcome::Failed) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Some(CommandOutcome::Unknown) | None => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    if let Some(message) = command.message() {
        status.set_message(said(&message));
    }
    if command.outcome() != Some(CommandOutcome::Skipped) && command.recent.total_bytes() > 0 {
        status.set_description(excerpt(&command.recent));
    }
    status
}

fn run_suite(record: &RunRecord) -> TestSuite {
    let message = format!("{}: {}", verdict_line::label(&record.conclusion), verdict_line::detail(record));
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(record.conclusion.word());
    status.set_message(said(&message));
    let mut suite = TestSuite::new(RUN_SUITE);
    suite.add_test_case(case("the run", RUN_SUITE, status, None));
    suite
}

/// `classname` is what Jenkins and GitLab group by.
fn case(name: &str, classname: &str, status: TestCaseStatus, time: Option<Duration>) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(classname);
    if let Some(time) = time {
        case.set_time(time);
    }
    case
}

fn add_properties(suite: &mut TestSuite, record: &RunRecord) {
    let Some(hello) = record.hello() else {
        return;
    };
    for (name, value) in [
        ("run_id", &hello.run_id),
        ("function_name", &hello.function_name),
        ("function_version", &hello.function_version),
        ("package_digest", &hello.package_digest),
    ] {
        suite.add_property(Property::new(name, text(value.as_bytes())));
    }
}
