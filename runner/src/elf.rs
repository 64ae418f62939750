//! The few fields of ELF programs that the runner reads: 64-bit and little-endian, which is all that Lambda runs.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// Sections that are looked at; programs have some tens.
const MAX_SECTIONS: u64 = 10_000;

const HEADER_BYTES: usize = 64;
const SECTION_HEADER_BYTES: u64 = 64;
const SEGMENT_HEADER_BYTES: u64 = 56;

/// The machine of an ELF header, in Rust's names of architectures.
#[must_use]
pub(crate) fn machine(head: &[u8]) -> Option<&'static str> {
    const MACHINE_OFFSET: usize = 18;
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    let little_endian = head.get(5) == Some(&1);
    Some(match (little_endian, read_u16(head, MACHINE_OFFSET)?) {
        (true, 0x3e) => "x86_64",
        (true, 0xb7) => "aarch64",
        (true, 0x28) => "arm",
        (true, 0x03) => "x86",
        (true, 0xf3) => "riscv64",
        _ => "another kind of machine",
    })
}

/// `PT_INTERP`, from the first bytes of a program.
#[must_use]
pub(crate) fn interpreter(head: &[u8]) -> Option<String> {
    const PT_INTERP: u32 = 3;
    machine(head)?;
    let table = read_u64(head, 32)? as usize;
    let (entry_bytes, entries) = (read_u16(head, 54)? as usize, read_u16(head, 56)? as usize);
    let mut headers = (0..entries).map(|index| table.saturating_add(index.saturating_mul(entry_bytes)));
    let header = headers.find(|&at| read_u32(head, at) == Some(PT_INTERP))?;
    let (offset, length) =
        (read_u64(head, header.checked_add(8)?)? as usize, read_u64(head, header.checked_add(32)?)? as usize);
    let name = head.get(offset..offset.checked_add(length)?)?;
    Some(String::from_utf8_lossy(name).trim_end_matches('\0').to_owned())
}

/// An ELF program whose parts are read as they are asked for.
#[derive(Debug)]
pub(crate) struct Elf<'a> {
    file: &'a File,
    header: Vec<u8>,
}

impl<'a> Elf<'a> {
    pub(crate) fn open(file: &'a File) -> Option<Self> {
        let header = read(file, 0, HEADER_BYTES)?;
        let is_elf64 = header.starts_with(b"\x7fELF\x02\x01");
        is_elf64.then_some(Self { file, header })
    }

    /// Where in the file a section begins, and its length.
    pub(crate) fn section(&self, name: &[u8]) -> Option<(u64, u64)> {
        let table = read_u64(&self.header, 40)?;
        let count = u64::from(read_u16(&self.header, 60)?).min(MAX_SECTIONS);
        let names = self.section_header(table, u64::from(read_u16(&self.header, 62)?))?;
        let names_at = read_u64(&names, 24)?;
        (0..count).find_map(|index| {
            let header = self.section_header(table, index)?;
            let name_at = names_at.checked_add(u64::from(read_u32(&header, 0)?))?;
            let found = read(self.file, name_at, name.len() + 1)?;
            let is_it = found.strip_prefix(name) == Some(b"\0");
            is_it.then_some((read_u64(&header, 24)?, read_u64(&header, 32)?))
        })
    }

    /// Bytes at an address of the running program, as the file holds them.
    pub(crate) fn at_address(&self, address: u64, length: usize) -> Option<Vec<u8>> {
        const PT_LOAD: u32 = 1;
        let table = read_u64(&self.header, 32)?;
        let count = u64::from(read_u16(&self.header, 56)?);
        (0..count).find_map(|index| {
            let at = table.checked_add(index * SEGMENT_HEADER_BYTES)?;
            let header = read(self.file, at, SEGMENT_HEADER_BYTES as usize)?;
            let (offset, start) = (read_u64(&header, 8)?, read_u64(&header, 16)?);
            let distance = address.checked_sub(start)?;
            let is_in = read_u32(&header, 0)? == PT_LOAD && distance < read_u64(&header, 32)?;
            if is_in { read(self.file, offset.checked_add(distance)?, length) } else { None }
        })
    }

    pub(crate) fn at_offset(&self, offset: u64, length: usize) -> Option<Vec<u8>> {
        read(self.file, offset, length)
    }

    fn section_header(&self, table: u64, index: u64) -> Option<Vec<u8>> {
        let at = table.checked_add(index * SECTION_HEADER_BYTES)?;
        read(self.file, at, SECTION_HEADER_BYTES as usize)
    }
}

/// Exactly this many bytes.
fn read(file: &File, offset: u64, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, offset).ok()?;
    Some(bytes)
}

pub(crate) fn read_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(crate) fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

pub(crate) fn read_u64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}
