//! `lamex-ctl test`: everything from the sources to the verdict. It stops at the first step that fails.

use std::io::{self, Write as _};
use std::path::Path;

use lamex_config::{Command, Config, Environment, Lambda, Target};
use lamex_package::{PackageTarget, runner_path};
use lamex_protocol::plan::Plan;
use lamex_protocol::reader::{Judgement, StreamEnd, Untrusted};
use lamex_report::event_file::EventFile;
use lamex_report::junit::{self, JunitFile};
use lamex_report::look::Verbosity;
use lamex_report::record::{Keep, RunRecord};
use lamex_run::{Conclusion, Exit};

use super::build::{Built, build};
use super::deploy::{self, ZipFile};
use super::deployed::Deployed;
use super::package::{self, Source};
use super::{invoke, package_report, prune};
use crate::common_args::PreflightMode;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::invoke::{guard, request, target};
use crate::run_args::TestArgs;
use crate::runtime;
use crate::settings::{DEFAULT_ZIP, InvokeOptions, ReportOptions};

pub(super) fn run(args: TestArgs) -> Result<Exit, Failure> {
    let steps = Steps { keep: args.keep.get(), preflight: args.preflight };
    let mut options = InvokeOptions::from(args.run);
    runtime::start()?.block_on(async {
        // From here on Ctrl-C does not end this process before it has cleaned up.
        let mut interrupt = Interrupt::listen().await?;
        discard_reports(&options.reports)?;
        match steps.get_ready(&options, &mut interrupt).await {
            Ok(Ready::Local) => {}
            Ok(Ready::Version(version)) => {
                options.qualifier = Some(version);
                options.package = Some(DEFAULT_ZIP.into());
            }
            Ok(Ready::Interrupted) => {
                report_unrun(&options.reports, Conclusion::Interrupted);
                return Ok(Exit::Interrupted);
            }
            Err(failure) => {
                let reason = StreamEnd::Broken(format!("nothing was run: {failure}"));
                let judgement = Judgement::Untrusted(Untrusted::NoVerdict(reason));
                report_unrun(&options.reports, Conclusion::Judged(judgement));
                return Err(failure);
            }
        }
        let (target, request) = invoke::prepare(&options)?;
        invoke::invoke(&options, target, request, interrupt).await
    })
}

/// What can be invoked now.
enum Ready {
    /// What lamex.yaml names is built.
    Local,
    /// The version that this very run has deployed, or found to be the same.
    Version(String),
    Interrupted,
}

/// What comes before the run.
struct Steps {
    /// How many versions a deployment keeps.
    keep: usize,
    preflight: PreflightMode,
}

impl Steps {
    /// Everything before the run. What can refuse it does so before anything is built.
    async fn get_ready(&self, options: &InvokeOptions, interrupt: &mut Interrupt) -> Result<Ready, Failure> {
        let (config, environment) = target::configuration(options)?;
        let plan = lamex_package::plan_of(&config);
        plan.validate().map_err(|error| Failure::Usage(miette::miette!("{error}")))?;
        request::new(options, &plan, environment.allow_destructive).map_err(Failure::Usage)?;
        match environment.target.clone() {
            Target::Local => {
                runner_path::find(options.runner.as_deref()).map_err(Failure::usage)?;
                let selected = request::selected(&options.select, &plan).map_err(Failure::Usage)?;
                let commands: Vec<&Command> = selected.iter().map(|&index| &config.commands[index]).collect();
                match build(&config, &commands, options.reports.verbosity, interrupt).await? {
                    Built::All => Ok(Ready::Local),
                    Built::Interrupted => Ok(Ready::Interrupted),
                }
            }
            Target::Lambda(lambda) => {
                self.deploy(options, config, environment, &lambda, &plan, interrupt).await
            }
        }
    }

    async fn deploy(
        &self,
        options: &InvokeOptions,
        config: Config,
        environment: Environment,
        lambda: &Lambda,
        plan: &Plan,
        interrupt: &mut Interrupt,
    ) -> Result<Ready, Failure> {
        if config.commands.is_empty() {
            return Err(package::nothing_to_pack(&config.path));
        }
        let facts = guard::Facts {
            environment: &environment.name,
            is_protected: lambda.protected,
            confirmed: options.confirm.as_deref(),
            allow_destructive: environment.allow_destructive,
            plan,
            select: &options.select,
        };
        if let Some(refusal) = guard::refusal(&facts) {
            return Err(Failure::Refused(miette::miette!("{refusal}")));
        }
        let target = PackageTarget::new(&environment);
        runner_path::find_for(options.runner.as_deref(), target.architecture).map_err(Failure::usage)?;
        let Some(deployed) =
            unless(interrupt, Deployed::new(config, environment, options.confirm.as_deref())).await
        else {
            return Ok(Ready::Interrupted);
        };
        let deployed = deployed?;
        // Other commands than the selected ones are deployed as well.
        let commands: Vec<&Command> = deployed.config.commands.iter().collect();
        if build(&deployed.config, &commands, options.reports.verbosity, interrupt).await?
            == Built::Interrupted
        {
            return Ok(Ready::Interrupted);
        }
        let zip = Path::new(DEFAULT_ZIP);
        let source = Source::Config(&deployed.config);
        let packed = package::pack(&source, target, options.runner.as_deref(), self.preflight, zip)?;
        say(&options.reports, &package_report::short(&packed));
        let Some(outcome) =
            unless(interrupt, deploy::deploy(&deployed, ZipFile::read(zip)?, false, false)).await
        else {
            say(
                &options.reports,
                "interrupted during the deployment: check what is live before you continue",
            );
            return Ok(Ready::Interrupted);
        };
        let outcome = outcome?;
        say(&options.reports, &deployed.line(&outcome, &deploy::did(&outcome, false)));
        let version = outcome.version.ok_or_else(|| {
            Failure::Infrastructure(miette::miette!("the deployment reported no version: nothing was run"))
        })?;
        match unless(interrupt, prune::after_deployment(&deployed, self.keep)).await {
            Some(()) => Ok(Ready::Version(version)),
            None => Ok(Ready::Interrupted),
        }
    }
}

/// Its result, unless the user interrupts it first.
async fn unless<T>(interrupt: &mut Interrupt, future: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = interrupt.wait() => None,
        result = future => Some(result),
    }
}

/// No report of an earlier run, which may be green, outlives a step that fails.
fn discard_reports(options: &ReportOptions) -> Result<(), Failure> {
    if let Some(path) = &options.junit {
        JunitFile::create(path).map_err(Failure::usage)?;
    }
    if let Some(path) = &options.events {
        EventFile::create(path).map_err(|error| {
            Failure::Usage(miette::miette!("cannot write the events to {}: {error}", path.display()))
        })?;
    }
    Ok(())
}

/// Says in the JUnit report why nothing was run.
fn report_unrun(options: &ReportOptions, conclusion: Conclusion) {
    if let Some(path) = &options.junit {
        let mut record = RunRecord::new(Keep::default());
        record.conclusion = conclusion;
        // What is there already is not green either.
        let _ = junit::write(&record, path);
    }
}

fn say(options: &ReportOptions, text: &str) {
    if options.verbosity != Verbosity::Quiet {
        // Nobody's loss if stderr is closed.
        let _ = writeln!(io::stderr(), "{text}");
    }
}
