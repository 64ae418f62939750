//! What Lambda's runtime `provided.al2023` has, as far as programs can count on it.
//!
//! The runtime is made from the minimal container image of Amazon Linux 2023, whose packages AWS lists
//! ("Comparing packages installed on Amazon Linux 2023 Container Images", column Minimal Container). There is
//! no Python, Perl, tar, find, gzip or openssl, and no libcrypt.

use lamex_config::Architecture;

/// The runtime's name.
pub(super) const NAME: &str = "provided.al2023";

/// AL2023's glibc; it stays at this version for the life of the distribution.
pub(super) const GLIBC: Version = Version([2, 34, 0]);

/// The libstdc++ of GCC 11, with which the runtime began.
pub(super) const GLIBCXX_AT_FIRST: Version = Version([3, 4, 29]);
/// That of GCC 14, which AL2023 has had since release 2023.7 of March 2025.
pub(super) const GLIBCXX: Version = Version([3, 4, 33]);

/// Where the loader looks beside the system's folders: the task root and its `lib/`, by the variable
/// `LD_LIBRARY_PATH` that Lambda sets. Relative to the package's root, with a slash at the end.
pub(super) const LIBRARY_FOLDERS: [&str; 2] = ["", "lib/"];

/// The task root, where the package is.
pub(super) const TASK_ROOT: &str = "/var/task/";

/// Where layers are, of which the package knows nothing.
pub(super) const LAYERS: &str = "/opt/";

/// A dotted version; what is not written is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version([u16; 3]);

impl Version {
    /// Of `2.34` or `2.2.5`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut version = [0; 3];
        let mut parts = text.split('.');
        for (index, number) in version.iter_mut().enumerate() {
            match parts.next() {
                Some(part) => *number = part.parse().ok()?,
                None if index > 0 => break,
                None => return None,
            }
        }
        parts.next().is_none().then_some(Self(version))
    }
}

/// How sure it is that a shared library is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// Part of glibc or GCC, or what the runtime's own programs cannot do without.
    Certain,
    /// In the list of packages, where it serves other packages: nothing promises that it stays.
    Likely,
    Unknown,
}

pub(super) fn library(soname: &str, architecture: Architecture) -> Presence {
    if soname == loader_name(architecture) || CERTAIN_LIBRARIES.contains(&soname) {
        return Presence::Certain;
    }
    // glibc has the vectorized libm for x86_64 only.
    if soname == "libmvec.so.1" && architecture == Architecture::X86_64 {
        return Presence::Certain;
    }
    if LIKELY_LIBRARIES.contains(&soname) { Presence::Likely } else { Presence::Unknown }
}

/// The dynamic linker of glibc: the one that the runtime has.
pub(super) fn loader(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "/lib64/ld-linux-x86-64.so.2",
        Architecture::Arm64 => "/lib/ld-linux-aarch64.so.1",
    }
}

fn loader_name(architecture: Architecture) -> &'static str {
    loader(architecture).rsplit('/').next().unwrap_or_default()
}

/// Whether a program of this name is in a folder of PATH.
pub(super) fn has_program(name: &str) -> bool {
    PROGRAMS.contains(&name)
}

/// Whether there is a program at this path. `/bin` is a link to `/usr/bin`.
pub(super) fn has_program_at(path: &str) -> bool {
    let name = path.strip_prefix("/usr/bin/").or_else(|| path.strip_prefix("/bin/"));
    name.is_some_and(has_program)
}

/// glibc, libgcc, libstdc++, zlib, openssl-libs, and what bash needs.
const CERTAIN_LIBRARIES: &[&str] = &[
    "libBrokenLocale.so.1",
    "libanl.so.1",
    "libc.so.6",
    "libcrypto.so.3",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libnss_compat.so.2",
    "libnss_dns.so.2",
    "libnss_files.so.2",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libssl.so.3",
    "libstdc++.so.6",
    "libthread_db.so.1",
    "libtinfo.so.6",
    "libutil.so.1",
    "libz.so.1",
];

