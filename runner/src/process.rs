//! One command as a process: started, read to the last byte, ended in time, and nothing of it left behind.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, PipeReader, Read as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lamex_processes::{Exit, Pid, Signal, Usage, Wait, descendants, reap_any, signal_each, signal_group};
use lamex_protocol::event::Stream;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, pidfd_open};

use crate::gate::Gate;
pub use crate::stages::{Cause, Limits};
use crate::stages::{Facts, Schedule, Stage};

/// How often children are looked at where no descriptor tells of their end.
const TICK: Duration = Duration::from_millis(10);
/// How often orphans that have ended are reaped while the command runs: as zombies they would count among the
/// 1,024 processes that a function may have.
const ORPHANS: Duration = Duration::from_millis(250);

/// The size of a new pipe, and of a read.
pub const READ_BYTES: usize = 64 << 10;
/// What a pipe grows to when a writer fills it: the most that the kernel gives an ordinary user.
const LARGE_PIPE_BYTES: usize = 1 << 20;

pub struct Program<'a> {
    /// Starts only while it is open.
    pub gate: &'a Gate,
    pub path: &'a Path,
    pub argv: &'a [String],
    pub environment: &'a BTreeMap<OsString, OsString>,
    /// The working directory, where it is not the runner's own; then `path` is absolute.
    pub directory: Option<&'a Path>,
    /// It answers SIGQUIT by writing what each of its threads does, and ends: it is asked so first when it has
    /// to be ended.
    pub tells_on_quit: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Finished {
    pub cause: Cause,
    pub usage: Usage,
    /// Every byte was read that the command wrote.
    pub output_complete: bool,
    /// Processes outlived the command and had to be ended.
    pub left_processes: bool,
    /// And one of them still held the command's stdout or stderr, so that what it did may be the command's work.
    pub left_with_output: bool,
    /// Processes are there that SIGKILL does not end: this environment must not be used again.
    pub unkillable: bool,
}

#[derive(Debug)]
pub enum RunError {
    /// The program could not be started; nothing ran.
    Start(io::Error),
    /// The kernel refused what supervising needs; something may still run.
    Supervise(io::Error),
}

/// Runs the program to its end, and reads its output through the buffer, best of [`READ_BYTES`]. The calling
/// process must be a child subreaper and have no other children.
///
/// # Errors
/// It did not start, or cannot be supervised.
pub fn run(
    program: &Program<'_>,
    limits: Limits,
    buffer: &mut [u8],
    on_output: &mut dyn FnMut(Stream, &[u8]),
) -> Result<Finished, RunError> {
    let (stdout, stdout_end) = io::pipe().map_err(RunError::Supervise)?;
    let (stderr, stderr_end) = io::pipe().map_err(RunError::Supervise)?;
    let mut command = Command::new(program.path);
    if let Some((name, arguments)) = program.argv.split_first() {
        command.arg0(name).args(arguments);
    }
    command
        .env_clear()
        .envs(program.environment)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(stdout_end)
        .stderr(stderr_end);
    if let Some(directory) = program.directory {
        command.current_dir(directory);
    }
    let began = Instant::now();
    let child = {
        let _pass =
            program.gate.pass().ok_or_else(|| RunError::Start(io::Error::other("the runner ends")))?;
        command.spawn().map_err(RunError::Start)?
    };
    // Closes our copies of the writing ends, so that the pipes end when the last process closes theirs.
    drop(command);
    let main = Pid::from_child(&child);
    let supervisor = Supervisor {
        main,
        // Without pidfds (an old kernel) the end of the process is polled for.
        main_end: pidfd_open(main, PidfdFlags::empty()).ok(),
        pipes: [(Stream::Stdout, Some(stdout)), (Stream::Stderr, Some(stderr))],
        exit: None,
        nothing_remains: false,
        usage: Usage::default(),
        stage: Stage::Running,
        cause: None,
        left_processes: false,
        left_with_output: false,
        schedule: Schedule::new(began, limits, program.tells_on_quit),
        reap_at: began + ORPHANS,
    };
    supervisor.supervise(buffer, on_output).map_err(RunError::Supervise)
}

struct Supervisor {
    main: Pid,
    main_end: Option<OwnedFd>,
    pipes: [(Stream, Option<PipeReader>); 2],
    /// How the main process ended, once it has.
    exit: Option<Exit>,
    /// `ECHILD`: neither the main process nor anything below it is left.
    nothing_remains: bool,
    usage: Usage,
    stage: Stage,
    cause: Option<Cause>,
    left_processes: bool,
    left_with_output: bool,
    schedule: Schedule,
    reap_at: Instant,
}

impl Supervisor {
    fn supervise(
        mut self,
        buffer: &mut [u8],
        on_output: &mut dyn FnMut(Stream, &[u8]),
    ) -> io::Result<Finished> {
        let mut unkillable = false;
        loop {
            let main_ended = self.wait_for_something(on_output, buffer)?;
            let orphans_are_due = Instant::now() >= self.reap_at;
            let is_running = matches!(self.stage, Stage::Running) && self.main_end.is_some();
            if main_ended || orphans_are_due || !is_running {
                self.reap()?;
                self.reap_at = Instant::now() + ORPHANS;
            }
            let pipes_ended = self.pipes.iter().all(|(_, pipe)| pipe.is_none());
            let facts =
                Facts { main_ended: self.exit.is_some(), nothing_remains: self.nothing_remains, pipes_ended };
            match self.schedule.next(self.stage, facts, Instant::now()) {
                Stage::Over if self.nothing_remains => break,
                Stage::Over => {
                    unkillable = true;
                    break;
                }
                next => self.enter(next)?,
            }
        }
        let cause = self.cause.or(self.exit.map(Cause::Itself));
        Ok(Finished {
            // Only an unkillable main process has no exit, and that is killed for a cause.
            cause: cause.unwrap_or(Cause::Deadline),
            usage: self.usage,
            output_complete: self.pipes.iter().all(|(_, pipe)| pipe.is_none()),
            left_processes: self.left_processes,
            left_with_output: self.left_with_output,
            unkillable,
        })
    }

