//! The AWS that all tests of this process share, and calls to it by boto3.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;

use crate::binaries::{python, target_tmp};
use crate::driver::Driver;

/// The account that ministack's credentials belong to.
pub const ACCOUNT: &str = "000000000000";

static MINISTACK: LazyLock<Driver> = LazyLock::new(|| Driver::start("ministack.py", &target_tmp()));

pub fn endpoint() -> &'static str {
    &MINISTACK.endpoint
}

/// Makes one call of boto3, and returns the answer or the code of the error.
pub fn call(service: &str, operation: &str, arguments: Value) -> Result<Value, String> {
    MINISTACK.call(service, operation, arguments)
}

/// The folder of the Python that has the packages of `requirements-test.txt`.
pub fn python_folder() -> PathBuf {
    python().parent().unwrap().to_owned()
}
