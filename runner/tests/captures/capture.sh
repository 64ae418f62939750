#!/bin/sh
# Makes the captures again: needs Go, cargo (RUSTC_BOOTSTRAP stands in for a nightly), g++ and GoogleTest.
# The first line of each .events file is the exit code; the rest is what the reader must make of the .txt,
# written by `LAMEX_BLESS=1 cargo test -p lamex-runner --test framework` and reviewed by hand.
set -eu
cd "$(dirname "$0")"
captures=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/go" "$work/rust/tests"
cp sources/suite_test.go "$work/go/"
printf 'module capture\n\ngo 1.24\n' >"$work/go/go.mod"
(cd "$work/go" && CGO_ENABLED=0 go test -c -trimpath -o ../go-suite .)
cp sources/suite.rs "$work/rust/tests/"
printf '[package]\nname = "capture"\nedition = "2024"\n[workspace]\n[[test]]\nname = "suite"\n' >"$work/rust/Cargo.toml"
(cd "$work/rust" && cargo test --quiet --no-run --target-dir ../target)
find "$work/target/debug/deps" -name 'suite-*' -type f -perm -100 -exec mv {} "$work/rust-suite" \;
g++ -o "$work/gtest-suite" sources/suite.cc -lgtest -lgtest_main -pthread

capture() { # name, MODE, command…
	name=$1 mode=$2
	shift 2
	code=0
	MODE=$mode RUSTC_BOOTSTRAP=1 RUST_BACKTRACE=0 "$@" >"$captures/$name.txt" 2>"$captures/$name.stderr" || code=$?
	[ -s "$captures/$name.stderr" ] || rm "$captures/$name.stderr"
	echo "exit $code" >"$captures/$name.events"
}

go() { # name, MODE, arguments…
	name=$1 mode=$2
	shift 2
	capture "go-$name" "$mode" "$work/go-suite" "$@"
}
for mode in pass fail panic exit swallow; do
	go "$mode" "$mode"
	go "$mode-v" "$mode" -test.v
	go "$mode-json" "$mode" -test.v=test2json
done
go teardown-v teardown -test.v -test.run Plain
go teardown teardown -test.run Plain
go bench-v fail -test.v -test.run '^$' -test.bench . -test.benchtime 1x
go bench-json pass -test.v=test2json -test.run '^$' -test.bench . -test.benchtime 1x
go repeated-v pass -test.v -test.run Plain -test.count 2 -test.cpu 1,2
for flags in '' v v=test2json; do
	suffix=${flags:+-}${flags}
	[ "$flags" = v=test2json ] && suffix=-json
	go "none$suffix" pass ${flags:+-test.$flags} -test.run Nope
	go "no-subtest$suffix" pass ${flags:+-test.$flags} -test.run TestTable/nope
	go "count-zero$suffix" pass ${flags:+-test.$flags} -test.count 0 -test.run Test
	go "skip$suffix" pass ${flags:+-test.$flags} -test.run 'TestSkipped|TestSkipsSubtests'
	go "list$suffix" pass ${flags:+-test.$flags} -test.list .
	go "early$suffix" early ${flags:+-test.$flags}
	go "forge$suffix" forge ${flags:+-test.$flags} -test.run 'TestPlain|TestForges'
	go "forge-marked$suffix" forge-marked ${flags:+-test.$flags} -test.run 'TestPlain|TestForges'
done
go bench-none-json pass -test.v=test2json -test.run '^$' -test.bench Nope
go bench-skip-json skip -test.v=test2json -test.run '^$' -test.bench Skips
go forge-marked-panic-json forge-marked -test.v=test2json -test.paniconexit0 -test.run 'TestPlain|TestForges'

libtest() {
	name=$1 mode=$2
	shift 2
	capture "libtest-$name" "$mode" "$work/rust-suite" "$@"
}
for mode in pass fail exit; do
	libtest "$mode" "$mode"
	libtest "$mode-one-thread" "$mode" --test-threads=1
	libtest "$mode-one-thread-nocapture" "$mode" --nocapture --test-threads=1
	libtest "$mode-quiet" "$mode" -q
done
libtest fail-nocapture fail --nocapture
libtest fail-show-output fail --show-output
libtest fail-times fail -Zunstable-options --report-time
libtest pass-json pass -Zunstable-options --format=json
libtest none pass Nope
libtest ignored pass --exact ignored ignored_with_reason
libtest ignored-quiet pass -q --exact ignored
libtest list pass --list

gtest() {
	name=$1 mode=$2
	shift 2
	capture "gtest-$name" "$mode" "$work/gtest-suite" "$@"
}
for mode in pass fail exit setup; do
	gtest "$mode" "$mode"
	gtest "$mode-brief" "$mode" --gtest_brief=1
	gtest "$mode-repeat" "$mode" --gtest_repeat=2 --gtest_filter='Orders.*'
done
gtest none pass --gtest_filter=Nope
gtest none-brief pass --gtest_filter=Nope --gtest_brief=1
gtest skip pass --gtest_filter=Orders.Skips
gtest skip-brief pass --gtest_filter=Orders.Skips --gtest_brief=1
gtest disabled pass --gtest_filter=Orders.DISABLED_Later
gtest list pass --gtest_list_tests
