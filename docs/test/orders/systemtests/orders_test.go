// Package systemtests is the reader's own: a system test of a service, whose address is a flag.
package systemtests

import (
	"bufio"
	"flag"
	"net"
	"testing"
	"time"
)

var addr = flag.String("addr", "127.0.0.1:50051", "host:port of the service")

func TestServiceGreets(t *testing.T) {
	connection, err := net.DialTimeout("tcp", *addr, 10*time.Second)
	if err != nil {
		t.Fatalf("the orders service cannot be reached: %v", err)
	}
	defer connection.Close()
	greeting, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil || greeting != "orders\n" {
		t.Fatalf("the orders service says %q (%v)", greeting, err)
	}
}
