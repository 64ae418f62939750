//! Process trees on Linux: waiting for children with what they used, finding descendants, ending them.
//!
//! Both the runner and the local Lambda are child subreapers: whatever a process below them leaves behind
//! becomes their own child, so that `ECHILD` from [`reap_any`] proves that nothing remains.

use std::io;

pub use rustix::process::{Pid, Signal};

pub mod barrier;
pub mod end;
pub mod privacy;
pub mod start;
pub mod table;

/// Makes this process the parent of every orphan below it, and sees to it that it hears of their ends.
///
/// # Errors
/// Those of `prctl(PR_SET_CHILD_SUBREAPER)` and `sigaction`.
pub fn become_subreaper() -> io::Result<()> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    heed_children()
}

/// Ends an inherited ignoring of SIGCHLD, under which the kernel reaps children by itself and their exit
/// codes are lost. A handler stays.
#[expect(unsafe_code, reason = "no safe wrapper of sigaction that only restores a default is maintained")]
fn heed_children() -> io::Result<()> {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: all-zero bytes are a valid sigaction; the pointers are valid or null, and none is kept.
    let action = unsafe {
        if libc::sigaction(libc::SIGCHLD, std::ptr::null(), action.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        action.assume_init()
    };
    let is_ignored = action.sa_sigaction == libc::SIG_IGN || action.sa_flags & libc::SA_NOCLDWAIT != 0;
    // SAFETY: the default disposition runs none of our code.
    if is_ignored && unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) } == libc::SIG_ERR {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// A child that ended and is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reaped {
    pub pid: Pid,
    pub exit: Exit,
    pub usage: Usage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Code(i32),
    Signal { number: i32, core_dumped: bool },
}

/// What a process and the children that it waited for used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// The largest resident set of any one of them, in KiB.
    pub peak_rss_kib: u64,
    /// User and system time, in microseconds.
    pub cpu_us: u64,
}

impl Usage {
    /// Of both together: times add up, the larger peak stays.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { peak_rss_kib: self.peak_rss_kib.max(other.peak_rss_kib), cpu_us: self.cpu_us + other.cpu_us }
    }
}

/// What waiting found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    Ended(Reaped),
    /// There are children, and all of them run.
    Running,
    /// There is no child (`ECHILD`).
    NoChild,
}

/// Reaps one child that has ended, whichever it is, without waiting.
///
/// # Errors
/// Those of `wait4`, but for `ECHILD`.
pub fn reap_any() -> io::Result<Wait> {
    wait4(-1)
}

/// Whether this child has ended, without reaping it.
///
/// # Errors
/// Those of `waitid`; `ECHILD` when it is no child, or has been reaped.
pub fn has_ended(pid: Pid) -> io::Result<bool> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(pid), options)?.is_some())
}

/// Reaps this child if it has ended, without waiting.
///
/// # Errors
/// Those of `wait4`, but for `ECHILD`.
pub fn reap(pid: Pid) -> io::Result<Wait> {
    wait4(pid.as_raw_nonzero().get())
}

#[expect(
    unsafe_code,
    reason = "no safe wrapper of wait4 is maintained, and only it tells what one child used"
)]
fn wait4(pid: i32) -> io::Result<Wait> {
    let mut status = 0;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    let ended = loop {
        // SAFETY: both pointers are valid for writes during the call; wait4 keeps neither.
        let result = unsafe { libc::wait4(pid, &mut status, libc::WNOHANG, usage.as_mut_ptr()) };
        if result >= 0 {
            break result;
        }
        match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => {}
            error if error.raw_os_error() == Some(libc::ECHILD) => return Ok(Wait::NoChild),
            error => return Err(error),
        }
    };
    let Some(pid) = Pid::from_raw(ended) else {
        return Ok(Wait::Running);
    };
    // SAFETY: all-zero bytes are a valid rusage, and wait4 has filled it in.
    let usage = unsafe { usage.assume_init() };
    let microseconds = |time: libc::timeval| time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64;
    let exit = if libc::WIFSIGNALED(status) {
        Exit::Signal { number: libc::WTERMSIG(status), core_dumped: libc::WCOREDUMP(status) }
    } else {
        Exit::Code(libc::WEXITSTATUS(status))
    };
    let usage = Usage {
        peak_rss_kib: usage.ru_maxrss as u64,
        cpu_us: microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
    };
    Ok(Wait::Ended(Reaped { pid, exit, usage }))
}

/// Every living process below `ancestor`, by a scan of /proc: costly, and a snapshot of what may be
/// forking, so ask again until nothing is left. Zombies are left out; they only wait to be reaped.
///
/// # Errors
/// /proc cannot be read.
pub fn descendants(ancestor: Pid) -> io::Result<Vec<Pid>> {
    let table = table::table()?;
    Ok(table::below(&table, &[ancestor])
        .into_iter()
        .filter(|process| !process.is_zombie)
        .map(|process| process.pid)
        .collect())
}

/// Sends the signal to each of them that still runs.
pub fn signal_each(pids: &[Pid], signal: Signal) {
    for &pid in pids {
        // The only failure that can be met here is that the process has ended meanwhile.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// Sends the signal to the process group that `leader` leads.
pub fn signal_group(leader: Pid, signal: Signal) {
    // As above: a group without members is what the caller wants.
    let _ = rustix::process::kill_process_group(leader, signal);
}
