//! What an ELF file says about itself: what it runs on, and what it needs there.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use lamex_config::Architecture;
use object::elf::{self, FileHeader64};
use object::read::elf::{FileHeader as _, ProgramHeader as _, SectionHeader as _, SectionTable};
use object::read::{ReadCache, ReadRef};
use object::{LittleEndian, StringTable};
use thiserror::Error;

const MAGIC: &[u8] = b"\x7fELF";

/// Whether the kernel would run a file that begins like this: a binary, or a script with an interpreter.
pub(super) fn is_executable(head: &[u8]) -> bool {
    head.starts_with(MAGIC) || head.starts_with(b"#!")
}

/// What the binary was built for; `None` for a script, or an architecture that Lambda does not have.
///
/// # Errors
/// Those of reading the file.
pub fn architecture(path: &Path) -> io::Result<Option<Architecture>> {
    let mut head = Vec::with_capacity(20);
    File::open(path)?.take(20).read_to_end(&mut head)?;
    Ok(match machine(&head) {
        Some(Machine::Lambda(architecture)) => Some(architecture),
        _ => None,
    })
}

/// What a binary is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Machine {
    Lambda(Architecture),
    Other(&'static str),
}

impl Machine {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lambda(architecture) => architecture.name(),
            Self::Other(name) => name,
        }
    }
}

/// That of an ELF header; `None` if there is none.
pub(super) fn machine(head: &[u8]) -> Option<Machine> {
    const EM_X86_64: u16 = 62;
    const EM_AARCH64: u16 = 183;
    let (class, order) = (*head.get(4)?, *head.get(5)?);
    let number: [u8; 2] = head.strip_prefix(MAGIC)?.get(14..16)?.try_into().ok()?;
    let number = if order == 2 { u16::from_be_bytes(number) } else { u16::from_le_bytes(number) };
    Some(match (class, order, number) {
        (2, 1, EM_X86_64) => Machine::Lambda(Architecture::X86_64),
        (2, 1, EM_AARCH64) => Machine::Lambda(Architecture::Arm64),
        (1, _, 3) => Machine::Other("32-bit x86"),
        (1, _, EM_X86_64) => Machine::Other("the x32 ABI of x86_64"),
        (_, _, 40) => Machine::Other("32-bit ARM"),
        (_, _, 243) => Machine::Other("RISC-V"),
        (_, _, 20 | 21) => Machine::Other("PowerPC"),
        (_, _, 22) => Machine::Other("s390x"),
        _ => Machine::Other("another kind of processor"),
    })
}

/// What a binary needs to start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Binary {
    pub(super) kind: Kind,
    /// Made by Go's toolchain.
    pub(super) is_go: bool,
    /// The import path of its main package, which Go's linker notes down; a test binary's ends in `.test`.
    pub(super) go_path: Option<String>,
    /// The dynamic linker; a static program has none.
    pub(super) interpreter: Option<String>,
    /// Shared libraries, as `DT_NEEDED` names them.
    pub(super) needed: Vec<String>,
    /// Where it tells the loader to look for its own libraries (`DT_RUNPATH`).
    pub(super) run_path: Vec<String>,
    /// Where it tells the loader to look for all libraries (`DT_RPATH`); void where there is a `DT_RUNPATH`.
    pub(super) inherited_path: Vec<String>,
    /// Symbol versions that the loader insists on, such as `GLIBC_2.34`.
    pub(super) versions: Vec<String>,
    /// It has a dynamic segment, but no section that describes it: the rest is not known.
    pub(super) is_opaque: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// A program with a fixed address.
    Fixed,
    /// A program that can be anywhere, or a shared library.
    Movable,
    /// An object file or a core dump.
    #[default]
    Other,
}

impl Binary {
    /// Whether it is certainly a program: a shared library has neither a fixed address nor, but for oddities,
    /// an interpreter.
    pub(super) fn is_program(&self) -> bool {
        self.kind == Kind::Fixed || self.interpreter.is_some()
    }

    /// A static program that can be anywhere needs nothing.
    pub(super) fn is_library(&self) -> bool {
        self.kind == Kind::Movable && self.interpreter.is_none() && !self.needed.is_empty()
    }
}

#[derive(Debug, Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{0}")]
    Damaged(object::Error),
}

impl From<object::Error> for ReadError {
    fn from(error: object::Error) -> Self {
        Self::Damaged(error)
    }
}

