//! What the preflight says of real binaries and scripts.

use insta::assert_snapshot;
use lamex_config::Architecture;
use lamex_package::{FindingSeverity, PackageTarget, PreflightFinding};

use crate::package::Project;
use crate::package::toolbox::{Toolbox, for_other_architecture, loader, newest_glibc, patched};

/// A project whose includes are these files, and whose commands are these lines.
fn project(files: &[(&str, &[u8])], commands: &[&str]) -> Project {
    let mut yaml = "package:\n  include:\n".to_owned();
    for (path, _) in files {
        let folder = path.rsplit_once('/').map_or("./", |(folder, _)| folder);
        yaml.push_str(&format!("    - {{ from: \"{path}\", to: \"{folder}/\" }}\n"));
    }
    yaml.push_str("commands:\n");
    for (index, line) in commands.iter().enumerate() {
        yaml.push_str(&format!("  - {{ name: c{index}, run: '{line}' }}\n"));
    }
    let project = Project::new(&yaml);
    project.file("../bootstrap", b"#!/bin/sh\n");
    for (path, bytes) in files {
        project.file(path, bytes);
    }
    project
}

fn findings(project: &Project) -> Vec<PreflightFinding> {
    let staged = project.stage();
    let folder = project.folder.path().join("staged");
    let target =
        PackageTarget { architecture: Architecture::host(), whose: "the environment `e`".to_owned() };
    lamex_package::preflight(&staged, &folder, &target).unwrap()
}

/// As text that is the same on both architectures.
fn report(project: &Project) -> String {
    let (here, other) = match Architecture::host() {
        Architecture::X86_64 => ([("amd64", "GOHERE"), ("x86_64", "HERE")], "arm64"),
        Architecture::Arm64 => ([("arm64", "HERE"), ("aarch64", "HERE")], "x86_64"),
    };
    let line = |finding: &PreflightFinding| {
        let word = match finding.severity {
            FindingSeverity::Error => "error",
            FindingSeverity::Warning => "warning",
        };
        format!("{word}: {finding}\n  help: {}\n", finding.help)
    };
    let mut text: String = findings(project).iter().map(line).collect();
    for (from, to) in here {
        text = text.replace(from, to);
    }
    text.replace("GOARCH=HERE", "GOARCH=GOHERE").replace(other, "OTHER")
}

#[test]
fn programs_that_fit_are_not_mentioned() {
    let tools = Toolbox::new();
    let files: &[(&str, &[u8])] = &[
        ("dynamic", &tools.program()),
        ("static", &tools.cc("static", "void _start(void) { for (;;) {} }\n", &["-static", "-nostdlib"])),
        ("bin/tests.sh", b"#!/bin/sh\n"),
        ("tests.bash", b"#!/usr/bin/env bash\n"),
        ("flags.bash", b"#!/usr/bin/env -S bash -e\n"),
        ("inner", b"#!/var/task/bin/tests.sh\n"),
        ("data", b"neither a program nor run by one"),
    ];
    let commands = [
        "./dynamic",
        "timeout 60 ./static -data ./data",
        "/var/task/bin/tests.sh",
        "./tests.bash",
        "./flags.bash",
        "./inner",
        "bash -c \"./data\"",
        "env A=1 sh -c true",
        "${TOOL} ./data",
    ];
    assert_eq!(report(&project(files, &commands)), "");
}

