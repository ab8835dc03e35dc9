// What users of go-redis write, once, as a small service: POST /run answers 500 with what the driver gave for every step.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"sync"

	"github.com/redis/go-redis/v9"
)

func main() {
	size, _ := strconv.Atoi(or(os.Getenv("POOL"), "4"))
	client := redis.NewClient(&redis.Options{
		Addr:       or(os.Getenv("TARGET_HOST"), "127.0.0.1") + ":" + or(os.Getenv("TARGET_PORT"), "6379"),
		Password:   os.Getenv("REDIS_PASSWORD"),
		ClientName: "matrix",
		PoolSize:   size + 4,
	})
	warm(client, size)
	http.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })
	http.HandleFunc("/run", func(w http.ResponseWriter, request *http.Request) {
		steps := run(request.Context(), client)
		w.Header().Set("content-type", "application/json")
		w.WriteHeader(500)
		_ = json.NewEncoder(w).Encode(map[string]any{"driver": "go-redis", "steps": steps})
	})
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil); err != nil {
		panic(err)
	}
}

// As many connections as the pool is wide, all at once.
func warm(client *redis.Client, size int) {
	var group sync.WaitGroup
	for range size {
		group.Add(1)
		go func() {
			defer group.Done()
			client.Ping(context.Background())
		}()
	}
	group.Wait()
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
