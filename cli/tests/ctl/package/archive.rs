//! The zip: its bytes, and what a reader that nobody here wrote makes of it.

use std::env;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use lamex_package::{PackageTarget, PackageZip};
use sha2::{Digest as _, Sha256};

use crate::package::{Project, render};

const YAML: &str = "
package: { include: [tests.sh, plain, data/] }
commands: [{ name: tests, run: ./tests.sh }, { name: plain, run: ./plain }]
";

const FILES: [(&str, &[u8]); 5] = [
    ("tests.sh", b"#!/bin/sh\nexit 0\n"),
    ("plain", b"a program only because a command runs it\n"),
    ("data/ä.json", b"{}"),
    ("data/deep/empty", b""),
    ("data/zeros", &[0; 100_000]),
];

fn project<'a>(files: impl Iterator<Item = &'a (&'static str, &'static [u8])>) -> Project {
    let project = Project::new(YAML);
    project.file("../bootstrap", b"#!/bin/sh\n");
    for (path, bytes) in files {
        project.file(path, bytes);
    }
    project
}

fn pack(project: &Project) -> PackageZip {
    let staged = project.stage();
    let root = project.folder.path();
    lamex_package::write_zip(&staged, &root.join("staged"), &root.join("dist/lamex.zip")).unwrap()
}

fn python(script: &str, zip: &Path) -> String {
    let python = env::var_os("LAMEX_TEST_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let output = Command::new(python).args(["-c", script]).arg(zip).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_same_package_gives_the_same_bytes() {
    let first = project(FILES.iter());
    // Made in another order, with other modes and times.
    let second = project(FILES.iter().rev());
    for (index, (path, _)) in FILES.iter().enumerate() {
        let path = second.root().join(path);
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + index as u64);
        File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
    }
    let (one, other) = (pack(&first), pack(&second));
    let bytes = fs::read(&one.path).unwrap();
    assert!(bytes == fs::read(&other.path).unwrap());
    assert_eq!(one.size_bytes, bytes.len() as u64);
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&one.sha256, &other.sha256), (&digest, &digest));
    // The same on every machine. Another version of the compressor may change this, and nothing else may.
    assert_snapshot!(one.code_sha256, @"yZ9fhPaCfrSBWFYSzxMO8eisKscAI5pRyOpEGhE2rOM=");
}

