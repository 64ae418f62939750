//! What a stream proves. This is the only place that says `passed`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::VERSION;
use crate::decode::{DecodeError, Decoder, unknown_fields};
use crate::event::{
    Body, CommandFinished, CommandOutcome, Counts, Ending, Event, Hello, Missing, Stream, TestOutcome,
    Verdict, VerdictOutcome,
};
use crate::plan::{MAX_COMMANDS, Phase};

/// What the caller knows of its own run before it reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectation {
    pub run_id: String,
    /// The digest of the package that must have run; `None` if the caller has nothing to compare with.
    pub package_digest: Option<String>,
    /// The number of the version that must have run; `None` if any may.
    pub function_version: Option<String>,
    pub selected: Selected,
}

/// Which commands the answer must be about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selected {
    /// Whatever the runner says was selected.
    #[default]
    Any,
    /// Exactly these: their names by their places in the plan.
    Commands(BTreeMap<u64, String>),
    /// Exactly the commands of these names, wherever they stand.
    Names(BTreeSet<String>),
}

impl Selected {
    fn count(&self) -> Option<u64> {
        match self {
            Self::Any => None,
            Self::Commands(commands) => Some(commands.len() as u64),
            Self::Names(names) => Some(names.len() as u64),
        }
    }

    fn has(&self, command: u64, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Commands(commands) => commands.get(&command).is_some_and(|expected| expected == name),
            Self::Names(names) => names.contains(name),
        }
    }
}

/// How the transport ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEnd {
    /// The service said that the function's answer is complete (`InvokeComplete` without an ErrorCode, or
    /// a buffered answer without a FunctionError).
    Complete,
    /// The service said that the function failed.
    FunctionError { code: String, details: String },
    /// The answer stopped without a word.
    Broken(String),
}

/// What the stream proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// At least one command passed, and every other selected one did too or was skipped, as the stream says.
    Passed,
    /// At least one command failed.
    Failed,
    /// Nothing failed, and some commands never ran.
    Incomplete,
    /// There was nothing to run.
    Empty,
    /// The runner refused, for this reason.
    Refused(String),
    /// No trustworthy verdict.
    Untrusted(Untrusted),
}

/// Why a stream proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untrusted {
    Decode(DecodeError),
    /// `expected` and `found` sequence numbers.
    Gap {
        expected: u64,
        found: u64,
    },
    NoHello,
    SecondHello,
    OtherVersion {
        found: u32,
    },
    OtherRun {
        found: String,
    },
    OtherPackage {
        expected: String,
        found: String,
    },
    OtherFunctionVersion {
        expected: String,
        found: String,
    },
    /// The answer is about other commands than were selected, in these words.
    OtherCommands(String),
    AfterVerdict,
    /// The verdict and the events before it do not agree, or the events contradict each other.
    Contradiction(String),
    /// A newer runner says how this ended, and this version does not know what that means.
    UnknownOutcome(String),
    NoVerdict(StreamEnd),
    /// Everything passed, but the service reported that the function failed or the stream did not end well.
    EndedBadly(StreamEnd),
    /// The runner's own failure.
    Broken(String),
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => write!(f, "the event stream is damaged: {error}"),
            Self::Gap { expected, found } => {
                write!(f, "the event stream has a gap: expected event {expected}, found event {found}")
            }
            Self::NoHello => f.write_str("the response does not begin like that of a lamex runner"),
            Self::SecondHello => f.write_str("the event stream begins twice"),
            Self::OtherVersion { found } => write!(
                f,
                "the runner speaks protocol version {found}, this lamex-ctl version {VERSION}: \
                 make and deploy the package with this lamex-ctl"
            ),
            Self::OtherRun { found } => write!(f, "the response belongs to another run ({found})"),
            Self::OtherPackage { expected, found } => {
                write!(f, "another package ran: {found}, expected {expected}")
            }
            Self::OtherFunctionVersion { expected, found } => {
                write!(f, "version {found} of the function ran, expected version {expected}")
            }
            Self::OtherCommands(what) => write!(f, "the response is about other commands: {what}"),
            Self::AfterVerdict => f.write_str("the event stream goes on after its verdict"),
            Self::Contradiction(what) => write!(f, "the event stream contradicts itself: {what}"),
            Self::UnknownOutcome(what) => write!(
                f,
                "the runner is newer than this lamex-ctl, which does not know the outcome of {what}: update lamex-ctl"
            ),
            Self::NoVerdict(end) => write!(f, "the event stream ended without a verdict: {end}"),
            Self::EndedBadly(end) => {
                write!(f, "the verdict arrived, but the invocation failed: {end}")
            }
            Self::Broken(message) => write!(f, "the runner failed: {message}"),
        }
    }
}

