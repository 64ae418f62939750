//! Where reports go.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use crate::report::reporter::OutputFormat;

/// Where reports go. Neither should buffer: a line of a test must be seen when it comes, and every output
/// event is one write.
pub struct Writers {
    pub stdout: Box<dyn Write + Send>,
    pub stderr: Box<dyn Write + Send>,
}

impl Writers {
    /// Those of the process; stdout without the line buffer that the standard library puts before it.
    ///
    /// # Errors
    /// When no descriptor is free.
    pub fn of_process() -> io::Result<Self> {
        Ok(Self {
            stdout: Box::new(Patient::new(&io::stdout())?),
            stderr: Box::new(Patient::new(&io::stderr())?),
        })
    }

    /// Where the report for people goes.
    pub(super) fn report(&mut self, output: OutputFormat) -> &mut dyn Write {
        match output {
            OutputFormat::Human => &mut self.stdout,
            OutputFormat::Json => &mut self.stderr,
        }
    }
}

/// Waits where a pipe is full, also where somebody who shares it (Node.js does) made it non-blocking.
struct Patient(File);

impl Patient {
    fn new(descriptor: &impl AsFd) -> io::Result<Self> {
        let own = descriptor.as_fd().try_clone_to_owned()?;
        Ok(Self(File::from(own)))
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    thread::sleep(Duration::from_millis(1));
                }
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn a_full_pipe_is_waited_for() {
        let (mut near, far) = UnixStream::pair().unwrap();
        far.set_nonblocking(true).unwrap();
        let mut patient = Patient::new(&far).unwrap();
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
        let mut patient = Patient::new(&far).unwrap();
        drop(near);
        let error = patient.write_all(b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
