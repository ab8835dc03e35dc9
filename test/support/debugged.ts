/** Small services, one per language, that share a price among a quantity; with the failure of that, and where to look. */

export const SHARE_RECORDING = {
  service: 'orders',
  trigger: { method: 'POST', body: '{"quantity":0}', answer: { status: 500, body: '{"error":"broken"}' } },
  calls: [{ path: '/8', authority: 'prices.test', answer: { status: 200, body: '{"price":5}' } }],
} as const;

export function loopYaml(command: readonly string[]): string {
  return `version: 1
services:
  orders:
    command: ${JSON.stringify(command)}
    port: 8080
    ready: /healthz
`;
}

/** Breaks at `shares.py:3`, and raises there. */
export const PYTHON_SERVICE = {
  'loop.yaml': loopYaml(['python3', 'app.py']),
  'shares.py': `def share(price, quantity):
    order = {"price": price, "quantity": quantity}
    return order["price"] / order["quantity"]
`,
  'app.py': `import json, os, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from shares import share

class Handler(BaseHTTPRequestHandler):
    def log_message(self, *words):
        pass

    def answer(self, status, value):
        body = json.dumps(value, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, {})

    def do_POST(self):
        text = self.rfile.read(int(self.headers["content-length"]))
        try:
            price = json.load(urllib.request.urlopen("http://prices.test/8"))["price"]
            self.answer(200, {"share": share(price, json.loads(text)["quantity"])})
        except ZeroDivisionError:
            self.answer(500, {"error": "broken"})

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`,
};

/** Breaks at `share.go:5`, and panics there; its server recovers that. A quantity below none ends it with exit code 3. */
export const GO_SERVICE = {
  'loop.yaml': loopYaml(['go', 'run', '.']),
  'go.mod': 'module orders\n\ngo 1.21\n',
  'share.go': `package main

func share(order Order) int {
	// Nothing stands here.
	return order.Price / order.Quantity
}
`,
  'main.go': `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

type Order struct {
	Price    int    \`json:"price"\`
	Quantity int    \`json:"quantity"\`
}

func orders(response http.ResponseWriter, request *http.Request) {
	defer func() {
		if recover() != nil {
			response.Header().Set("content-type", "application/json")
			response.WriteHeader(500)
			fmt.Fprint(response, \`{"error":"broken"}\`)
		}
	}()
	var order Order
	json.NewDecoder(request.Body).Decode(&order)
	if order.Quantity < 0 {
		os.Exit(3)
	}
	prices, err := http.Get("http://prices.test/8")
	if err != nil {
		panic(err)
	}
	json.NewDecoder(prices.Body).Decode(&order)
	fmt.Fprint(response, share(order))
}

func main() {
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/", orders)
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
`,
};