impl fmt::Display for StreamEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.write_str("the response is complete"),
            Self::FunctionError { code, details } if details.is_empty() => write!(f, "{code}"),
            Self::FunctionError { code, details } => write!(f, "{code}: {details}"),
            Self::Broken(reason) => f.write_str(reason),
        }
    }
}

/// Reads one invocation's answer and judges it. Hands events on as they come; what has been handed on is
/// worth showing, but only [`Reader::finish`] tells what it proves.
#[derive(Debug)]
pub struct Reader {
    expectation: Expectation,
    decoder: Decoder,
    next_seq: u64,
    hello: Option<Hello>,
    commands: BTreeMap<u64, Progress>,
    verdict: Option<Verdict>,
    /// What ended in a way that this version does not know, where a pass would rest on it.
    unknown_outcome: Option<String>,
    fault: Option<Untrusted>,
    warned: BTreeSet<String>,
}

/// The most kinds of unknown things that are told of and remembered.
const MAX_UNKNOWN_KINDS: usize = 100;

/// How much of the name of an unknown type or field is told.
const MAX_UNKNOWN_BYTES: usize = 100;

/// What the stream said of one command.
#[derive(Debug, Default)]
struct Progress {
    name: String,
    started: bool,
    stdout_bytes: u64,
    stderr_bytes: u64,
    has_failed_test: bool,
    has_unknown_test: bool,
    phase: Phase,
    outcome: Option<CommandOutcome>,
}

/// What [`Reader::feed`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Event(Event),
    /// Something in the stream that this version does not know and ignores; told once each.
    Unknown(String),
}

impl Reader {
    #[must_use]
    pub fn new(expectation: Expectation) -> Self {
        Self {
            expectation,
            decoder: Decoder::default(),
            next_seq: 0,
            hello: None,
            commands: BTreeMap::new(),
            verdict: None,
            unknown_outcome: None,
            fault: None,
            warned: BTreeSet::new(),
        }
    }

    /// Takes the next bytes of the answer. Events up to the first fault are handed on, none after it.
    pub fn feed(&mut self, bytes: &[u8], mut on_item: impl FnMut(Item)) {
        if self.fault.is_some() {
            return;
        }
        let mut decoder = std::mem::take(&mut self.decoder);
        let result = decoder.feed(bytes, |event, line| {
            if self.fault.is_some() {
                return;
            }
            for unknown in self.unknown_parts(&event, line) {
                on_item(Item::Unknown(unknown));
            }
            match self.check(&event) {
                Ok(()) => on_item(Item::Event(event)),
                Err(fault) => self.fault = Some(fault),
            }
        });
        self.decoder = decoder;
        if let (Err(error), None) = (result, &self.fault) {
            self.fault =
                Some(if self.hello.is_none() { Untrusted::NoHello } else { Untrusted::Decode(error) });
        }
    }

    /// The first event, once it came and was found to be the caller's own.
    #[must_use]
    pub fn hello(&self) -> Option<&Hello> {
        self.hello.as_ref()
    }

