// A service on pgxpool. POST /run does all of it and says what the driver gave.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

type step struct {
	Name   string `json:"name"`
	Result any    `json:"result"`
}

type object = map[string]any

// What an error tells the application; a context's own error has no code.
func told(err error) any {
	var server *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &server):
		return object{
			"code": server.Code, "message": server.Message, "detail": server.Detail, "hint": server.Hint,
			"constraint": server.ConstraintName, "severity": server.Severity, "position": server.Position,
		}
	case errors.Is(err, context.DeadlineExceeded):
		return object{"deadline": true, "timeout": pgconn.Timeout(err)}
	default:
		return object{"error": err.Error()}
	}
}

func tag(tag pgconn.CommandTag, err error) any {
	if err != nil {
		return told(err)
	}
	return object{"tag": tag.String(), "affected": tag.RowsAffected()}
}

type querier interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func query(ctx context.Context, db querier, sql string, args ...any) any {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return told(err)
	}
	return collect(rows)
}

func collect(rows pgx.Rows) any {
	columns := []string{}
	for _, field := range rows.FieldDescriptions() {
		columns = append(columns, fmt.Sprintf("%s:%d", field.Name, field.DataTypeOID))
	}
	found, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil {
		return object{"rows": found, "error": told(err)}
	}
	return object{"columns": columns, "rows": found, "tag": rows.CommandTag().String()}
}

func exec(ctx context.Context, db querier, sql string, args ...any) any {
	return tag(db.Exec(ctx, sql, args...))
}

const insert = `insert into item(id, name, price, tags, meta, raw, sold, at, ratio, flag, ref, wait)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning *`

type app struct {
	pool     *pgxpool.Pool
	reversed bool
}

func (a app) create(ctx context.Context) any {
	return exec(ctx, a.pool, `create table item(id int primary key, name text unique, price numeric, tags text[], meta jsonb,
		raw bytea, sold date, at timestamptz, ratio float8, flag bool, ref uuid, wait interval)`)
}

func (a app) rows(ctx context.Context) any {
	price := pgtype.Numeric{Int: big.NewInt(1250), Exp: -2, Valid: true}
	at := time.Date(2026, 1, 31, 10, 20, 30, 456789000, time.UTC)
	return []any{
		query(ctx, a.pool, insert, 1, "bolt", price, []string{"a", `b "c"`, ""}, object{"deep": []any{1, object{"x": nil}}},
			[]byte{0, 1, 255}, at, at, 0.1, true, "0190b5a0-0000-7000-8000-000000000001", 26*time.Hour),
		query(ctx, a.pool, insert, 2, "nut", pgtype.Numeric{NaN: true, Valid: true}, []string{}, nil, []byte{}, nil,
			time.Unix(0, 0), nil, false, nil, nil),
		query(ctx, a.pool, insert, 3, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil),
		// A duplicate, and a value that the client cannot encode: no statement at all.
		query(ctx, a.pool, insert, 4, "nut", nil, nil, nil, nil, nil, nil, nil, nil, nil, nil),
		query(ctx, a.pool, "select $1::int as id", "one"),
	}
}

type item struct {
	ID    int
	Name  *string
	Price pgtype.Numeric
	Tags  []string
	Raw   []byte
	Sold  *time.Time
	At    *time.Time
	Ratio *float64
}

func (a app) scan(ctx context.Context) any {
	rows, err := a.pool.Query(ctx, "select id, name, price, tags, raw, sold, at, ratio from item order by id")
	if err != nil {
		return told(err)
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[item])
	if err != nil {
		return told(err)
	}
	return items
}

func (a app) single(ctx context.Context) any {
	names := []any{}
	for _, id := range []int{1, 2, 99, 1} {
		var name *string
		err := a.pool.QueryRow(ctx, "select name from item where id = $1", id).Scan(&name)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			names = append(names, "no rows")
		case err != nil:
			names = append(names, told(err))
		default:
			names = append(names, name)
		}
	}
	return names
}

func (a app) modes(ctx context.Context) any {
	results := []any{}
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	} {
		results = append(results, query(ctx, a.pool, "select $1::int as n, $2::text as name, $3::bool as flag", mode, int32(mode), "it's", true))
	}
	return results
}

func (a app) batch(ctx context.Context) any {
	batch := &pgx.Batch{}
	for id := 10; id < 15; id++ {
		batch.Queue("insert into item(id, name) values ($1, $2)", id, fmt.Sprintf("batch %d", id))
	}
	batch.Queue("select count(*) from item")
	batch.Queue("update item set ratio = id where id between $1 and $2", 10, 12)
	results := a.pool.SendBatch(ctx, batch)
	seen := []any{}
	for range 5 {
		seen = append(seen, tag(results.Exec()))
	}
	var count int64
	err := results.QueryRow().Scan(&count)
	seen = append(seen, count, told(err), tag(results.Exec()))
	return append(seen, told(results.Close()))
}

