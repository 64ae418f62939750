//! Whether an ELF program of the package finds on the function what it needs.

use super::advice;
use super::al2023::{self, Presence, Version};
use super::elf::{self, Binary, Kind, Machine, ReadError};
use super::error::PackageError;
use super::finding::Rule;
use super::inspection::Inspection;
use super::package_path::normalized;
use super::program_file::{self, ProgramFile};

pub(super) fn program(
    inspection: &mut Inspection<'_>,
    path: &str,
    machine: Machine,
) -> Result<(), PackageError> {
    let Some(binary) = fitting(inspection, path, machine)? else {
        return Ok(());
    };
    if binary.kind == Kind::Other || binary.is_library() {
        let what = if binary.is_library() { "a shared library" } else { "an object file" };
        let message = format!("{path} is {what}, not a program");
        inspection.error(Rule::Format, path, message, "name the program that it was linked into");
        return Ok(());
    }
    interpreter(inspection, path, &binary);
    needs(inspection, path, &binary, &[])
}

/// The binary, if it is one for the function's processor.
fn fitting(
    inspection: &mut Inspection<'_>,
    path: &str,
    machine: Machine,
) -> Result<Option<Binary>, PackageError> {
    let file = inspection.folder.join(path);
    let wanted = inspection.target.architecture;
    let binary = elf::read(&file);
    if machine != Machine::Lambda(wanted) {
        let maker = inspection.maker(&binary.unwrap_or_default());
        let (found, whose) = (machine.name(), &inspection.target.whose);
        let message = format!("{path} is built for {found}, {whose} has {}", wanted.name());
        inspection.error(Rule::Architecture, path, message, advice::other_architecture(maker, wanted));
        return Ok(None);
    }
    match binary {
        Ok(binary) => Ok(Some(binary)),
        Err(ReadError::Io(source)) => Err(PackageError::Io { action: "read", path: file, source }),
        Err(ReadError::Damaged(error)) => {
            let message = format!("{path} is a damaged ELF file: {error}");
            inspection.error(Rule::Unreadable, path, message, "was its build or its download interrupted?");
            Ok(None)
        }
    }
}

fn interpreter(inspection: &mut Inspection<'_>, path: &str, binary: &Binary) {
    let architecture = inspection.target.architecture;
    let Some(interpreter) = binary.interpreter.as_deref() else { return };
    let in_package = interpreter.strip_prefix(al2023::TASK_ROOT).map(normalized);
    let is_there = match &in_package {
        Some(file) => inspection.files.contains(file.as_str()),
        None => interpreter == al2023::loader(architecture),
    };
    if is_there {
        return;
    }
    let help = advice::other_linker(inspection.maker(binary), architecture);
    if interpreter.starts_with(al2023::LAYERS) {
        let message = format!(
            "{path} needs the dynamic linker {interpreter}, which is available only if a layer of the \
             function provides it"
        );
        inspection.warning(Rule::DynamicLinker, path, message, help);
    } else {
        let message =
            format!("{path} needs the dynamic linker {interpreter}, which {} does not have", al2023::NAME);
        inspection.error(Rule::DynamicLinker, path, message, help);
    }
}

/// Versions and shared libraries of a program or a library. `inherited` is where those that need it tell the
/// loader to look.
fn needs(
    inspection: &mut Inspection<'_>,
    path: &str,
    binary: &Binary,
    inherited: &[String],
) -> Result<(), PackageError> {
    if binary.is_opaque {
        let message = format!("{path} has no section headers: its dependencies cannot be determined");
        inspection.warning(
            Rule::Unreadable,
            path,
            message,
            "pack it as the linker wrote it, without `sstrip`",
        );
    }
    glibc(inspection, path, binary);
    libstdcxx(inspection, path, binary);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let own = |list: &[String]| list.iter().filter_map(|entry| in_package(entry, folder)).collect::<Vec<_>>();
    let inherited: Vec<String> =
        own(&binary.inherited_path).into_iter().chain(inherited.iter().cloned()).collect();
    let loaders = al2023::LIBRARY_FOLDERS.map(str::to_owned);
    let folders: Vec<String> =
        inherited.iter().cloned().chain(loaders).chain(own(&binary.run_path)).collect();
    for soname in &binary.needed {
        library(inspection, path, binary, soname, &folders, &inherited)?;
    }
    Ok(())
}

