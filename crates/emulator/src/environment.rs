//! One execution environment: a runtime's process tree, its Runtime API and its log.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lamex_processes::{Exit, Pid, Reaped, Signal, signal_each};
use tokio::net::unix::pipe;
use tokio::signal::unix::{self, SignalKind};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use uuid::Uuid;

use crate::clock;
use crate::custody::Custody;
use crate::function::{Function, LATEST};
use crate::http::{self, AbortOnDrop};
use crate::invocation::Invocation;
use crate::log::{EnvironmentLog, LogReader};
use crate::runtime_api::{self, Delivery, Post, RuntimeApi};
use crate::runtime_state::RuntimeState;
use crate::runtime_variables::runtime_variables;

/// Dropping it ends its processes.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) log: Arc<EnvironmentLog>,
    pub(crate) log_reader: LogReader,
    pub(crate) started: Instant,
    /// Until when the runtime must ask for the next invocation.
    pub(crate) due: Instant,
    runtime: Pid,
    /// What is printed during the init belongs to the first invocation.
    has_been_invoked: bool,
    deliveries: mpsc::Sender<Delivery>,
    posts: mpsc::Receiver<Post>,
    /// What came in before it was known that the runtime had its invocation.
    unheard: Option<Post>,
    asked: watch::Receiver<u64>,
    state: Arc<watch::Sender<RuntimeState>>,
    ended: watch::Receiver<Option<Reaped>>,
    /// Told or dropped: the supervisor kills.
    stop: watch::Sender<bool>,
    /// What a runtime sent before its end is read after it; and one that is about to be killed does not see its
    /// connections break. So the server ends with the later of environment and supervisor.
    _server: Arc<AbortOnDrop>,
}

/// What the runtime does next.
pub(crate) enum Move {
    Posted(Post),
    /// It asks for the next invocation.
    Asked,
    Ended(Reaped),
    /// It did nothing in time.
    Late,
}

impl Environment {
    /// Starts a runtime; the future that comes with it supervises its process and must be run to its end.
    pub(crate) async fn start(
        function: Arc<Function>,
        custody: Arc<Custody>,
    ) -> Result<(Self, impl Future<Output = ()> + use<>), StartError> {
        let started = Instant::now();
        let listener = http::listen(None).await.map_err(StartError::Sandbox)?;
        let address = listener.local_addr().map_err(StartError::Sandbox)?;
        let day = clock::timestamp(SystemTime::now())[..10].replace('-', "/");
        let log_stream_name = format!("{day}/[{LATEST}]{}", Uuid::new_v4().simple());

        let (output, writer) = std::io::pipe().map_err(StartError::Sandbox)?;
        let output = pipe::Receiver::from_owned_fd(output.into()).map_err(StartError::Sandbox)?;
        let errors = writer.try_clone().map_err(StartError::Sandbox)?;
        let mut command = Command::new(&function.bootstrap);
        command
            .current_dir(&function.task_root)
            .env_clear()
            .envs(runtime_variables(&function, &log_stream_name, &address.to_string()))
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(errors)
            .process_group(0);
        let children = unix::signal(SignalKind::child()).map_err(StartError::Sandbox)?;
        if let Some(folder) = &function.read_only {
            folder.mount_in(&mut command);
        }
        let runtime = custody.spawn(command, &log_stream_name).map_err(StartError::Runtime)?;

        let log = Arc::new(EnvironmentLog::new(function.config.log.clone()));
        let log_reader = LogReader::spawn(output, Arc::clone(&log));
        // One invocation at a time: there is never a second delivery or answer to wait for.
        let (deliveries, waiting) = mpsc::channel(1);
        let (posted, posts) = mpsc::channel(1);
        let (asks, asked) = watch::channel(0);
        let state = Arc::new(watch::Sender::default());
        let api = RuntimeApi {
            function: Arc::clone(&function),
            log: Arc::clone(&log),
            log_reader: log_reader.clone(),
            state: Arc::clone(&state),
            deliveries: tokio::sync::Mutex::new(waiting),
            delivered: std::sync::Mutex::default(),
            posts: posted,
            asks,
        };
        let server = Arc::new(runtime_api::serve(listener, address.port(), api));
        let (stop, stopped) = watch::channel(false);
        let (end, ended) = watch::channel(None);
        let supervisor = Supervisor {
            runtime,
            custody,
            children,
            stopped,
            end,
            log: Arc::clone(&log),
            log_reader: log_reader.clone(),
            _server: Arc::clone(&server),
        };
        let environment = Self {
            log,
            log_reader,
            started,
            due: started + function.config.init_timeout,
            runtime,
            has_been_invoked: false,
            deliveries,
            posts,
            unheard: None,
            asked,
            state,
            ended,
            stop,
            _server: server,
        };
        Ok((environment, supervisor.run()))
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.borrow().is_some()
    }

