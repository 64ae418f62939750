//! Puts the runners for lamex-ctl into it: what `embedded-runners` embeds is made before, by `make dist`.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The variable that names a runner's file, its architecture as `lamex_config` calls it, and its machine in ELF.
const RUNNERS: [(&str, &str, u8); 2] =
    [("LAMEX_EMBED_X86_64", "X86_64", 62), ("LAMEX_EMBED_ARM64", "Arm64", 183)];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_EMBEDDED_RUNNERS").is_none() {
        return Ok(());
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let mut entries = String::new();
    for (variable, architecture, machine) in RUNNERS {
        println!("cargo::rerun-if-env-changed={variable}");
        if let Some(file) = env::var_os(variable) {
            let bytes = read(Path::new(&file), machine).map_err(|error| format!("{variable}: {error}"))?;
            // A path of this machine would be compiled in.
            let copy = format!("runner-{architecture}");
            fs::write(out.join(&copy), bytes)?;
            entries += &format!(
                "EmbeddedRunner {{ architecture: Architecture::{architecture}, \
                 bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{copy}\")) }},\n"
            );
        }
    }
    if entries.is_empty() {
        let variables = RUNNERS.map(|(variable, ..)| variable).join(" or ");
        return Err(
            format!("the feature `embedded-runners` needs the file of a runner in {variables}").into()
        );
    }
    fs::write(out.join("embedded_runners.rs"), format!("&[\n{entries}]\n"))?;
    Ok(())
}

fn read(file: &Path, machine: u8) -> Result<Vec<u8>, String> {
    println!("cargo::rerun-if-changed={}", file.display());
    let bytes = fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    if bytes.starts_with(b"\x7fELF\x02\x01") && bytes.get(18..20) == Some(&[machine, 0]) {
        return Ok(bytes);
    }
    Err(format!("{} is no 64-bit Linux program for that architecture", file.display()))
}
