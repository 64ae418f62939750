package orders

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"lamex.example/orders/service"
)

func TestServiceAnswers(t *testing.T) {
	t.Run("http", func(t *testing.T) {
		if status, body := call(t, "GET", "/healthz", nil); status != http.StatusOK {
			t.Errorf("GET /healthz: status %d: %s", status, body)
		}
	})
	t.Run("status", func(t *testing.T) {
		if answer := ask(t, *addr, "PING"); answer != "PONG" {
			t.Errorf("PING: %q", answer)
		}
	})
}

func TestTotals(t *testing.T) {
	cases := []struct {
		name  string
		lines []service.Line
		cents int
	}{
		{"one line", []service.Line{{SKU: "tea", Quantity: 1, UnitPriceCents: 1000}}, 1450},
		{"two lines", []service.Line{
			{SKU: "tea", Quantity: 2, UnitPriceCents: 1000},
			{SKU: "cup", Quantity: 1, UnitPriceCents: 2999},
		}, 5449},
		{"delivered for free", []service.Line{{SKU: "pot", Quantity: 1, UnitPriceCents: 5000}}, 5000},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if order := create(t, c.lines...); order.TotalCents != c.cents {
				t.Errorf("total is %d cents, expected %d", order.TotalCents, c.cents)
			}
		})
	}
}

func TestLifecycle(t *testing.T) {
	order := create(t, service.Line{SKU: "pot", Quantity: 2, UnitPriceCents: 3000})
	t.Logf("order %d of %s", order.ID, order.Customer)
	expectStatus := func(expected string) {
		t.Helper()
		if answer := ask(t, *addr, fmt.Sprint("STATUS ", order.ID)); answer != expected {
			t.Errorf("STATUS: %q, expected %q", answer, expected)
		}
	}
	expectStatus("OK open 1 lines 6000 cents")
	cancel := fmt.Sprintf("/orders/%d/cancel", order.ID)
	if status, body := call(t, "POST", cancel, nil); status != http.StatusOK {
		t.Fatalf("the first cancel: status %d: %s", status, body)
	}
	expectStatus("OK cancelled 1 lines 6000 cents")
	if status, body := call(t, "POST", cancel, nil); status != http.StatusConflict {
		t.Errorf("the second cancel: status %d: %s", status, body)
	}
}

func TestUnknownOrder(t *testing.T) {
	t.Run("http", func(t *testing.T) {
		if status, body := call(t, "GET", "/orders/0", nil); status != http.StatusNotFound {
			t.Errorf("status %d: %s", status, body)
		}
	})
	t.Run("status", func(t *testing.T) {
		if answer := ask(t, *addr, "STATUS 0"); answer != "ERR no such order" {
			t.Errorf("answer %q", answer)
		}
	})
}

func TestOrdersMadeAtOnceAreDistinct(t *testing.T) {
	var ids sync.Map
	for _, client := range []string{"first", "second", "third", "fourth"} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			for range 25 {
				order := create(t, service.Line{SKU: "cup", Quantity: 1, UnitPriceCents: 2999})
				if other, taken := ids.LoadOrStore(order.ID, client); taken {
					t.Fatalf("order %d was given to %v already", order.ID, other)
				}
			}
		})
	}
}

func TestWarehouseShips(t *testing.T) {
	if *warehouseAddr == "" {
		t.Skip("no -warehouse-addr")
	}
	if answer := ask(t, *warehouseAddr, "SHIP"); answer != "OK" {
		t.Errorf("answer %q", answer)
	}
}
