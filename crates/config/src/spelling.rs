//! The words that stand for the variants of enumerations.

use lamex_protocol::plan::{Framework, Leftovers, Phase};

use super::model::{Architecture, Check, Effect, InvokeMode, Protocol};
use super::scalars::Words;

impl Words for Protocol {
    const WHAT: &'static str = "a protocol";
    const WORDS: &'static [(&'static str, Self)] = &[("tcp", Self::Tcp), ("udp", Self::Udp)];
}

impl Words for Framework {
    const WHAT: &'static str = "a test framework";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("go", Self::Go),
        ("libtest", Self::Libtest),
        ("gtest", Self::Gtest),
        ("tap", Self::Tap),
        ("exit-code", Self::ExitCode),
    ];
}

impl Words for Leftovers {
    const WHAT: &'static str = "a value of `leftovers`";
    const WORDS: &'static [(&'static str, Self)] = &[("fail", Self::Fail), ("warn", Self::Warn)];
}

impl Words for Phase {
    const WHAT: &'static str = "a phase";
    const WORDS: &'static [(&'static str, Self)] =
        &[("setup", Self::Setup), ("test", Self::Test), ("teardown", Self::Teardown)];
}

impl Words for Architecture {
    const WHAT: &'static str = "an architecture";
    const WORDS: &'static [(&'static str, Self)] = &[("x86_64", Self::X86_64), ("arm64", Self::Arm64)];
}

impl Words for InvokeMode {
    const WHAT: &'static str = "an invocation mode";
    const WORDS: &'static [(&'static str, Self)] =
        &[("stream", Self::Stream), ("buffered", Self::Buffered), ("auto", Self::Auto)];
}

impl Words for Check {
    const WHAT: &'static str = "a check";
    const WORDS: &'static [(&'static str, Self)] =
        &[("tcp", Self::Tcp), ("tls", Self::Tls), ("http", Self::Http), ("grpc", Self::Grpc)];
}

impl Words for Effect {
    const WHAT: &'static str = "an effect";
    const WORDS: &'static [(&'static str, Self)] = &[("Allow", Self::Allow), ("Deny", Self::Deny)];
}
