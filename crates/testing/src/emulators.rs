//! The AWS that all tests of this process share, and calls to it by boto3.

use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::driver::Driver;

/// The account that its credentials belong to.
pub const ACCOUNT: &str = "000000000000";
pub const REGION: &str = "us-east-1";

static EMULATORS: LazyLock<(Driver, TempDir)> = LazyLock::new(|| {
    let folder = tempfile::Builder::new().prefix("lamex-doctor-").tempdir().unwrap();
    (Driver::start("emulators.py", folder.path()), folder)
});

pub fn endpoint() -> &'static str {
    &EMULATORS.0.endpoint
}

/// Makes one call of boto3, which must succeed, and returns the answer.
#[track_caller]
pub fn call(service: &str, operation: &str, arguments: Value) -> Value {
    let answer = EMULATORS.0.call(service, operation, arguments);
    answer.unwrap_or_else(|error| panic!("{service} {operation}: {error}"))
}

/// The access key of somebody who may do everything but this IAM action.
pub fn access_key_without(action: &str) -> String {
    format!("without.{}", action.replace(':', "."))
}
