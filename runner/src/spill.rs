//! The part of the spool that memory cannot hold: records in a file under /tmp, written and read in order.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use lamex_protocol::event::{Missing, Stream};

use crate::entry::{Entry, PIECE_BYTES, What};
use crate::missing;

/// How much is read back at once; holds at least one record.
const BLOCK_BYTES: u64 = 256 << 10;

/// Kind, time, command and length of a record.
const HEADER_BYTES: usize = 1 + 8 + 8 + 4;

const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const EVENT: u8 = 3;

/// What a file system frees at once.
const PAGE_BYTES: u64 = 4 << 10;

/// The file takes at most this fraction (1/N) of the space that would be free without it: /tmp is the tests'
/// own, too.
const SHARE_OF_FREE_SPACE: u64 = 4;

/// How often, in bytes written, the free space is looked at.
const MEASURE_BYTES: u64 = 8 << 20;

/// Records that stand one behind the other.
#[derive(Debug)]
pub(crate) struct Region {
    start: u64,
    end: u64,
    /// What is lost when they are.
    pub(crate) holds: Missing,
}

#[derive(Debug)]
pub(crate) struct Spill {
    /// Called when the file is needed for the first time.
    open: fn() -> io::Result<File>,
    file: Option<File>,
    end: u64,
    read_to: u64,
    freed_to: u64,
    limit_bytes: u64,
    /// Of the free space, and up to where it holds.
    share_bytes: u64,
    measured_to: u64,
    record: Vec<u8>,
}

impl Spill {
    pub(crate) fn new(open: fn() -> io::Result<File>, limit_bytes: u64) -> Self {
        Self {
            open,
            file: None,
            end: 0,
            read_to: 0,
            freed_to: 0,
            limit_bytes,
            share_bytes: 0,
            measured_to: 0,
            record: Vec::new(),
        }
    }

    /// What is there stays, if it is more.
    pub(crate) fn limit(&mut self, limit_bytes: u64) {
        self.limit_bytes = limit_bytes;
    }

    /// Writes the entry behind `region`, which must be the last one, or as a region of its own.
    ///
    /// # Errors
    /// The file cannot take it, or has no room for it; it is as if nothing had been written.
    pub(crate) fn append(
        &mut self,
        entry: &Entry,
        region: Option<&mut Region>,
    ) -> io::Result<Option<Region>> {
        encode(entry, &mut self.record)?;
        let file = match self.file.take() {
            Some(file) => file,
            None => (self.open)()?,
        };
        let file = self.file.insert(file);
        let record_bytes = self.record.len() as u64;
        let used_bytes = self.end - self.freed_to;
        if self.end + record_bytes > self.measured_to {
            self.share_bytes = free_bytes(file).saturating_add(used_bytes) / SHARE_OF_FREE_SPACE;
            self.measured_to = self.end + record_bytes + MEASURE_BYTES;
        }
        if used_bytes + record_bytes > self.limit_bytes.min(self.share_bytes) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write_all_at(&self.record, self.end)?;
        let start = self.end;
        self.end += self.record.len() as u64;
        let holds = entry.what.as_missing();
        match region {
            Some(region) => {
                region.end = self.end;
                missing::add(&mut region.holds, holds);
                Ok(None)
            }
            None => Ok(Some(Region { start, end: self.end, holds })),
        }
    }

    /// Takes entries from the beginning of the region, the first one that is left; `None` when that was
    /// the last of it. Small pieces of output come back joined.
    ///
    /// # Errors
    /// The region cannot be read, and is lost.
    pub(crate) fn take(&mut self, mut region: Region) -> Result<(Vec<Entry>, Option<Region>), Missing> {
        let length = (region.end - region.start).min(BLOCK_BYTES) as usize;
        let mut block = vec![0; length];
        let read =
            self.file.as_ref().is_some_and(|file| file.read_exact_at(&mut block, region.start).is_ok());
        let mut entries = Vec::new();
        let taken = if read { decode(&block, &mut entries) } else { 0 };
        if taken == 0 {
            self.release(region.end);
            return Err(region.holds);
        }
        for entry in &entries {
            missing::subtract(&mut region.holds, entry.what.as_missing());
        }
        region.start += taken as u64;
        self.release(region.start);
        Ok((entries, (region.start < region.end).then_some(region)))
    }

