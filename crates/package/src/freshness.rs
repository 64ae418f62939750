//! Whether a zip still is what lamex.yaml and the files that it names make now.
//!
//! Files are compared by size and CRC-32, which the zip's directory has for each: nothing is unpacked, the zip needs
//! no format of its own, and 250 MB take a fraction of a second. Against a build that changed by accident 32 bits
//! are enough; whoever could forge them could change the zip as well.
//!
//! A file that is not here is no difference: a CI job that got the zip from another job has no build folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use lamex_config::Config;
use lamex_protocol::commands_txt;
use lamex_protocol::plan::{self, Plan};
use zip::ZipArchive;

use super::collector::Origin;
use super::contents;
use super::error::PackageError;
use super::include_pattern::IncludePattern;
use super::stage::plan_of;
use super::working_dirs::PLACEHOLDER;
use super::{BOOTSTRAP, archive, parallel};

/// What the directory of a zip says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    size_bytes: u64,
    crc32: u32,
}

/// How a zip differs from what would be packed now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// What changed, each in a few words: commands first, then files.
    pub changes: Vec<String>,
    /// The zip has another runner than the one that was given.
    pub has_other_runner: bool,
}

/// The most changes that are listed one by one.
const MAX_TOLD: usize = 5;

/// That the zip is not what would be packed now, in one sentence; `None` if it is.
pub fn stale(differences: &Differences, zip: &Path, lamex_yaml: &Path) -> Option<String> {
    let changes = &differences.changes;
    if changes.is_empty() {
        return None;
    }
    let mut told = changes.iter().take(MAX_TOLD).cloned().collect::<Vec<_>>().join(", ");
    if changes.len() > MAX_TOLD {
        told = format!("{told} and {} more", changes.len() - MAX_TOLD);
    }
    Some(format!("{} is out of date with {}: {told}", zip.display(), lamex_yaml.display()))
}

/// That the zip has another runner, which is no reason to refuse it.
pub fn other_runner(zip: &Path) -> String {
    format!(
        "{} has a different runner from the one that `lamex-ctl package` would include now",
        zip.display()
    )
}

/// Compares the zip with lamex.yaml, with the files here, and with the runner if there is one to compare. A
/// lamex.yaml that has neither commands nor includes was not what the zip was made from.
///
/// # Errors
/// The zip is no package, or a file cannot be read.
pub fn differences(config: &Config, zip: &Path, runner: Option<&Path>) -> Result<Differences, PackageError> {
    let packed = archive::inspect_zip(zip)?;
    let entries = entries(zip)?;
    let other_runner = |runner: &Path| match (entries.get(BOOTSTRAP), entry_of(runner)) {
        (Some(packed), Ok(own)) => *packed != own,
        _ => false,
    };
    let has_other_runner = runner.is_some_and(other_runner);
    if config.commands.is_empty() && config.include.is_empty() {
        return Ok(Differences { changes: Vec::new(), has_other_runner });
    }
    let mut changes = changed_commands(&packed.plan, &plan_of(config));
    changes.extend(changed_files(config, &entries)?);
    Ok(Differences { changes, has_other_runner })
}

fn changed_commands(packed: &Plan, now: &Plan) -> Vec<String> {
    let by_name = |plan: &Plan| -> BTreeMap<String, plan::Command> {
        plan.commands.iter().map(|command| (command.name.clone(), command.clone())).collect()
    };
    let (old, new) = (by_name(packed), by_name(now));
    let mut changes = Vec::new();
    for (name, command) in &new {
        match old.get(name) {
            None => changes.push(format!("the command `{name}` is new")),
            Some(packed) if packed != command => changes.push(format!("the command `{name}` changed")),
            Some(_) => {}
        }
    }
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    changes.extend(gone.map(|name| format!("the command `{name}` is gone")));
    if changes.is_empty() && packed.commands != now.commands {
        changes.push("the order of the commands changed".to_owned());
    }
    if packed.fail_fast != now.fail_fast {
        changes.push("`fail_fast` changed".to_owned());
    }
    changes
}

