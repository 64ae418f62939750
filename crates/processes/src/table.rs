//! The process table: one scan of /proc, and who descends from whom in it.

use std::collections::HashSet;
use std::fs;
use std::io;

use rustix::process::Pid;

/// A process at the moment of the scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    pub pid: Pid,
    pub parent: Option<Pid>,
    /// Its process group.
    pub group: Option<Pid>,
    pub session: Option<Pid>,
    /// Ended, and waiting to be reaped.
    pub is_zombie: bool,
}

/// Every process there is: costly, and a snapshot of what may be forking.
///
/// # Errors
/// /proc cannot be read.
pub fn table() -> io::Result<Vec<Process>> {
    let mut processes = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let pid = entry?.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        // A process may end while it is looked at.
        processes.extend(pid.and_then(process));
    }
    Ok(processes)
}

/// Every process of the table below these, themselves left out.
#[must_use]
pub fn below<'a>(table: &'a [Process], ancestors: &[Pid]) -> Vec<&'a Process> {
    let mut above: Vec<Pid> = ancestors.to_vec();
    let mut seen: HashSet<Pid> = ancestors.iter().copied().collect();
    let mut found = Vec::new();
    let mut next = 0;
    while let Some(&parent) = above.get(next) {
        for process in table.iter().filter(|process| process.parent == Some(parent)) {
            if seen.insert(process.pid) {
                above.push(process.pid);
                found.push(process);
            }
        }
        next += 1;
    }
    found
}

fn process(pid: Pid) -> Option<Process> {
    let stat = fs::read(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // pid (name) state ppid pgrp session …: the name may hold blanks and parentheses, so look behind the last one.
    let after_name = &stat[stat.iter().rposition(|&byte| byte == b')')? + 1..];
    let mut fields = std::str::from_utf8(after_name).ok()?.split_ascii_whitespace();
    let state = fields.next()?;
    // The kernel shows 0 or -1 where a dead process has none any more.
    let mut related = || Some(fields.next()?.parse().ok().filter(|&pid: &i32| pid > 0));
    Some(Process {
        pid,
        parent: related()?.and_then(Pid::from_raw),
        group: related()?.and_then(Pid::from_raw),
        session: related()?.and_then(Pid::from_raw),
        is_zombie: matches!(state, "Z" | "X"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(raw: i32) -> Pid {
        Pid::from_raw(raw).unwrap()
    }

    #[test]
    fn finds_itself_with_its_parent_and_group() {
        let me = rustix::process::getpid();
        let table = table().unwrap();
        let found = table.iter().find(|process| process.pid == me).unwrap();
        assert_eq!(found.parent, rustix::process::getppid());
        assert_eq!(found.group, Some(rustix::process::getpgrp()));
        assert!(!found.is_zombie);
    }

    #[test]
    fn below_means_at_any_depth_and_never_oneself() {
        let entry = |own: i32, parent: i32| Process {
            pid: pid(own),
            parent: Some(pid(parent)),
            group: None,
            session: None,
            is_zombie: false,
        };
        let table = [entry(5, 4), entry(4, 2), entry(3, 1), entry(2, 1), entry(6, 3)];
        let below = |ancestors: &[i32]| {
            let ancestors: Vec<Pid> = ancestors.iter().copied().map(pid).collect();
            let mut found: Vec<i32> = super::below(&table, &ancestors)
                .iter()
                .map(|process| process.pid.as_raw_nonzero().get())
                .collect();
            found.sort_unstable();
            found
        };
        assert_eq!(below(&[2]), [4, 5]);
        assert_eq!(below(&[2, 4]), [5]);
        assert_eq!(below(&[3, 2]), [4, 5, 6]);
        assert_eq!(below(&[6]), [0; 0]);
    }
}
