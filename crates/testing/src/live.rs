//! A lamex-ctl that runs, watched through its stdout.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use lamex_processes::{Pid, Signal, descendants, signal_each};

use crate::finished::Finished;

/// The most memory that a process has had since it became its program; 0 where it has ended. What wait4 tells is never less
/// than what the process that started it had.
pub fn high_water_mark_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    mark.map_or(0, |mark| mark.parse().unwrap())
}

pub struct Live {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    /// What was read of it so far.
    seen: Vec<u8>,
    stderr: Option<JoinHandle<Vec<u8>>>,
}

impl Live {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let stderr = thread::spawn(move || {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).unwrap();
            bytes
        });
        Self { child, stdout: Some(stdout), seen: Vec::new(), stderr: Some(stderr) }
    }

    pub fn pid(&self) -> Pid {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).unwrap()
    }

    /// Reads on until a line of stdout holds the text, and returns that line.
    #[track_caller]
    pub fn line_with(&mut self, text: &str) -> String {
        loop {
            let start = self.seen.len();
            let length = self.stdout.as_mut().unwrap().read_until(b'\n', &mut self.seen).unwrap();
            let line = String::from_utf8_lossy(&self.seen[start..]).trim_end().to_owned();
            if line.contains(text) {
                return line;
            }
            assert!(length > 0, "no `{text}` in:\n{}", String::from_utf8_lossy(&self.seen));
        }
    }

    /// Reads on until stdout holds the text, also in the middle of a line.
    #[track_caller]
    pub fn until(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.seen).contains(text) {
            let stdout = self.stdout.as_mut().unwrap();
            let piece = stdout.fill_buf().unwrap();
            assert!(!piece.is_empty(), "no `{text}` in:\n{}", String::from_utf8_lossy(&self.seen));
            self.seen.extend_from_slice(piece);
            let length = piece.len();
            stdout.consume(length);
        }
    }

    pub fn signal(&self, signal: Signal) {
        signal_each(&[self.pid()], signal);
    }

    /// The process below it that was started as this program.
    pub fn process(&self, program: &str) -> Pid {
        let is_program = |pid: &Pid| {
            let name = std::fs::read_to_string(format!("/proc/{}/comm", pid.as_raw_nonzero()));
            name.is_ok_and(|name| name.trim_end() == program)
        };
        let found: Vec<Pid> = descendants(self.pid()).unwrap().into_iter().filter(is_program).collect();
        assert_eq!(found.len(), 1, "processes named {program}: {found:?}");
        found[0]
    }

    /// Waits for its end without reading on, stdout open all the while.
    pub fn finish_unread(mut self) -> Finished {
        let status = self.child.wait().unwrap();
        let stderr = self.stderr.take().unwrap().join().unwrap();
        Finished { code: status.code(), stdout: std::mem::take(&mut self.seen), stderr }
    }

    /// Closes its stdout, and waits for its end.
    pub fn finish_closed(mut self) -> Finished {
        self.stdout = None;
        self.finish_unread()
    }

    /// Reads everything, and waits for its end.
    pub fn finish(mut self) -> Finished {
        self.stdout.as_mut().unwrap().read_to_end(&mut self.seen).unwrap();
        self.finish_unread()
    }
}

/// A test that fails leaves nothing running.
impl Drop for Live {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            signal_each(&descendants(self.pid()).unwrap_or_default(), Signal::KILL);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
