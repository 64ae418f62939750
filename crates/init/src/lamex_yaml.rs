//! The text of lamex.yaml.

use std::fmt::Write as _;

use lamex_config::Architecture;
use lamex_protocol::plan::Framework;

use super::builds::rust_target;
use super::jobs::{self, ACCOUNT, ENVIRONMENT, FUNCTION, REGION};
use super::project::Project;
use super::suite::{Address, Language, Suite};

/// A proposal that `lamex-ctl config check` accepts unchanged.
pub(crate) fn text(project: &Project, architecture: Architecture) -> String {
    let mut text = header(project, architecture);
    text += &package(project);
    text += &commands(project, architecture);
    text += &others(project, architecture);
    text += &environments(&project.suites, architecture);
    text
}

fn header(project: &Project, architecture: Architecture) -> String {
    let mut text = "\
# System tests for a function in a VPC: what is packed, what runs, and where. Written by `lamex-ctl init` for you
# to edit. `lamex-ctl config check` checks it, and `lamex-ctl config schema` prints its JSON Schema for editors.
"
    .to_owned();
    if !project.suites.is_empty() {
        text += "\
#
# Builds the binaries with the `build` lines below, and runs them on this machine:
#
#   lamex-ctl test --env local
";
    }
    if project.languages().contains(&Language::Rust) {
        let target = rust_target(architecture);
        let _ = write!(
            text,
            "\
#
# The function's glibc is 2.34, older than that of most build machines, so the Rust tests are built for musl
# (`rustup target add {target}`). Where a dependency is in C: `cargo zigbuild`, for glibc 2.34.
"
        );
    }
    text + "\n"
}

fn package(project: &Project) -> String {
    let suites = &project.suites;
    let mut text =
        "# What goes into the package beside the runner. Folders end with a slash; files land at its root.\n\
        package:\n"
            .to_owned();
    if suites.is_empty() {
        return text
            + "  include: []\n  #  - build/orders-system-tests      # lands at ./orders-system-tests\n\n";
    }
    text += "  include:\n";
    for suite in suites {
        let _ = writeln!(text, "    - {}", suite.include());
    }
    let data = project.data();
    if data.is_empty() {
        return text + "  # - { from: testdata/, to: testdata/ }\n\n";
    }
    text += "    # What the tests read, at the places where they look for it.\n";
    for path in data {
        let _ = writeln!(text, "    - {}", include(project, &path));
    }
    text + "\n"
}

/// The entry of what tests read, which is in the package where it is in the project.
fn include(project: &Project, path: &str) -> String {
    let to = jobs::yaml_text(&project.in_package(path));
    format!("{{ from: {}, to: {to} }}", jobs::yaml_text(path))
}

fn commands(project: &Project, architecture: Architecture) -> String {
    let suites = &project.suites;
    let mut text =
        "# What runs, in this order. ${NAME} is filled in on the function, from its variables.\n".to_owned();
    if suites.is_empty() {
        return text
            + "\
# No Go package, no Cargo package and no GoogleTest target with tests was found here. Any executable can be a command:
commands: []
#  - name: orders
#    run: ./orders-system-tests -addr ${ORDERS_ADDR}
#    build: make build/orders-system-tests    # a line of a shell; `lamex-ctl build` and `test` run it here
#    framework: gtest                  # go | libtest | gtest | tap | exit-code (default)
#    timeout: 5m

";
    }
    text += "commands:\n";
    for suite in suites {
        text += &indented(&command(project, suite, architecture), "  ");
        text += "    timeout: 5m\n    # destructive: true    # only where the environment has `allow_destructive: true`\n\n";
    }
    text
}

