// Package broken holds tests that do not pass, each in its own way. lamex's own tests run them.
package broken

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func TestPasses(t *testing.T) {}

func TestSkips(t *testing.T) {
	t.Skip("not here")
}

func TestFails(t *testing.T) {
	t.Run("good", func(t *testing.T) {})
	t.Run("bad", func(t *testing.T) {
		t.Error("one is not two")
	})
}

// TestPanics ends the process with exit code 2; tests after it never run.
func TestPanics(t *testing.T) {
	t.Run("deep", func(t *testing.T) {
		var nobody map[string]int
		nobody["here"] = 1
	})
}

// TestExits calls os.Exit(0), as code under test may. That is a panic under `go test`, and so it is here.
func TestExits(t *testing.T) {
	fmt.Println("about to exit with 0")
	os.Exit(0)
}

// TestHangs runs for longer than any timeout that a test gives it.
func TestHangs(t *testing.T) {
	fmt.Println("hanging")
	time.Sleep(time.Hour)
}
