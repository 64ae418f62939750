//! What kind of program a file is, by its first bytes: what the kernel looks at.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::elf::{self, Machine};

/// As much as the kernel reads of a script's first line, and more than any header needs.
const HEAD_BYTES: u64 = 256;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProgramFile {
    Elf(Machine),
    Script(Shebang),
    /// Nothing that Linux runs: what it is.
    Foreign(&'static str),
    /// No header that anything knows.
    Unknown,
}

/// The first line of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shebang {
    pub(super) interpreter: String,
    /// All of what follows: the kernel hands it over as one argument.
    pub(super) argument: Option<String>,
    /// The interpreter's name would end in a carriage return.
    pub(super) has_carriage_return: bool,
}

pub(super) fn read(path: &Path) -> io::Result<ProgramFile> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(classify(&head))
}

fn classify(head: &[u8]) -> ProgramFile {
    if let Some(machine) = elf::machine(head) {
        return ProgramFile::Elf(machine);
    }
    if let Some(rest) = head.strip_prefix(b"#!") {
        let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
        return ProgramFile::Script(shebang(&String::from_utf8_lossy(line)));
    }
    const MACH_O: [&[u8]; 4] =
        [b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"];
    if MACH_O.iter().any(|magic| head.starts_with(magic)) {
        return ProgramFile::Foreign("a program for macOS");
    }
    match head {
        [] => ProgramFile::Foreign("empty"),
        [b'M', b'Z', ..] => ProgramFile::Foreign("a program for Windows"),
        _ => ProgramFile::Unknown,
    }
}

fn shebang(line: &str) -> Shebang {
    let is_blank = |character| matches!(character, ' ' | '\t');
    let has_carriage_return = line.ends_with('\r');
    let line = line.trim_end_matches('\r').trim_matches(is_blank);
    let (interpreter, argument) = line.split_once(is_blank).unwrap_or((line, ""));
    let argument = argument.trim_start_matches(is_blank);
    Shebang {
        interpreter: interpreter.to_owned(),
        argument: (!argument.is_empty()).then(|| argument.to_owned()),
        has_carriage_return,
    }
}

#[cfg(test)]
mod tests {
    use lamex_config::Architecture;

    use super::*;

    fn script(interpreter: &str, argument: Option<&str>, has_carriage_return: bool) -> ProgramFile {
        let (interpreter, argument) = (interpreter.to_owned(), argument.map(str::to_owned));
        ProgramFile::Script(Shebang { interpreter, argument, has_carriage_return })
    }

    #[test]
    fn scripts_name_their_interpreter() {
        assert_eq!(classify(b"#!/bin/sh\nexit"), script("/bin/sh", None, false));
        assert_eq!(classify(b"#! \t/usr/bin/env -S a  b \n"), script("/usr/bin/env", Some("-S a  b"), false));
        assert_eq!(classify(b"#!/bin/sh\r\nexit\r\n"), script("/bin/sh", None, true));
        assert_eq!(classify(b"#!/bin/sh -e\r\n"), script("/bin/sh", Some("-e"), true));
        assert_eq!(classify(b"#!"), script("", None, false));
    }

    #[test]
    fn headers_tell_what_a_file_is() {
        let header = |class, order, number: [u8; 2]| {
            let mut head = vec![0x7f, b'E', b'L', b'F', class, order];
            head.resize(18, 0);
            head.extend(number);
            classify(&head)
        };
        let lambda = |architecture| ProgramFile::Elf(Machine::Lambda(architecture));
        assert_eq!(header(2, 1, [62, 0]), lambda(Architecture::X86_64));
        assert_eq!(header(2, 1, [183, 0]), lambda(Architecture::Arm64));
        assert_eq!(header(2, 2, [0, 183]), ProgramFile::Elf(Machine::Other("another kind of processor")));
        assert_eq!(header(1, 1, [62, 0]), ProgramFile::Elf(Machine::Other("the x32 ABI of x86_64")));
        assert_eq!(header(1, 1, [3, 0]), ProgramFile::Elf(Machine::Other("32-bit x86")));
        assert_eq!(header(2, 2, [0, 22]), ProgramFile::Elf(Machine::Other("s390x")));
        assert_eq!(classify(b""), ProgramFile::Foreign("empty"));
        assert_eq!(classify(b"\xcf\xfa\xed\xfe\x0c"), ProgramFile::Foreign("a program for macOS"));
        assert_eq!(classify(b"MZ\x90"), ProgramFile::Foreign("a program for Windows"));
        assert_eq!(classify(b"echo hello\n"), ProgramFile::Unknown);
        assert_eq!(classify(b"\x7fELF\x02"), ProgramFile::Unknown);
    }
}
