// A service on grpc-go. POST /run does all of it and says what the driver gave.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type step struct {
	Name   string `json:"name"`
	Result any    `json:"result"`
}

type object = map[string]any

type given struct {
	conn *grpc.ClientConn
	ctx  context.Context
}

const (
	list   = "/matrix.Streams/List"
	upload = "/matrix.Streams/Upload"
	chat   = "/matrix.Streams/Chat"
)

func short(text string) string {
	if len(text) <= 100 {
		return text
	}
	return fmt.Sprintf("%s… %d", text[:20], len(text))
}

// What an error tells the application. Of a deadline and of its own leaving the driver tells in its own words.
func told(err error) any {
	if err == nil || err == io.EOF {
		return nil
	}
	said, _ := status.FromError(err)
	if said.Code() == codes.DeadlineExceeded || said.Code() == codes.Canceled {
		return said.Code().String()
	}
	return object{"code": said.Code().String(), "message": said.Message()}
}

func (g given) stream(method string, ctx context.Context, options ...grpc.CallOption) grpc.ClientStream {
	stream, err := g.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method, options...)
	if err != nil {
		panic(err)
	}
	return stream
}

func send(stream grpc.ClientStream, texts ...string) error {
	for _, text := range texts {
		if err := stream.SendMsg(wrapperspb.String(text)); err != nil {
			return err
		}
	}
	return nil
}

func next(stream grpc.ClientStream) (string, error) {
	message := new(wrapperspb.StringValue)
	err := stream.RecvMsg(message)
	return message.GetValue(), err
}

func read(stream grpc.ClientStream, each func(messages []string)) any {
	messages := []string{}
	for {
		text, err := next(stream)
		if err != nil {
			served := []string{}
			if head, headErr := stream.Header(); headErr == nil && head != nil {
				served = append(served, head.Get("x-served-by")...)
			}
			return object{"messages": messages, "error": told(err), "served": served, "sent": stream.Trailer().Get("x-messages")}
		}
		messages = append(messages, short(text))
		if each != nil {
			each(messages)
		}
	}
}

func (g given) listing(ctx context.Context, asked string, each func([]string)) any {
	stream := g.stream(list, ctx)
	if err := send(stream, asked); err != nil {
		return told(err)
	}
	_ = stream.CloseSend()
	return read(stream, each)
}

func lists(asked string) func(given) any {
	return func(g given) any { return g.listing(g.ctx, asked, nil) }
}

func uploads(options []grpc.CallOption, texts ...string) func(given) any {
	return func(g given) any {
		stream := g.stream(upload, g.ctx, options...)
		_ = send(stream, texts...)
		_ = stream.CloseSend()
		return read(stream, nil)
	}
}

func turnByTurn(g given) any {
	stream := g.stream(chat, g.ctx)
	rest := []string{"two", "three"}
	_ = send(stream, "one")
	return read(stream, func([]string) {
		if len(rest) == 0 {
			_ = stream.CloseSend()
			return
		}
		_ = send(stream, rest[0])
		rest = rest[1:]
	})
}

