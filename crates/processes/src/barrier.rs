//! A system call filter (seccomp) that keeps the programs which a thread starts from reaching into this process:
//! a second barrier behind [`crate::privacy`], where the first one may not hold, for programs of root.

use std::io;

/// What x32 adds to the numbers of x86_64's system calls.
const X32_BIT: u32 = 0x4000_0000;

/// Where the kernel shows a filter the number, the architecture and the low half of each argument.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
#[cfg(target_endian = "little")]
const ARGUMENTS: [u32; 2] = [16, 24];
#[cfg(target_endian = "big")]
const ARGUMENTS: [u32; 2] = [20, 28];

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const AND: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
const JUMP_IF_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
const REFUSE: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

/// The numbers of the system calls in one architecture.
struct Calls {
    architecture: u32,
    pidfd_getfd: &'static [u32],
    ptrace: &'static [u32],
    /// `process_vm_readv` and `process_vm_writev`.
    process_vm: &'static [u32],
}

#[cfg(target_arch = "x86_64")]
const CALLS: [Calls; 2] = [
    // With the numbers of x32, which are its own where the memory layout differs.
    Calls {
        architecture: 0xc000_003e,
        pidfd_getfd: &[438],
        ptrace: &[101, 521],
        process_vm: &[310, 311, 539, 540],
    },
    Calls { architecture: 0x4000_0003, pidfd_getfd: &[438], ptrace: &[26], process_vm: &[347, 348] },
];

#[cfg(target_arch = "aarch64")]
const CALLS: [Calls; 2] = [
    Calls { architecture: 0xc000_00b7, pidfd_getfd: &[438], ptrace: &[117], process_vm: &[270, 271] },
    Calls { architecture: 0x4000_0028, pidfd_getfd: &[438], ptrace: &[26], process_vm: &[376, 377] },
];

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const CALLS: [Calls; 0] = [];

/// For the calling thread and all that it starts, for good: `pidfd_getfd` is refused (`EPERM`), and so are `ptrace`,
/// `process_vm_readv` and `process_vm_writev` of the threads that this process has now. Programs can trace and
/// read whatever else they may: debuggers and leak checkers work.
///
/// It is installed with `CAP_SYS_ADMIN` only. The other way, `no_new_privs`, would take `sudo` and its like from
/// the programs of ordinary users, who are kept out without a filter.
///
/// # Errors
/// `EACCES` without `CAP_SYS_ADMIN`, `ENOSYS` or `EINVAL` without seccomp: nothing is filtered then.
#[expect(unsafe_code, reason = "no maintained crate installs a filter without no_new_privs")]
pub fn refuse_reaching_into_this_process() -> io::Result<()> {
    let mut threads = Vec::new();
    for entry in std::fs::read_dir("/proc/self/task")? {
        threads.extend(entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
    }
    let mut filter = program(&threads);
    let filter = libc::sock_fprog {
        len: u16::try_from(filter.len()).unwrap_or(u16::MAX),
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the program outlives the call, which copies it.
    let result = unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, std::ptr::from_ref(&filter))
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn program(threads: &[u32]) -> Vec<libc::sock_filter> {
    let mut program = vec![statement(LOAD, ARCHITECTURE)];
    for calls in &CALLS {
        let block = block(calls, threads);
        program.push(unless_equal(calls.architecture, block.len()));
        program.extend(block);
    }
    program.push(statement(RETURN, libc::SECCOMP_RET_ALLOW));
    program
}

/// Ends in a verdict whatever the call is.
fn block(calls: &Calls, threads: &[u32]) -> Vec<libc::sock_filter> {
    let mut block = vec![statement(LOAD, NUMBER), statement(AND, !X32_BIT)];
    for &number in calls.pidfd_getfd {
        block.extend([unless_equal(number, 1), statement(RETURN, REFUSE)]);
    }
    for (numbers, argument) in [(calls.ptrace, ARGUMENTS[1]), (calls.process_vm, ARGUMENTS[0])] {
        let mut towards = vec![statement(LOAD, argument)];
        for &thread in threads {
            towards.extend([unless_equal(thread, 1), statement(RETURN, REFUSE)]);
        }
        towards.push(statement(RETURN, libc::SECCOMP_RET_ALLOW));
        for &number in numbers {
            block.push(unless_equal(number, towards.len()));
            block.extend(&towards);
        }
    }
    block.push(statement(RETURN, libc::SECCOMP_RET_ALLOW));
    block
}

fn statement(code: u16, k: u32) -> libc::sock_filter {
    libc::sock_filter { code, jt: 0, jf: 0, k }
}

/// Skips so many instructions unless what was loaded is this.
fn unless_equal(k: u32, skipped: usize) -> libc::sock_filter {
    // Blocks stay far below 256 instructions: a process that starts others has a handful of threads.
    libc::sock_filter { code: JUMP_IF_EQUAL, jt: 0, jf: u8::try_from(skipped).unwrap_or(u8::MAX), k }
}