// An error in the middle: what stands behind it was not done, and what stands before it neither.
func (a app) brokenBatch(ctx context.Context) any {
	batch := &pgx.Batch{}
	batch.Queue("insert into item(id) values ($1)", 20)
	batch.Queue("insert into item(id) values ($1)", 1)
	batch.Queue("insert into item(id) values ($1)", 21)
	results := a.pool.SendBatch(ctx, batch)
	seen := []any{}
	for range 3 {
		seen = append(seen, tag(results.Exec()))
	}
	return append(seen, told(results.Close()), query(ctx, a.pool, "select id from item where id in (20, 21)"))
}

func (a app) copyFrom(ctx context.Context) any {
	rows := [][]any{}
	for id := 1000; id < 1200; id++ {
		rows = append(rows, []any{id, fmt.Sprintf("copy %d", id), float64(id) / 8})
	}
	count, err := a.pool.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"id", "name", "ratio"}, pgx.CopyFromRows(rows))
	_, duplicate := a.pool.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"id"}, pgx.CopyFromRows([][]any{{7}, {1}}))
	return []any{count, told(err), told(duplicate), query(ctx, a.pool, "select count(*), sum(ratio) from item where id >= 1000")}
}

func (a app) transaction(ctx context.Context) any {
	seen := []any{}
	err := pgx.BeginFunc(ctx, a.pool, func(tx pgx.Tx) error {
		seen = append(seen, exec(ctx, tx, "insert into item(id, name) values ($1, $2)", 30, "kept"))
		// A savepoint that is rolled back to, and one that is released.
		nested := pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
			_, err := inner.Exec(ctx, "insert into item(id, name) values ($1, $2)", 31, "kept")
			return err
		})
		seen = append(seen, told(nested))
		nested = pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
			_, err := inner.Exec(ctx, "update item set name = name || '!' where id = $1", 30)
			return err
		})
		seen = append(seen, told(nested), query(ctx, tx, "select id, name from item where id in ($1, $2)", 30, 31))
		return nil
	})
	seen = append(seen, told(err))
	options := pgx.TxOptions{IsoLevel: pgx.Serializable, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, a.pool, options, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "delete from item")
		return err
	})
	seen = append(seen, told(err))
	tx, err := a.pool.Begin(ctx)
	if err != nil {
		return append(seen, told(err))
	}
	seen = append(seen, query(ctx, tx, "select 1/$1::int", 0), query(ctx, tx, "select 1"), told(tx.Commit(ctx)))
	return seen
}

// Each in a transaction on a connection of its own, as far as the pool has any.
func (a app) transfers(ctx context.Context) any {
	results := make([]any, 6)
	var all sync.WaitGroup
	for at := range results {
		id := at
		if a.reversed {
			id = len(results) - 1 - at
		}
		all.Add(1)
		go func() {
			defer all.Done()
			results[id] = a.transfer(ctx, id)
		}()
	}
	all.Wait()
	return results
}

func (a app) transfer(ctx context.Context, id int) any {
	seen := []any{}
	err := pgx.BeginFunc(ctx, a.pool, func(tx pgx.Tx) error {
		seen = append(seen,
			query(ctx, tx, "select pg_sleep(0.02), $1::int as id", id),
			query(ctx, tx, "insert into item(id, name) values ($1, $2) returning id, name", 100+id, fmt.Sprintf("moved %d", id)),
			query(ctx, tx, "select count(*) from item where id = $1", 100+id))
		if id%3 == 0 {
			return errors.New("changed my mind")
		}
		return nil
	})
	return append(seen, told(err))
}

func (a app) prepared(ctx context.Context) any {
	connection, err := a.pool.Acquire(ctx)
	if err != nil {
		return told(err)
	}
	defer connection.Release()
	description, err := connection.Conn().Prepare(ctx, "by_name", "select id, price from item where name = $1")
	if err != nil {
		return told(err)
	}
	seen := []any{description.ParamOIDs}
	for _, name := range []string{"bolt", "nut", "none"} {
		seen = append(seen, query(ctx, connection, "by_name", name))
	}
	_, broken := connection.Conn().Prepare(ctx, "broken", "select nothing from nowhere")
	return append(seen, told(connection.Conn().Deallocate(ctx, "by_name")), told(broken))
}