    /// Does what entering or being in the stage asks for.
    fn enter(&mut self, next: Stage) -> io::Result<()> {
        match (self.stage, next) {
            (Stage::Running, Stage::Quitting { .. }) => {
                self.cause = Some(self.schedule.cause_of_end());
                self.quit();
            }
            (Stage::Running, Stage::Terminating { .. }) => {
                self.cause = Some(self.schedule.cause_of_end());
                self.signal(Signal::TERM)?;
            }
            (Stage::Quitting { .. }, Stage::Terminating { .. }) => self.signal(Signal::TERM)?,
            (Stage::Lingering { .. }, Stage::Terminating { .. }) => {
                self.left_processes = true;
                self.left_with_output = self.pipes.iter().any(|(_, pipe)| pipe.is_some());
                self.signal(Signal::TERM)?;
            }
            // Again at every turn, for what is killed may have forked meanwhile.
            (_, Stage::Killing { .. }) => self.signal(Signal::KILL)?,
            _ => {}
        }
        self.stage = next;
        Ok(())
    }

    /// Asks the main process alone: what it started may be no program that tells anything.
    fn quit(&self) {
        if self.exit.is_none() {
            signal_each(&[self.main], Signal::QUIT);
            signal_each(&[self.main], Signal::CONT);
        }
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        // The group's number is the command's own for as long as its leader was not reaped.
        if self.exit.is_none() {
            signal_group(self.main, signal);
        }
        let descendants = descendants(rustix::process::getpid())?;
        signal_each(&descendants, signal);
        if signal == Signal::TERM {
            // A stopped process sees the signal only when it goes on.
            signal_each(&descendants, Signal::CONT);
        }
        Ok(())
    }

    fn reap(&mut self) -> io::Result<()> {
        loop {
            match reap_any()? {
                Wait::Ended(reaped) => {
                    self.usage = self.usage.and(reaped.usage);
                    if reaped.pid == self.main {
                        self.exit = Some(reaped.exit);
                        self.main_end = None;
                    }
                }
                Wait::Running => {
                    self.nothing_remains = false;
                    return Ok(());
                }
                Wait::NoChild => {
                    self.nothing_remains = true;
                    return Ok(());
                }
            }
        }
    }

    /// Waits for output, for the end of the main process or for the next thing that is due, and reads what
    /// is there. Says whether the main process has ended.
    fn wait_for_something(
        &mut self,
        on_output: &mut dyn FnMut(Stream, &[u8]),
        buffer: &mut [u8],
    ) -> io::Result<bool> {
        let readiness = {
            // A slot whose descriptor is gone stands for the main process's or its own neighbour's: `poll`
            // takes no holes, so places are kept beside the descriptors.
            let mut fds: Vec<PollFd<'_>> = Vec::with_capacity(3);
            let mut places = Vec::with_capacity(3);
            let sources: [Option<BorrowedFd<'_>>; 3] = [
                self.pipes[0].1.as_ref().map(AsFd::as_fd),
                self.pipes[1].1.as_ref().map(AsFd::as_fd),
                self.main_end.as_ref().map(AsFd::as_fd),
            ];
            for (place, source) in sources.iter().enumerate() {
                if let Some(fd) = source {
                    fds.push(PollFd::new(fd, PollFlags::IN));
                    places.push(place);
                }
            }
            let timeout = self.time_to_wait();
            match poll(&mut fds, Some(&timeout)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let mut readiness = [false; 3];
            for (fd, place) in fds.iter().zip(places) {
                readiness[place] = !fd.revents().is_empty();
            }
            readiness
        };
        for (index, ready) in readiness[..2].iter().enumerate() {
            if *ready {
                self.read(index, buffer, on_output)?;
            }
        }
        Ok(readiness[2])
    }

    fn read(
        &mut self,
        index: usize,
        buffer: &mut [u8],
        on_output: &mut dyn FnMut(Stream, &[u8]),
    ) -> io::Result<()> {
        let (stream, pipe) = &mut self.pipes[index];
        let Some(reader) = pipe else { return Ok(()) };
        match reader.read(buffer) {
            Ok(0) => *pipe = None,
            Ok(length) => {
                if length == buffer.len() {
                    // Refused at worst, and a smaller pipe is slower and nothing else.
                    let _ = rustix::pipe::fcntl_setpipe_size(&*reader, LARGE_PIPE_BYTES);
                }
                on_output(*stream, &buffer[..length]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn time_to_wait(&self) -> Timespec {
        let now = Instant::now();
        let until_due = match self.stage {
            Stage::Running if self.main_end.is_some() => {
                self.schedule.ends_at().min(self.reap_at).saturating_duration_since(now)
            }
            Stage::Draining { until } => until.saturating_duration_since(now),
            _ => TICK,
        };
        Timespec { tv_sec: until_due.as_secs() as i64, tv_nsec: i64::from(until_due.subsec_nanos()) }
    }
}
