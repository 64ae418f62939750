//! The zip that Lambda takes: the same package gives the same bytes, on every machine.

use std::cmp::Reverse;
use std::fs::{self, File, Permissions};
use std::io::{self, Seek as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lamex_protocol::{commands_txt, plan};
use zip::result::ZipError;
use zip::write::{PreparedZipFile, SimpleFileOptions, ZipFileBuilder, ZipWriter};
use zip::{CompressionMethod, DateTime, System, ZipArchive};

use super::copy;
use super::error::PackageError;
use super::parallel;
use super::staged::{Staged, StagedFile};
use super::task_root::{self, TaskRoot};

/// Two percent larger than level 9, in less than half of its time (`docs/packaging.md`).
const COMPRESSION_LEVEL: i64 = 6;

/// A package in a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageZip {
    pub path: PathBuf,
    pub size_bytes: u64,
    /// In hex.
    pub sha256: String,
    /// The same in base64: Lambda's `CodeSha256`.
    pub code_sha256: String,
}

/// Packs what was staged in `folder`. The zip appears at `path` when it is complete; what was there before
/// is replaced.
///
/// # Errors
/// Whatever the file system refuses.
pub fn write_zip(staged: &Staged, folder: &Path, path: &Path) -> Result<PackageZip, PackageError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(PackageError::io("make", parent))?;
    let mut temporary = tempfile::Builder::new()
        .prefix(".lamex-")
        .suffix(".zip")
        // As any other file: the process's mask takes away what others may not.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(parent)
        .map_err(PackageError::io("write into", parent))?;
    let mut writer = ZipWriter::new(io::BufWriter::new(temporary.as_file_mut()));
    for (file, compressed) in staged.files.iter().zip(compress_all(&staged.files, folder)?) {
        let added = writer.add_prepared_file(compressed);
        added.map_err(|source| PackageError::Zip { path: file.path.clone(), source })?;
    }
    let whole = |source| PackageError::Zip { path: path.display().to_string(), source };
    let mut buffer = writer.finish().map_err(whole)?;
    buffer.flush().map_err(PackageError::io("write", path))?;
    drop(buffer);
    temporary.rewind().map_err(PackageError::io("read", path))?;
    let digest = copy::digest(temporary.as_file()).map_err(PackageError::io("read", path))?;
    let size_bytes = temporary.as_file().metadata().map_err(PackageError::io("read", path))?.len();
    temporary.persist(path).map_err(|error| PackageError::io("write", path)(error.error))?;
    Ok(PackageZip {
        path: path.to_owned(),
        size_bytes,
        sha256: copy::hex(&digest),
        code_sha256: STANDARD.encode(digest),
    })
}

/// Compresses on every processor, in memory: the largest first, so that none is left over at the end.
/// In the order of the files.
fn compress_all(files: &[StagedFile], folder: &Path) -> Result<Vec<PreparedZipFile>, PackageError> {
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|&index| Reverse(files[index].size_bytes));
    let compress_one =
        |(): &mut (), &index: &usize| compress(&files[index], folder).map(|compressed| (index, compressed));
    let mut compressed = parallel::map(&order, || (), compress_one)?;
    compressed.sort_by_key(|&(index, _)| index);
    Ok(compressed.into_iter().map(|(_, file)| file).collect())
}

fn compress(file: &StagedFile, folder: &Path) -> Result<PreparedZipFile, PackageError> {
    let failed = |source| PackageError::Zip { path: file.path.clone(), source };
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(COMPRESSION_LEVEL))
        // The first moment that a zip can name.
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(file.mode);
    let mut from = File::open(folder.join(&file.path)).map_err(|error| failed(error.into()))?;
    let mut builder = ZipFileBuilder::new(&file.path, options).map_err(failed)?;
    io::copy(&mut from, &mut builder).map_err(|error| failed(error.into()))?;
    builder.finish().map_err(failed)
}

/// The SHA-256 of a zip in base64, as Lambda has it in `CodeSha256`.
///
/// # Errors
/// It cannot be read.
pub fn code_sha256(path: &Path) -> io::Result<String> {
    Ok(STANDARD.encode(copy::digest(&File::open(path)?)?))
}

/// Reads the plan of a zip: which package it is, and what it can run. A zip that was made by hand may have
/// commands.txt in its place.
///
/// # Errors
/// It is not a zip, or has no valid plan.
pub fn inspect_zip(path: &Path) -> Result<TaskRoot, PackageError> {
    let no_package = |source| PackageError::NoPackage { path: path.to_owned(), source };
    let file = File::open(path).map_err(PackageError::io("read", path))?;
    let mut archive = ZipArchive::new(file).map_err(no_package)?;
    let mut read = |name| match archive.by_name(name) {
        Ok(mut entry) => {
            let mut bytes = Vec::new();
            io::copy(&mut entry, &mut bytes).map_err(|error| no_package(ZipError::Io(error)))?;
            Ok(Some(bytes))
        }
        Err(ZipError::FileNotFound) => Ok(None),
        Err(error) => Err(no_package(error)),
    };
    let (plan, commands) = (read(plan::FILE_NAME)?, read(commands_txt::FILE_NAME)?);
    if plan.is_none() && commands.is_none() {
        return Err(no_package(ZipError::FileNotFound));
    }
    task_root::read_plan(plan, commands, path)
}