    /// Gives up the region unread; what it held.
    pub(crate) fn skip(&mut self, region: Region) -> Missing {
        self.release(region.end);
        region.holds
    }

    /// Gives the space back to /tmp, for the tests need it too. Where that is not possible, it comes back
    /// when the invocation ends.
    fn release(&mut self, read_to: u64) {
        use rustix::fs::FallocateFlags;
        self.read_to = read_to;
        let Some(file) = &self.file else { return };
        if read_to == self.end {
            let _ = file.set_len(0);
            (self.end, self.read_to, self.freed_to, self.measured_to) = (0, 0, 0, 0);
            return;
        }
        let whole_pages = read_to - read_to % PAGE_BYTES;
        if whole_pages > self.freed_to {
            let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
            if rustix::fs::fallocate(file, hole, self.freed_to, whole_pages - self.freed_to).is_ok() {
                self.freed_to = whole_pages;
            }
        }
    }
}

/// Of the file system that the file is in.
fn free_bytes(file: &File) -> u64 {
    // One that cannot say fails when it is full.
    rustix::fs::fstatvfs(file).map_or(u64::MAX, |space| space.f_bavail.saturating_mul(space.f_frsize))
}

fn encode(entry: &Entry, record: &mut Vec<u8>) -> io::Result<()> {
    let test;
    let (kind, command, payload) = match &entry.what {
        What::Output { command, stream: Stream::Stdout, bytes } => (STDOUT, *command, bytes.as_slice()),
        What::Output { command, stream: Stream::Stderr, bytes } => (STDERR, *command, bytes.as_slice()),
        What::Event(body) => {
            test = serde_json::to_vec(body).map_err(io::Error::other)?;
            (EVENT, 0, test.as_slice())
        }
        What::Lost(_) => return Err(io::ErrorKind::InvalidInput.into()),
    };
    record.clear();
    record.push(kind);
    record.extend_from_slice(&entry.at_ms.to_le_bytes());
    record.extend_from_slice(&command.to_le_bytes());
    record.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    record.extend_from_slice(payload);
    Ok(())
}

/// Appends what the block's whole records hold; how long those are.
fn decode(block: &[u8], entries: &mut Vec<Entry>) -> usize {
    let mut rest = block;
    while let Some((entry, length)) = decode_one(rest) {
        rest = &rest[length..];
        match (entries.last_mut().map(|last| &mut last.what), entry) {
            (
                Some(What::Output { command, stream, bytes: joined }),
                Entry { what: What::Output { command: same, stream: kind, bytes }, .. },
            ) if (*command, *stream) == (same, kind) && joined.len() + bytes.len() <= PIECE_BYTES => {
                joined.extend_from_slice(&bytes);
            }
            (_, entry) => entries.push(entry),
        }
    }
    block.len() - rest.len()
}

fn decode_one(block: &[u8]) -> Option<(Entry, usize)> {
    let number = |at: usize| Some(u64::from_le_bytes(block.get(at..at + 8)?.try_into().ok()?));
    let (kind, at_ms, command) = (*block.first()?, number(1)?, number(9)?);
    let length = u32::from_le_bytes(block.get(17..HEADER_BYTES)?.try_into().ok()?) as usize;
    let end = HEADER_BYTES + length;
    let payload = block.get(HEADER_BYTES..end)?;
    let output = |stream| What::Output { command, stream, bytes: payload.to_vec() };
    let what = match kind {
        STDOUT => output(Stream::Stdout),
        STDERR => output(Stream::Stderr),
        EVENT => What::Event(serde_json::from_slice(payload).ok()?),
        _ => return None,
    };
    Some((Entry { at_ms, what }, end))
}
