module lamex.example/broken

go 1.22
