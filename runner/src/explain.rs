//! Why a program did not start, in plain words.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::elf;

/// Where a command's program is, as `execvp` would find it. Messages name it as it is `shown`: the plan's own
/// words, without the values of variables in them.
///
/// # Errors
/// A sentence that says why there is none.
pub fn find_program(program: &str, shown: &str, search_path: &str) -> Result<PathBuf, String> {
    if program.contains('/') {
        return Ok(PathBuf::from(program));
    }
    // An empty part means the working folder. With a slash in it, the name is not searched for once more.
    let folder_of = |part: &str| PathBuf::from(if part.is_empty() { "." } else { part });
    let mut not_executable = None;
    for folder in search_path.split(':').map(folder_of) {
        let candidate = folder.join(program);
        match fs::metadata(&candidate) {
            Ok(metadata) if metadata.is_file() && is_executable(&metadata) => return Ok(candidate),
            Ok(metadata) if metadata.is_file() => not_executable = Some(folder.join(shown)),
            _ => {}
        }
    }
    if let Some(path) = not_executable {
        return Err(format!("{} is not executable", path.display()));
    }
    let hint = if !program.is_empty() && Path::new(program).exists() {
        format!("; it is in the package: write ./{shown}")
    } else {
        String::new()
    };
    Err(format!("`{shown}` was not found in PATH ({search_path}){hint}"))
}

/// What an error of starting `program` means; `name` is what messages call it.
#[must_use]
pub fn start_error(program: &Path, name: &str, error: &io::Error) -> String {
    let Ok(metadata) = fs::metadata(program) else {
        return match fs::symlink_metadata(program) {
            Ok(_) => format!("{name} is a broken symbolic link"),
            Err(_) => format!("{name} was not found in the package"),
        };
    };
    if metadata.is_dir() {
        return format!("{name} is a folder, not a program");
    }
    if !is_executable(&metadata) {
        return format!(
            "{name} is not executable: set its mode to 0755 in the package (`chmod +x` before zipping)"
        );
    }
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::NotFound, _) => missing_interpreter(program, name),
        (_, Some(ENOEXEC)) => wrong_format(program, name),
        _ => format!("{name} could not be started: {error}"),
    }
}

/// What the dynamic linker's last words in a command's stderr mean, when it ended the program with `code`.
#[must_use]
pub fn loader_error(code: i32, stderr_tail: &str) -> Option<String> {
    const LIBRARY: &str = "error while loading shared libraries: ";
    for line in stderr_tail.lines().rev() {
        if code == 127
            && let Some((_, rest)) = line.split_once(LIBRARY)
        {
            let library = rest.split(':').next().unwrap_or(rest);
            return Some(format!(
                "the shared library {library} is missing: link the program statically, or put the library into the \
                 package and set LD_LIBRARY_PATH"
            ));
        }
        if code == 1
            && let Some((before, after)) = line.split_once("version `GLIBC_")
            && after.contains("' not found (required by")
            && before.contains(".so")
        {
            let version = after.split('\'').next().unwrap_or_default();
            return Some(format!(
                "the program needs glibc {version}, which is newer than this function's: build it on an older system, \
                 statically, or for musl (Go: CGO_ENABLED=0)"
            ));
        }
    }
    None
}

const ENOEXEC: i32 = 8;

fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

fn missing_interpreter(program: &Path, name: &str) -> String {
    let Ok(head) = read_head(program) else {
        return format!("{name} could not be read");
    };
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = line.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let carriage_return = if line.ends_with('\r') {
            " (the line ends in CR: save the script with Unix line endings)"
        } else {
            ""
        };
        let interpreter = line.split_whitespace().next().unwrap_or_default();
        return format!("{name} is a script for {interpreter}, which does not exist{carriage_return}");
    }
    match elf::interpreter(&head) {
        Some(interpreter) => format!(
            "{name} needs the dynamic linker {interpreter}, which does not exist: build it for glibc, or statically"
        ),
        None => format!("{name} needs an interpreter that does not exist"),
    }
}

fn wrong_format(program: &Path, name: &str) -> String {
    let head = read_head(program).unwrap_or_default();
    let here = env::consts::ARCH;
    match elf::machine(&head) {
        Some(machine) if machine != here => {
            format!("{name} is built for {machine}, this function runs on {here} (Exec format error)")
        }
        Some(_) => format!("{name} is a damaged ELF program (Exec format error)"),
        None if head.is_empty() => format!("{name} is empty (Exec format error)"),
        None => format!(
            "{name} is neither an ELF program nor a script that begins with #! (Exec format error); \
             was it built for another operating system?"
        ),
    }
}

/// The first 64 KiB: the interpreter's name stands near the beginning of every ELF program.
fn read_head(program: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(program)?.take(64 << 10).read_to_end(&mut head)?;
    Ok(head)
}

/// A signal's name where it has a common one.
#[must_use]
pub fn signal_name(number: i32) -> String {
    let name = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return format!("signal {number}"),
    };
    format!("{name} (signal {number})")
}
