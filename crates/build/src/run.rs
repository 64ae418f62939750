//! Runs build lines, as many at once as asked for, and ends all that they have started.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lamex_processes::end::{end_below_this_process, until_nothing_remains};
use lamex_processes::{Signal, descendants, signal_each};
use rustix::process::getpid;

use crate::shell::{self, StepError};
use crate::steps::Step;

/// How long a line has for its own cleaning up once it is told to end.
const GRACE: Duration = Duration::from_secs(5);
/// How often it is looked whether it is to end.
const LOOK: Duration = Duration::from_millis(50);

/// Says that lines are to end; clones say it to the same run.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What happens, in order. Lines run at once, so beginnings and ends of several are mixed.
#[derive(Debug)]
pub enum Event<'a> {
    Started(&'a Step),
    Ended(&'a Step, Ended),
}

/// The end of a line.
#[derive(Debug)]
pub struct Ended {
    pub result: Result<(), StepError>,
    pub took: Duration,
    /// All that it wrote to both of its streams.
    pub output: File,
}

/// How the run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All lines ran; these failed.
    Done {
        failed: Vec<Step>,
    },
    Stopped,
}

/// Runs all lines in the folder, `at_once` of them beside each other, also when one fails. Whatever they leave running is
/// killed in the end: this process must have no other children.
///
/// # Errors
/// A file for output cannot be made, or processes cannot be looked at or killed.
pub fn run(
    steps: &[Step],
    folder: &Path,
    at_once: usize,
    stop: &Stop,
    mut tell: impl FnMut(Event<'_>),
) -> io::Result<Outcome> {
    // What leaves its group and its parent is found even so.
    lamex_processes::become_subreaper()?;
    // Lines run as the same user, and credentials of AWS may be in the environment.
    lamex_processes::privacy::close_to_others()?;
    let queue = Queue { next: Mutex::new(Next { place: 0, is_stopped: false }), steps, folder };
    let mut failed = Vec::new();
    let supervised = thread::scope(|scope| {
        // Whoever runs a line waits until it is told of.
        let (sender, receiver) = sync_channel(at_once.max(1));
        for _ in 0..at_once.clamp(1, steps.len().max(1)) {
            let (queue, sender) = (&queue, sender.clone());
            scope.spawn(move || queue.work(&sender));
        }
        drop(sender);
        supervise(&queue, &receiver, stop, |message| {
            match message {
                Message::Started(place) => tell(Event::Started(&steps[place])),
                Message::Ended(place, ended) => {
                    if ended.result.is_err() {
                        failed.push(place);
                    }
                    tell(Event::Ended(&steps[place], ended));
                }
                Message::NoOutput(error) => return Err(error),
            }
            Ok(())
        })
    });
    until_nothing_remains(end_below_this_process)?;
    supervised?;
    if queue.lock().is_stopped {
        return Ok(Outcome::Stopped);
    }
    failed.sort_unstable();
    Ok(Outcome::Done { failed: failed.into_iter().map(|place| steps[place].clone()).collect() })
}

/// What a thread that runs lines tells.
enum Message {
    Started(usize),
    Ended(usize, Ended),
    /// There is no file for the output of a line, which did not start then.
    NoOutput(io::Error),
}

struct Queue<'a> {
    /// Locked while a line is started, so that none is once all are told to end.
    next: Mutex<Next>,
    steps: &'a [Step],
    folder: &'a Path,
}

struct Next {
    place: usize,
    is_stopped: bool,
}

/// A line that was started.
struct Running {
    place: usize,
    began: Instant,
    child: io::Result<Child>,
    output: File,
}

impl Queue<'_> {
    fn lock(&self) -> MutexGuard<'_, Next> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one line after the other. The thread outlives each of them: its end would be taken for that of their parent.
    fn work(&self, sender: &SyncSender<Message>) {
        // Who listens ends with the last of these threads.
        let send = |message| drop(sender.send(message));
        while let Some(started) = self.start_next() {
            match started {
                Err(error) => send(Message::NoOutput(error)),
                Ok(Running { place, began, child, output }) => {
                    send(Message::Started(place));
                    let result = shell::judge(child.and_then(|mut child| child.wait()));
                    send(Message::Ended(place, Ended { result, took: began.elapsed(), output }));
                }
            }
        }
    }

    fn start_next(&self) -> Option<io::Result<Running>> {
        let mut next = self.lock();
        let place = next.place;
        let step = self.steps.get(place).filter(|_| !next.is_stopped)?;
        next.place += 1;
        let began = Instant::now();
        // It has no name, and goes with this process.
        Some(tempfile::tempfile().map(|output| {
            let child = shell::start(&step.line, self.folder, &output);
            Running { place, began, child, output }
        }))
    }
}

/// Hears of all lines until the last has ended, and ends them where that is asked for: first all are told, then killed.
fn supervise(
    queue: &Queue<'_>,
    receiver: &Receiver<Message>,
    stop: &Stop,
    mut heed: impl FnMut(Message) -> io::Result<()>,
) -> io::Result<()> {
    let mut heeded = Ok(());
    let mut kill_at = None;
    loop {
        match receiver.recv_timeout(LOOK) {
            // What was told to end has not failed.
            Ok(_) if kill_at.is_some() => {}
            Ok(message) => heeded = heed(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return heeded,
        }
        match kill_at {
            None if stop.is_requested() || heeded.is_err() => {
                queue.lock().is_stopped = true;
                signal_all(Signal::TERM);
                kill_at = Some(Instant::now() + GRACE);
            }
            Some(time) if Instant::now() >= time => signal_all(Signal::KILL),
            _ => {}
        }
    }
}

fn signal_all(signal: Signal) {
    // Where /proc cannot be read, whoever sees to it that nothing remains says so.
    signal_each(&descendants(getpid()).unwrap_or_default(), signal);
}
