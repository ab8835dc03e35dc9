package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

type step struct {
	Name   string `json:"name"`
	Result any    `json:"result"`
}

type work struct {
	name string
	run  func(context.Context, *redis.Client) any
}

func run(ctx context.Context, r *redis.Client) []step {
	r.FlushDB(ctx)
	var steps []step
	for _, one := range []work{
		{"strings", text}, {"collections", collections}, {"pipelines", pipelines}, {"watch", watch}, {"pub/sub", pubsub},
		{"blocking", blocking}, {"streams", streams}, {"scripts", scripts}, {"lock", lock}, {"scan", scan},
		{"errors", failures}, {"all at once", allAtOnce}, {"server", server},
	} {
		steps = append(steps, step{one.name, one.run(ctx, r)})
	}
	return steps
}

// What a command gave: its value, or its error.
func got[T any](value T, err error) any {
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return value
}

func outcomes(commands []redis.Cmder, err error) any {
	var lines []string
	for _, command := range commands {
		lines = append(lines, command.String())
	}
	return []any{lines, fmt.Sprint(err)}
}

func text(ctx context.Context, r *redis.Client) any {
	return []any{
		got(r.Set(ctx, "go:text", "grüße 🌍", 0).Result()),
		got(r.Get(ctx, "go:text").Result()),
		got(r.Get(ctx, "go:none").Result()),
		got(r.SetArgs(ctx, "go:text", "x", redis.SetArgs{TTL: 100 * time.Second, Get: true}).Result()),
		got(r.TTL(ctx, "go:text").Result()),
		got(r.MSet(ctx, "go:1", "one", "go:2", "two").Result()),
		got(r.MGet(ctx, "go:1", "go:none", "go:2").Result()),
		got(r.IncrByFloat(ctx, "go:float", 0.1).Result()),
		got(r.GetDel(ctx, "go:1").Result()),
		got(r.Exists(ctx, "go:1", "go:2").Result()),
	}
}

func collections(ctx context.Context, r *redis.Client) any {
	members, _ := r.SMembers(ctx, "go:s").Result()
	sort.Strings(members)
	return []any{
		got(r.HSet(ctx, "go:h", "name", "bolt", "price", "12.50").Result()),
		got(r.HGetAll(ctx, "go:h").Result()),
		got(r.HGetAll(ctx, "go:none").Result()),
		got(r.RPush(ctx, "go:l", "a", "b", "c").Result()),
		got(r.LRange(ctx, "go:l", 0, -1).Result()),
		got(r.SAdd(ctx, "go:s", "a").Result()),
		got(r.SMembers(ctx, "go:s").Result()),
		members,
		got(r.SMIsMember(ctx, "go:s", "a", "z").Result()),
		got(r.ZAdd(ctx, "go:z", redis.Z{Score: 1.5, Member: "one"}, redis.Z{Score: 2, Member: "two"}).Result()),
		got(r.ZRangeWithScores(ctx, "go:z", 0, -1).Result()),
		got(r.ZScore(ctx, "go:z", "one").Result()),
		got(r.ZIncrBy(ctx, "go:z", 2.25, "one").Result()),
		got(r.ZPopMin(ctx, "go:z").Result()),
		got(r.GeoAdd(ctx, "go:geo", &redis.GeoLocation{Name: "Palermo", Longitude: 13.361389, Latitude: 38.115556}).Result()),
		got(r.GeoPos(ctx, "go:geo", "Palermo", "Nowhere").Result()),
	}
}

func pipelines(ctx context.Context, r *redis.Client) any {
	plain, err := r.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "go:n", 1, 0)
		p.Incr(ctx, "go:n")
		p.LPush(ctx, "go:n", "x")
		p.Get(ctx, "go:n")
		return nil
	})
	result := []any{outcomes(plain, err)}
	multi, err := r.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.IncrBy(ctx, "go:m", 5)
		p.HSet(ctx, "go:mh", "a", "1")
		p.HGetAll(ctx, "go:mh")
		return nil
	})
	result = append(result, outcomes(multi, err))
	failing, err := r.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "go:m3", "x", 0)
		p.LPush(ctx, "go:m3", "y")
		p.Get(ctx, "go:m3")
		return nil
	})
	result = append(result, outcomes(failing, err))
	bad, err := r.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "go:m4", "x", 0)
		p.Do(ctx, "NOPE")
		return nil
	})
	return append(result, outcomes(bad, err))
}

// Somebody else writes in between the first time.
func watch(ctx context.Context, r *redis.Client) any {
	r.Set(ctx, "go:w", 1, 0)
	var tries []any
	for len(tries) < 3 {
		err := r.Watch(ctx, func(tx *redis.Tx) error {
			now, _ := tx.Get(ctx, "go:w").Int()
			if len(tries) == 0 {
				r.Incr(ctx, "go:w")
			}
			_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.Set(ctx, "go:w", now*2, 0)
				return nil
			})
			return err
		}, "go:w")
		tries = append(tries, fmt.Sprint(err))
		if !errors.Is(err, redis.TxFailedErr) {
			break
		}
	}
	return append(tries, got(r.Get(ctx, "go:w").Result()))
}

func pubsub(ctx context.Context, r *redis.Client) any {
	subscriber := r.Subscribe(ctx, "go:news", "go:other")
	defer subscriber.Close()
	_ = subscriber.PSubscribe(ctx, "go:n*")
	var heard []any
	for range 3 {
		confirmation, err := subscriber.Receive(ctx)
		heard = append(heard, got(fmt.Sprint(confirmation), err))
	}
	receivers := []any{got(r.Publish(ctx, "go:other", "one").Result()), got(r.Publish(ctx, "go:news", "two").Result())}
	for range 3 {
		message, err := subscriber.ReceiveMessage(ctx)
		heard = append(heard, got(message.String()+" of "+message.Pattern, err))
	}
	return []any{receivers, heard}
}

