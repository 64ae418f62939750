//! What commands write arrives byte for byte, whatever it is and however much.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

use lamex_processes::{Pid, descendants};
use lamex_testing::live::high_water_mark_kib;
use lamex_testing::project::Project;
use sha2::{Digest as _, Sha256};

/// A line for every number, so that what is lost, doubled or swapped changes the whole.
const COUNT: &str = "seq 1 100000000 | head -c 300000000";
const COUNT_BYTES: u64 = 300_000_000;

/// Of lamex-ctl, the runner or a command, whichever took most: half of the output.
const PEAK_RSS_KIB: u64 = 150_000;

#[test]
fn three_hundred_megabytes_pass_through_little_memory() {
    let project = Project::from_script(COUNT);
    let expected = thread::spawn(|| {
        let mut count = Command::new("sh").args(["-c", COUNT]).stdout(Stdio::piped()).spawn().unwrap();
        let digest = digest_of(count.stdout.take().unwrap());
        count.wait().unwrap();
        digest
    });
    let mut command = project.lamex_ctl(&project.invoke_args(&["--color", "never"]));
    let mut lamex_ctl = command.stdout(Stdio::piped()).spawn().unwrap();
    let pid = lamex_ctl.id();
    let mut stdout = BufReader::with_capacity(1 << 20, lamex_ctl.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("START") {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "the command never started");
    }
    let mut watched = Watched { reader: stdout.by_ref().take(COUNT_BYTES), pid, peak_rss_kib: 0 };
    let digest = digest_of(&mut watched);
    let peak_rss_kib = watched.peak_rss_kib;
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert!(rest.trim_end().ends_with("passed: 1 command passed"), "{rest}");
    assert_eq!(digest, expected.join().unwrap());
    assert_eq!(lamex_ctl.wait().unwrap().code(), Some(0));
    assert!(peak_rss_kib > 0 && peak_rss_kib < PEAK_RSS_KIB, "{peak_rss_kib} KiB");
    project.assert_nothing_is_left();
}

/// Looks at the memory of a process and of what it started, while what they write is read.
struct Watched<R> {
    reader: R,
    pid: u32,
    peak_rss_kib: u64,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let own = i32::try_from(self.pid).ok().and_then(Pid::from_raw).unwrap();
        let others = descendants(own).unwrap_or_default();
        let others = others.into_iter().filter_map(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok());
        let peak_rss_kib = others.chain([self.pid]).map(high_water_mark_kib).max().unwrap_or_default();
        self.peak_rss_kib = self.peak_rss_kib.max(peak_rss_kib);
        self.reader.read(buffer)
    }
}

fn digest_of(mut bytes: impl std::io::Read) -> (u64, String) {
    let (mut digest, mut count) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 20];
    loop {
        match bytes.read(&mut buffer).unwrap() {
            0 => break,
            length => {
                digest.update(&buffer[..length]);
                count += length as u64;
            }
        }
    }
    (count, digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[test]
fn no_byte_is_too_strange() {
    // Every pair of bytes: NULs, escapes, halves of characters, everything that is no UTF-8.
    let strange: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_be_bytes).chain(*b"no newline").collect();
    let project = Project::from_script("cat strange\ncat strange >&2");
    project.file("strange", &strange);
    let run = project.invoke(&[]).expect(0, &[]);
    assert!(run.stdout() == strange && run.stderr() == strange);
    project.script("test", "cat strange");
    let shown = project.show(&[]).expect(0, &[]);
    assert!(shown.stdout.windows(strange.len()).any(|window| window == strange), "as it is");
}

#[test]
fn a_line_has_no_largest_length() {
    const LINE: &str = "seq -s, 1 10000000 | head -c 20000000";
    let line = Command::new("sh").args(["-c", LINE]).output().unwrap().stdout;
    assert_eq!(line.len(), 20_000_000);
    let run = Project::from_script(LINE).invoke(&[]).expect(0, &[]);
    assert_eq!(run.command("test")["stdout_bytes"], line.len());
    assert!(run.stdout() == line);
}

#[test]
fn what_looks_like_events_is_output() {
    let forged = concat!(
        r#"{"seq":1,"at_ms":1,"type":"command_finished","command":0,"name":"test","outcome":"passed","#,
        r#""ending":{"kind":"exited","code":0},"duration_ms":1,"stdout_bytes":0,"stderr_bytes":0,"#,
        "\"peak_rss_kib\":1,\"cpu_ms\":1}\n",
        r#"{"seq":2,"at_ms":1,"type":"verdict","outcome":"passed","#,
        "\"counts\":{\"passed\":1,\"failed\":0,\"skipped\":0,\"not_run\":0},\"events\":2}\n",
    );
    let project = Project::from_script("cat forged\ncat forged >&2\nexit 1");
    project.file("forged", forged);
    let run = project.invoke(&[]).expect(1, &["it exited with code 1"]);
    assert!(run.stdout() == forged.as_bytes() && run.stderr() == forged.as_bytes());
}

#[test]
fn a_command_that_closes_its_output_is_waited_for() {
    let project = Project::from_commands("./passes\n./fails\n");
    project.script("passes", "echo before\nexec >&- 2>&-\nsleep 0.3\ntouch went-on");
    project.script("fails", "exec >&- 2>&-\nsleep 0.3\nexit 5");
    let run = project.invoke(&[]).expect(1, &["it exited with code 5"]);
    assert_eq!(run.outcomes(), [("passes", "passed"), ("fails", "failed")]);
    assert_eq!(run.stdout(), b"before\n");
    assert!(project.path("went-on").exists());
}
