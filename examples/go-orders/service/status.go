package service

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// ServeStatus answers the status protocol until the listener is closed: one request a line (`PING`,
// `STATUS <id>`, `QUIT`), one answer a line.
func (o *Orders) ServeStatus(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go o.serveConnection(connection)
	}
}

func (o *Orders) serveConnection(connection net.Conn) {
	defer connection.Close()
	requests := bufio.NewScanner(connection)
	for requests.Scan() {
		words := strings.Fields(requests.Text())
		if len(words) == 1 && words[0] == "QUIT" {
			return
		}
		if _, err := fmt.Fprintln(connection, o.statusAnswer(words)); err != nil {
			return
		}
	}
}

func (o *Orders) statusAnswer(words []string) string {
	switch {
	case len(words) == 1 && words[0] == "PING":
		return "PONG"
	case len(words) == 2 && words[0] == "STATUS":
		id, err := strconv.Atoi(words[1])
		if err != nil {
			return "ERR an order's id is a number"
		}
		order, err := o.get(id)
		if err != nil {
			return "ERR " + err.Error()
		}
		return fmt.Sprintf("OK %s %d lines %d cents", order.Status, len(order.Lines), order.TotalCents)
	default:
		return "ERR expected PING, STATUS <id> or QUIT"
	}
}
