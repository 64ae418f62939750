// Package orders holds the system tests of the orders service. They run against the service at -addr and
// -http-addr, or against one that they start themselves when both are empty.
package orders

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"lamex.example/orders/service"
)

var (
	addr          = flag.String("addr", "", "host:port of the status protocol")
	httpAddr      = flag.String("http-addr", "", "host:port of the HTTP API")
	warehouseAddr = flag.String("warehouse-addr", "", "host:port of a warehouse")
	customer      = flag.String("customer", "demo", "in whose name orders are made")
)

var client = http.Client{Timeout: 10 * time.Second}

func TestMain(m *testing.M) {
	flag.Parse()
	switch {
	case *addr == "" && *httpAddr == "":
		if err := startService(); err != nil {
			fmt.Fprintln(os.Stderr, "the service could not be started:", err)
			os.Exit(2)
		}
	case *addr == "" || *httpAddr == "":
		fmt.Fprintln(os.Stderr, "give both -addr and -http-addr, or neither")
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// startService runs the service in this process, on free ports of the loopback interface.
func startService() error {
	status, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	api, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	orders := service.New()
	go orders.ServeStatus(status)
	go http.Serve(api, orders.Handler())
	*addr, *httpAddr = status.Addr().String(), api.Addr().String()
	return nil
}

// call sends a JSON body, if there is one, and returns the status and the body of the answer.
func call(t *testing.T, method, path string, body any) (int, []byte) {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(method, "http://"+*httpAddr+path, bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

// create makes an order and returns it as the service answers it.
func create(t *testing.T, lines ...service.Line) service.Order {
	t.Helper()
	status, body := call(t, "POST", "/orders", service.Order{Customer: *customer, Lines: lines})
	if status != http.StatusCreated {
		t.Fatalf("POST /orders: status %d: %s", status, body)
	}
	var order service.Order
	if err := json.Unmarshal(body, &order); err != nil {
		t.Fatalf("POST /orders: %v: %s", err, body)
	}
	return order
}

// ask sends one line to a service that answers with one line, and returns the answer.
func ask(t *testing.T, addr, request string) string {
	t.Helper()
	connection, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := fmt.Fprintln(connection, request); err != nil {
		t.Fatal(err)
	}
	answer, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(answer, "\n")
}
