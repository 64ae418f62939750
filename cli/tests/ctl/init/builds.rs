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
    assert_eq!(build_lines(&project.text("lamex.yaml")).len(), 3);
    must(&project.lamex_ctl_with_toolchains(&["build"]));

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
    let message = "orders-system-tests is a Go program without tests, and `framework: go` reads the output \
                   of a Go test binary";
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
    for name in ["orders", "inventory"] {
        let output = project.lamex_ctl_with_toolchains(&["build", "--only", name]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(!project.root().join(format!("build/{name}-system-tests")).exists(), "{name}");
        // What the compiler says is for people to read.
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            told.contains(".go:") || told.contains("error: this file contains an unclosed delimiter"),
            "{told}"
        );
    }
}

/// Test sources for GoogleTest; the second reads a file of its folder.
const ORDERS: &str = "#include <gtest/gtest.h>\nTEST(Orders, AreTaken) { EXPECT_EQ(1, 1); }\n";
const STOCK: &str = "#include <fstream>\n#include <gtest/gtest.h>\n\
                     TEST(Stock, IsCounted) { EXPECT_TRUE(std::ifstream(\"testdata/stock.txt\").good()); }\n";

#[test]
fn a_cmake_project_is_built_once_and_its_suites_run() {
    let project = Project::new(&[
        (
            "CMakeLists.txt",
            "cmake_minimum_required(VERSION 3.16)\nproject(shop CXX)\nset(CMAKE_CXX_STANDARD 17)\n\
             find_package(GTest REQUIRED)\ninclude(GoogleTest)\nenable_testing()\n\
             add_subdirectory(orders)\nadd_subdirectory(stock)\n",
        ),
        (
            "orders/CMakeLists.txt",
            "add_executable(orders_system_tests orders.cc)\n\
             target_link_libraries(orders_system_tests PRIVATE GTest::gtest_main)\n\
             gtest_discover_tests(orders_system_tests)\n\
             foreach(NAME IN ITEMS a b)\n  add_executable(${NAME} orders.cc)\n  \
             target_link_libraries(${NAME} GTest::gtest_main)\n  gtest_discover_tests(${NAME})\nendforeach()\n",
        ),
        ("orders/orders.cc", ORDERS),
        (
            "stock/CMakeLists.txt",
            "add_executable(stock_e2e stock.cc)\ntarget_link_libraries(stock_e2e GTest::gtest_main)\n\
             gtest_discover_tests(stock_e2e WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})\n",
        ),
        ("stock/stock.cc", STOCK),
        ("stock/testdata/stock.txt", "1"),
    ]);
    let told = must(&project.lamex_ctl(&["init"]));
    assert!(told.contains("found orders/orders_system_tests: command `orders`"), "{told}");
    assert!(told.contains("left out orders/CMakeLists.txt: its target is `${NAME}`"), "{told}");
    let lines = build_lines(&project.text("lamex.yaml"));
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0], lines[1], "one line builds both, and runs once");
    let output = project.lamex_ctl_with_toolchains(&["test", "--env", "local"]);
    let report = must(&output);
    assert!(report.contains("passed: 2 commands passed"), "{report}");
    assert!(
        report.contains("[       OK ] Orders.AreTaken") && report.contains("[       OK ] Stock.IsCounted")
    );
    let built = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(built.matches("BUILT").count(), 1, "{built}");
}