func blocking(ctx context.Context, r *redis.Client) any {
	nothing := got(r.BLPop(ctx, time.Second, "go:q").Result())
	popped := later(func() any { return got(r.BRPop(ctx, 5*time.Second, "go:q", "go:q2").Result()) })
	r.LPush(ctx, "go:q2", "job")
	first := <-popped
	smallest := later(func() any { return got(r.BZPopMin(ctx, 5*time.Second, "go:bz").Result()) })
	r.ZAdd(ctx, "go:bz", redis.Z{Score: 3.5, Member: "three"})
	return []any{nothing, first, <-smallest}
}

func streams(ctx context.Context, r *redis.Client) any {
	add := func(stream, id, sku string) string {
		return r.XAdd(ctx, &redis.XAddArgs{Stream: stream, ID: id, Values: []string{"sku", sku}}).Val()
	}
	ids := []string{add("go:x", "1-1", "bolt"), add("go:x", "2-1", "nut")}
	minted := add("go:x", "*", "minted")
	result := []any{
		ids,
		len(r.XRange(ctx, "go:x", minted, minted).Val()),
		got(r.XRange(ctx, "go:x", "-", "2-1").Result()),
		got(r.XGroupCreate(ctx, "go:x", "workers", "0").Result()),
		got(r.XGroupCreate(ctx, "go:x", "workers", "0").Result()),
		got(r.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "workers", Consumer: "w1", Streams: []string{"go:x", ">"}, Count: 2, Block: -1}).Result()),
		got(r.XAck(ctx, "go:x", "workers", "1-1").Result()),
		got(r.XPending(ctx, "go:x", "workers").Result()),
		got(r.XRead(ctx, &redis.XReadArgs{Streams: []string{"go:none", "$"}, Block: 100 * time.Millisecond}).Result()),
	}
	following := later(func() any {
		return got(r.XRead(ctx, &redis.XReadArgs{Streams: []string{"go:y", "0"}, Block: 5 * time.Second}).Result())
	})
	add("go:y", "5-5", "late")
	return append(result, <-following)
}

var addBoth = redis.NewScript(`return {redis.call('incrby', KEYS[1], ARGV[1]), redis.call('incrby', KEYS[1], ARGV[2]), 'text', false}`)
var unlock = redis.NewScript(`if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`)

func scripts(ctx context.Context, r *redis.Client) any {
	return []any{
		got(addBoth.Run(ctx, r, []string{"go:lua"}, 1, 2).Result()),
		got(addBoth.Run(ctx, r, []string{"go:lua"}, 3, 4).Result()),
		got(r.Eval(ctx, "return redis.error_reply('CUSTOM it failed')", nil).Result()),
		got(r.EvalSha(ctx, "ffffffffffffffffffffffffffffffffffffffff", nil).Result()),
		got(addBoth.Exists(ctx, r).Result()),
	}
}

func lock(ctx context.Context, r *redis.Client) any {
	bytes := make([]byte, 16)
	_, _ = rand.Read(bytes)
	token := hex.EncodeToString(bytes)
	return []any{
		got(r.SetNX(ctx, "go:lock", token, 30*time.Second).Result()),
		got(r.SetNX(ctx, "go:lock", "other", 30*time.Second).Result()),
		got(unlock.Run(ctx, r, []string{"go:lock"}, token).Result()),
	}
}

func scan(ctx context.Context, r *redis.Client) any {
	for index := range 40 {
		r.Set(ctx, fmt.Sprintf("go:scan:%d", index), index, 0)
		r.HSet(ctx, "go:big", fmt.Sprintf("f%d", index), index)
	}
	found := map[string]bool{}
	for keys := r.Scan(ctx, 0, "go:scan:*", 7).Iterator(); keys.Next(ctx); {
		found[keys.Val()] = true
	}
	var fields int
	for values := r.HScan(ctx, "go:big", 0, "", 10).Iterator(); values.Next(ctx); fields++ {
	}
	return []any{len(found), fields}
}

func failures(ctx context.Context, r *redis.Client) any {
	return []any{
		got(r.LPush(ctx, "go:text", "x").Result()),
		got(r.Do(ctx, "NOPE", "a").Result()),
		got(r.Do(ctx, "GET").Result()),
		got(r.Incr(ctx, "go:text").Result()),
	}
}

func allAtOnce(ctx context.Context, r *redis.Client) any {
	result := make([]any, 8)
	var group sync.WaitGroup
	for index := range result {
		group.Add(1)
		go func() {
			defer group.Done()
			key := fmt.Sprintf("go:c:%d", index)
			result[index] = []any{got(r.Incr(ctx, key).Result()), got(r.Get(ctx, key).Result())}
		}()
	}
	group.Wait()
	return result
}

func server(ctx context.Context, r *redis.Client) any {
	return []any{
		got(r.Ping(ctx).Result()),
		got(r.Echo(ctx, "hello").Result()),
		got(r.DBSize(ctx).Result()),
		got(r.ConfigGet(ctx, "maxmemory-policy").Result()),
		got(r.ClientGetName(ctx).Result()),
	}
}

func later(work func() any) chan any {
	done := make(chan any, 1)
	go func() { done <- work() }()
	return done
}
