//! Which processes belong to the function, and their end.
//!
//! The emulator is a child subreaper, so whatever outlives its parent becomes the emulator's own child. Other
//! children of the calling process may be anybody's: none of them is killed or reaped without proof that it
//! descends from a runtime of this emulator.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use lamex_processes::end::{end_below_this_process, end_each, until_nothing_remains};
use lamex_processes::start::{execute_no_shell, signal_at_parents_end};
use lamex_processes::table::{Process, below, table};
use lamex_processes::{Pid, Reaped, Signal, Wait, reap};

use crate::variables::LOG_STREAM_NAME;

#[derive(Debug)]
pub(crate) struct Custody {
    owns_process: bool,
    /// Runtimes that are not reaped yet, with their log stream names. Locked from before a runtime is spawned
    /// until it is known, and while children are reaped, so that no runtime is taken for an orphan.
    runtimes: Mutex<HashMap<Pid, String>>,
    starter: Starter,
}

impl Custody {
    pub(crate) fn new(owns_process: bool) -> io::Result<Self> {
        lamex_processes::become_subreaper()?;
        if owns_process {
            // The function runs as the same user: it must not take the emulator's connections or read its memory.
            lamex_processes::privacy::close_to_others()?;
        }
        Ok(Self { owns_process, runtimes: Mutex::default(), starter: Starter::new()? })
    }

    pub(crate) fn owns_process(&self) -> bool {
        self.owns_process
    }

    /// Starts a runtime. It stays a zombie after its end until [`Custody::release`] reaps it, and gets SIGTERM when
    /// this process ends, however it does.
    pub(crate) fn spawn(&self, command: Command, log_stream_name: &str) -> io::Result<Pid> {
        let mut runtimes = self.runtimes();
        let pid = self.starter.start(command)?;
        runtimes.insert(pid, log_stream_name.to_owned());
        Ok(pid)
    }

    /// Kills a runtime and everything that it left behind, and returns when nothing of it runs. Blocks.
    pub(crate) fn end(&self, runtime: Pid) -> io::Result<()> {
        let Some(log_stream_name) = self.runtimes().get(&runtime).cloned() else {
            return Ok(());
        };
        let mut known = HashSet::from([runtime]);
        until_nothing_remains(|| {
            let runtimes = self.runtimes();
            let table = table()?;
            let members = members(&table, runtime, &log_stream_name, &known, &runtimes);
            known.extend(members.iter().map(|process| process.pid));
            Ok(end_each(&members, |pid| pid != runtime))
        })
    }

    /// Reaps a runtime that has ended.
    pub(crate) fn release(&self, runtime: Pid) -> io::Result<Option<Reaped>> {
        let mut runtimes = self.runtimes();
        if !runtimes.contains_key(&runtime) {
            return Ok(None);
        }
        match reap(runtime)? {
            Wait::Ended(reaped) => {
                runtimes.remove(&runtime);
                Ok(Some(reaped))
            }
            Wait::Running => Ok(None),
            Wait::NoChild => {
                runtimes.remove(&runtime);
                Ok(None)
            }
        }
    }

    /// Reaps orphans that have ended. Only for an emulator that owns the process.
    pub(crate) fn reap_orphans(&self) -> io::Result<()> {
        let runtimes = self.runtimes();
        let me = rustix::process::getpid();
        for process in table()? {
            if process.is_zombie && process.parent == Some(me) && !runtimes.contains_key(&process.pid) {
                reap(process.pid)?;
            }
        }
        Ok(())
    }

    /// Ends every runtime that is left, and every other child too if the emulator owns the process. Blocks.
    pub(crate) fn end_all(&self) -> io::Result<()> {
        let left: Vec<Pid> = self.runtimes().keys().copied().collect();
        for runtime in left {
            self.end(runtime)?;
            self.release(runtime)?;
        }
        if !self.owns_process {
            return Ok(());
        }
        until_nothing_remains(|| {
            let _runtimes = self.runtimes();
            end_below_this_process()
        })
    }

    fn runtimes(&self) -> MutexGuard<'_, HashMap<Pid, String>> {
        self.runtimes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that starts runtimes. The kernel takes the end of this very thread for the end of their parent, so
/// it must be none that may end before, as tokio's may.
#[derive(Debug)]
struct Starter {
    orders: mpsc::Sender<Order>,
}

type Order = (Command, mpsc::SyncSender<io::Result<Pid>>);

impl Starter {
    fn new() -> io::Result<Self> {
        // Whoever orders a start waits for it: never more than a few are under way.
        let (orders, ordered) = mpsc::channel::<Order>();
        thread::Builder::new().name("starter".to_owned()).spawn(move || {
            for (mut command, started) in ordered {
                signal_at_parents_end(&mut command, Signal::TERM);
                let child = execute_no_shell(&mut command).and_then(|()| spawn_patiently(&mut command));
                // It holds the writing ends of the log's pipe.
                drop(command);
                // Whoever ordered it waits.
                let _ = started.send(child.map(|child| Pid::from_child(&child)));
            }
        })?;
        Ok(Self { orders })
    }

    fn start(&self, command: Command) -> io::Result<Pid> {
        let gone = || io::Error::other("the thread that starts runtimes has ended");
        let (started, start) = mpsc::sync_channel(1);
        self.orders.send((command, started)).map_err(|_| gone())?;
        start.recv().map_err(|_| gone())?
    }
}

/// Another thread that forks while this program's file is still open for writing makes exec fail for a
/// moment (`ETXTBSY`): common where a package is staged and run by the same process.
fn spawn_patiently(command: &mut Command) -> io::Result<std::process::Child> {
    for _ in 0..50 {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(2));
            }
            result => return result,
        }
    }
    command.spawn()
}

/// The processes of one environment. An orphan among the emulator's own children is the environment's when
/// it is known from an earlier look, when its process group or session was led by a known one, or when it
/// carries the environment's log stream name.
fn members<'a>(
    table: &'a [Process],
    runtime: Pid,
    log_stream_name: &str,
    known: &HashSet<Pid>,
    runtimes: &HashMap<Pid, String>,
) -> Vec<&'a Process> {
    let me = rustix::process::getpid();
    let is_known = |pid: Option<Pid>| pid.is_some_and(|pid| known.contains(&pid));
    let roots: Vec<&Process> = table
        .iter()
        .filter(|process| {
            process.pid == runtime
                || (process.parent == Some(me)
                    && !runtimes.contains_key(&process.pid)
                    && (is_known(Some(process.pid))
                        || is_known(process.group)
                        || is_known(process.session)
                        || carries(process.pid, log_stream_name)))
        })
        .collect();
    let pids: Vec<Pid> = roots.iter().map(|process| process.pid).collect();
    let mut members = roots;
    members.extend(below(table, &pids));
    members
}

fn carries(pid: Pid, log_stream_name: &str) -> bool {
    let mark = format!("{LOG_STREAM_NAME}={log_stream_name}");
    fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero()))
        .is_ok_and(|variables| variables.split(|&byte| byte == 0).any(|variable| variable == mark.as_bytes()))
}
