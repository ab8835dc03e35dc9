// The service of the table, in Go. POST /run asks everybody once and answers 500; what it says of itself goes to stdout.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type service struct {
	db      *pgxpool.Pool
	cache   *redis.Client
	streams *grpc.ClientConn
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func fetched(url, traceparent string) string {
	request := must(http.NewRequest("GET", url, nil))
	request.Header.Set("traceparent", traceparent)
	response := must(http.DefaultClient.Do(request))
	defer response.Body.Close()
	if response.TLS != nil {
		fmt.Println("tls", len(response.TLS.VerifiedChains) > 0, response.TLS.PeerCertificates[0].DNSNames)
	}
	return string(must(io.ReadAll(response.Body)))
}

func dialled(target string) string {
	connection, err := net.DialTimeout("tcp", target, 3*time.Second)
	if err != nil {
		return strings.ReplaceAll(err.Error(), " ", "_")
	}
	connection.Close()
	return "answered"
}

func (s service) run(ctx context.Context, traceparent string) map[string]any {
	fmt.Println("clock", time.Now().UnixMilli())
	rate := fetched("http://"+os.Getenv("RATES")+"/v1/rate", traceparent)
	echo := new(wrapperspb.StringValue)
	traced := metadata.AppendToOutgoingContext(ctx, "traceparent", traceparent)
	if err := s.streams.Invoke(traced, "/matrix.Streams/Ask", wrapperspb.String("mug"), echo); err != nil {
		panic(err)
	}
	var total int
	if err := s.db.QueryRow(ctx, "select $1::int + 17 as total", 4200).Scan(&total); err != nil {
		panic(err)
	}
	must(s.cache.Set(ctx, "total", total, 0).Result())
	cached := must(s.cache.Get(ctx, "total").Result())
	secure := fetched(os.Getenv("SECURE")+"/v1/rate", traceparent)
	for _, target := range strings.Fields(os.Getenv("EXTRA")) {
		fmt.Println("dial", target, dialled(target))
	}
	steps := map[string]any{"rate": rate, "echo": echo.Value, "total": total, "cached": cached, "secure": secure} // BREAK
	return map[string]any{"error": "the rate is no number", "steps": steps}
}

func (s service) serve(w http.ResponseWriter, request *http.Request) {
	defer func() {
		if err := recover(); err != nil {
			http.Error(w, fmt.Sprint(err), 501)
		}
	}()
	body := s.run(request.Context(), request.Header.Get("traceparent"))
	w.Header().Set("content-type", "application/json")
	w.WriteHeader(500)
	_ = json.NewEncoder(w).Encode(body)
}

func main() {
	env := os.Getenv
	s := service{
		db: must(pgxpool.New(context.Background(), fmt.Sprintf("host=%s port=%s", env("DB_HOST"), env("DB_PORT")))),
		cache: redis.NewClient(&redis.Options{
			Addr: env("CACHE_HOST") + ":" + env("CACHE_PORT"), Password: env("CACHE_PASSWORD"), Protocol: 2,
		}),
		streams: must(grpc.NewClient(env("STREAMS"), grpc.WithTransportCredentials(insecure.NewCredentials()))),
	}
	http.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })
	http.HandleFunc("/run", s.serve)
	if err := http.ListenAndServe("127.0.0.1:"+env("PORT"), nil); err != nil {
		panic(err)
	}
}
