//! Copies files into the package, with their digests and the modes that they need there.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::elf;
use super::error::PackageError;
use super::parallel;
use super::staged::StagedFile;

/// Large enough that the calls do not count beside the hashing.
const CHUNK_BYTES: usize = 256 << 10;

const EXECUTABLE: u32 = 0o755;
const PLAIN: u32 = 0o644;

/// A file to copy.
pub(super) struct Job {
    pub(super) from: PathBuf,
    /// Relative to the package's root.
    pub(super) to: String,
    /// A command runs it: executable, whatever it looks like.
    pub(super) is_program: bool,
}

/// Copies all, on every processor; sorted by path.
pub(super) fn all(jobs: &[Job], into: &Path) -> Result<Vec<StagedFile>, PackageError> {
    make_folders(jobs, into)?;
    let mut copied = parallel::map(jobs, || vec![0; CHUNK_BYTES], |chunk, job| copy(job, into, chunk))?;
    copied.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(copied)
}

/// Before the copying, so that threads do not make the same one at once.
fn make_folders(jobs: &[Job], into: &Path) -> Result<(), PackageError> {
    let mut folders: Vec<_> =
        jobs.iter().filter_map(|job| job.to.rsplit_once('/')).map(|(folder, _)| into.join(folder)).collect();
    folders.sort();
    folders.dedup();
    for folder in folders {
        fs::create_dir_all(&folder).map_err(PackageError::io("make", folder))?;
    }
    Ok(())
}

/// `fs::copy` lets the kernel share or move the blocks. The digest is that of the copy, which is what will
/// be run and packed, also when the original changes meanwhile.
fn copy(job: &Job, into: &Path, chunk: &mut [u8]) -> Result<StagedFile, PackageError> {
    let to = into.join(&job.to);
    fs::copy(&job.from, &to).map_err(PackageError::io("copy", &job.from))?;
    let read = read(&to, chunk).map_err(PackageError::io("read", &to))?;
    let is_executable = job.is_program || read.looks_executable;
    let mode = if is_executable { EXECUTABLE } else { PLAIN };
    fs::set_permissions(&to, Permissions::from_mode(mode))
        .map_err(PackageError::io("set the mode of", &to))?;
    Ok(StagedFile { path: job.to.clone(), size_bytes: read.size_bytes, mode, sha256: read.sha256 })
}

struct ReadFile {
    size_bytes: u64,
    looks_executable: bool,
    sha256: String,
}

fn read(path: &Path, chunk: &mut [u8]) -> io::Result<ReadFile> {
    let mut hasher = Sha256::new();
    let mut looks_executable = None;
    let size_bytes = for_each_chunk(File::open(path)?, chunk, |bytes| {
        looks_executable.get_or_insert_with(|| elf::is_executable(bytes));
        hasher.update(bytes);
    })?;
    let looks_executable = looks_executable.unwrap_or_default();
    Ok(ReadFile { size_bytes, looks_executable, sha256: hex(&hasher.finalize()) })
}

/// The SHA-256 of all that is left in the file.
pub(super) fn digest(file: &File) -> io::Result<Vec<u8>> {
    let mut hasher = Sha256::new();
    for_each_chunk(file, &mut vec![0; CHUNK_BYTES], |bytes| hasher.update(bytes))?;
    Ok(hasher.finalize().to_vec())
}

/// How many bytes there were.
fn for_each_chunk(mut file: impl io::Read, chunk: &mut [u8], mut each: impl FnMut(&[u8])) -> io::Result<u64> {
    let mut size_bytes = 0;
    loop {
        match file.read(chunk) {
            Ok(0) => return Ok(size_bytes),
            Ok(count) => {
                each(&chunk[..count]);
                size_bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Writes a file that lamex makes itself.
pub(super) fn write(name: &str, bytes: &[u8], into: &Path) -> Result<StagedFile, PackageError> {
    let path = into.join(name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(PackageError::io("make", folder))?;
    }
    let written =
        fs::write(&path, bytes).and_then(|()| fs::set_permissions(&path, Permissions::from_mode(PLAIN)));
    written.map_err(PackageError::io("write", path))?;
    Ok(StagedFile {
        path: name.to_owned(),
        size_bytes: bytes.len() as u64,
        mode: PLAIN,
        sha256: sha256(bytes),
    })
}

/// In hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