    /// The verdict event, for its counts and remaining commands. Says nothing about trust.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// Whether the stream has shown a fault already, so that reading on cannot change the judgement.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        self.fault.is_some()
    }

    /// The judgement, after the last byte and what the service said of the end.
    #[must_use]
    pub fn finish(self, end: StreamEnd) -> Judgement {
        if let Some(fault) = self.fault {
            return Judgement::Untrusted(fault);
        }
        let Some(verdict) = self.verdict else {
            let nothing_came = self.hello.is_none() && end == StreamEnd::Complete;
            return Judgement::Untrusted(if nothing_came {
                Untrusted::NoHello
            } else {
                Untrusted::NoVerdict(end)
            });
        };
        if self.decoder.is_mid_line() {
            return Judgement::Untrusted(Untrusted::AfterVerdict);
        }
        let message = verdict.message.unwrap_or_default();
        match verdict.outcome {
            // The runner reports these as errors of the function too, as a courtesy to other callers.
            VerdictOutcome::Failed => Judgement::Failed,
            VerdictOutcome::Incomplete => Judgement::Incomplete,
            VerdictOutcome::Refused => Judgement::Refused(message),
            VerdictOutcome::Broken => Judgement::Untrusted(Untrusted::Broken(message)),
            VerdictOutcome::Empty => Judgement::Empty,
            VerdictOutcome::Passed if end != StreamEnd::Complete => {
                Judgement::Untrusted(Untrusted::EndedBadly(end))
            }
            VerdictOutcome::Passed => Judgement::Passed,
            VerdictOutcome::Unknown => Judgement::Untrusted(Untrusted::UnknownOutcome("the run".to_owned())),
        }
    }

    fn check(&mut self, event: &Event) -> Result<(), Untrusted> {
        if self.verdict.is_some() {
            return Err(Untrusted::AfterVerdict);
        }
        if event.seq != self.next_seq {
            return Err(Untrusted::Gap { expected: self.next_seq, found: event.seq });
        }
        self.next_seq += 1;
        match &event.body {
            Body::Hello(hello) => self.check_hello(hello),
            _ if self.hello.is_none() => Err(Untrusted::NoHello),
            Body::CommandStarted(started) => self.check_started(started.command, &started.name),
            Body::Output(output) => {
                let length = output.bytes().map_or(0, |bytes| bytes.len() as u64);
                let progress = self.running(output.command, "output")?;
                match output.stream {
                    Stream::Stdout => progress.stdout_bytes += length,
                    Stream::Stderr => progress.stderr_bytes += length,
                }
                Ok(())
            }
            Body::TestStarted(test) => self.running(test.command, "a test").map(|_| ()),
            Body::TestMessage(test) => self.running(test.command, "a test").map(|_| ()),
            Body::TestFinished(test) => {
                let progress = self.running(test.command, "a test")?;
                progress.has_failed_test |= test.outcome == TestOutcome::Failed;
                progress.has_unknown_test |= test.outcome == TestOutcome::Unknown;
                Ok(())
            }
            Body::CommandFinished(finished) => self.check_finished(finished),
            Body::Verdict(verdict) => {
                self.check_verdict(verdict, event.seq)?;
                self.verdict = Some(verdict.clone());
                Ok(())
            }
            Body::CommandListed(_)
            | Body::HostProbed(_)
            | Body::TargetProbed(_)
            | Body::Heartbeat
            | Body::Warning(_)
            | Body::Unknown => Ok(()),
        }
    }

    fn check_hello(&mut self, hello: &Hello) -> Result<(), Untrusted> {
        if self.hello.is_some() {
            return Err(Untrusted::SecondHello);
        }
        if hello.lamex != VERSION {
            return Err(Untrusted::OtherVersion { found: hello.lamex });
        }
        if hello.run_id != self.expectation.run_id {
            return Err(Untrusted::OtherRun { found: hello.run_id.clone() });
        }
        if let Some(expected) = &self.expectation.package_digest
            && *expected != hello.package_digest
        {
            return Err(Untrusted::OtherPackage {
                expected: expected.clone(),
                found: hello.package_digest.clone(),
            });
        }
        if let Some(expected) = &self.expectation.function_version
            && *expected != hello.function_version
        {
            return Err(Untrusted::OtherFunctionVersion {
                expected: expected.clone(),
                found: hello.function_version.clone(),
            });
        }
        if hello.selected > MAX_COMMANDS as u64 {
            let what = format!("{} commands are selected; the maximum is {MAX_COMMANDS}", hello.selected);
            return Err(Untrusted::Contradiction(what));
        }
        self.hello = Some(hello.clone());
        Ok(())
    }

    fn check_started(&mut self, command: u64, name: &str) -> Result<(), Untrusted> {
        let progress = self.command(command, name)?;
        if progress.started || progress.outcome.is_some() {
            return Err(Untrusted::Contradiction(format!("command {command} started twice")));
        }
        progress.started = true;
        Ok(())
    }

    /// How many commands the runner says were selected.
    fn selected(&self) -> u64 {
        self.hello.as_ref().map_or(0, |hello| hello.selected)
    }

    /// That it is one of the caller's commands.
    fn check_selected(&self, command: u64, name: &str) -> Result<(), Untrusted> {
        if !self.expectation.selected.has(command, name) {
            return Err(Untrusted::OtherCommands(format!("command {command}, `{name}`, was not selected")));
        }
        Ok(())
    }

    /// What is known of a command that was selected.
    fn command(&mut self, command: u64, name: &str) -> Result<&mut Progress, Untrusted> {
        self.check_selected(command, name)?;
        let selected = self.selected();
        let is_new = !self.commands.contains_key(&command);
        if is_new && self.commands.len() as u64 >= selected {
            return Err(Untrusted::Contradiction(format!(
                "command {command} is one more than the {selected} that were selected"
            )));
        }
        let progress = self.commands.entry(command).or_default();
        if is_new {
            name.clone_into(&mut progress.name);
        } else if progress.name != name {
            let first = &progress.name;
            return Err(Untrusted::Contradiction(format!(
                "command {command} is named `{first}` and then `{name}`"
            )));
        }
        Ok(progress)
    }

    fn running(&mut self, command: u64, what: &str) -> Result<&mut Progress, Untrusted> {
        match self.commands.get_mut(&command) {
            Some(progress) if progress.started && progress.outcome.is_none() => Ok(progress),
            _ => Err(Untrusted::Contradiction(format!("{what} of command {command}, which is not running"))),
        }
    }

    fn check_finished(&mut self, finished: &CommandFinished) -> Result<(), Untrusted> {
        let command = finished.command;
        let progress = self.command(command, &finished.name)?;
        if progress.outcome.is_some() {
            return Err(Untrusted::Contradiction(format!("command {command} finished twice")));
        }
        if let Some(objection) = objection(progress, finished) {
            return Err(Untrusted::Contradiction(format!("command {command} {objection}")));
        }
        let Missing { stdout_bytes, stderr_bytes, .. } = finished.missing;
        let sent_and_missing = (
            progress.stdout_bytes.saturating_add(stdout_bytes),
            progress.stderr_bytes.saturating_add(stderr_bytes),
        );
        if sent_and_missing != (finished.stdout_bytes, finished.stderr_bytes) {
            return Err(Untrusted::Contradiction(format!(
                "command {command} wrote {} + {} bytes, {} + {} are accounted for",
                finished.stdout_bytes, finished.stderr_bytes, sent_and_missing.0, sent_and_missing.1
            )));
        }
        progress.phase = finished.phase;
        progress.outcome = Some(finished.outcome);
        let name = &finished.name;
        let unknown = match finished.outcome {
            CommandOutcome::Unknown => Some(format!("the command `{name}`")),
            CommandOutcome::Passed | CommandOutcome::Skipped if progress.has_unknown_test => {
                Some(format!("a test of the command `{name}`"))
            }
            CommandOutcome::Passed | CommandOutcome::Skipped | CommandOutcome::Failed => None,
        };
        self.unknown_outcome = self.unknown_outcome.take().or(unknown);
        Ok(())
    }

    /// Counts again what the verdict claims.
    fn check_verdict(&self, verdict: &Verdict, seq: u64) -> Result<(), Untrusted> {
        let contradiction = |what: &str| Err(Untrusted::Contradiction(what.to_owned()));
        if verdict.events != seq {
            return contradiction("the verdict does not count the events that arrived");
        }
        if matches!(verdict.outcome, VerdictOutcome::Refused | VerdictOutcome::Broken) {
            return Ok(());
        }
        // What the counts say of it is not known either.
        if let Some(what) = &self.unknown_outcome {
            return Err(Untrusted::UnknownOutcome(what.clone()));
        }
        if verdict.outcome == VerdictOutcome::Unknown {
            return Err(Untrusted::UnknownOutcome("the run".to_owned()));
        }
        let selected = self.selected();
        if let Some(expected) = self.expectation.selected.count()
            && selected != expected
        {
            return Err(Untrusted::OtherCommands(format!("{selected} were selected, expected {expected}")));
        }
        let mut counts = Counts { not_run: verdict.remaining.len() as u64, ..Counts::default() };
        for outcome in self.commands.values().filter_map(|progress| progress.outcome) {
            counts.add(outcome);
        }
        if counts != verdict.counts {
            return contradiction("the verdict's counts are not those of its commands");
        }
        let mut left = BTreeSet::new();
        for remaining in &verdict.remaining {
            self.check_selected(remaining.command, &remaining.name)?;
            if self.commands.contains_key(&remaining.command) || !left.insert(remaining.command) {
                return contradiction("a command that never ran is named twice");
            }
        }
        if self.commands.values().any(|progress| progress.outcome.is_none()) {
            return contradiction("a command started and never finished");
        }
        // No plan has a name twice; an answer that does could count one command as two.
        let mut names = BTreeSet::new();
        let ran = self.commands.values().map(|progress| progress.name.as_str());
        let never_ran = verdict.remaining.iter().map(|remaining| remaining.name.as_str());
        if let Some(name) = ran.chain(never_ran).find(|&name| !names.insert(name)) {
            return contradiction(&format!("two commands are named `{name}`"));
        }
        if counts.passed + counts.failed + counts.skipped + counts.not_run != selected {
            return contradiction("not every selected command is accounted for");
        }
        if verdict.outcome != counts.outcome(self.has_passed()) {
            return contradiction("the verdict is not what its counts say");
        }
        Ok(())
    }

    /// Whether a test passed; where no test was selected, whether a setup or teardown command did.
    fn has_passed(&self) -> bool {
        let is_test = |progress: &&Progress| progress.phase == Phase::Test;
        let has_tests = self.commands.values().any(|progress| is_test(&progress));
        let counted = self.commands.values().filter(|progress| !has_tests || is_test(progress));
        counted.into_iter().any(|progress| progress.outcome == Some(CommandOutcome::Passed))
    }

    fn unknown_parts(&mut self, event: &Event, line: &[u8]) -> Vec<String> {
        let room = MAX_UNKNOWN_KINDS - self.warned.len();
        if room == 0 {
            return Vec::new();
        }
        let mut found = match event.body {
            Body::Unknown => {
                let kind = serde_json::from_slice::<serde_json::Value>(line)
                    .ok()
                    .and_then(|value| value.get("type").and_then(|kind| kind.as_str().map(str::to_owned)));
                vec![format!("event type `{}`", shortened(&kind.unwrap_or_default()))]
            }
            _ => unknown_fields(event, line)
                .into_iter()
                .map(|field| format!("field `{}`", shortened(&field)))
                .collect(),
        };
        found.retain(|unknown| !self.warned.contains(unknown));
        found.truncate(room);
        self.warned.extend(found.iter().cloned());
        found
    }
}

