//! `lamex-ctl local serve`.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use lamex_run::Exit;

use crate::args::ServeArgs;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::local_lambda::{self, Emulator, FunctionConfig, LogSink, StreamLimits};
use crate::local_scratch;
use crate::runner;
use crate::runtime;

pub(super) fn run(args: ServeArgs) -> Result<Exit, Failure> {
    local_lambda::check()?;
    let runner = runner::for_task_root(&args.task_root, args.runner.path.as_deref())?;
    let function = FunctionConfig {
        bootstrap: runner.as_deref().map(Path::to_owned),
        timeout: Duration::from_secs(args.timeout),
        memory_mb: args.memory_mb,
        concurrency: args.concurrency.into(),
        limits: if args.aws_limits { StreamLimits::aws() } else { StreamLimits::default() },
        log: LogSink::writer(std::io::stderr()),
        owns_process: true,
        ..FunctionConfig::new(args.function, args.task_root)
    };
    runtime::start()?.block_on(serve(function, args.port))
}

async fn serve(mut function: FunctionConfig, port: Option<u16>) -> Result<Exit, Failure> {
    let mut interrupt = Interrupt::listen().await?;
    let name = function.name.clone();
    let _scratch = local_scratch::give_to(&mut function)?;
    let emulator = Emulator::start(function, port)
        .await
        .map_err(|error| Failure::machine("start the local Lambda", &error))?;
    let endpoint = emulator.endpoint();
    // One line on stdout for scripts that wait for it; how to go on is for people.
    let told = writeln!(std::io::stdout(), "{endpoint}").and_then(|()| std::io::stdout().flush());
    told.map_err(|error| Failure::machine("write to stdout", &error))?;
    // Nobody's loss if stderr is closed.
    let _ = writeln!(
        std::io::stderr(),
        "serving {name}; stop with Ctrl-C, invoke with\n  \
         aws lambda invoke --endpoint-url {endpoint} --function-name {name} --log-type Tail \
         --query LogResult --output text out.json | base64 -d"
    );
    interrupt.wait().await;
    emulator.shutdown().await;
    // Being stopped is how a server ends well.
    Ok(Exit::Passed)
}