func (a app) listen(ctx context.Context) any {
	connection, err := a.pool.Acquire(ctx)
	if err != nil {
		return told(err)
	}
	defer connection.Release()
	seen := []any{exec(ctx, connection, "listen news"), exec(ctx, a.pool, "notify news, 'first'"),
		query(ctx, a.pool, "select pg_notify('news', $1)", "second")}
	for range 2 {
		wait, cancel := context.WithTimeout(ctx, 5*time.Second)
		news, err := connection.Conn().WaitForNotification(wait)
		cancel()
		if err != nil {
			return append(seen, told(err))
		}
		seen = append(seen, object{"channel": news.Channel, "payload": news.Payload})
	}
	return append(seen, exec(ctx, connection, "unlisten *"))
}

// The deadline passes while the server is at it: pgx closes the connection and asks the server to stop.
func (a app) deadline(ctx context.Context) any {
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	slow := query(short, a.pool, "select pg_sleep(20)")
	return []any{slow, query(ctx, a.pool, "select 'next' as word")}
}

func (a app) cursor(ctx context.Context) any {
	seen := []any{}
	err := pgx.BeginFunc(ctx, a.pool, func(tx pgx.Tx) error {
		seen = append(seen, exec(ctx, tx, "declare numbers cursor for select n from generate_series(1, 7) n"))
		for range 3 {
			seen = append(seen, query(ctx, tx, "fetch 3 from numbers"))
		}
		seen = append(seen, exec(ctx, tx, "close numbers"))
		return nil
	})
	return append(seen, told(err))
}

func (a app) several(ctx context.Context) any {
	connection, err := a.pool.Acquire(ctx)
	if err != nil {
		return told(err)
	}
	defer connection.Release()
	results, err := connection.Conn().PgConn().Exec(ctx, "select 1 as a; select 2 as b, 'x' as c; update item set flag = true where id = 3").ReadAll()
	seen := []any{told(err)}
	for _, result := range results {
		seen = append(seen, object{"rows": result.Rows, "tag": result.CommandTag.String()})
	}
	return append(seen, exec(ctx, connection, "selec 1"), query(ctx, connection, "select * from nowhere where id = $1", 1))
}

func (a app) big(ctx context.Context) any {
	rows, err := a.pool.Query(ctx, "select n, repeat($1, 1000) as text from generate_series(1, 500) n", "x")
	if err != nil {
		return told(err)
	}
	var count, bytes int
	var n int
	var text string
	_, err = pgx.ForEachRow(rows, []any{&n, &text}, func() error {
		count++
		bytes += len(text)
		return nil
	})
	return []any{count, bytes, told(err)}
}

func (a app) run(ctx context.Context) []step {
	steps := []step{}
	for _, one := range []struct {
		name string
		work func(context.Context) any
	}{
		{"create", a.create}, {"rows", a.rows}, {"scan", a.scan}, {"single", a.single}, {"modes", a.modes}, {"batch", a.batch},
		{"broken batch", a.brokenBatch}, {"copy from", a.copyFrom}, {"transaction", a.transaction}, {"transfers", a.transfers},
		{"prepared", a.prepared}, {"listen", a.listen}, {"deadline", a.deadline}, {"cursor", a.cursor}, {"several", a.several},
		{"big", a.big},
	} {
		steps = append(steps, step{one.name, one.work(ctx)})
	}
	return steps
}

func main() {
	config, err := pgxpool.ParseConfig(fmt.Sprintf("host=%s port=%s pool_max_conns=%s sslmode=disable",
		os.Getenv("TARGET_HOST"), os.Getenv("TARGET_PORT"), os.Getenv("POOL")))
	if err != nil {
		log.Fatal(err)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	service := app{pool, os.Getenv("REVERSED") == "1"}
	if err := service.warm(config.MaxConns); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/run", func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("content-type", "application/json")
		response.WriteHeader(http.StatusInternalServerError)
		_ = json.NewEncoder(response).Encode(object{"driver": "pgx", "steps": service.run(request.Context())})
	})
	port, _ := strconv.Atoi(os.Getenv("PORT"))
	log.Fatal(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", port), nil))
}

// Opens the whole pool, in one order or the other, as services do that want no slow first request.
func (a app) warm(size int32) error {
	held := make([]*pgxpool.Conn, 0, size)
	for range size {
		connection, err := a.pool.Acquire(context.Background())
		if err != nil {
			return err
		}
		held = append(held, connection)
	}
	sort.SliceStable(held, func(int, int) bool { return a.reversed })
	for _, connection := range held {
		connection.Release()
	}
	return nil
}