const LIKELY_LIBRARIES: &[&str] = &[
    "libacl.so.1",
    "libattr.so.1",
    "libblkid.so.1",
    "libbz2.so.1",
    "libcap.so.2",
    "libcom_err.so.2",
    "libcurl.so.4",
    "libffi.so.8",
    "libgcrypt.so.20",
    "libgio-2.0.so.0",
    "libglib-2.0.so.0",
    "libgmodule-2.0.so.0",
    "libgmp.so.10",
    "libgobject-2.0.so.0",
    "libgpg-error.so.0",
    "libgssapi_krb5.so.2",
    "libhistory.so.8",
    "libidn2.so.0",
    "libk5crypto.so.3",
    "libkeyutils.so.1",
    "libkrb5.so.3",
    "libkrb5support.so.0",
    "liblz4.so.1",
    "liblzma.so.5",
    "libmount.so.1",
    "libmpfr.so.6",
    "libncurses.so.6",
    "libncursesw.so.6",
    "libnghttp2.so.14",
    "libp11-kit.so.0",
    "libpcre2-8.so.0",
    "libpsl.so.5",
    "libreadline.so.8",
    "libselinux.so.1",
    "libsqlite3.so.0",
    "libunistring.so.2",
    "libuuid.so.1",
    "libxml2.so.2",
    "libyaml-0.so.2",
    "libzstd.so.1",
];

/// bash, coreutils-single, curl-minimal, gawk, glibc-common, grep, sed.
const PROGRAMS: &[&str] = &[
    "[",
    "arch",
    "awk",
    "b2sum",
    "base32",
    "base64",
    "basename",
    "basenc",
    "bash",
    "cat",
    "chcon",
    "chgrp",
    "chmod",
    "chown",
    "cksum",
    "comm",
    "cp",
    "csplit",
    "curl",
    "cut",
    "date",
    "dd",
    "df",
    "dir",
    "dircolors",
    "dirname",
    "du",
    "echo",
    "egrep",
    "env",
    "expand",
    "expr",
    "factor",
    "false",
    "fgrep",
    "fmt",
    "fold",
    "gawk",
    "getconf",
    "getent",
    "grep",
    "groups",
    "head",
    "hostid",
    "iconv",
    "id",
    "install",
    "join",
    "ldd",
    "link",
    "ln",
    "locale",
    "logname",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mknod",
    "mktemp",
    "mv",
    "nice",
    "nl",
    "nohup",
    "nproc",
    "numfmt",
    "od",
    "paste",
    "pathchk",
    "pinky",
    "pr",
    "printenv",
    "printf",
    "ptx",
    "pwd",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "runcon",
    "sed",
    "seq",
    "sh",
    "sha1sum",
    "sha224sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "shred",
    "shuf",
    "sleep",
    "sort",
    "split",
    "stat",
    "stdbuf",
    "stty",
    "sum",
    "sync",
    "tac",
    "tail",
    "tee",
    "test",
    "timeout",
    "touch",
    "tr",
    "true",
    "truncate",
    "tsort",
    "tty",
    "uname",
    "unexpand",
    "uniq",
    "unlink",
    "users",
    "vdir",
    "wc",
    "who",
    "whoami",
    "yes",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("2.4") < version("2.34") && version("2.34") == GLIBC && GLIBC < version("2.34.1"));
        assert!(version("3.4.9") < GLIBCXX_AT_FIRST && GLIBCXX_AT_FIRST < GLIBCXX);
        for text in ["", "PRIVATE", "ABI_DT_RELR", "2.", "2.3.4.5", "70000.1"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_there_and_what_is_not() {
        for path in ["/bin/sh", "/usr/bin/env", "/usr/bin/bash", "/bin/["] {
            assert!(has_program_at(path), "{path}");
        }
        for path in ["/usr/bin/python3", "/usr/bin/perl", "/usr/local/bin/bash", "/bin/../bin/sh", "sh"] {
            assert!(!has_program_at(path), "{path}");
        }
        use Architecture::{Arm64, X86_64};
        assert_eq!(library("libc.so.6", Arm64), Presence::Certain);
        assert_eq!(library("libmvec.so.1", X86_64), Presence::Certain);
        assert_eq!(library("libmvec.so.1", Arm64), Presence::Unknown);
        assert_eq!(library("ld-linux-aarch64.so.1", X86_64), Presence::Unknown);
        assert_eq!(library("libcurl.so.4", X86_64), Presence::Likely);
        for soname in ["libcrypt.so.2", "libcrypt.so.1", "libssl.so.1.1", "libnsl.so.1", "libgomp.so.1"] {
            assert_eq!(library(soname, X86_64), Presence::Unknown, "{soname}");
        }
    }
}