fn library(
    inspection: &mut Inspection<'_>,
    path: &str,
    binary: &Binary,
    soname: &str,
    folders: &[String],
    inherited: &[String],
) -> Result<(), PackageError> {
    let architecture = inspection.target.architecture;
    let presence = al2023::library(soname, architecture);
    if presence == Presence::Certain {
        return Ok(());
    }
    let mut candidates: Vec<String> = folders.iter().map(|folder| format!("{folder}{soname}")).collect();
    if soname.contains('/') {
        candidates = vec![normalized(soname)];
    }
    if let Some(found) =
        candidates.into_iter().find(|candidate| inspection.files.contains(candidate.as_str()))
    {
        return packed_library(inspection, &found, inherited);
    }
    let maker = inspection.maker(binary);
    if presence == Presence::Likely {
        let message = format!(
            "{path} needs the shared library {soname}, which {} has for its own programs only",
            al2023::NAME
        );
        let help = advice::missing_library(maker, architecture, None);
        inspection.warning(Rule::SharedLibrary, path, message, help);
        return Ok(());
    }
    let suffix = format!("/{soname}");
    let elsewhere = inspection.files.iter().find(|file| file.ends_with(&suffix));
    let help = advice::missing_library(maker, architecture, elsewhere.copied());
    let message = format!(
        "{path} needs the shared library {soname}, which neither the package nor {} has",
        al2023::NAME
    );
    inspection.error(Rule::SharedLibrary, path, message, help);
    Ok(())
}

fn packed_library(
    inspection: &mut Inspection<'_>,
    path: &str,
    inherited: &[String],
) -> Result<(), PackageError> {
    if !inspection.seen.insert(path.to_owned()) {
        return Ok(());
    }
    let file = inspection.folder.join(path);
    let kind = program_file::read(&file).map_err(PackageError::io("read", &file))?;
    let ProgramFile::Elf(machine) = kind else {
        let message = format!("{path} is not a shared library");
        inspection.error(
            Rule::Format,
            path,
            message,
            "is it a linker script, or a link that was copied as text?",
        );
        return Ok(());
    };
    match fitting(inspection, path, machine)? {
        Some(binary) => needs(inspection, path, &binary, inherited),
        None => Ok(()),
    }
}

/// An entry of a search path as a folder of the package, with a slash at its end.
fn in_package(entry: &str, folder: &str) -> Option<String> {
    let entry = entry.replace("${ORIGIN}", "$ORIGIN");
    let path = match entry.strip_prefix("$ORIGIN") {
        Some(rest) => format!("{folder}/{rest}"),
        None => format!("{entry}/").strip_prefix(al2023::TASK_ROOT)?.to_owned(),
    };
    let path = normalized(&path);
    Some(if path.is_empty() { path } else { path + "/" })
}

fn glibc(inspection: &mut Inspection<'_>, path: &str, binary: &Binary) {
    let mut newest: Option<(Version, &str)> = None;
    let mut needed: Option<String> = None;
    for name in binary.versions.iter().filter_map(|version| version.strip_prefix("GLIBC_")) {
        match Version::parse(name) {
            Some(version) if newest.is_none_or(|(newest, _)| version > newest) => {
                newest = Some((version, name))
            }
            // Names such as GLIBC_ABI_DT_RELR mark abilities of newer loaders; PRIVATE is glibc's own.
            None if name.starts_with("ABI_") => needed = Some(format!("a glibc with `GLIBC_{name}`")),
            _ => {}
        }
    }
    if let Some((version, name)) = newest
        && version > al2023::GLIBC
    {
        needed = Some(format!("glibc {name}"));
    }
    if let Some(needed) = needed {
        let message = format!("{path} needs {needed}, {} has 2.34", al2023::NAME);
        let help = advice::older_glibc(inspection.maker(binary), inspection.target.architecture);
        inspection.error(Rule::Glibc, path, message, help);
    }
}

fn libstdcxx(inspection: &mut Inspection<'_>, path: &str, binary: &Binary) {
    let names = binary.versions.iter().filter_map(|version| version.strip_prefix("GLIBCXX_"));
    let versions = names.filter_map(|name| Some((Version::parse(name)?, name)));
    let Some((newest, name)) = versions.max_by_key(|&(version, _)| version) else { return };
    let help = advice::older_libstdcxx();
    if newest > al2023::GLIBCXX {
        let message = format!("{path} needs a libstdc++ with `GLIBCXX_{name}`, {} has 3.4.33", al2023::NAME);
        inspection.error(Rule::Libstdcxx, path, message, help);
    } else if newest > al2023::GLIBCXX_AT_FIRST {
        let message = format!(
            "{path} needs a libstdc++ with `GLIBCXX_{name}`, which {} has had since 2025 only",
            al2023::NAME
        );
        inspection.warning(Rule::Libstdcxx, path, message, help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_paths_lead_into_the_package() {
        let table = [
            ("$ORIGIN", "bin", Some("bin/")),
            ("$ORIGIN/../lib", "bin", Some("lib/")),
            ("${ORIGIN}/..", "bin", Some("")),
            ("$ORIGIN", "", Some("")),
            ("/var/task", "bin", Some("")),
            ("/var/task/x/", "bin", Some("x/")),
            ("/usr/local/lib", "bin", None),
            ("/var/tasks", "bin", None),
        ];
        for (entry, folder, expected) in table {
            assert_eq!(in_package(entry, folder).as_deref(), expected, "{entry} in {folder}");
        }
    }
}
