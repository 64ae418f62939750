//! Real binaries for the preflight, made by the C compiler that Rust links with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lamex_config::Architecture;
use tempfile::TempDir;

pub(crate) struct Toolbox {
    folder: TempDir,
}

impl Toolbox {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Compiles the source; gives the binary's bytes.
    pub(crate) fn cc(&self, name: &str, source: &str, options: &[&str]) -> Vec<u8> {
        let from = self.path(&format!("{name}.c"));
        fs::write(&from, source).unwrap();
        let output = Command::new("cc")
            .current_dir(self.folder.path())
            .args(["-o", name])
            .arg(&from)
            .args(options)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn program(&self) -> Vec<u8> {
        self.cc("program", "#include <stdio.h>\nint main(void) { return puts(\"hi\") < 0; }\n", &[])
    }
}

/// The binary with one text in it replaced by another one that is not longer.
pub(crate) fn patched(mut binary: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert!(to.len() <= from.len());
    let mut to = to.as_bytes().to_vec();
    to.resize(from.len(), 0);
    let mut count = 0;
    for start in 0..binary.len() - from.len() {
        if binary[start..].starts_with(from.as_bytes()) {
            binary[start..start + from.len()].copy_from_slice(&to);
            count += 1;
        }
    }
    assert!(count > 0, "no {from} in the binary");
    binary
}

/// The binary with another architecture in its header.
pub(crate) fn for_other_architecture(mut binary: Vec<u8>) -> Vec<u8> {
    binary[18] = if binary[18] == 62 { 183 } else { 62 };
    binary
}

/// The dynamic linker that binaries of this machine ask for.
pub(crate) fn loader() -> &'static str {
    match Architecture::host() {
        Architecture::X86_64 => "/lib64/ld-linux-x86-64.so.2",
        Architecture::Arm64 => "/lib/ld-linux-aarch64.so.1",
    }
}

/// The newest version of glibc that the binary asks for.
pub(crate) fn newest_glibc(binary: &Path) -> String {
    let bytes = fs::read(binary).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let versions = text.split("GLIBC_2.").skip(1).map(|rest| {
        let digits = rest.chars().take_while(char::is_ascii_digit);
        digits.collect::<String>().parse::<u32>().unwrap()
    });
    format!("GLIBC_2.{}", versions.max().unwrap())
}
