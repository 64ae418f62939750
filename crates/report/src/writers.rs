//! Where reports go.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt as _;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Where there is room for anything there is room for this much (POSIX: `PIPE_BUF`), so that no write blocks.
const PIECE_BYTES: usize = 4096;

/// How often a reader that takes nothing is looked at.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// How long such a reader is waited for when the user wants an end.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// Where the report for people goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportStream {
    #[default]
    Stdout,
    /// Stdout is for a document.
    Stderr,
}

/// Where reports go. Neither should buffer: a line of a test must be seen when it comes, and every output
/// event is one write.
pub struct Writers {
    pub stdout: Box<dyn Write + Send>,
    pub stderr: Box<dyn Write + Send>,
}

impl Writers {
    /// Those of the process; stdout without the line buffer that the standard library puts before it. A
    /// reader that takes nothing is waited for until `is_interrupted`, and then for a second.
    ///
    /// # Errors
    /// When no descriptor is free.
    pub fn from_process(is_interrupted: impl Fn() -> bool + Clone + Send + 'static) -> io::Result<Self> {
        Ok(Self {
            stdout: stdout(is_interrupted.clone())?,
            stderr: Box::new(Patient::new(&io::stderr(), is_interrupted)?),
        })
    }

    /// Where the report for people goes.
    pub(super) fn report(&mut self, stream: ReportStream) -> &mut dyn Write {
        match stream {
            ReportStream::Stdout => &mut self.stdout,
            ReportStream::Stderr => &mut self.stderr,
        }
    }
}

/// Stdout of the process alone, as in [`Writers::of_process`].
///
/// # Errors
/// When no descriptor is free.
pub fn stdout(is_interrupted: impl Fn() -> bool + Send + 'static) -> io::Result<Box<dyn Write + Send>> {
    Ok(Box::new(Patient::new(&io::stdout(), is_interrupted)?))
}

/// Waits where a pipe is full, also where somebody who shares it (Node.js does) made it non-blocking; but in
/// no system call, since Ctrl-C must end a run whose output nobody reads.
struct Patient<F> {
    file: File,
    /// Whether there can be a reader that takes nothing.
    may_stall: bool,
    is_interrupted: F,
    /// The reader was given up.
    is_stalled: bool,
}

impl<F: Fn() -> bool> Patient<F> {
    fn new(descriptor: &impl AsFd, is_interrupted: F) -> io::Result<Self> {
        let file = File::from(descriptor.as_fd().try_clone_to_owned()?);
        let kind = file.metadata()?.file_type();
        let may_stall = kind.is_fifo() || kind.is_socket() || file.is_terminal();
        Ok(Self { file, may_stall, is_interrupted, is_stalled: false })
    }

    fn wait_for_room(&mut self) -> io::Result<()> {
        let mut give_up_at = None;
        while !self.is_stalled {
            let mut descriptors = [PollFd::new(&self.file, PollFlags::OUT)];
            match poll(&mut descriptors, Some(&LOOK)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                // A reader that has gone away is an error of the write.
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            if (self.is_interrupted)() {
                let now = Instant::now();
                self.is_stalled = now >= *give_up_at.get_or_insert(now + LAST_PATIENCE);
            }
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads it"))
    }
}

impl<F: Fn() -> bool> Write for Patient<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.may_stall {
            return self.file.write(bytes);
        }
        let piece = &bytes[..bytes.len().min(PIECE_BYTES)];
        loop {
            self.wait_for_room()?;
            match self.file.write(piece) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    thread::sleep(Duration::from_millis(1));
                }
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_full_pipe_is_waited_for() {
        let (mut near, far) = UnixStream::pair().unwrap();
        far.set_nonblocking(true).unwrap();
        let mut patient = Patient::new(&far, || false).unwrap();
        drop(far);
        let sent = vec![b'x'; 4 << 20];
        let copy = sent.clone();
        let writer = thread::spawn(move || patient.write_all(&copy));
        let mut received = Vec::new();
        near.read_to_end(&mut received).unwrap();
        writer.join().unwrap().unwrap();
        assert!(received == sent);
    }

    #[test]
    fn a_reader_that_went_away_is_an_error() {
        let (near, far) = UnixStream::pair().unwrap();
        let mut patient = Patient::new(&far, || false).unwrap();
        drop(near);
        let error = patient.write_all(b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_reader_that_takes_nothing_is_given_up_after_an_interrupt() {
        let (mut near, far) = UnixStream::pair().unwrap();
        let interrupted = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&interrupted);
        let mut patient = Patient::new(&far, move || seen.load(Ordering::Relaxed)).unwrap();
        drop(far);
        patient.write_all(b"read").unwrap();
        let mut read = [0; 4];
        near.read_exact(&mut read).unwrap();
        interrupted.store(true, Ordering::Relaxed);
        patient.write_all(b"there is room").unwrap();
        let error = patient.write_all(&vec![b'x'; 4 << 20]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(patient.write(b"x").unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