/// What speaks against the outcome of a command that the runner claims not to have failed.
fn objection(progress: &Progress, finished: &CommandFinished) -> Option<&'static str> {
    let exited_well = matches!(finished.ending, Ending::Exited { code: 0 } | Ending::Unknown);
    let has_failed_test = progress.has_failed_test || finished.tests.is_some_and(|tests| tests.failed > 0);
    match finished.outcome {
        CommandOutcome::Passed if !progress.started => Some("passed and never started"),
        CommandOutcome::Passed if has_failed_test => Some("passed and a test of it failed"),
        CommandOutcome::Passed if finished.tests.is_some_and(|tests| tests.passed == 0) => {
            Some("passed and no test of it did")
        }
        CommandOutcome::Passed if !exited_well => Some("passed and did not exit with 0"),
        CommandOutcome::Skipped if has_failed_test => Some("was skipped and a test of it failed"),
        CommandOutcome::Skipped if !exited_well && finished.ending != Ending::Skipped => {
            Some("was skipped and did not exit with 0")
        }
        CommandOutcome::Passed
        | CommandOutcome::Skipped
        | CommandOutcome::Failed
        | CommandOutcome::Unknown => None,
    }
}

/// The beginning of a name, at a character.
fn shortened(name: &str) -> &str {
    &name[..name.floor_char_boundary(MAX_UNKNOWN_BYTES)]
}
