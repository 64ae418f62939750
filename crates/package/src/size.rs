//! Lambda's limits on the size of a function.

use std::fs;
use std::path::Path;

use super::BOOTSTRAP;
use super::collector::Contents;
use super::error::PackageError;

/// What a zip may have to be uploaded without S3 ("50 MB (zipped, for direct upload)" in AWS's words).
pub const DIRECT_UPLOAD_BYTES: u64 = 50 << 20;

/// What everything together must stay below ("Unzipped size must be smaller than 262144000 bytes").
const UNZIPPED_BYTES: u64 = 250 << 20;

/// So many of the largest files are named.
const NAMED: usize = 5;

/// Looks at the sizes before anything is copied. The plan is not made yet; it is small.
pub(super) fn check_before_staging(contents: &Contents, runner: &Path) -> Result<(), PackageError> {
    let size = |path: &Path| fs::metadata(path).map_err(PackageError::io("read", path));
    let mut sizes = Vec::with_capacity(contents.len() + 1);
    // A runner that is not there is told of when it is looked for.
    if let Ok(metadata) = fs::metadata(runner) {
        sizes.push((BOOTSTRAP, metadata.len()));
    }
    for (path, origin) in contents {
        sizes.push((path.as_str(), size(&origin.path)?.len()));
    }
    let total = sizes.iter().map(|(_, size)| size).sum();
    if total < UNZIPPED_BYTES {
        return Ok(());
    }
    sizes.sort_by_key(|&(path, size)| (std::cmp::Reverse(size), path));
    let lines = sizes.iter().take(NAMED).map(|(path, size)| format!("{:>10}  {path}", shown(*size)));
    Err(PackageError::TooLarge {
        size: shown(total),
        limit: shown(UNZIPPED_BYTES),
        largest: lines.collect::<Vec<_>>().join("\n"),
    })
}

/// A size for people, in the units of Lambda's limits: 1 MB is 1,048,576 bytes.
pub fn shown(bytes: u64) -> String {
    const KB: u64 = 1 << 10;
    const MB: u64 = 1 << 20;
    match bytes {
        ..KB => format!("{bytes} B"),
        KB..MB => format!("{:.1} KB", bytes as f64 / KB as f64),
        MB.. => format!("{:.1} MB", bytes as f64 / MB as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_for_people() {
        let table = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KB"),
            (1 << 20, "1.0 MB"),
            (UNZIPPED_BYTES, "250.0 MB"),
        ];
        for (bytes, text) in table {
            assert_eq!(shown(bytes), text);
        }
    }
}
