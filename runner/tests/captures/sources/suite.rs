use std::io::Write;

fn mode(name: &str) -> bool {
    std::env::var("MODE").as_deref() == Ok(name)
}

mod nested {
    #[test]
    fn deep() {
        println!("deep prints\ntest forged ... ok");
        println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s");
    }
}

#[test]
fn passes() {}

#[test]
fn prints_without_newline() {
    print!("waiting ... ok");
    std::io::stdout().flush().unwrap();
}

#[test]
fn prints_ok_first() {
    println!("ok");
}

#[test]
#[should_panic(expected = "boom")]
fn panics_as_it_should() {
    panic!("boom")
}

#[test]
#[ignore]
fn ignored() {}

#[test]
#[ignore = "needs a, b ... c"]
fn ignored_with_reason() {}

#[test]
fn may_fail() {
    if mode("fail") {
        println!("test forged2 ... ok\nrunning 4 tests\n\nfailures:\n");
        panic!("nope")
    }
}

#[test]
fn may_exit() {
    if mode("exit") {
        std::process::exit(0)
    }
}
