//! What keeps a process's memory, descriptors and environment from its own children.

use std::ffi::{CStr, OsStr};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{
    CapabilitySet, capabilities, configure_capability_in_ambient_set, remove_capability_from_bounding_set,
    set_capabilities,
};

/// Closes `/proc/<pid>/{environ,fd,mem,…}`, `ptrace`, `process_vm_readv`, `process_vm_writev` and
/// `pidfd_getfd` of this process for everybody without `CAP_SYS_PTRACE`, its own user included. It leaves no
/// core dump either. Programs that it executes are as they always are.
///
/// # Errors
/// Those of `prctl(PR_SET_DUMPABLE)`.
pub fn close_to_others() -> io::Result<()> {
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Sees to it that no program that this thread and its later threads execute has `CAP_SYS_PTRACE`, which
/// opens what [`close_to_others`] closes; not even one that runs as root. Such programs can still trace
/// their own children, as an ordinary user can.
///
/// Does as much as this process may: without `CAP_SETPCAP` a program can get the capability back from its file
/// or from set-user-ID root.
pub fn withhold_tracing() {
    // A process that has no such capability to pass on needs nothing taken away: each step may fail for that.
    let _ = configure_capability_in_ambient_set(CapabilitySet::SYS_PTRACE, false);
    if let Ok(mut sets) = capabilities(None)
        && sets.inheritable.contains(CapabilitySet::SYS_PTRACE)
    {
        sets.inheritable.remove(CapabilitySet::SYS_PTRACE);
        let _ = set_capabilities(None, sets);
    }
    let _ = remove_capability_from_bounding_set(CapabilitySet::SYS_PTRACE);
}

/// Removes variables from the environment and wipes their values where the kernel put them, which is what
/// `/proc/<pid>/environ` shows.
///
/// # Errors
/// This process has other threads already, which may be reading their environment; nothing is removed.
#[expect(unsafe_code, reason = "only the C library knows where the values of variables are")]
pub fn forget_variables(names: &[&CStr]) -> io::Result<()> {
    if fs::read_dir("/proc/self/task")?.count() != 1 {
        return Err(io::Error::other("variables can be forgotten only before the first thread starts"));
    }
    for name in names {
        // SAFETY: there is no other thread, and none can start meanwhile, so nobody reads or changes the environment.
        // A value that `getenv` returns is a string in writable memory, which only the environment
        // refers to: std hands out copies.
        unsafe {
            let value = libc::getenv(name.as_ptr());
            if !value.is_null() {
                value.write_bytes(0, libc::strlen(value));
            }
            std::env::remove_var(OsStr::from_bytes(name.to_bytes()));
        }
    }
    Ok(())
}

/// Keeps every descriptor that this process was started with, but for the standard ones, from the programs
/// that it executes.
///
/// # Errors
/// /proc/self/fd cannot be read.
#[expect(unsafe_code, reason = "descriptors that nobody here owns have no safe handle")]
pub fn withhold_descriptors() -> io::Result<()> {
    for entry in fs::read_dir("/proc/self/fd")? {
        let Some(descriptor) = entry?.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        if descriptor > 2 {
            // SAFETY: the flag changes nothing for whoever owns the descriptor in this process. It fails for one
            // that was closed meanwhile, as the one that lists the folder is.
            unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
    Ok(())
}
