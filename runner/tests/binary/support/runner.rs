//! The real `bootstrap` behind the bare Runtime API.

use std::fs::Permissions;
use std::io::{Read, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use lamex_processes::{Pid, Signal};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::runtime_api::{Exchange, Invocation, RuntimeApi};
use super::{PROGRAMS, TaskRoot, Transcript, wait_until};

/// The protocol's version and a run's name, to be completed.
pub(crate) fn run_request() -> Value {
    json!({ "lamex": 1, "run_id": "run-1", "op": "run" })
}

/// How the runner is started, where that differs from what every test wants.
#[derive(Default)]
pub(crate) struct Environment {
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Run by `sh`, which then executes its own arguments: at first, `bootstrap`.
    pub(crate) shell: Option<String>,
    /// `bootstrap` as this user.
    pub(crate) user: Option<(u32, PathBuf)>,
    /// The log is not read before this file is there.
    pub(crate) log_waits_for: Option<PathBuf>,
    /// The Runtime API closes every connection as soon as it has handed out an invocation.
    pub(crate) api_hangs_up: bool,
    /// The Runtime API looks whether this file is there before it receives an answer: see [`Runner::seen`].
    pub(crate) api_looks_at: Option<PathBuf>,
}

pub(crate) struct Runner {
    api: RuntimeApi,
    child: Child,
    log: Collected,
    errors: Collected,
    _root: TaskRoot,
    _tmp: TempDir,
}

struct Collected {
    bytes: Arc<Mutex<Vec<u8>>>,
    /// Nothing is waited for any longer.
    ended: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Runner {
    pub(crate) fn start(root: &TaskRoot) -> Self {
        Self::start_in(root, Environment::default())
    }

    pub(crate) fn start_in(root: &TaskRoot, environment: Environment) -> Self {
        let api = RuntimeApi::start(environment.api_hangs_up, environment.api_looks_at);
        let bootstrap = PathBuf::from(env!("CARGO_BIN_EXE_bootstrap"));
        let (user, bootstrap) = match environment.user {
            Some((user, copy)) => (Some(user), copy),
            None => (None, bootstrap),
        };
        let mut command = match &environment.shell {
            None => Command::new(&bootstrap),
            Some(before) => {
                let mut shell = Command::new("/bin/sh");
                shell.arg("-c").arg(format!("{before}\nexec \"$@\"")).arg("sh").arg(&bootstrap);
                shell
            }
        };
        // What a runner that is killed leaves in its /tmp goes with this.
        let tmp = tempfile::Builder::new().prefix("tmp-").tempdir().unwrap();
        std::fs::set_permissions(tmp.path(), Permissions::from_mode(0o777)).unwrap();
        command
            .env_clear()
            .env("TMPDIR", tmp.path())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("_HANDLER", "bootstrap")
            .env("AWS_LAMBDA_RUNTIME_API", &api.authority)
            .env("AWS_LAMBDA_FUNCTION_NAME", "system-tests")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "7")
            .env("LAMBDA_TASK_ROOT", root.path())
            .envs(environment.variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        let mut child = {
            let _starting = PROGRAMS.write().unwrap();
            command.spawn().unwrap()
        };
        let log = Collected::new(child.stdout.take().unwrap(), environment.log_waits_for);
        let errors = Collected::new(child.stderr.take().unwrap(), None);
        Self { api, child, log, errors, _root: root.clone(), _tmp: tmp }
    }

    /// Hands out an invocation; its answer is taken by [`Self::exchange`].
    pub(crate) fn begin(&self, invocation: Invocation) {
        self.api.hand_out(invocation);
    }

    pub(crate) fn exchange(&self) -> Exchange {
        self.api.exchange()
    }

    pub(crate) fn invoke(&self, payload: impl Into<Vec<u8>>) -> Exchange {
        self.begin(Invocation::new(payload));
        self.exchange()
    }

    /// A protocol request: `run_request` with these fields in addition, or in place of its own.
    pub(crate) fn ask(&self, fields: Value) -> Transcript {
        self.ask_in(Invocation::new(request(fields)))
    }

    pub(crate) fn ask_in(&self, invocation: Invocation) -> Transcript {
        let run_id = serde_json::from_slice::<Value>(&invocation.payload)
            .ok()
            .and_then(|payload| payload["run_id"].as_str().map(str::to_owned))
            .unwrap_or_default();
        self.begin(invocation);
        Transcript::new(self.exchange(), &run_id)
    }

    /// Where the runner asks for invocations.
    pub(crate) fn runtime_api_port(&self) -> u16 {
        self.api.authority.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// Whether the file that the Runtime API looks at was there before an answer had begun.
    pub(crate) fn seen(&self) -> Vec<bool> {
        self.api.seen()
    }

    /// When the last invocation was handed out.
    pub(crate) fn handed_out_at(&self) -> Instant {
        self.api.handed_out_at()
    }

    /// Nobody listens any more where the runner asks for invocations.
    pub(crate) fn end_runtime_api(&mut self) {
        self.api.end();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the runner ends by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until("the runner ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// What the function's log holds so far.
    pub(crate) fn log(&self) -> Vec<u8> {
        self.log.bytes.lock().unwrap().clone()
    }

    /// The same as text, once it holds this.
    pub(crate) fn log_with(&self, text: &str) -> String {
        wait_until(&format!("the log says {text:?}"), || self.log_text().contains(text));
        self.log_text()
    }

    pub(crate) fn log_text(&self) -> String {
        String::from_utf8_lossy(&self.log()).into_owned()
    }

    /// Ends the runner; its log and its last words.
    pub(crate) fn finish(mut self) -> (String, String) {
        self.end();
        let text =
            |collected: &Collected| String::from_utf8_lossy(&collected.bytes.lock().unwrap()).into_owned();
        (text(&self.log), text(&self.errors))
    }

    fn end(&mut self) {
        let pid = Pid::from_child(&self.child);
        let left = lamex_processes::descendants(pid).unwrap_or_default();
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Nothing, but for a runner that is interrupted by a failing test.
        lamex_processes::signal_each(&left, Signal::KILL);
        for collected in [&mut self.log, &mut self.errors] {
            collected.ended.store(true, Ordering::SeqCst);
            if let Some(reader) = collected.reader.take() {
                let _ = reader.join();
            }
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.end();
        if thread::panicking() {
            let errors = self.errors.bytes.lock().unwrap();
            let _ = writeln!(std::io::stderr(), "the runner said: {}", String::from_utf8_lossy(&errors));
        }
    }
}

impl Collected {
    fn new(mut pipe: impl Read + Send + 'static, waits_for: Option<PathBuf>) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let reader = thread::spawn({
            let (bytes, ended) = (Arc::clone(&bytes), Arc::clone(&ended));
            move || {
                if let Some(file) = waits_for {
                    wait_until("the log may be read", || file.exists() || ended.load(Ordering::SeqCst));
                }
                let mut buffer = [0; 16 << 10];
                while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                    bytes.lock().unwrap().extend_from_slice(&buffer[..length]);
                }
            }
        });
        Self { bytes, ended, reader: Some(reader) }
    }
}

/// The payload of a protocol request with these fields.
pub(crate) fn request(fields: Value) -> Vec<u8> {
    let mut request = run_request();
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    for (name, value) in fields {
        request[name] = value;
    }
    request.to_string().into_bytes()
}
