//! As much of an executable's header as tells what it is.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::config::Architecture;

/// Whether the kernel would run a file that begins like this: a binary, or a script with an interpreter.
pub(super) fn is_executable(head: &[u8]) -> bool {
    head.starts_with(b"\x7fELF") || head.starts_with(b"#!")
}

/// What the binary was built for; `None` for a script, or an architecture that Lambda does not have.
///
/// # Errors
/// Those of reading the file.
pub(super) fn architecture(path: &Path) -> io::Result<Option<Architecture>> {
    let mut head = Vec::with_capacity(20);
    File::open(path)?.take(20).read_to_end(&mut head)?;
    Ok(machine(&head))
}

/// `e_machine`, in the file's own byte order; Lambda's are all little-endian.
fn machine(head: &[u8]) -> Option<Architecture> {
    const EM_X86_64: u16 = 62;
    const EM_AARCH64: u16 = 183;
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    match u16::from_le_bytes(head.get(18..20)?.try_into().ok()?) {
        EM_X86_64 => Some(Architecture::X86_64),
        EM_AARCH64 => Some(Architecture::Arm64),
        _ => None,
    }
}
