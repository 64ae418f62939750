//! The build information that Go's linker puts into every program.
//!
//! Its form is that of Go's package `debug/buildinfo`: a header of 32 bytes that begins with a magic text, then
//! two strings, the version of Go and the program's modules. Since Go 1.18 they stand behind the header;
//! before, the header holds their addresses.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use memchr::memmem;

use crate::elf::{Elf, read_u64};

const SECTION: &[u8] = b".go.buildinfo";
const MAGIC: &[u8] = b"\xff Go buildinf:";
const HEADER_BYTES: usize = 32;
/// Begins and ends the text about modules.
const SENTINEL_BYTES: usize = 16;
/// How much of either string is read: the program's own import path stands at the beginning.
const MAX_STRING_BYTES: usize = 4 << 10;

/// A program is searched through in pieces; nothing that Lambda takes is larger than this.
const SEARCH_BYTES: usize = 2 << 20;
const MAX_PROGRAM_BYTES: u64 = 10 << 30;

/// A program made by `go test -c`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestBinary {
    /// The N of Go 1.N; 0 where the version is not known.
    pub go_minor: u32,
}

/// Reads whether the program is a Go test binary. Anything else, and what cannot be read, is none.
#[must_use]
pub fn test_binary(program: &Path) -> Option<TestBinary> {
    let file = File::open(program).ok()?;
    let (version, modules) = strings(&Elf::open(&file)?)?;
    let is_test = match import_path(&modules) {
        // `go test` names the program that it makes after the package: `example.com/orders.test`.
        Some(path) => path.ends_with(".test"),
        // Until Go 1.23 it left the modules out. Tables that no stripping removes name the source file of `main`.
        None => contains(&file, b"_testmain.go"),
    };
    is_test.then(|| TestBinary { go_minor: minor(&version).unwrap_or(0) })
}

/// The import path of the program itself.
fn import_path(modules: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(modules.get(SENTINEL_BYTES..)?).into_owned();
    Some(text.lines().next()?.strip_prefix("path\t")?.to_owned())
}

/// Whether the file holds these bytes.
fn contains(file: &File, needle: &[u8]) -> bool {
    let finder = memmem::Finder::new(needle);
    let mut buffer = Vec::with_capacity(SEARCH_BYTES);
    let mut left = MAX_PROGRAM_BYTES;
    loop {
        match file.take(SEARCH_BYTES as u64 / 2).read_to_end(&mut buffer) {
            Ok(0) | Err(_) => return false,
            Ok(length) => left = left.saturating_sub(length as u64),
        }
        if finder.find(&buffer).is_some() {
            return true;
        }
        if left == 0 {
            return false;
        }
        // What was found in two parts is found with the next one.
        buffer.drain(..buffer.len().saturating_sub(needle.len() - 1));
    }
}

fn strings(elf: &Elf<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    const FLAGS_OFFSET: usize = 15;
    const INLINE: u8 = 2;
    let (start, length) = elf.section(SECTION)?;
    let header = elf.at_offset(start, HEADER_BYTES)?;
    if !header.starts_with(MAGIC) {
        return None;
    }
    if header[FLAGS_OFFSET] & INLINE != 0 {
        // Beyond the header only what the section has.
        let rest_bytes = usize::try_from(length).ok()?.checked_sub(HEADER_BYTES)?.min(2 * MAX_STRING_BYTES);
        let rest = elf.at_offset(start + HEADER_BYTES as u64, rest_bytes)?;
        let (version, rest) = split_string(&rest)?;
        let (modules, _) = split_string(rest)?;
        return Some((version.to_vec(), modules.to_vec()));
    }
    // A program without modules has no address of them.
    let modules = string_at(elf, read_u64(&header, 24)?).unwrap_or_default();
    Some((string_at(elf, read_u64(&header, 16)?)?, modules))
}

/// A string behind its length, a varint; no more of it than there is.
fn split_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (index, &byte) in bytes.iter().enumerate().take(4) {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let rest = &bytes[index + 1..];
            return Some(rest.split_at(length.min(rest.len())));
        }
    }
    None
}

/// A string whose address and length stand at this address.
fn string_at(elf: &Elf<'_>, address: u64) -> Option<Vec<u8>> {
    let header = elf.at_address(address, 16)?;
    let length = usize::try_from(read_u64(&header, 8)?).ok()?;
    elf.at_address(read_u64(&header, 0)?, length.min(MAX_STRING_BYTES))
}

