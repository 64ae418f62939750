//! What `lamex-ctl package` says of the zip that it wrote.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::path::Path;

use lamex_package::size::{DIRECT_UPLOAD_BYTES, shown};
use lamex_package::{PackageTarget, PackageZip, PreflightFinding, Staged, StagedFile};
use miette::{Report, Severity};
use serde::Serialize;

/// More lines than this are read by nobody; the JSON has all files.
const MAX_LISTED: usize = 100;

/// As many digits of a digest as tell files apart.
const SHORT_DIGEST: usize = 12;

/// A package that was written.
pub(super) struct Packed {
    pub(super) target: PackageTarget,
    pub(super) runner: String,
    pub(super) staged: Staged,
    pub(super) findings: Vec<PreflightFinding>,
    pub(super) zip: PackageZip,
    /// Files of a task root that are not in the package.
    pub(super) left_out: Vec<String>,
}

impl Packed {
    fn unzipped_bytes(&self) -> u64 {
        self.staged.files.iter().map(|file| file.size_bytes).sum()
    }
}

/// Something to know about the zip beside what is in it.
pub(super) fn notice(packed: &Packed) -> Option<Report> {
    let size_bytes = packed.zip.size_bytes;
    (size_bytes > DIRECT_UPLOAD_BYTES).then(|| {
        let (size, limit) = (shown(size_bytes), shown(DIRECT_UPLOAD_BYTES));
        miette::miette!(
            severity = Severity::Warning,
            help = format!(
                "the environment needs an `artifacts.bucket`; the largest files are\n{}",
                largest(&packed.staged.files)
            ),
            "the zip has {size}: more than {limit} can be uploaded through S3 only"
        )
    })
}

fn largest(files: &[StagedFile]) -> String {
    const NAMED: usize = 5;
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by_key(|file| Reverse(file.size_bytes));
    let line = |file: &&StagedFile| format!("{:>10}  {}", shown(file.size_bytes), file.path);
    files.iter().take(NAMED).map(line).collect::<Vec<_>>().join("\n")
}

/// One line, for commands that continue with it.
pub(super) fn short(packed: &Packed) -> String {
    let (zip, size) = (packed.zip.path.display(), shown(packed.zip.size_bytes));
    let digest = packed.staged.package_digest.trim_start_matches("sha256:");
    format!("packaged {zip}: {size}, package {}", &digest[..SHORT_DIGEST.min(digest.len())])
}

/// A table of the files, and the digests.
pub(super) fn human(packed: &Packed) -> String {
    let (listed, hidden) = listed(&packed.staged.files);
    let mut text = format!("{:>10}  mode  {:SHORT_DIGEST$}  path\n", "size", "sha256");
    for file in listed {
        let StagedFile { path, size_bytes, mode, sha256 } = file;
        let _ = writeln!(text, "{:>10}  {mode:04o}  {}  {path}", shown(*size_bytes), &sha256[..SHORT_DIGEST]);
    }
    if !hidden.is_empty() {
        let size = shown(hidden.iter().map(|file| file.size_bytes).sum());
        let _ = writeln!(text, "{size:>10}  in {} smaller files; `--output json` lists them", hidden.len());
    }
    let PackageTarget { architecture, whose } = &packed.target;
    let zip = &packed.zip;
    let count = packed.staged.files.len();
    let sizes =
        format!("{}, from {count} files of {}", shown(zip.size_bytes), shown(packed.unzipped_bytes()));
    let rows = [
        ("package", zip.path.display().to_string()),
        ("size", sizes),
        ("architecture", format!("{}, as {whose} has", architecture.name())),
        ("runner", packed.runner.to_owned()),
        ("digest", packed.staged.package_digest.clone()),
        ("zip sha256", zip.sha256.clone()),
        ("CodeSha256", zip.code_sha256.clone()),
    ];
    text.push('\n');
    let left_out = (!packed.left_out.is_empty()).then(|| ("left out", packed.left_out.join(", ")));
    for (name, value) in rows.into_iter().chain(left_out) {
        let _ = writeln!(text, "{name:<13} {value}");
    }
    text
}

