//! `lamex-ctl deploy`.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lamex_aws::Code;
use lamex_deploy::record::Record;
use lamex_deploy::steps::{self, DeployError, Outcome, Package};
use lamex_package::hex;
use lamex_package::size::{DIRECT_UPLOAD_BYTES, shown};
use lamex_run::Exit;
use sha2::{Digest as _, Sha256};

use super::deployed::Deployed;
use super::prune;
use crate::args::DeployArgs;
use crate::failure::Failure;
use crate::runner;
use crate::runtime;

pub(super) fn run(args: DeployArgs) -> Result<Exit, Failure> {
    let zip = ZipFile::read(&args.package)?;
    runtime::start()?.block_on(async {
        let deployed = Deployed::find(&args.deployed).await?;
        let outcome = deploy(&deployed, zip, args.allow_stale, args.dry_run).await?;
        let exit = deployed.tell(&outcome, &did(&outcome, args.dry_run), args.deployed.output)?;
        if !args.dry_run {
            prune::after_deployment(&deployed, args.keep.get()).await;
        }
        Ok(exit)
    })
}

/// A package as it is on disk.
pub(super) struct ZipFile<'a> {
    path: &'a Path,
    bytes: Vec<u8>,
}

impl<'a> ZipFile<'a> {
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(path: &'a Path) -> Result<Self, Failure> {
        let bytes = fs::read(path).map_err(|error| {
            Failure::Usage(miette::miette!(
                help = "make it with `lamex-ctl package`, or name another with --package",
                "cannot read the package {}: {error}",
                path.display()
            ))
        })?;
        Ok(Self { path, bytes })
    }
}

/// Makes the package live.
///
/// # Errors
/// The package is invalid or out of date with lamex.yaml, or the service refuses it.
pub(super) async fn deploy(
    deployed: &Deployed,
    zip: ZipFile<'_>,
    allow_stale: bool,
    dry_run: bool,
) -> Result<Outcome, Failure> {
    let ZipFile { path, bytes } = zip;
    let zip = lamex_package::inspect_zip(path).map_err(Failure::usage)?;
    refuse_stale(deployed, path, allow_stale)?;
    let record = Record::new(&zip.plan, &zip.package_digest, &commit(&deployed.config.project));
    let digest = Sha256::digest(&bytes);
    let package = Package {
        code_sha256: STANDARD.encode(digest),
        description: record.to_string(),
        code: async || code(deployed, bytes, &hex(&digest)).await,
    };
    let outcome = steps::deploy(&deployed.versions(), package, dry_run).await;
    outcome.map_err(|error| deployed.failure(error))
}

/// What a deployment did, in words.
pub(super) fn did(outcome: &Outcome, dry_run: bool) -> String {
    match (&outcome.version, outcome.changes.is_empty()) {
        (Some(version), true) if outcome.cleared.is_empty() => {
            format!("version {version} is live already, nothing to do")
        }
        (Some(version), true) if dry_run => format!("version {version} would be live alone"),
        (Some(version), true) => format!("version {version} is live alone"),
        (Some(version), false) => format!("version {version} is live"),
        (None, _) => "a new version would be published and made live".to_owned(),
    }
}

/// What is deployed must be what lamex.yaml and the files here make now, unless the user says otherwise.
fn refuse_stale(deployed: &Deployed, zip: &Path, allow_stale: bool) -> Result<(), Failure> {
    let config = &deployed.config;
    let runner = runner::usual_for(deployed.architecture)?;
    let differences = lamex_package::differences(config, zip, runner.as_deref()).map_err(Failure::usage)?;
    // Nobody's loss if stderr is closed.
    let warn = |text: &str| drop(writeln!(io::stderr(), "warning: {text}"));
    if differences.has_other_runner {
        warn(&lamex_package::other_runner(zip));
    }
    match lamex_package::stale(&differences, zip, &config.path) {
        Some(stale) if allow_stale => warn(&stale),
        Some(stale) => {
            return Err(Failure::Refused(miette::miette!(
                help = "run `lamex-ctl package`, or pass `--allow-stale` to deploy it as it is",
                "{stale}"
            )));
        }
        None => {}
    }
    Ok(())
}

/// Small packages travel in the request, large ones through the bucket.
async fn code(deployed: &Deployed, bytes: Vec<u8>, sha256: &str) -> Result<Code, DeployError> {
    let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size_bytes <= DIRECT_UPLOAD_BYTES {
        return Ok(Code::Bytes(bytes));
    }
    let Some(bucket) = deployed.lambda.artifacts_bucket.clone() else {
        return Err(DeployError::TooLarge { size: shown(size_bytes), limit: shown(DIRECT_UPLOAD_BYTES) });
    };
    // Named after its content, so that a repeated upload replaces nothing by something else.
    let key = format!("lamex/{}/{sha256}.zip", deployed.lambda.function);
    let kms_key_arn = deployed.lambda.artifacts_kms_key_arn.as_deref();
    match lamex_aws::put(&deployed.account, &bucket, &key, kms_key_arn, bytes).await {
        Ok(()) => Ok(Code::Stored { bucket, key }),
        Err(reason) => Err(DeployError::Storage { bucket, key, reason }),
    }
}

/// The git commit of the project, or nothing where there is none.
fn commit(project: &Path) -> String {
    let describe = Command::new("git")
        .args(["-C"])
        .arg(project)
        .args(["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"])
        .stderr(Stdio::null())
        .output();
    match describe {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        _ => String::new(),
    }
}
