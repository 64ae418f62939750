//! The build lines that are written, run by a shell: the binaries land where lamex.yaml takes them from.

use std::fs;

use lamex_config::Architecture;
use lamex_package::{PackageTarget, Rule, Staged};

use super::{Project, build_lines, must, shell};

#[test]
fn what_the_lines_build_is_what_the_commands_run() {
    let project = Project::of_both();
    let root = project.root();
    must(&project.lamex_ctl(&["init"]));
    let text = project.text("lamex.yaml");
    fs::create_dir(root.join("build")).unwrap();
    // The standard library for musl is not on every machine; the one of this machine's glibc is.
    let own = |line: &str| line.replace("-linux-musl", "-linux-gnu");
    let lines = build_lines(&text);
    assert_eq!(lines.len(), 3);
    for line in &lines {
        must(&shell(&own(line), root));
    }

    let config = lamex_config::load(&root.join("lamex.yaml")).unwrap();
    let environment = config.environment("local").unwrap();
    // As much of a runner as its header: it is packed here, and not started.
    let machine: u8 = if Architecture::host() == Architecture::Arm64 { 183 } else { 62 };
    let mut runner = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0".to_vec();
    runner.extend([machine, 0]);
    fs::write(root.join("runner"), runner).unwrap();
    let staged =
        lamex_package::stage(&config, &environment, &root.join("runner"), &root.join("staged")).unwrap();
    assert_eq!(staged.plan.commands.len(), 3);
    let not_tests = |staged: &Staged, folder: &str| {
        let findings =
            lamex_package::preflight(staged, &root.join(folder), &PackageTarget::of(&environment)).unwrap();
        let of_framework = findings.into_iter().filter(|finding| finding.rule == Rule::Framework);
        of_framework.map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(not_tests(&staged, "staged"), Vec::<String>::new());

    // Of the same name, but made by `go build`.
    project.file("go-orders/cmd/main.go", "package main\n\nfunc main() {}\n");
    must(&shell("CGO_ENABLED=0 go -C go-orders build -o ../build/orders-system-tests ./cmd", root));
    let other =
        lamex_package::stage(&config, &environment, &root.join("runner"), &root.join("other")).unwrap();
    let message = "orders-system-tests is a Go program without tests, and `framework: go` reads what a test binary of \
                   Go prints";
    assert_eq!(not_tests(&other, "other"), [message]);

    let staged = root.join("staged");
    let orders = must(&shell("./orders-system-tests -test.v -addr=orders.internal:1", &staged));
    assert!(
        orders.contains("orders at orders.internal:1") && orders.contains("--- PASS: TestOrders"),
        "{orders}"
    );
    assert!(must(&shell("./checkout-system-tests -test.v", &staged)).contains("--- PASS: TestCheckout"));
    assert!(must(&shell("./inventory-system-tests", &staged)).contains("test stock_is_counted ... ok"));
}

#[test]
fn a_test_that_does_not_compile_leaves_no_binary() {
    let project = Project::of_both();
    project.file("inventory/tests/system.rs", "#[test]\nfn broken( {}\n");
    project.file(
        "go-orders/systemtests/orders_test.go",
        "//go:build system\n\npackage systemtests\n\nfunc TestOrders(t *testing.T) {\n",
    );
    must(&project.lamex_ctl(&["init"]));
    fs::create_dir(project.root().join("build")).unwrap();
    let lines = build_lines(&project.text("lamex.yaml"));
    for name in ["orders-system-tests", "inventory-system-tests"] {
        let line = lines.iter().find(|line| line.contains(name)).unwrap();
        let output = shell(&line.replace("-linux-musl", "-linux-gnu"), project.root());
        assert!(!output.status.success(), "{line}");
        assert!(!project.root().join("build").join(name).exists(), "{line}");
        // What the compiler says is for people to read.
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            told.contains(".go:") || told.contains("error: this file contains an unclosed delimiter"),
            "{told}"
        );
    }
}
