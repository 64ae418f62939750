//! The commands that the measured packages run: this program, started with one of these words.

use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

pub(crate) const WRITE: &str = "--write";
pub(crate) const TICK: &str = "--tick";

/// Between two lines of [`tick`].
pub(crate) const TICK_PERIOD: Duration = Duration::from_millis(20);

const LINE_BYTES: usize = 80;
const BLOCK_LINES: usize = 800;

/// The blocks of lines that [`write`] writes: printable, every line another, in all exactly so many bytes.
pub(crate) fn blocks(
    total_bytes: usize,
    mut on_block: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut block: Vec<u8> = (0..BLOCK_LINES)
        .flat_map(|line| {
            format!("block 0000000000 line {line:04} {:.<51}\n", "GET /orders/42: 200 ").into_bytes()
        })
        .collect();
    debug_assert_eq!(block.len(), LINE_BYTES * BLOCK_LINES);
    let mut left = total_bytes;
    let mut number = 0_u64;
    while left > 0 {
        let digits = format!("{number:010}");
        for line in block.chunks_exact_mut(LINE_BYTES) {
            line[6..16].copy_from_slice(digits.as_bytes());
        }
        let length = left.min(block.len());
        on_block(&block[..length])?;
        left -= length;
        number += 1;
    }
    Ok(())
}

/// Writes so many bytes to stdout, as fast as they are taken.
pub(crate) fn write(total_bytes: usize) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    blocks(total_bytes, |block| stdout.write_all(block))
}

/// Writes so many lines, each with the time of its writing.
pub(crate) fn tick(lines: usize) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for _ in 0..lines {
        thread::sleep(TICK_PERIOD);
        // Its newline makes the line one write.
        writeln!(stdout, "{}", monotonic_ns())?;
    }
    Ok(())
}

/// A clock that all processes share.
pub(crate) fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
