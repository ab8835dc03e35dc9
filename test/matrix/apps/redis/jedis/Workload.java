import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.params.XReadParams;

/** What users of Jedis write. */
final class Workload {
  private static final String ADD_BOTH =
      "return {redis.call('incrby', KEYS[1], ARGV[1]), redis.call('incrby', KEYS[1], ARGV[2]), 'text', false}";

  private final JedisPool pool;

  Workload(JedisPool pool) {
    this.pool = pool;
  }

  List<Object> run() throws Exception {
    var steps = new ArrayList<>();
    with(redis -> redis.flushDB());
    step(steps, "strings", () -> with(this::strings));
    step(steps, "collections", () -> with(this::collections));
    step(steps, "pipeline", () -> with(this::pipeline));
    step(steps, "multi", () -> with(this::multi));
    step(steps, "watch", () -> with(this::watch));
    step(steps, "pub/sub", this::pubsub);
    step(steps, "blocking", this::blocking);
    step(steps, "streams", this::streams);
    step(steps, "scripts", () -> with(this::scripts));
    step(steps, "scan", () -> with(this::scan));
    step(steps, "errors", () -> with(this::errors));
    step(steps, "all at once", this::allAtOnce);
    step(steps, "server", () -> with(redis -> list(redis.ping(), redis.echo("hello"), redis.dbSize(),
        redis.configGet("maxmemory-policy"), redis.clientGetname())));
    return steps;
  }

  private static void step(List<Object> steps, String name, Callable<Object> work) throws Exception {
    Map<String, Object> step = new LinkedHashMap<>();
    step.put("name", name);
    step.put("result", work.call());
    steps.add(step);
  }

  private <Result> Result with(Function<Jedis, Result> work) {
    try (var redis = pool.getResource()) {
      return work.apply(redis);
    }
  }

  private static List<Object> list(Object... values) {
    return Arrays.asList(values);
  }

  private static String text(Object value) {
    return String.valueOf(value);
  }

  private static Object caught(Callable<Object> work) {
    try {
      return work.call();
    } catch (Exception error) {
      return Map.of("error", String.valueOf(error.getMessage()), "kind", error.getClass().getSimpleName());
    }
  }

  private static List<Object> outcomes(List<Object> answers) {
    if (answers == null) return null;
    var shown = new ArrayList<Object>();
    for (var answer : answers) shown.add(answer instanceof Exception error ? error.getMessage() : answer);
    return shown;
  }

  private Object strings(Jedis redis) {
    return list(redis.set("jd:text", "grüße 🌍"), redis.get("jd:text"), redis.get("jd:none"),
        redis.setGet("jd:text", "x", SetParams.setParams().ex(100)), redis.ttl("jd:text"),
        redis.mset("jd:1", "one", "jd:2", "two"), redis.mget("jd:1", "jd:none", "jd:2"),
        redis.incrByFloat("jd:float", 0.1), redis.getDel("jd:1"), redis.exists("jd:1", "jd:2"));
  }

  private Object collections(Jedis redis) {
    return list(redis.hset("jd:h", "name", "bolt"), redis.hset("jd:h", "price", "12.50"),
        new java.util.TreeMap<>(redis.hgetAll("jd:h")), redis.hgetAll("jd:none"), redis.rpush("jd:l", "a", "b", "c"),
        redis.lrange("jd:l", 0, -1), redis.sadd("jd:s", "a", "b"), new TreeSet<>(redis.smembers("jd:s")),
        redis.smismember("jd:s", "a", "z"), redis.zadd("jd:z", 1.5, "one"), redis.zadd("jd:z", 2, "two"),
        String.valueOf(redis.zrangeWithScores("jd:z", 0, -1)), redis.zscore("jd:z", "one"),
        redis.zincrby("jd:z", 2.25, "one"), String.valueOf(redis.zpopmin("jd:z")),
        redis.geoadd("jd:geo", 13.361389, 38.115556, "Palermo"), String.valueOf(redis.geopos("jd:geo", "Palermo")));
  }

  private Object pipeline(Jedis redis) {
    var pipe = redis.pipelined();
    pipe.set("jd:n", "1");
    pipe.incr("jd:n");
    pipe.lpush("jd:n", "x");
    pipe.get("jd:n");
    return outcomes(pipe.syncAndReturnAll());
  }

  private Object multi(Jedis redis) {
    var whole = redis.multi();
    whole.incrBy("jd:m", 5);
    whole.hset("jd:mh", "a", "1");
    whole.hgetAll("jd:mh");
    var first = outcomes(whole.exec());
    var failing = redis.multi();
    failing.set("jd:m3", "x");
    failing.lpush("jd:m3", "y");
    failing.get("jd:m3");
    var second = outcomes(failing.exec());
    var left = redis.multi();
    left.set("jd:gone", "1");
    return list(first, second, left.discard(), redis.exists("jd:gone"));
  }

  /** Somebody else writes in between the first time. */
  private Object watch(Jedis redis) {
    redis.set("jd:w", "1");
    var tries = new ArrayList<>();
    for (int round = 0; round < 2; round++) {
      redis.watch("jd:w");
      var now = Integer.parseInt(redis.get("jd:w"));
      if (round == 0) with(other -> other.incr("jd:w"));
      var transaction = redis.multi();
      transaction.set("jd:w", String.valueOf(now * 2));
      tries.add(outcomes(transaction.exec()));
    }
    return list(tries, redis.get("jd:w"));
  }