/// `go1.26.8`, `go1.27rc1`, `devel go1.28-0123abc …`.
fn minor(version: &[u8]) -> Option<u32> {
    let version = std::str::from_utf8(version).ok()?;
    let (_, rest) = version.split_once("go1.")?;
    let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let cases = [
            ("go1.26.8", Some(26)),
            ("go1.27rc1", Some(27)),
            ("go1.9", Some(9)),
            ("devel go1.28-0123abc Mon Jan 1", Some(28)),
            ("go1.20.5 X:boringcrypto", Some(20)),
            ("go2", None),
            ("", None),
        ];
        for (version, expected) in cases {
            assert_eq!(minor(version.as_bytes()), expected, "{version}");
        }
    }

    /// A 64-bit ELF file with the section, and one segment that maps the whole file to 0x400000.
    fn elf(section: &[u8]) -> Vec<u8> {
        const BASE: u64 = 0x40_0000;
        let names = b"\0.go.buildinfo\0";
        let section_at = 64 + 56;
        let names_at = section_at + section.len();
        let table_at = names_at + names.len();
        let mut bytes = vec![0; table_at + 2 * 64];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(0, b"\x7fELF\x02\x01\x01");
        put(32, &64_u64.to_le_bytes());
        put(40, &(table_at as u64).to_le_bytes());
        put(54, &56_u16.to_le_bytes());
        put(56, &1_u16.to_le_bytes());
        put(60, &2_u16.to_le_bytes());
        put(62, &1_u16.to_le_bytes());
        put(64, &1_u32.to_le_bytes());
        put(64 + 16, &BASE.to_le_bytes());
        put(64 + 32, &(table_at as u64).to_le_bytes());
        put(section_at, section);
        put(names_at, names);
        put(table_at, &1_u32.to_le_bytes());
        put(table_at + 24, &(section_at as u64).to_le_bytes());
        put(table_at + 32, &(section.len() as u64).to_le_bytes());
        put(table_at + 64 + 24, &(names_at as u64).to_le_bytes());
        bytes
    }

    fn found(bytes: &[u8]) -> Option<TestBinary> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        std::fs::write(&path, bytes).unwrap();
        test_binary(&path)
    }

    fn header(flags: u8) -> Vec<u8> {
        let mut header = MAGIC.to_vec();
        header.extend([8, flags]);
        header.resize(HEADER_BYTES, 0);
        header
    }

    fn inline(version: &str, path: &str) -> Vec<u8> {
        let modules = format!("0123456789abcdefpath\t{path}\nmod\texample.com\t(devel)\n0123456789abcdef");
        let mut section = header(2);
        for text in [version, &modules] {
            section.extend([(text.len() & 0x7f) as u8 | 0x80, (text.len() >> 7) as u8]);
            section.extend(text.as_bytes());
        }
        section
    }

    #[test]
    fn strings_behind_the_header() {
        let with = |version, path| found(&elf(&inline(version, path)));
        assert_eq!(with("go1.20", "example.com/orders.test"), Some(TestBinary { go_minor: 20 }));
        assert_eq!(with("devel", "example.com/orders.test"), Some(TestBinary { go_minor: 0 }));
        assert_eq!(with("go1.20", "example.com/orders"), None, "another Go program");
        let long = "x".repeat(5_000);
        assert_eq!(with("go1.20", &long), None);
    }

    #[test]
    fn without_modules_the_tables_tell() {
        let mut section = header(2);
        section.extend(b"\x08go1.20.1\0");
        let plain = elf(&section);
        assert_eq!(found(&plain), None);
        for gap in [0, SEARCH_BYTES / 2 - plain.len() - 5, 3 * SEARCH_BYTES] {
            let mut test = plain.clone();
            test.resize(plain.len() + gap, 0);
            test.extend(b"\0_testmain.go\0");
            assert_eq!(found(&test), Some(TestBinary { go_minor: 20 }), "behind {gap} bytes");
        }
    }

    #[test]
    fn strings_at_addresses() {
        const SECTION_AT: u64 = 0x40_0000 + 64 + 56;
        let modules = b"0123456789abcdefpath\torders.test\n0123456789abcdef";
        let mut section = header(0);
        let (texts_at, version) = (SECTION_AT + 64, b"go1.17.1");
        section[16..24].copy_from_slice(&(SECTION_AT + 32).to_le_bytes());
        section[24..32].copy_from_slice(&(SECTION_AT + 48).to_le_bytes());
        for (at, length) in [(texts_at, version.len()), (texts_at + 8, modules.len())] {
            section.extend(at.to_le_bytes());
            section.extend((length as u64).to_le_bytes());
        }
        section.extend(version);
        section.extend(modules);
        assert_eq!(found(&elf(&section)), Some(TestBinary { go_minor: 17 }));
    }

    #[test]
    fn damaged_programs_are_none() {
        let whole = elf(&inline("go1.20", "orders.test"));
        for end in 0..whole.len() {
            assert_eq!(found(&whole[..end]), None, "cut at {end}");
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            let _ = found(&damaged);
        }
        assert_eq!(found(b"#!/bin/sh\n"), None);
    }
}
