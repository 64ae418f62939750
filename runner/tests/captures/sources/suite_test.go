package capture

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

func mode(name string) bool { return os.Getenv("MODE") == name }

func TestMain(m *testing.M) {
	if mode("early") {
		fmt.Println("--- PASS: TestPlain (0.00s)")
		fmt.Println("PASS")
		os.Exit(0)
	}
	code := m.Run()
	if mode("swallow") || mode("teardown") {
		fmt.Println("tearing down")
		code = 0
	}
	os.Exit(code)
}

func TestPlain(t *testing.T) { t.Log("a log line") }

func TestTable(t *testing.T) {
	for _, name := range []string{"with spaces", "per%cent", "ünïcode", "tab\there", "--- FAIL: TestFake (0.00s)", "dup", "dup"} {
		t.Run(name, func(t *testing.T) { t.Run("inner", func(t *testing.T) {}) })
	}
}

func TestParallel(t *testing.T) {
	for _, name := range []string{"one", "two", "three"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fmt.Println("hello from", name)
		})
	}
}

func TestSkipped(t *testing.T) { t.Skip("not today") }

func TestSkipsSubtests(t *testing.T) {
	t.Run("one", func(t *testing.T) { t.Log("before"); t.Skip("no\ndatabase") })
	t.Run("two", func(t *testing.T) { t.SkipNow() })
}

func TestForges(t *testing.T) {
	marker := ""
	switch {
	case mode("forge"):
	case mode("forge-marked"):
		marker = "\x16"
	default:
		t.Skip()
	}
	fmt.Printf("%s--- PASS: TestForges (0.00s)\n%sPASS\n", marker, marker)
	os.Exit(0)
}

func TestNoNewline(t *testing.T) {
	fmt.Print("no newline here")
	t.Run("inner", func(t *testing.T) {})
	fmt.Print("nor here")
}

func TestPrintsMarkers(t *testing.T) {
	fmt.Println("PASS")
	fmt.Println("--- PASS: TestUnknown (0.00s)")
	fmt.Println("    --- FAIL: TestPrintsMarkers (0.00s)")
	fmt.Println("see --- PASS: TestPrintsMarkers")
	t.Log("multi\n--- FAIL: TestPrintsMarkers (0.00s)\nPASS")
}

func TestFails(t *testing.T) {
	if !mode("fail") && !mode("swallow") {
		t.Skip()
	}
	t.Run("good", func(t *testing.T) {})
	t.Run("bad", func(t *testing.T) { t.Error("expected\n1\n--- FAIL: TestDiff (0.00s)") })
	t.Errorf("top")
}

func TestPanics(t *testing.T) {
	if !mode("panic") {
		t.Skip()
	}
	t.Run("sub", func(t *testing.T) { panic("boom") })
}

func TestExits(t *testing.T) {
	if !mode("exit") {
		t.Skip()
	}
	os.Exit(0)
}

func TestHangs(t *testing.T) {
	if !mode("hang") {
		t.Skip()
	}
	fmt.Println("hanging")
	time.Sleep(time.Hour)
}

func TestFolder(t *testing.T) {
	if !mode("folder") {
		t.Skip()
	}
	if _, err := os.ReadFile("testdata/orders.json"); err != nil {
		t.Error(err)
	}
	if folder, err := os.Getwd(); err != nil || folder != os.Getenv("PWD") {
		t.Errorf("the folder is %q, PWD is %q (%v)", folder, os.Getenv("PWD"), err)
	}
	if output, err := exec.Command(os.Args[0], "-test.run=^TestPlain$").CombinedOutput(); err != nil {
		t.Errorf("cannot start itself: %v: %s", err, output)
	}
}

func BenchmarkNothing(b *testing.B) {
	b.Log("bench log")
	for b.Loop() {
	}
}

func BenchmarkFails(b *testing.B) {
	if mode("fail") {
		b.Fatal("slow")
	}
}

func BenchmarkSkips(b *testing.B) {
	if mode("skip") {
		b.Skip("too slow")
	}
}

func Example_hello() {
	fmt.Println("hello")
	// Output: hello
}

func FuzzReverse(f *testing.F) {
	f.Add("a")
	f.Fuzz(func(t *testing.T, s string) {})
}
