//! How to build a program that runs on the function, in the words of its toolchain.

use lamex_config::Architecture;

use super::elf::Binary;

/// Whose program it is, which decides what to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    Lamex,
    Go,
    Other,
}

impl Maker {
    pub(super) fn of(binary: &Binary, is_runner: bool) -> Self {
        match (is_runner, binary.is_go) {
            (true, _) => Self::Lamex,
            (false, true) => Self::Go,
            (false, false) => Self::Other,
        }
    }
}

struct Names {
    go: &'static str,
    zig: &'static str,
}

fn names(architecture: Architecture) -> Names {
    match architecture {
        Architecture::X86_64 => Names { go: "amd64", zig: "x86_64" },
        Architecture::Arm64 => Names { go: "arm64", zig: "aarch64" },
    }
}

fn runner(architecture: Architecture) -> String {
    let name = architecture.name();
    format!("`make runner ARCH={name}` builds one beside lamex-ctl; `--runner PATH` names another")
}

pub(super) fn other_architecture(maker: Maker, architecture: Architecture) -> String {
    let Names { go, zig } = names(architecture);
    match maker {
        Maker::Lamex => runner(architecture),
        Maker::Go => format!("build it with `GOARCH={go} CGO_ENABLED=0`"),
        Maker::Other => format!(
            "build it for {name}. Go: `GOARCH={go} CGO_ENABLED=0`. Rust: `cargo zigbuild --target \
             {zig}-unknown-linux-gnu.2.34`. C++: `zig c++ -target {zig}-linux-gnu.2.34`",
            name = architecture.name()
        ),
    }
}

pub(super) fn other_system(architecture: Architecture) -> String {
    let Names { go, zig } = names(architecture);
    format!("build it for Linux. Go: `GOOS=linux GOARCH={go}`. Rust: `--target {zig}-unknown-linux-musl`")
}

pub(super) fn older_glibc(maker: Maker, architecture: Architecture) -> String {
    let zig = names(architecture).zig;
    match maker {
        Maker::Lamex => runner(architecture),
        Maker::Go => "build it with `CGO_ENABLED=0`, which needs no glibc".to_owned(),
        Maker::Other => format!(
            "build it for an older glibc or for musl. Rust: `cargo zigbuild --target {zig}-unknown-linux-gnu.2.34`, or \
             `--target {zig}-unknown-linux-musl`. C++: `zig c++ -target {zig}-linux-gnu.2.34`, or in the image \
             amazonlinux:2023"
        ),
    }
}

pub(super) fn other_linker(maker: Maker, architecture: Architecture) -> String {
    let zig = names(architecture).zig;
    match maker {
        Maker::Lamex => runner(architecture),
        Maker::Go => "build it with `CGO_ENABLED=0`".to_owned(),
        Maker::Other => format!(
            "link it statically (Rust for musl: `-C target-feature=+crt-static`; C++: `-static`), or build it for \
             glibc (`{zig}-unknown-linux-gnu`)"
        ),
    }
}

pub(super) fn missing_library(maker: Maker, architecture: Architecture, elsewhere: Option<&str>) -> String {
    if let Some(path) = elsewhere {
        return format!(
            "the package has `{path}`, where the loader does not search: put it at the package's root or \
             into its `lib/`"
        );
    }
    match maker {
        Maker::Lamex => runner(architecture),
        Maker::Go => "build it with `CGO_ENABLED=0`, or include the library with `to: lib/`".to_owned(),
        Maker::Other => "link it statically, or include the library with `to: lib/`".to_owned(),
    }
}

pub(super) fn older_libstdcxx() -> String {
    "link with `-static-libstdc++ -static-libgcc`, or build it in the image amazonlinux:2023".to_owned()
}

pub(super) fn missing_program() -> String {
    "put the program into the package and name it by its path (`./name`), or do without it: the runtime has bash, \
     coreutils, grep, sed, awk and curl"
        .to_owned()
}