    /// Hands an invocation to the runtime as soon as it asks for one, and says when. Otherwise the runtime
    /// has never seen it.
    pub(crate) async fn hand_over(&mut self, invocation: Arc<Invocation>) -> Result<Instant, Move> {
        if std::mem::replace(&mut self.has_been_invoked, true) {
            self.log.begin_tail();
        }
        let (delivered, mut delivery) = oneshot::channel();
        let handed = Delivery { invocation, delivered };
        if self.deliveries.try_send(handed).is_err() {
            return Err(Move::Late);
        }
        let due = self.due;
        let missed = tokio::select! {
            biased;
            Ok(at) = &mut delivery => {
                self.asked.mark_unchanged();
                return Ok(at);
            }
            next = self.posted_ended_or_late(due) => next,
        };
        // It may have been delivered at this very moment: then it is this runtime's, and no other may have it.
        delivery.close();
        let Ok(at) = delivery.try_recv() else {
            return Err(missed);
        };
        self.asked.mark_unchanged();
        if let Move::Posted(post) = missed {
            self.unheard = Some(post);
        }
        Ok(at)
    }

    /// What the runtime does next, until `deadline`.
    pub(crate) async fn next_move(&mut self, deadline: Instant) -> Move {
        if let Some(post) = self.unheard.take() {
            return Move::Posted(post);
        }
        let mut asked = self.asked.clone();
        tokio::select! {
            biased;
            next = self.posted_ended_or_late(deadline) => next,
            Ok(()) = asked.changed() => Move::Asked,
        }
    }

    async fn posted_ended_or_late(&mut self, deadline: Instant) -> Move {
        tokio::select! {
            biased;
            Some(post) = self.posts.recv() => Move::Posted(post),
            reaped = ended(&mut self.ended) => Move::Ended(reaped),
            () = tokio::time::sleep_until(deadline) => Move::Late,
        }
    }

    /// The runtime has sent what it will send of its response.
    pub(crate) fn settle(&self) {
        self.state.send_modify(RuntimeState::settle);
    }

    /// SIGKILL to the runtime alone, as the kernel's out-of-memory killer would.
    pub(crate) fn kill_runtime(&self) {
        if !self.has_ended() {
            signal_each(&[self.runtime], Signal::KILL);
        }
    }

    /// Ends the runtime and whatever it left behind; returns when nothing runs any more.
    pub(crate) async fn stop(&mut self) -> Reaped {
        // The receiver is gone only when the supervisor has finished.
        let _ = self.stop.send(true);
        ended(&mut self.ended).await
    }

    /// The largest resident set of the runtime itself so far, in KiB.
    pub(crate) fn peak_rss_kib(&self) -> u64 {
        if let Some(reaped) = *self.ended.borrow() {
            return reaped.usage.peak_rss_kib;
        }
        let path = format!("/proc/{}/status", self.runtime.as_raw_nonzero());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse().ok())
            .unwrap_or(0)
    }
}

/// Why there is no environment.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The function's program cannot be run.
    Runtime(io::Error),
    /// The emulator lacks what it needs for an environment.
    Sandbox(io::Error),
}

async fn ended(end: &mut watch::Receiver<Option<Reaped>>) -> Reaped {
    let reaped = end.wait_for(Option::is_some).await.ok().and_then(|end| *end);
    // The supervisor was dropped, which happens when the emulator itself is.
    reaped.unwrap_or(NEVER_SEEN)
}

/// Stands in for the end of a runtime that the emulator killed and could not watch.
const NEVER_SEEN: Reaped = Reaped {
    pid: Pid::INIT,
    exit: Exit::Signal { number: 9, core_dumped: false },
    usage: lamex_processes::Usage { peak_rss_kib: 0, cpu_us: 0 },
};

/// Watches one runtime.
struct Supervisor {
    runtime: Pid,
    custody: Arc<Custody>,
    children: unix::Signal,
    stopped: watch::Receiver<bool>,
    end: watch::Sender<Option<Reaped>>,
    log: Arc<EnvironmentLog>,
    log_reader: LogReader,
    _server: Arc<AbortOnDrop>,
}

impl Supervisor {
    /// Waits for the runtime to end, or for the order to end it, and leaves nothing behind.
    async fn run(mut self) {
        let runtime = self.runtime;
        tokio::select! {
            () = exited(runtime, &mut self.children) => {}
            _ = self.stopped.wait_for(|stop| *stop) => {}
        }
        let custody = Arc::clone(&self.custody);
        let killed = tokio::task::spawn_blocking(move || custody.end(runtime)).await;
        if let Ok(Err(error)) = killed {
            self.log.platform(&format!("EMULATOR {error}"));
        }
        // Killed means ended in no time, but for a process that the kernel does not let go.
        let ended = exited(runtime, &mut self.children);
        let _ = tokio::time::timeout(Duration::from_secs(1), ended).await;
        let reaped = self.custody.release(runtime).ok().flatten();
        self.log_reader.flush().await;
        self.end.send_replace(Some(reaped.unwrap_or(NEVER_SEEN)));
    }
}

/// Returns when the process has ended; it is left to be reaped.
async fn exited(runtime: Pid, children: &mut unix::Signal) {
    // An error means that it is no child any more.
    while !lamex_processes::has_ended(runtime).unwrap_or(true) {
        if children.recv().await.is_none() {
            return;
        }
    }
}
