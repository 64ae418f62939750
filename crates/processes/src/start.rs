//! What a child does between `fork` and `exec`.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use rustix::fs::StatVfsMountFlags;
use rustix::mount::{MountFlags, MountPropagationFlags, mount_bind, mount_change, mount_remount};
use rustix::process::{Signal, chdir, getpid, getppid, set_parent_process_death_signal};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// The child gets this signal when the *thread* that starts it ends, however it does.
#[expect(unsafe_code, reason = "only the child itself can ask for the signal")]
pub fn signal_at_parents_end(command: &mut Command, signal: Signal) {
    let parent = getpid();
    // SAFETY: two system calls, without memory or locks of this process.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(signal))?;
            // It may have ended before that.
            if getppid() == Some(parent) { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ESRCH)) }
        });
    }
}

/// Executes the program itself, with nothing but the variables that the command was given. Once a command has
/// something to do before `exec`, std hands what is no program to a shell, as `execvp` does. To be called last.
///
/// # Errors
/// A zero byte in a word or variable.
#[expect(unsafe_code, reason = "execve takes pointers")]
pub fn execute_no_shell(command: &mut Command) -> io::Result<()> {
    let words: Vec<CString> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| CString::new(word.as_bytes()))
        .collect::<Result<_, _>>()?;
    let variables: Vec<CString> = command
        .get_envs()
        .filter_map(|(name, value)| Some(CString::new([name.as_bytes(), b"=", value?.as_bytes()].concat())))
        .collect::<Result<_, _>>()?;
    let pointers = |strings: &[CString]| -> Vec<usize> {
        strings.iter().map(|string| string.as_ptr() as usize).chain([0]).collect()
    };
    // Addresses, for pointers would keep the closure from being sent; what they point to moves in with them.
    let (arguments, environment) = (pointers(&words), pointers(&variables));
    // SAFETY: one system call, on strings and null-terminated lists of pointers to them that the closure owns.
    unsafe {
        command.pre_exec(move || {
            let _owned = &variables;
            libc::execve(words[0].as_ptr(), arguments.as_ptr().cast(), environment.as_ptr().cast());
            Err(io::Error::last_os_error())
        });
    }
    Ok(())
}

/// A folder that nobody can write to in the mount namespace of the child, not even root. Everything else is
/// mounted there as it is here; the namespace goes with its last process.
#[derive(Debug, Clone)]
pub struct ReadOnlyFolder {
    path: CString,
    /// What the file system is mounted with: a mount may not lose some of these.
    flags: MountFlags,
}

impl ReadOnlyFolder {
    /// Finds out whether a child can have such a namespace, with one that executes nothing.
    ///
    /// # Errors
    /// The kernel refuses it: it takes `CAP_SYS_ADMIN`.
    #[expect(unsafe_code, reason = "a child that executes nothing says so before it would")]
    pub fn new(path: &Path) -> io::Result<Self> {
        let mounted = rustix::fs::statvfs(path)?.f_flag;
        let kept = [
            (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
            (StatVfsMountFlags::NODEV, MountFlags::NODEV),
            (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
            (StatVfsMountFlags::NOATIME, MountFlags::NOATIME),
            (StatVfsMountFlags::NODIRATIME, MountFlags::NODIRATIME),
            (StatVfsMountFlags::RELATIME, MountFlags::RELATIME),
        ];
        let flags = kept.into_iter().filter(|(is, _)| mounted.contains(*is)).map(|(_, flag)| flag).collect();
        let folder = Self { path: CString::new(path.as_os_str().as_bytes())?, flags };
        let mut attempt = Command::new("/");
        folder.mount_in(&mut attempt);
        // SAFETY: nothing is done.
        unsafe { attempt.pre_exec(|| Err(io::Error::from_raw_os_error(libc::ECANCELED))) };
        match attempt.spawn() {
            Err(error) if error.raw_os_error() == Some(libc::ECANCELED) => Ok(folder),
            Err(error) => Err(error),
            Ok(mut child) => {
                child.wait()?;
                Err(io::Error::other("a folder was executed"))
            }
        }
    }

    /// The child starts in the folder.
    #[expect(unsafe_code, reason = "only the child itself can leave the mount namespace")]
    pub fn mount_in(&self, command: &mut Command) {
        let Self { path, flags } = self.clone();
        // SAFETY: system calls on strings that were made before, without memory or locks of this process; no
        // descriptors are unshared.
        unsafe {
            command.pre_exec(move || {
                unshare_unsafe(UnshareFlags::NEWNS)?;
                // Mounts still come in from outside, and none goes out.
                mount_change(c"/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC)?;
                mount_bind(&*path, &*path)?;
                mount_remount(&*path, MountFlags::BIND | MountFlags::RDONLY | flags, c"")?;
                Ok(chdir(&*path)?)
            });
        }
    }
}
