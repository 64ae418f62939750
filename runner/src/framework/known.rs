//! The frameworks that a plan can name.

use lamex_protocol::plan::Framework;

use super::exit_code::ExitCode;
use super::go::GoTesting;
use super::gtest::GoogleTest;
use super::libtest::Libtest;
use super::tap::Tap;
use super::test_framework::TestFramework;

pub(super) fn known(framework: Framework) -> &'static dyn TestFramework {
    match framework {
        Framework::ExitCode => &ExitCode,
        Framework::Go => &GoTesting,
        Framework::Libtest => &Libtest,
        Framework::Gtest => &GoogleTest,
        Framework::Tap => &Tap,
    }
}
