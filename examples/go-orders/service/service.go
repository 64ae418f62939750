// Package service is a small orders service: HTTP with JSON to make and change orders, and a line-based
// TCP protocol to ask for their status.
package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
)

const (
	// deliveryFeeCents is added to every order below freeDeliveryCents. To see a test fail, change it,
	// build the examples again and run them.
	deliveryFeeCents  = 450
	freeDeliveryCents = 5000
)

// Line is one position of an order.
type Line struct {
	SKU            string `json:"sku"`
	Quantity       int    `json:"quantity"`
	UnitPriceCents int    `json:"unit_price_cents"`
}

// Order is what POST /orders takes (customer and lines) and answers.
type Order struct {
	ID         int    `json:"id"`
	Customer   string `json:"customer"`
	Lines      []Line `json:"lines"`
	TotalCents int    `json:"total_cents"`
	Status     string `json:"status"`
}

var (
	errUnknown   = errors.New("no such order")
	errCancelled = errors.New("already cancelled")
)

// Orders keeps orders in memory.
type Orders struct {
	mutex  sync.Mutex
	lastID int
	byID   map[int]*Order
}

// New returns a service without orders.
func New() *Orders {
	return &Orders{byID: map[int]*Order{}}
}

func (o *Orders) create(customer string, lines []Line) (Order, error) {
	if customer == "" || len(lines) == 0 {
		return Order{}, errors.New("an order needs a customer and at least one line")
	}
	total := 0
	for _, line := range lines {
		if line.SKU == "" || line.Quantity < 1 || line.UnitPriceCents < 0 {
			return Order{}, fmt.Errorf("bad line: %+v", line)
		}
		total += line.Quantity * line.UnitPriceCents
	}
	if total < freeDeliveryCents {
		total += deliveryFeeCents
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.lastID++
	order := &Order{ID: o.lastID, Customer: customer, Lines: lines, TotalCents: total, Status: "open"}
	o.byID[order.ID] = order
	return *order, nil
}

func (o *Orders) get(id int) (Order, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	order, ok := o.byID[id]
	if !ok {
		return Order{}, errUnknown
	}
	return *order, nil
}

func (o *Orders) cancel(id int) (Order, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	order, ok := o.byID[id]
	if !ok {
		return Order{}, errUnknown
	}
	if order.Status == "cancelled" {
		return Order{}, errCancelled
	}
	order.Status = "cancelled"
	return *order, nil
}

// Handler is the HTTP side of the service.
func (o *Orders) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		var wanted Order
		if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		order, err := o.create(wanted.Customer, wanted.Lines)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		answer(w, http.StatusCreated, order, nil)
	})
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		order, err := o.get(id(r))
		answer(w, http.StatusOK, order, err)
	})
	mux.HandleFunc("POST /orders/{id}/cancel", func(w http.ResponseWriter, r *http.Request) {
		order, err := o.cancel(id(r))
		answer(w, http.StatusOK, order, err)
	})
	return mux
}

// id is that of the path; one that is no number belongs to no order.
func id(r *http.Request) int {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return 0
	}
	return id
}

func answer(w http.ResponseWriter, status int, order Order, err error) {
	switch {
	case errors.Is(err, errUnknown):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusConflict)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		// The client has gone if this fails; there is nobody left to tell.
		_ = json.NewEncoder(w).Encode(order)
	}
}