/// Reads the headers of a 64-bit little-endian ELF file, which is all that Lambda runs.
///
/// # Errors
/// The file cannot be read, or its headers lead nowhere.
pub(super) fn read(path: &Path) -> Result<Binary, ReadError> {
    type Header = FileHeader64<LittleEndian>;
    let cache = ReadCache::new(File::open(path)?);
    let data = &cache;
    let header = Header::parse(data)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, data)?;
    let mut binary = Binary {
        kind: match header.e_type(endian) {
            elf::ET_EXEC => Kind::Fixed,
            elf::ET_DYN => Kind::Movable,
            _ => Kind::Other,
        },
        is_go: sections.section_by_name(endian, b".note.go.buildid").is_some(),
        ..Binary::default()
    };
    if let Some((_, section)) = sections.section_by_name(endian, b".go.buildinfo") {
        binary.go_path = go_path(section.data(endian, data)?);
    }
    let mut has_dynamic_segment = false;
    for segment in header.program_headers(endian, data)? {
        has_dynamic_segment |= segment.p_type(endian) == elf::PT_DYNAMIC;
        if let Some(interpreter) = segment.interpreter(endian, data)? {
            binary.interpreter = Some(text(interpreter));
        }
    }
    read_dynamic(&sections, data, &mut binary)?;
    read_versions(&sections, data, &mut binary)?;
    let has_table = sections.dynamic(endian, data)?.is_some();
    binary.is_opaque = has_dynamic_segment && !has_table;
    Ok(binary)
}

type Sections<'data, R> = SectionTable<'data, FileHeader64<LittleEndian>, R>;

fn read_dynamic<'data, R: ReadRef<'data>>(
    sections: &Sections<'data, R>,
    data: R,
    binary: &mut Binary,
) -> Result<(), ReadError> {
    let table = sections.dynamic_table(LittleEndian, data)?;
    for entry in table.iter() {
        let folders = |list: &[u8]| -> Vec<String> {
            text(list).split(':').filter(|folder| !folder.is_empty()).map(str::to_owned).collect()
        };
        match entry.tag {
            elf::DT_NEEDED => binary.needed.push(text(table.string(entry)?)),
            elf::DT_RUNPATH => binary.run_path = folders(table.string(entry)?),
            elf::DT_RPATH => binary.inherited_path = folders(table.string(entry)?),
            _ => {}
        }
    }
    if !binary.run_path.is_empty() {
        binary.inherited_path.clear();
    }
    Ok(())
}

fn read_versions<'data, R: ReadRef<'data>>(
    sections: &Sections<'data, R>,
    data: R,
    binary: &mut Binary,
) -> Result<(), ReadError> {
    let Some((libraries, link)) = sections.gnu_verneed(LittleEndian, data)? else {
        return Ok(());
    };
    let strings: StringTable<'data, R> = sections.strings(LittleEndian, data, link)?;
    for library in libraries {
        let (_, versions) = library?;
        for version in versions {
            let version = version?;
            // The loader forgives the absence of a version that only weak symbols ask for.
            if !version.vna_flags.get(LittleEndian).contains(elf::VER_FLG_WEAK) {
                binary.versions.push(text(version.name(LittleEndian, strings)?));
            }
        }
    }
    Ok(())
}

/// The line `path` of Go's build information, as it stands since Go 1.18: two texts behind a header of 32 bytes,
/// each behind its length.
fn go_path(section: &[u8]) -> Option<String> {
    const MAGIC: &[u8] = b"\xff Go buildinf:";
    const HEADER_BYTES: usize = 32;
    const TEXTS_INLINE: u8 = 2;
    let flags = *section.strip_prefix(MAGIC)?.get(1)?;
    if flags & TEXTS_INLINE == 0 {
        return None;
    }
    let (_version, rest) = go_text(section.get(HEADER_BYTES..)?)?;
    let (information, _) = go_text(rest)?;
    let information = String::from_utf8_lossy(information);
    // The text stands between two marks of 16 bytes.
    let mut lines = information.lines().map(|line| line.split_once("path\t").map(|(_, path)| path));
    lines.find_map(|path| path.map(str::to_owned))
}

/// A text behind its length in base 128, and what follows it.
fn go_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (index, &byte) in bytes.iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return bytes.get(index + 1..)?.split_at_checked(length);
        }
    }
    None
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
