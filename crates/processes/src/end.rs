//! The end of processes that nobody waits for any more.

use std::io;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpid};

use crate::table::{Process, below, table};
use crate::{reap, signal_each};

/// How long killing may take; longer means a process that the kernel does not let go.
const PATIENCE: Duration = Duration::from_secs(5);

/// Kills every process below this one, and reaps those that have ended; says whether anything is left to wait for. Of a
/// subreaper this is all that it ever started, directly or not.
///
/// # Errors
/// /proc cannot be read.
pub fn end_below_this_process() -> io::Result<bool> {
    let table = table()?;
    Ok(end_each(&below(&table, &[getpid()]), |_| true))
}

/// Kills those that run and reaps those children that do not; says whether anything is left to wait for.
pub fn end_each(processes: &[&Process], may_reap: impl Fn(Pid) -> bool) -> bool {
    let me = getpid();
    let mut is_left = false;
    for process in processes {
        if !process.is_zombie {
            signal_each(&[process.pid], Signal::KILL);
            is_left = true;
        } else if process.parent == Some(me) && may_reap(process.pid) {
            // Its own children, if any, are this process's already.
            is_left |= reap(process.pid).is_err();
        }
    }
    is_left
}

/// Repeats it as long as it says that something is left, which may be forking meanwhile.
///
/// # Errors
/// Those of the closure, and processes that cannot be killed.
pub fn until_nothing_remains(mut end_what_is_seen: impl FnMut() -> io::Result<bool>) -> io::Result<()> {
    let give_up_at = Instant::now() + PATIENCE;
    while end_what_is_seen()? {
        if Instant::now() >= give_up_at {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "processes could not be killed"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
