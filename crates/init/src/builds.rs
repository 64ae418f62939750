//! How the suites are built, and where their programs are then.

use lamex_config::Architecture;

use super::command_names;
use super::jobs::yaml_text;
use super::shell::quote;
use super::suite::{Source, Suite};
use super::walk::join;

/// The folder of all that is built.
const BUILD: &str = "build";

impl Suite {
    /// The entry of lamex.yaml for its binary.
    pub(super) fn include(&self) -> String {
        let binary = self.binary();
        match &self.source {
            Source::Go { .. } | Source::Cargo { .. } => format!("{BUILD}/{binary}"),
            Source::Cmake { project, program, .. } => {
                let from = yaml_text(&join(&cmake_folder(project), program));
                format!("{{ from: {from}, to: {binary} }}")
            }
        }
    }

    /// The line for a shell in the folder of lamex.yaml that builds the binary into `build/`.
    pub(super) fn build(&self, architecture: Architecture) -> String {
        let binary = format!("{BUILD}/{}", self.binary());
        match &self.source {
            Source::Go { module, package, tags } => {
                let depth = if module.is_empty() { 0 } else { module.split('/').count() };
                let mut words = vec!["go".to_owned()];
                if depth > 0 {
                    // Begun with ./, since a name may begin with a hyphen.
                    words.extend(["-C".to_owned(), quote(&format!("./{module}"))]);
                }
                words.extend(["test", "-c"].map(str::to_owned));
                if !tags.is_empty() {
                    words.push(format!("-tags={}", tags.join(",")));
                }
                words.extend(["-o".to_owned(), format!("{}{binary}", "../".repeat(depth))]);
                words.push(if package.is_empty() { ".".to_owned() } else { quote(&format!("./{package}")) });
                format!(
                    "CGO_ENABLED=0 GOOS=linux GOARCH={} {}",
                    go_architecture(architecture),
                    words.join(" ")
                )
            }
            Source::Cargo { folder, package, test, features } => {
                let mut words = vec!["cargo test --no-run".to_owned()];
                words.push(format!("--target={}", rust_target(architecture)));
                words.push(if folder.is_empty() {
                    format!("--package={}", quote(package))
                } else {
                    format!("--manifest-path={}", quote(&join(folder, "Cargo.toml")))
                });
                words.push(format!("--test={}", quote(test)));
                if !features.is_empty() {
                    words.push(format!("--features={}", quote(&features.join(","))));
                }
                // cargo gives the file a name with a hash, which only its messages tell; what the compiler says goes
                // to stderr, for people.
                let executable = r#"sed -n '/"kind":\["test"\]/s/.*"executable":"\([^"]*\)".*/\1/p'"#;
                format!(
                    "mkdir -p {BUILD} && cp \"$({} --message-format=json-render-diagnostics | {executable})\" {binary}",
                    words.join(" ")
                )
            }
            Source::Cmake { project, targets, .. } => {
                let folder = cmake_folder(project);
                let source = if project.is_empty() { ".".to_owned() } else { quote(&format!("./{project}")) };
                // The function's C++ library may be older.
                let flags = "-DCMAKE_EXE_LINKER_FLAGS='-static-libstdc++ -static-libgcc'";
                format!(
                    "cmake -S {source} -B {folder} {flags} && cmake --build {folder} --parallel --target {}",
                    targets.join(" ")
                )
            }
        }
    }
}

/// A folder of its own, so that nothing of what people build there is taken or changed.
fn cmake_folder(project: &str) -> String {
    if project.is_empty() {
        format!("{BUILD}/cmake")
    } else {
        format!("{BUILD}/cmake-{}", command_names::slug(project))
    }
}

/// As Go's GOARCH has it.
fn go_architecture(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "amd64",
        Architecture::Arm64 => "arm64",
    }
}

/// musl, since a CI machine's glibc is newer than the function's.
pub(super) fn rust_target(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64-unknown-linux-musl",
        Architecture::Arm64 => "aarch64-unknown-linux-musl",
    }
}