/// The largest files, in the order of their paths, and the others.
fn listed(files: &[StagedFile]) -> (Vec<&StagedFile>, Vec<&StagedFile>) {
    let mut shown: Vec<_> = files.iter().collect();
    shown.sort_by_key(|file| Reverse(file.size_bytes));
    let hidden = shown.split_off(MAX_LISTED.min(shown.len()));
    shown.sort_by_key(|file| &file.path);
    (shown, hidden)
}

#[derive(Serialize)]
struct Document<'a> {
    zip: Zip<'a>,
    /// What the runner's `hello` must carry.
    package_digest: &'a str,
    architecture: &'static str,
    unzipped_bytes: u64,
    commands: Vec<&'a str>,
    files: Vec<File<'a>>,
    /// Files of a task root that are not in the package.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    left_out: &'a [String],
    findings: &'a [PreflightFinding],
}

#[derive(Serialize)]
struct Zip<'a> {
    path: &'a Path,
    size_bytes: u64,
    sha256: &'a str,
    code_sha256: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    size_bytes: u64,
    mode: String,
    sha256: &'a str,
}

/// One document.
pub(super) fn json(packed: &Packed) -> String {
    let PackageZip { path, size_bytes, sha256, code_sha256 } = &packed.zip;
    let file = |file: &'_ StagedFile| format!("{:04o}", file.mode);
    let document = Document {
        zip: Zip { path, size_bytes: *size_bytes, sha256, code_sha256 },
        package_digest: &packed.staged.package_digest,
        architecture: packed.target.architecture.name(),
        unzipped_bytes: packed.unzipped_bytes(),
        commands: packed.staged.plan.commands.iter().map(|command| command.name.as_str()).collect(),
        files: packed
            .staged
            .files
            .iter()
            .map(|entry| File {
                path: &entry.path,
                size_bytes: entry.size_bytes,
                mode: file(entry),
                sha256: &entry.sha256,
            })
            .collect(),
        left_out: &packed.left_out,
        findings: &packed.findings,
    };
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use lamex_config::Architecture;

    use super::*;

    fn with<T>(files: u64, zip_bytes: u64, test: impl FnOnce(&Packed) -> T) -> T {
        let file = |index: u64| StagedFile {
            path: format!("data/{index:03}"),
            size_bytes: index << 20,
            mode: 0o644,
            sha256: format!("{index:064}"),
        };
        let staged = Staged {
            plan: lamex_protocol::plan::Plan::default(),
            package_digest: "sha256:0".to_owned(),
            files: (0..files).map(file).collect(),
        };
        let zip = PackageZip {
            path: "dist/lamex.zip".into(),
            size_bytes: zip_bytes,
            sha256: String::new(),
            code_sha256: String::new(),
        };
        let target = PackageTarget { architecture: Architecture::Arm64, whose: "this machine".to_owned() };
        test(&Packed {
            target,
            runner: "bootstrap".to_owned(),
            staged,
            findings: Vec::new(),
            zip,
            left_out: Vec::new(),
        })
    }

    #[test]
    fn only_the_largest_of_many_files_are_listed() {
        let text = with(102, 1, human);
        assert!(!text.contains("data/000") && !text.contains("data/001") && text.contains("data/002"));
        assert!(text.contains("\n    1.0 MB  in 2 smaller files; `--output json` lists them\n"), "{text}");
        assert!(with(102, 1, json).contains("data/001"));
        assert!(!with(100, 1, human).contains("smaller files"));
    }

    #[test]
    fn a_zip_for_s3_is_one_of_more_than_50_mb() {
        assert!(with(3, DIRECT_UPLOAD_BYTES, |packed| notice(packed).is_none()));
        let notice = with(7, DIRECT_UPLOAD_BYTES + 1, notice).unwrap();
        assert_snapshot!(notice, @"the zip has 50.0 MB: more than 50.0 MB can be uploaded through S3 only");
        assert_snapshot!(notice.help().unwrap(), @"
        the environment needs an `artifacts.bucket`; the largest files are
            6.0 MB  data/006
            5.0 MB  data/005
            4.0 MB  data/004
            3.0 MB  data/003
            2.0 MB  data/002
        ");
    }
}