var steps = []struct {
	name string
	work func(given) any
}{
	{"ask", func(g given) any {
		var trailer metadata.MD
		answer := new(wrapperspb.StringValue)
		err := g.conn.Invoke(g.ctx, "/matrix.Streams/Ask", wrapperspb.String("hello"), answer, grpc.Trailer(&trailer))
		return object{"answer": answer.GetValue(), "error": told(err), "sent": trailer.Get("x-messages")}
	}},
	{"list", lists("count=10 gap=3")},
	{"list, empty", lists("count=0")},
	{"list, an error in its trailers", lists("count=3 gap=2 end=RESOURCE_EXHAUSTED")},
	{"list, an error at once", lists("count=0 end=INTERNAL")},
	{"list, reset", lists("count=2 gap=20 end=reset")},
	{"list, cancelled", func(g given) any {
		ctx, cancel := context.WithCancel(g.ctx)
		defer cancel()
		return g.listing(ctx, "count=3 gap=2 end=hangs", func(messages []string) {
			if len(messages) == 3 {
				cancel()
			}
		})
	}},
	{"list, too late", func(g given) any {
		ctx, cancel := context.WithTimeout(g.ctx, 700*time.Millisecond)
		defer cancel()
		return g.listing(ctx, "count=1 end=hangs", nil)
	}},
	{"list, large", lists("count=4 size=300000")},
	{"list, a slow reader", func(g given) any {
		return g.listing(g.ctx, "count=40 size=20000", func(messages []string) {
			if len(messages)%10 == 0 {
				time.Sleep(20 * time.Millisecond)
			}
		})
	}},
	{"upload", uploads(nil, "a", "b", "c", "", strings.Repeat("ü", 100))},
	{"upload, large", uploads(nil, strings.Repeat("x", 400_000), strings.Repeat("y", 200_000))},
	{"upload, packed", uploads([]grpc.CallOption{grpc.UseCompressor(gzip.Name)}, strings.Repeat("z", 5000), "short")},
	{"upload, ended by the server", func(g given) any {
		stream := g.stream(upload, g.ctx)
		_ = send(stream, "a", "stop")
		return read(stream, nil)
	}},
	{"chat, turn by turn", turnByTurn},
	{"chat, all at once", func(g given) any {
		stream := g.stream(chat, g.ctx)
		for number := range 20 {
			_ = send(stream, "silent "+strconv.Itoa(number))
		}
		_ = send(stream, "aloud")
		_ = stream.CloseSend()
		return read(stream, nil)
	}},
	{"chat, quit", func(g given) any {
		stream := g.stream(chat, g.ctx)
		_ = send(stream, "hello", "quit")
		return read(stream, nil)
	}},
	{"chat, the server first", func(g given) any {
		stream := g.stream(chat, metadata.AppendToOutgoingContext(g.ctx, "x-greet", "yes"))
		head, err := stream.Header()
		_ = send(stream, "thanks")
		_ = stream.CloseSend()
		return object{"head": head.Get("x-served-by"), "error": told(err), "read": read(stream, nil)}
	}},
	{"chat, left", func(g given) any {
		ctx, cancel := context.WithCancel(g.ctx)
		defer cancel()
		stream := g.stream(chat, ctx)
		_ = send(stream, "stay")
		return read(stream, func([]string) { cancel() })
	}},
}

// Only their messages tell them apart.
func oneOfMany(g given, index int) any {
	stream := g.stream(chat, metadata.AppendToOutgoingContext(g.ctx, "x-room", strconv.Itoa(index%2)))
	heard := []string{}
	for _, text := range []string{"join", "room " + strconv.Itoa(index%3), "guest " + strconv.Itoa(index)} {
		_ = send(stream, text)
		answer, err := next(stream)
		if err != nil {
			return told(err)
		}
		heard = append(heard, answer)
	}
	_ = stream.CloseSend()
	return []any{heard, read(stream, nil), lists("count=" + strconv.Itoa(index+1) + " gap=1")(g)}
}

func run(pool []*grpc.ClientConn, trace string) []step {
	ctx := metadata.AppendToOutgoingContext(context.Background(), "traceparent", trace)
	at := func(index int) given { return given{pool[index%len(pool)], ctx} }
	done := []step{}
	for index, one := range steps {
		done = append(done, step{one.name, one.work(at(index))})
	}
	results := make([]any, 8)
	var group sync.WaitGroup
	for index := range results {
		group.Go(func() { results[index] = oneOfMany(at(index), index) })
	}
	group.Wait()
	return append(done, step{"goroutines", results})
}

func connect(target string) *grpc.ClientConn {
	conn, err := grpc.NewClient("passthrough:///"+target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	conn.Connect()
	return conn
}

func main() {
	target := os.Getenv("TARGET_HOST") + ":" + os.Getenv("TARGET_PORT")
	size, _ := strconv.Atoi(os.Getenv("POOL"))
	pool := make([]*grpc.ClientConn, size)
	for index := range pool {
		if os.Getenv("REVERSED") == "1" {
			index = size - 1 - index
		}
		pool[index] = connect(target)
	}
	answer := func(response http.ResponseWriter, code int, value any) {
		response.Header().Set("content-type", "application/json")
		response.WriteHeader(code)
		_ = json.NewEncoder(response).Encode(value)
	}
	http.HandleFunc("GET /ready", func(response http.ResponseWriter, _ *http.Request) { answer(response, 200, object{}) })
	http.HandleFunc("POST /run", func(response http.ResponseWriter, request *http.Request) {
		answer(response, 500, object{"driver": "grpc-go", "steps": run(pool, request.Header.Get("traceparent"))})
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