#[test]
fn another_architecture() {
    let tools = Toolbox::new();
    let go_source = "__attribute__((section(\".note.go.buildid\"))) const char id[] = \"id\"; int main(void) { return 0; }\n";
    let files: &[(&str, &[u8])] = &[
        ("plain", &for_other_architecture(tools.program())),
        ("go", &for_other_architecture(tools.cc("go", go_source, &[]))),
    ];
    let project = project(files, &["./plain", "timeout 60 ./go", "./plain -v", "./plain a", "./plain b"]);
    assert_snapshot!(report(&project), @"
    error: plain is built for OTHER, the environment `e` has HERE (run by `c0`, `c2`, `c3` and 1 more)
      help: build it for HERE. Go: `GOARCH=GOHERE CGO_ENABLED=0`. Rust: `cargo zigbuild --target HERE-unknown-linux-gnu.2.34`. C++: `zig c++ -target HERE-linux-gnu.2.34`
    error: go is built for OTHER, the environment `e` has HERE (run by `c1`)
      help: build it with `GOARCH=GOHERE CGO_ENABLED=0`
    ");
}

#[test]
fn a_newer_glibc() {
    let tools = Toolbox::new();
    let program = tools.program();
    let version = newest_glibc(&tools.path("program"));
    let files: &[(&str, &[u8])] = &[
        ("newer", &patched(program.clone(), &version, "GLIBC_2.38")),
        ("unknown", &patched(program, &version, "GLIBC_ABI_")),
    ];
    assert_snapshot!(report(&project(files, &["./newer", "./unknown"])), @"
    error: newer needs glibc 2.38, provided.al2023 has 2.34 (run by `c0`)
      help: build it for an older glibc or for musl. Rust: `cargo zigbuild --target HERE-unknown-linux-gnu.2.34`, or `--target HERE-unknown-linux-musl`. C++: `zig c++ -target HERE-linux-gnu.2.34`, or in the image amazonlinux:2023
    error: unknown needs a glibc with `GLIBC_ABI_`, provided.al2023 has 2.34 (run by `c1`)
      help: build it for an older glibc or for musl. Rust: `cargo zigbuild --target HERE-unknown-linux-gnu.2.34`, or `--target HERE-unknown-linux-musl`. C++: `zig c++ -target HERE-linux-gnu.2.34`, or in the image amazonlinux:2023
    ");
}

#[test]
fn another_dynamic_linker() {
    let tools = Toolbox::new();
    let program = tools.program();
    let files: &[(&str, &[u8])] = &[
        ("musl", &patched(program.clone(), loader(), "/lib/ld-musl.so.1")),
        ("layer", &patched(program.clone(), loader(), "/opt/lib/ld.so.2")),
        ("own", &patched(program, loader(), "/var/task/lib/ld.so")),
        ("lib/ld.so", b"of the package"),
    ];
    assert_snapshot!(report(&project(files, &["./musl", "./layer", "./own"])), @"
    error: musl needs the dynamic linker /lib/ld-musl.so.1, which provided.al2023 does not have (run by `c0`)
      help: link it statically (Rust for musl: `-C target-feature=+crt-static`; C++: `-static`), or build it for glibc (`HERE-unknown-linux-gnu`)
    warning: layer needs the dynamic linker /opt/lib/ld.so.2, which is available only if a layer of the function provides it (run by `c1`)
      help: link it statically (Rust for musl: `-C target-feature=+crt-static`; C++: `-static`), or build it for glibc (`HERE-unknown-linux-gnu`)
    ");
}

#[test]
fn shared_libraries() {
    let tools = Toolbox::new();
    let library = |name: &str, options: &[&str]| {
        let soname = format!("-Wl,-soname,{name}");
        let mut all = vec!["-shared", "-fPIC", soname.as_str()];
        all.extend(options);
        tools.cc(name, "int f(void) { return 1; }\n", &all)
    };
    let program = |name: &str, options: &[&str]| {
        tools.cc(name, "int f(void); int main(void) { return f(); }\n", options)
    };
    let (at_root, elsewhere) = (library("libroot.so.1", &[]), library("libelsewhere.so.1", &[]));
    let found = library("libfound.so.1", &[]);
    let other = for_other_architecture(library("libother.so.1", &[]));
    library("libabsent.so.1", &[]);
    library("libxml2.so.2", &[]);
    // A library of the package that itself needs one that is nowhere.
    let chain = library("libchain.so.1", &["-Wl,--no-as-needed", "libabsent.so.1"]);
    let files: &[(&str, &[u8])] = &[
        ("bin/root", &program("root", &["libroot.so.1"])),
        ("bin/elsewhere", &program("elsewhere", &["libelsewhere.so.1"])),
        ("bin/run-path", &program("run-path", &["libfound.so.1", "-Wl,-rpath,$ORIGIN/../deep"])),
        ("bin/absent", &program("absent", &["libabsent.so.1"])),
        ("bin/likely", &program("likely", &["libxml2.so.2"])),
        ("bin/chain", &program("chain", &["libchain.so.1", "-Wl,--allow-shlib-undefined"])),
        ("bin/other", &program("other", &["libother.so.1"])),
        ("libroot.so.1", &at_root),
        ("vendor/libelsewhere.so.1", &elsewhere),
        ("deep/libfound.so.1", &found),
        ("lib/libchain.so.1", &chain),
        ("lib/libother.so.1", &other),
    ];
    let commands =
        ["bin/root", "bin/elsewhere", "bin/run-path", "bin/absent", "bin/likely", "bin/chain", "bin/other"];
    assert_snapshot!(report(&project(files, &commands)), @"
    error: bin/elsewhere needs the shared library libelsewhere.so.1, which neither the package nor provided.al2023 has (run by `c1`)
      help: the package has `vendor/libelsewhere.so.1`, where the loader does not search: put it at the package's root or into its `lib/`
    error: bin/absent needs the shared library libabsent.so.1, which neither the package nor provided.al2023 has (run by `c3`)
      help: link it statically, or include the library with `to: lib/`
    warning: bin/likely needs the shared library libxml2.so.2, which provided.al2023 has for its own programs only (run by `c4`)
      help: link it statically, or include the library with `to: lib/`
    error: lib/libchain.so.1 needs the shared library libabsent.so.1, which neither the package nor provided.al2023 has (run by `c5`)
      help: link it statically, or include the library with `to: lib/`
    error: lib/libother.so.1 is built for OTHER, the environment `e` has HERE (run by `c6`)
      help: build it for HERE. Go: `GOARCH=GOHERE CGO_ENABLED=0`. Rust: `cargo zigbuild --target HERE-unknown-linux-gnu.2.34`. C++: `zig c++ -target HERE-linux-gnu.2.34`
    ");
}

#[test]
fn versions_of_libstdcxx() {
    let tools = Toolbox::new();
    let program = |version: &str| {
        let script = format!("GLIBCXX_{version} {{ global: f; local: *; }};\n");
        std::fs::write(tools.path("versions"), script).unwrap();
        let options = ["-shared", "-fPIC", "-Wl,-soname,libstdc++.so.6", "-Wl,--version-script=versions"];
        tools.cc("libfake.so", "int f(void) { return 1; }\n", &options);
        let source = "int f(void); int main(void) { return f(); }\n";
        tools.cc(&format!("cpp-{version}"), source, &["libfake.so"])
    };
    let files: &[(&str, &[u8])] =
        &[("old", &program("3.4.29")), ("recent", &program("3.4.32")), ("new", &program("3.4.34"))];
    assert_snapshot!(report(&project(files, &["./old", "./recent", "./new"])), @"
    warning: recent needs a libstdc++ with `GLIBCXX_3.4.32`, which provided.al2023 has had since 2025 only (run by `c1`)
      help: link with `-static-libstdc++ -static-libgcc`, or build it in the image amazonlinux:2023
    error: new needs a libstdc++ with `GLIBCXX_3.4.34`, provided.al2023 has 3.4.33 (run by `c2`)
      help: link with `-static-libstdc++ -static-libgcc`, or build it in the image amazonlinux:2023
    ");
}

#[test]
fn files_that_are_no_programs() {
    let tools = Toolbox::new();
    let program = tools.program();
    let files: &[(&str, &[u8])] = &[
        ("empty", b""),
        ("text", b"echo hello\n"),
        ("mac", b"\xcf\xfa\xed\xfe\x0c\0\0\x01"),
        ("windows.exe", b"MZ\x90\0"),
        ("object.o", &tools.cc("object.o", "int f(void) { return 1; }\n", &["-c"])),
        (
            "library.so",
            &tools.cc(
                "library.so",
                "#include <stdio.h>\nint f(void) { return puts(\"\"); }\n",
                &["-shared", "-fPIC"],
            ),
        ),
        ("cut", &program[..program.len() / 2]),
    ];
    let commands = ["./empty", "./text", "./mac", "./windows.exe", "./object.o", "./library.so", "./cut"];
    assert_snapshot!(report(&project(files, &commands)), @"
    error: empty is empty (run by `c0`)
      help: was its build interrupted?
    error: text is neither an ELF program nor a script that begins with `#!` (run by `c1`)
      help: begin a script with `#!/bin/sh`; a program must be built for Linux
    error: mac is a program for macOS (run by `c2`)
      help: build it for Linux. Go: `GOOS=linux GOARCH=GOHERE`. Rust: `--target HERE-unknown-linux-musl`
    error: windows.exe is a program for Windows (run by `c3`)
      help: build it for Linux. Go: `GOOS=linux GOARCH=GOHERE`. Rust: `--target HERE-unknown-linux-musl`
    error: object.o is an object file, not a program (run by `c4`)
      help: name the program that it was linked into
    error: library.so is a shared library, not a program (run by `c5`)
      help: name the program that it was linked into
    error: cut is a damaged ELF file: Invalid ELF section header offset/size/alignment (run by `c6`)
      help: was its build or its download interrupted?
    ");
}

#[test]
fn scripts_and_programs_that_the_runtime_does_not_have() {
    let files: &[(&str, &[u8])] = &[
        ("python.py", b"#!/usr/bin/env python3\n"),
        ("perl.pl", b"#!/usr/bin/perl -w\n"),
        ("dos.sh", b"#!/bin/sh\r\nexit\r\n"),
        ("flags.sh", b"#!/usr/bin/env bash -e\n"),
        ("layer", b"#!/opt/bin/tool\n"),
        ("nothing", b"#!\n"),
        ("outer", b"#!/var/task/python.py\n"),
    ];
    let commands = [
        "./python.py",
        "./perl.pl",
        "./dos.sh",
        "./flags.sh",
        "./layer",
        "./nothing",
        "./outer",
        "python3 -m x",
        "/usr/bin/python3",
        "/opt/bin/tool",
        "env -i A=1 node x.js",
        "/var/task/absent",
        "./python.py again",
    ];
    assert_snapshot!(report(&project(files, &commands)), @"
    error: python.py is a script for python3, which provided.al2023 does not have (run by `c0`, `c6`, `c12`)
      help: write it for /bin/sh or /bin/bash, or put python3 into the package and start the script with it
    error: perl.pl is a script for /usr/bin/perl, which provided.al2023 does not have (run by `c1`)
      help: write it for /bin/sh or /bin/bash, or put /usr/bin/perl into the package and start the script with it
    error: the first line of dos.sh ends in a carriage return, which Linux treats as a part of the interpreter's name (run by `c2`)
      help: save the script with Unix line endings (`dos2unix`)
    error: flags.sh is a script for bash -e, which provided.al2023 does not have (run by `c3`)
      help: Linux passes everything after `env` as one name: write `#!/usr/bin/env -S` before it
    warning: layer is a script for /opt/bin/tool, which is available only if a layer of the function provides it (run by `c4`)
      help: put the program into the package and name it by its path (`./name`), or do without it: the runtime has bash, coreutils, grep, sed, awk and curl
    error: nothing is a script without the name of its interpreter (run by `c5`)
      help: begin it with `#!/bin/sh`
    error: `python3` is not in provided.al2023 (run by `c7`)
      help: put the program into the package and name it by its path (`./name`), or do without it: the runtime has bash, coreutils, grep, sed, awk and curl
    error: `/usr/bin/python3` is not in provided.al2023 (run by `c8`)
      help: put the program into the package and name it by its path (`./name`), or do without it: the runtime has bash, coreutils, grep, sed, awk and curl
    warning: `/opt/bin/tool` is available only if a layer of the function provides it (run by `c9`)
      help: put the program into the package and name it by its path (`./name`), or do without it: the runtime has bash, coreutils, grep, sed, awk and curl
    error: `node` is not in provided.al2023 (run by `c10`)
      help: put the program into the package and name it by its path (`./name`), or do without it: the runtime has bash, coreutils, grep, sed, awk and curl
    error: `absent` is not in the package (run by `c11`)
      help: add its file: with `package.include`, or into the folder of `--task-root`
    ");
}

#[test]
fn the_runner_is_looked_at_too() {
    let tools = Toolbox::new();
    let project = project(&[], &["echo hello"]);
    let program = tools.program();
    let version = newest_glibc(&tools.path("program"));
    project.file("../bootstrap", &patched(program, &version, "GLIBC_2.38"));
    assert_snapshot!(report(&project), @"
    error: bootstrap needs glibc 2.38, provided.al2023 has 2.34
      help: `make runner ARCH=HERE` builds one beside lamex-ctl; `--runner PATH` names another
    ");
}

#[test]
fn what_framework_go_is_said_of() {
    let tools = Toolbox::new();
    let project = Project::new(
        "package: { include: [program, wrapper.sh] }\n\
         commands:\n  - { name: tests, run: ./program -test.v, framework: go }\n  \
         - { name: wrapped, run: ./wrapper.sh ./program, framework: go }\n  - { name: other, run: ./program }\n",
    );
    project.file("../bootstrap", b"#!/bin/sh\n");
    project.file("program", &tools.program());
    project.file("wrapper.sh", b"#!/bin/sh\nexec \"$@\"\n");
    assert_snapshot!(report(&project), @"
    warning: program is not a Go program, and `framework: go` reads the output of a Go test binary (run by `tests`)
      help: build it with `go test -c`, or set `framework: exit-code`
    ");
}