  private Object pubsub() throws Exception {
    var heard = new ArrayList<Object>();
    var ready = new CountDownLatch(2);
    var subscriber = new JedisPubSub() {
      @Override
      public void onSubscribe(String channel, int count) {
        ready.countDown();
      }

      @Override
      public void onMessage(String channel, String text) {
        heard.add(list(channel, text));
        if (heard.size() == 3) unsubscribe();
      }
    };
    var listening = later(() -> with(redis -> {
      redis.subscribe(subscriber, "jd:news", "jd:other");
      return redis.ping();
    }));
    ready.await();
    var receivers = with(redis -> list(redis.publish("jd:other", "one"), redis.publish("jd:news", "two"),
        redis.publish("jd:news", "three")));
    return list(receivers, listening.get(), heard);
  }

  private Object blocking() throws Exception {
    var nothing = with(redis -> redis.blpop(0.2, "jd:q"));
    var popped = later(() -> with(redis -> redis.brpop(5, "jd:q", "jd:q2")));
    with(redis -> redis.lpush("jd:q2", "job"));
    var smallest = later(() -> text(with(redis -> redis.bzpopmin(5, "jd:bz"))));
    with(redis -> redis.zadd("jd:bz", 3.5, "three"));
    return list(nothing, popped.get(), smallest.get());
  }

  private Object streams() throws Exception {
    var first = with(redis -> {
      redis.xadd("jd:x", new StreamEntryID("1-1"), Map.of("sku", "bolt"));
      redis.xadd("jd:x", new StreamEntryID("2-1"), Map.of("sku", "nut"));
      var minted = redis.xadd("jd:x", StreamEntryID.NEW_ENTRY, Map.of("sku", "minted"));
      return list(redis.xrange("jd:x", minted, minted).size(), redis.xlen("jd:x"),
          String.valueOf(redis.xrange("jd:x", "-", "2-1")),
          redis.xgroupCreate("jd:x", "workers", new StreamEntryID("0-0"), false),
          caught(() -> redis.xgroupCreate("jd:x", "workers", new StreamEntryID("0-0"), false)),
          String.valueOf(redis.xreadGroup("workers", "w1", XReadGroupParams.xReadGroupParams().count(2),
              Map.of("jd:x", StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY))),
          redis.xack("jd:x", "workers", new StreamEntryID("1-1")), redis.xpending("jd:x", "workers").getTotal(),
          String.valueOf(redis.xread(XReadParams.xReadParams().block(100),
              Map.of("jd:none", StreamEntryID.XGROUP_LAST_ENTRY))));
    });
    var following = later(() -> text(
        with(redis -> redis.xread(XReadParams.xReadParams().block(5000), Map.of("jd:y", new StreamEntryID("0-0"))))));
    with(redis -> redis.xadd("jd:y", new StreamEntryID("5-5"), Map.of("late", "yes")));
    return list(first, following.get());
  }

  private Object scripts(Jedis redis) {
    return list(evaluated(redis, "1", "2"), evaluated(redis, "3", "4"),
        caught(() -> redis.eval("return redis.error_reply('CUSTOM it failed')")),
        caught(() -> redis.evalsha("f".repeat(40))), redis.scriptExists("f".repeat(40)));
  }

  /** By its digest, else by its text. */
  private static Object evaluated(Jedis redis, String... numbers) {
    try {
      return redis.evalsha(DIGEST, List.of("jd:lua"), Arrays.asList(numbers));
    } catch (JedisNoScriptException error) {
      return redis.eval(ADD_BOTH, List.of("jd:lua"), Arrays.asList(numbers));
    }
  }

  private static final String DIGEST = digest(ADD_BOTH);

  private static String digest(String text) {
    try {
      var bytes = java.security.MessageDigest.getInstance("SHA-1").digest(text.getBytes("UTF-8"));
      return java.util.HexFormat.of().formatHex(bytes);
    } catch (java.security.GeneralSecurityException | java.io.UnsupportedEncodingException error) {
      throw new IllegalStateException(error);
    }
  }

  private Object scan(Jedis redis) {
    for (int index = 0; index < 30; index++) redis.set("jd:scan:" + index, String.valueOf(index));
    var found = new TreeSet<String>();
    var parameters = new ScanParams().match("jd:scan:*").count(7);
    var cursor = ScanParams.SCAN_POINTER_START;
    do {
      var page = redis.scan(cursor, parameters);
      found.addAll(page.getResult());
      cursor = page.getCursor();
    } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
    return found;
  }

  private Object errors(Jedis redis) {
    return list(caught(() -> redis.lpush("jd:text", "x")), caught(() -> redis.incr("jd:text")),
        caught(() -> redis.sendCommand(() -> "NOPE".getBytes(), "a")));
  }

  private Object allAtOnce() throws Exception {
    var running = new ArrayList<Future<Object>>();
    for (int index = 0; index < 8; index++) {
      var key = "jd:c:" + index;
      running.add(later(() -> with(redis -> list(key, redis.incr(key), redis.get(key)))));
    }
    var results = new ArrayList<>();
    for (var one : running) results.add(one.get());
    return results;
  }

  private static final ExecutorService THREADS = Executors.newCachedThreadPool();

  private static <Result> Future<Result> later(Callable<Result> work) {
    return THREADS.submit(work);
  }
}