#[test]
fn python_reads_what_was_packed() {
    let project = project(FILES.iter());
    let zip = pack(&project);
    let script = "
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
for entry in archive.infolist():
    print(oct(entry.external_attr >> 16), entry.create_system, entry.date_time, entry.file_size, entry.filename,
          'extra' if entry.extra else '', 'descriptor' if entry.flag_bits & 8 else '',
          'utf-8' if entry.flag_bits & 0x800 else '')
open(sys.argv[1] + '.zeros', 'wb').write(archive.read('data/zeros'))
";
    let listing = python(script, &zip.path);
    let listing: String = listing.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    assert_snapshot!(listing, @"
    0o100755 3 (1980, 1, 1, 0, 0, 0) 10 bootstrap
    0o100644 3 (1980, 1, 1, 0, 0, 0) 0 data/deep/empty
    0o100644 3 (1980, 1, 1, 0, 0, 0) 100000 data/zeros
    0o100644 3 (1980, 1, 1, 0, 0, 0) 2 data/ä.json   utf-8
    0o100644 3 (1980, 1, 1, 0, 0, 0) 285 lamex.plan.json
    0o100755 3 (1980, 1, 1, 0, 0, 0) 41 plain
    0o100755 3 (1980, 1, 1, 0, 0, 0) 17 tests.sh
    ");
    assert_eq!(fs::read(zip.path.with_extension("zip.zeros")).unwrap(), [0; 100_000]);
}

#[test]
fn a_zip_says_which_package_it_is() {
    let project = project(FILES.iter());
    let staged = project.stage_into("other").unwrap();
    let zip = pack(&project);
    let found = lamex_package::inspect_zip(&zip.path).unwrap();
    assert_eq!((found.plan, found.package_digest), (staged.plan, staged.package_digest));

    let other = project.file("text.zip", b"no zip");
    assert_snapshot!(render(&lamex_package::inspect_zip(&other).unwrap_err(), &project.root()), @"
    × text.zip is not the zip of a package
    ╰─▶ invalid Zip archive: Could not find EOCD
    help: `lamex-ctl package` makes one
    ");
    let empty = project.file("empty.zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    let error = lamex_package::inspect_zip(&empty).unwrap_err();
    assert_eq!(error.to_string(), format!("{} is not the zip of a package", empty.display()));
}

#[test]
fn an_older_zip_is_replaced_as_a_whole() {
    let project = project(FILES.iter());
    let first = pack(&project);
    let before = fs::read(&first.path).unwrap();
    let mut open = File::open(&first.path).unwrap();
    fs::remove_dir_all(project.folder.path().join("staged")).unwrap();
    project.file("plain", b"another one");
    let second = pack(&project);
    assert_ne!(first.code_sha256, second.code_sha256);
    // Who was reading the old one reads it to its end.
    let mut read = Vec::new();
    std::io::copy(&mut open, &mut read).unwrap();
    assert!(read == before);
    let names: Vec<_> =
        fs::read_dir(first.path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["lamex.zip"]);
}

#[test]
fn many_files_keep_their_order() {
    let project = Project::new("package: { include: [data/] }\n");
    for index in 0..300_u32 {
        project.file(&format!("data/{}/{index}", index % 7), &index.to_le_bytes().repeat(index as usize));
    }
    let zip = pack(&project);
    let script = "
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
names = archive.namelist()
assert names == sorted(names) and len(names) == 302, names
for index in range(300):
    assert archive.read(f'data/{index % 7}/{index}') == index.to_bytes(4, 'little') * index
";
    python(script, &zip.path);
}

#[test]
fn a_zip_does_not_go_into_itself() {
    let project = Project::new("package:\n  include:\n    - dist/\n");
    project.file("dist/data", b"data");
    let zip = project.root().join("dist/lamex.zip");
    let config = lamex_config::load(&project.root().join("lamex.yaml")).unwrap();
    let target = PackageTarget::choose(&config, None).unwrap();
    let root = project.folder.path();
    let stage = |into: &str| {
        lamex_package::stage_for_zip(&config, &target, &root.join("bootstrap"), &root.join(into), &zip)
    };
    let staged = stage("one").unwrap();
    lamex_package::write_zip(&staged, &root.join("one"), &zip).unwrap();
    assert_snapshot!(project.render(&stage("two").unwrap_err()), @"
     × this includes the package itself, as `dist/lamex.zip`
      ╭─[lamex.yaml:3:7]
    2 │   include:
    3 │     - dist/
      ·       ─────
      ╰────
     help: include what the tests need only, or write the package elsewhere with `-o`
    ");
}

#[test]
fn what_lambda_cannot_unzip_is_not_copied() {
    let project = Project::new("package: { include: [tests, data/] }\n");
    for (path, megabytes) in [("tests", 30), ("data/large", 200), ("data/small", 21)] {
        let file = File::create(project.file(path, b"")).unwrap();
        file.set_len(megabytes << 20).unwrap();
    }
    let config = lamex_config::load(&project.root().join("lamex.yaml")).unwrap();
    let target = PackageTarget::choose(&config, None).unwrap();
    let root = project.folder.path();
    let into = root.join("staged");
    let staged = lamex_package::stage_for_zip(
        &config,
        &target,
        &root.join("bootstrap"),
        &into,
        &root.join("lamex.zip"),
    );
    assert_snapshot!(project.render(&staged.unwrap_err()), @"
    × the package is 251.0 MB unzipped; Lambda allows less than 250.0 MB
    help: leave out what the tests do not need, or strip the binaries; the largest files are
            200.0 MB  data/large
             30.0 MB  tests
             21.0 MB  data/small
                20 B  bootstrap
    ");
    assert!(!into.exists());
}