fn changed_files(config: &Config, entries: &BTreeMap<String, Entry>) -> Result<Vec<String>, PackageError> {
    let found = contents::found(config);
    let of_packed_size = |(path, origin): (&String, &Origin)| {
        let packed = *entries.get(path)?;
        let size_bytes = fs::metadata(&origin.path).ok()?.len();
        (size_bytes == packed.size_bytes).then(|| (path.clone(), origin.path.clone(), packed))
    };
    let to_read: Vec<_> = found.iter().filter_map(of_packed_size).collect();
    let compare = |(): &mut (), (path, file, packed): &(String, PathBuf, Entry)| {
        let entry = entry_of(file).map_err(PackageError::io("read", file))?;
        Ok::<_, PackageError>((entry == *packed).then(|| path.clone()))
    };
    let same: BTreeSet<String> = parallel::map(&to_read, || (), compare)?.into_iter().flatten().collect();

    let mut changes = Vec::new();
    for path in found.keys().filter(|path| !same.contains(*path)) {
        let what = if entries.contains_key(path) { "changed" } else { "is not in it" };
        changes.push(format!("`{path}` {what}"));
    }
    let places: Vec<_> = config.include.iter().filter_map(contents::place).collect();
    let missing = places.iter().filter(|place| {
        let is_file = !place.is_empty() && !place.ends_with('/');
        is_file && !found.contains_key(*place) && !entries.contains_key(*place)
    });
    changes.extend(missing.map(|path| format!("`{path}` is not in it")));
    let is_own = |path: &str| [BOOTSTRAP, plan::FILE_NAME, commands_txt::FILE_NAME].contains(&path);
    let patterns: Vec<_> =
        config.include.iter().filter_map(|include| IncludePattern::of(config, include)).collect();
    let is_included = |path: &str| {
        patterns.iter().any(|pattern| pattern.could_bring(path))
            || places.iter().any(|place| {
                place == path || ((place.is_empty() || place.ends_with('/')) && path.starts_with(place))
            })
    };
    let dirs = || config.commands.iter().filter_map(|command| command.dir.as_deref());
    let is_placeholder = |path: &str| dirs().any(|dir| path == format!("{dir}/{PLACEHOLDER}"));
    let gone = entries.keys().filter(|path| !is_own(path) && !is_included(path) && !is_placeholder(path));
    changes.extend(gone.map(|path| format!("`{path}` is no longer included")));
    Ok(changes)
}

fn entries(zip: &Path) -> Result<BTreeMap<String, Entry>, PackageError> {
    let no_package = |source| PackageError::NoPackage { path: zip.to_owned(), source };
    let file = File::open(zip).map_err(PackageError::io("read", zip))?;
    let mut archive = ZipArchive::new(file).map_err(no_package)?;
    let mut entries = BTreeMap::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(no_package)?;
        if entry.is_file() {
            let (size_bytes, crc32) = (entry.size(), entry.crc32());
            let name = entry.name().map_err(no_package)?.into_owned();
            entries.insert(name, Entry { size_bytes, crc32 });
        }
    }
    Ok(entries)
}

fn entry_of(path: &Path) -> io::Result<Entry> {
    const CHUNK_BYTES: usize = 256 << 10;
    let mut file = File::open(path)?;
    let mut hasher = crc32fast::Hasher::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut size_bytes = 0;
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(Entry { size_bytes, crc32: hasher.finalize() }),
            Ok(count) => {
                hasher.update(&chunk[..count]);
                size_bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use lamex_protocol::VERSION;

    use super::*;

    fn plan(names: &[&str]) -> Plan {
        let command = |name: &&str| plan::Command {
            name: (*name).to_owned(),
            argv: vec![format!("./{name}")],
            ..plan::Command::default()
        };
        let commands = names.iter().map(command).collect();
        Plan { lamex: VERSION, commands, fail_fast: false, contents_sha256: Some("aa".to_owned()) }
    }

    #[test]
    fn every_change_of_the_commands_is_told() {
        let packed = plan(&["orders", "payments"]);
        let now = |names: &[&str]| changed_commands(&packed, &plan(names));
        assert!(now(&["orders", "payments"]).is_empty());
        assert_eq!(now(&["payments", "orders"]), ["the order of the commands changed"]);
        assert_eq!(
            now(&["orders", "refunds"]),
            ["the command `refunds` is new", "the command `payments` is gone"]
        );
        let mut other = plan(&["orders", "payments"]);
        other.commands[1].destructive = true;
        other.fail_fast = true;
        let told = changed_commands(&packed, &other);
        assert_eq!(told, ["the command `payments` changed", "`fail_fast` changed"]);
    }

    #[test]
    fn many_changes_are_told_in_one_sentence() {
        let of = |count: usize| {
            let changes = (0..count).map(|number| format!("`{number}` changed")).collect();
            let differences = Differences { changes, has_other_runner: false };
            stale(&differences, Path::new("dist/lamex.zip"), Path::new("lamex.yaml"))
        };
        assert_eq!(of(0), None);
        assert_eq!(of(1).unwrap(), "dist/lamex.zip is out of date with lamex.yaml: `0` changed");
        assert!(of(5).unwrap().ends_with("`3` changed, `4` changed"));
        assert!(of(7).unwrap().ends_with("`4` changed and 2 more"));
    }
}
