//! Finding processes by an argument that no other has.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;

/// A word to be put among the arguments of processes.
pub(crate) struct Marker(String);

impl Marker {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(format!("lamex-marker-{}-{number}.", std::process::id()))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The command lines of the living processes that carry it.
    pub(crate) fn processes(&self) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            // Not a process, or it has ended meanwhile. A zombie's command line is empty.
            let Ok(command_line) = fs::read(entry.path().join("cmdline")) else { continue };
            let command_line = String::from_utf8_lossy(&command_line).replace('\0', " ");
            if command_line.contains(&self.0) {
                found.push(format!("{} {command_line}", entry.file_name().display()));
            }
        }
        found
    }
}

/// The largest resident set that the process ever had.
pub(crate) fn peak_rss_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Waits until the condition holds.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < until, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
