module lamex.example/orders

go 1.22
