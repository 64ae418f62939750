//! The function's log: what its processes print and what the platform says about them.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot};

/// This many bytes of the end of an invocation's log go to a caller that asks for the tail.
const TAIL_BYTES: usize = 4 << 10;

/// A line that is longer goes to the sink in parts.
const MAX_LINE_BYTES: usize = 64 << 10;

/// The largest pipe that Linux gives an unprivileged process, so that a flush has an end.
const MAX_PIPE_BYTES: usize = 1 << 20;

type OnLine = dyn Fn(&[u8]) + Send + Sync;

/// Where the log goes: called with whole lines, from any thread. What it blocks, the emulator waits for.
#[derive(Clone)]
pub struct LogSink(Option<Arc<OnLine>>);

impl LogSink {
    #[must_use]
    pub fn discard() -> Self {
        Self(None)
    }

    /// Each line, its newline included.
    #[must_use]
    pub fn callback(on_line: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(on_line)))
    }

    /// Errors of the writer are ignored, as the function cannot be told of them.
    #[must_use]
    pub fn writer(writer: impl Write + Send + 'static) -> Self {
        let writer = Mutex::new(writer);
        Self::callback(move |line| {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writer.write_all(line).and_then(|()| writer.flush());
        })
    }
}

impl fmt::Debug for LogSink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "LogSink" } else { "LogSink(discard)" })
    }
}

/// The log of one execution environment.
#[derive(Debug)]
pub(crate) struct EnvironmentLog {
    sink: LogSink,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    /// A line without its end.
    partial: Vec<u8>,
    tail: Vec<u8>,
}

impl EnvironmentLog {
    pub(crate) fn new(sink: LogSink) -> Self {
        Self { sink, lines: Mutex::default() }
    }

    /// From here on the tail is the next invocation's.
    pub(crate) fn begin_tail(&self) {
        self.lines().tail.clear();
    }

    pub(crate) fn tail(&self) -> Vec<u8> {
        let lines = self.lines();
        lines.tail[lines.tail.len().saturating_sub(TAIL_BYTES)..].to_vec()
    }

    /// What a process of the function printed.
    pub(crate) fn print(&self, bytes: &[u8]) {
        self.append(&mut self.lines(), bytes);
    }

    /// A line of the platform's own; it starts a line even where the function has not ended its last one.
    pub(crate) fn platform(&self, line: &str) {
        let mut lines = self.lines();
        if !lines.partial.is_empty() {
            self.append(&mut lines, b"\n");
        }
        self.append(&mut lines, format!("{line}\n").as_bytes());
    }

    fn append(&self, lines: &mut Lines, bytes: &[u8]) {
        lines.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL_BYTES)..]);
        if lines.tail.len() > 4 * TAIL_BYTES {
            let excess = lines.tail.len() - TAIL_BYTES;
            lines.tail.drain(..excess);
        }
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            lines.partial.extend_from_slice(&rest[..=end]);
            rest = &rest[end + 1..];
            self.hand_out(lines);
        }
        lines.partial.extend_from_slice(rest);
        if lines.partial.len() >= MAX_LINE_BYTES {
            self.hand_out(lines);
        }
    }

    fn hand_out(&self, lines: &mut Lines) {
        if let Some(sink) = &self.sink.0 {
            sink(&lines.partial);
        }
        lines.partial.clear();
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads what the processes of an environment print.
#[derive(Debug, Clone)]
pub(crate) struct LogReader {
    flushes: mpsc::Sender<oneshot::Sender<()>>,
}

impl LogReader {
    /// Reads until the last `LogReader` is gone; the pipe may have ended before.
    pub(crate) fn spawn(output: pipe::Receiver, log: Arc<EnvironmentLog>) -> Self {
        // A flush is asked for by whoever waits for it: more than a few never queue.
        let (flushes, mut requests) = mpsc::channel::<oneshot::Sender<()>>(4);
        tokio::spawn(async move {
            let mut buffer = vec![0; 64 << 10];
            let mut is_open = true;
            loop {
                tokio::select! {
                    biased;
                    request = requests.recv() => {
                        let Some(done) = request else { return };
                        let mut flushed = 0;
                        while flushed < MAX_PIPE_BYTES {
                            let Ok(count @ 1..) = output.try_read(&mut buffer) else { break };
                            log.print(&buffer[..count]);
                            flushed += count;
                        }
                        // Who asked may have given up waiting.
                        let _ = done.send(());
                    }
                    readable = output.readable(), if is_open => match readable.and_then(|()| output.try_read(&mut buffer)) {
                        Ok(0) => is_open = false,
                        Ok(count) => log.print(&buffer[..count]),
                        Err(error) => is_open = error.kind() == std::io::ErrorKind::WouldBlock,
                    },
                }
            }
        });
        Self { flushes }
    }

    /// Returns when everything is in the log that was printed before the call.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.flushes.send(done).await.is_ok() {
            let _ = flushed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded() -> (EnvironmentLog, Arc<Mutex<Vec<String>>>) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let sink = LogSink::callback(move |line| {
            kept.lock().unwrap().push(String::from_utf8_lossy(line).into_owned());
        });
        (EnvironmentLog::new(sink), lines)
    }

    #[test]
    fn the_sink_gets_whole_lines_and_platform_lines_start_one() {
        let (log, lines) = recorded();
        log.print(b"a");
        log.print(b"b\nc\nd");
        log.platform("END");
        assert_eq!(*lines.lock().unwrap(), ["ab\n", "c\n", "d\n", "END\n"]);
        assert_eq!(log.tail(), b"ab\nc\nd\nEND\n");
    }

    #[test]
    fn the_tail_is_the_last_four_kibibytes_of_this_invocation() {
        let (log, _) = recorded();
        log.print(b"earlier\n");
        log.begin_tail();
        log.print(b"first\n");
        assert_eq!(log.tail(), b"first\n");
        for _ in 0..100 {
            log.print(&[b'x'; 999]);
        }
        log.print(b"last\n");
        let tail = log.tail();
        assert_eq!(tail.len(), 4096);
        assert!(tail.ends_with(b"xlast\n"));
    }
}
