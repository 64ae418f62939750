//! The AWS that all tests of this process share, and calls to it by boto3.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;

#[path = "../support/driver.rs"]
mod driver;
use driver::Driver;

/// The account that ministack's credentials belong to.
pub(crate) const ACCOUNT: &str = "000000000000";

static MINISTACK: LazyLock<Driver> =
    LazyLock::new(|| Driver::start("aws/ministack.py", Path::new(env!("CARGO_TARGET_TMPDIR"))));

pub(crate) fn endpoint() -> &'static str {
    &MINISTACK.endpoint
}

/// Makes one call of boto3, and returns the answer or the code of the error.
pub(crate) fn call(service: &str, operation: &str, arguments: Value) -> Result<Value, String> {
    MINISTACK.call(service, operation, arguments)
}

/// The folder of the Python that has the packages of `requirements-test.txt`.
pub(crate) fn python_folder() -> PathBuf {
    driver::python().parent().unwrap().to_owned()
}
