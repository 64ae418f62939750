//! Tests that do not pass, each in its own way. lamex's own tests run them.

#[test]
fn passes() {}

#[test]
#[ignore = "not here"]
fn is_ignored() {}

#[test]
fn fails() {
    assert_eq!(1, 2, "one is not two");
}

/// Ends the process with exit code 0, as code under test does that calls `exit`: no pass.
#[test]
fn exits() {
    println!("about to exit with 0");
    std::process::exit(0);
}

/// Ends the process by a signal.
#[test]
fn aborts() {
    std::process::abort();
}