/// The entry of a command, with what to know of it above.
fn command(project: &Project, suite: &Suite, architecture: Architecture) -> String {
    let mut text: String = notes(suite).iter().map(|note| format!("# {note}\n")).collect();
    let (name, run, build) = (&suite.name, suite.run(), jobs::yaml_line(&suite.build(architecture)));
    let _ = writeln!(text, "- name: {name}\n  run: {run}\n  build: {build}");
    let dir = project.in_package(&suite.dir);
    if !dir.is_empty() {
        let _ = writeln!(text, "  dir: {}", jobs::yaml_text(&dir));
    }
    if suite.framework != Framework::ExitCode {
        let _ = writeln!(text, "  framework: {}", jobs::framework(suite.framework));
    }
    if !suite.variables.is_empty() {
        text += "  parameters:\n";
    }
    for (name, value) in &suite.variables {
        let value = serde_json::Value::from(*value);
        let _ = writeln!(text, "    {name}: {{ pattern: {value}, default: {value} }}");
    }
    text
}

fn indented(text: &str, indent: &str) -> String {
    text.lines().map(|line| format!("{indent}{line}\n")).collect()
}

/// What may keep the suite's tests from running as they do in the project.
fn notes(suite: &Suite) -> Vec<String> {
    let outside = suite.data.outside.iter().map(|path| {
        format!("they read {path}, which is outside this folder: run `lamex-ctl init` in a parent folder")
    });
    suite.notes.iter().cloned().chain(outside).collect()
}

/// What was not taken for a system test, to be taken over by hand.
fn others(project: &Project, architecture: Architecture) -> String {
    let others = &project.others;
    if others.is_empty() {
        return String::new();
    }
    let mut text =
        "# These also have tests, treated as unit tests, which need no VPC. To run one of them, copy its \
        lines to the lists above:\n"
            .to_owned();
    for suite in others {
        let _ = writeln!(text, "#   include: {}", suite.include());
        for path in &suite.data.paths {
            let _ = writeln!(text, "#   include: {}", include(project, path));
        }
        text += &indented(&command(project, suite, architecture), "#   ");
    }
    text + "\n"
}

fn environments(suites: &[Suite], architecture: Architecture) -> String {
    let addresses: Vec<&Address> = suites.iter().flat_map(|suite| &suite.addresses).collect();
    let mut text =
        "environments:\n  # A Lambda on this machine; it needs no AWS account.\n  local:\n".to_owned();
    if addresses.is_empty() {
        text += "    env: {}\n";
    } else {
        text += "    env:                               # the flags' own defaults\n";
        for Address { variable, default, .. } in &addresses {
            // A JSON string is one of YAML, with every special character escaped.
            let _ = writeln!(text, "      {variable}: {}", serde_json::Value::from(default.as_str()));
        }
    }
    let _ = write!(
        text,
        "
  # An example: replace what is placeholders. Terraform or CDK makes the function from it; until then every
  # use of it is refused, since no AWS account has this number.
  {ENVIRONMENT}:
    account: \"{ACCOUNT}\"            # in quotes; nothing runs with credentials of another one
    region: {REGION}
    function: {FUNCTION}
    architecture: {}
    memory_mb: 1769                    # one full vCPU
    timeout: 15m                       # Lambda's longest
    vpc:
      id: vpc-00000000
      subnet_ids: [subnet-00000000, subnet-00000001]
    reach: []                          # what the tests must reach, one egress rule each:
    #  - {{ name: orders-grpc, host: orders.internal, port: 50051, security_group_id: sg-00000000 }}
    #  - {{ name: orders-http, host: orders.internal, port: 8080, cidr: 10.0.0.0/16 }}
",
        architecture.name()
    );
    if addresses.is_empty() {
        text += "    env: {}\n    #  ORDERS_ADDR: \"orders.internal:50051\"\n";
    } else {
        // No value is better than a wrong one: without it nothing starts that needs the variable.
        text += "    env: {}                            # no command runs that needs these, until they have values:\n";
        for Address { variable, .. } in &addresses {
            let _ = writeln!(text, "    #  {variable}: \"host.internal:port\"");
        }
    }
    text += "    # allow_destructive: true          # commands marked `destructive` may run here\n";
    text + "    # protected: true                  # every run must repeat the environment's name with --confirm\n"
}
