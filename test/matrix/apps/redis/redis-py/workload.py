import uuid
from concurrent.futures import ThreadPoolExecutor

import redis

ADD_BOTH = "return {redis.call('incrby', KEYS[1], ARGV[1]), redis.call('incrby', KEYS[1], ARGV[2]), 'text', false}"


def run(client):
    client.flushdb()
    return [{"name": step.__name__, "result": step(client)} for step in STEPS]


def caught(work, *args, **options):
    try:
        return work(*args, **options)
    except redis.RedisError as error:
        return {"error": type(error).__name__, "message": str(error)}


def outcomes(answers):
    return [str(answer) if isinstance(answer, Exception) else answer for answer in answers]


def strings(r):
    return [
        r.set("py:text", "grüße 🌍"),
        r.get("py:text"),
        r.get("py:none"),
        r.set("py:text", "x", ex=100, get=True),
        r.ttl("py:text"),
        r.mset({"py:1": "one", "py:2": "two"}),
        r.mget("py:1", "py:none", "py:2"),
        r.incrbyfloat("py:float", 0.1),
        r.getdel("py:1"),
        r.exists("py:1", "py:2"),
    ]


def collections(r):
    return [
        r.hset("py:h", mapping={"name": "bolt", "price": "12.50", "empty": ""}),
        r.hgetall("py:h"),
        r.hgetall("py:none"),
        r.rpush("py:l", "a", "b", "c"),
        r.lrange("py:l", 0, -1),
        r.sadd("py:s", "a", "b"),
        sorted(r.smembers("py:s")),
        r.sismember("py:s", "b"),
        r.zadd("py:z", {"one": 1.5, "two": 2}),
        r.zrange("py:z", 0, -1, withscores=True),
        r.zscore("py:z", "one"),
        r.zincrby("py:z", 2.25, "one"),
        r.zmscore("py:z", ["one", "none"]),
        r.geoadd("py:geo", (13.361389, 38.115556, "Palermo")),
        r.geopos("py:geo", "Palermo", "Nowhere"),
    ]


def pipelines(r):
    plain = r.pipeline(transaction=False).set("py:n", 1).incr("py:n").lpush("py:n", "x").get("py:n")
    multi = r.pipeline().incr("py:m").incrby("py:m", 5).hset("py:mh", "a", "1").hgetall("py:mh")
    failing = r.pipeline().set("py:m3", "x").lpush("py:m3", "y").get("py:m3")
    bad = r.pipeline().set("py:m4", "x").execute_command("NOPE")
    return [
        outcomes(plain.execute(raise_on_error=False)),
        outcomes(multi.execute()),
        outcomes(failing.execute(raise_on_error=False)),
        caught(bad.execute),
    ]


def watch(r):
    tries = []

    def double(pipe):
        now = int(pipe.get("py:w") or 1)
        tries.append(now)
        if len(tries) == 1:
            r.incr("py:w")
        pipe.multi()
        pipe.set("py:w", now * 2)

    r.set("py:w", 1)
    return [r.transaction(double, "py:w"), tries, r.get("py:w")]


def pubsub(r):
    with r.pubsub() as subscriber:
        subscriber.subscribe("py:news", "py:other")
        subscriber.psubscribe("py:n*")
        heard = [subscriber.get_message(timeout=5) for _ in range(3)]
        receivers = [r.publish("py:other", "one"), r.publish("py:news", "two")]
        heard += [subscriber.get_message(timeout=5) for _ in range(3)]
        subscriber.unsubscribe("py:news")
        heard.append(subscriber.get_message(timeout=5))
    return [receivers, heard]


def blocking(r):
    nothing = r.blpop("py:q", timeout=0.2)
    with ThreadPoolExecutor(2) as threads:
        popped = threads.submit(r.brpop, ["py:q", "py:q2"], 5)
        r.lpush("py:q2", "job")
        smallest = threads.submit(r.bzpopmin, "py:bz", 5)
        r.zadd("py:bz", {"three": 3.5})
        return [nothing, popped.result(), smallest.result()]


def streams(r):
    ids = [r.xadd("py:x", {"sku": "bolt"}, id="1-1"), r.xadd("py:x", {"sku": "nut"}, id="2-1")]
    minted = r.xadd("py:x", {"sku": "minted"})
    result = [
        ids,
        len(r.xrange("py:x", minted, minted)),
        r.xlen("py:x"),
        r.xrange("py:x", "-", "2-1"),
        r.xgroup_create("py:x", "workers", id="0"),
        caught(r.xgroup_create, "py:x", "workers", id="0"),
        r.xreadgroup("workers", "w1", {"py:x": ">"}, count=2),
        r.xack("py:x", "workers", "1-1"),
        r.xpending("py:x", "workers"),
        r.xread({"py:none": "$"}, block=100),
    ]
    with ThreadPoolExecutor(1) as threads:
        following = threads.submit(r.xread, {"py:y": "0"}, None, 5000)
        r.xadd("py:y", {"late": "yes"}, id="5-5")
        return [*result, following.result()]


def scripts(r):
    add_both = r.register_script(ADD_BOTH)
    pipe = r.pipeline()
    add_both(keys=["py:lua"], args=[5, 6], client=pipe)
    return [
        add_both(keys=["py:lua"], args=[1, 2]),
        add_both(keys=["py:lua"], args=[3, 4]),
        pipe.execute(),
        caught(r.eval, "return redis.error_reply('CUSTOM it failed')", 0),
        caught(r.evalsha, "f" * 40, 0),
    ]


def lock(r):
    with r.lock("py:lock", timeout=30):
        taken = r.lock("py:lock", timeout=30).acquire(blocking=False)
    return [taken, r.exists("py:lock"), r.set(f"py:session:{uuid.uuid4()}", "new", nx=True, px=1000)]


def scan(r):
    r.mset({f"py:scan:{index}": index for index in range(40)})
    r.hset("py:big", mapping={f"f{index}": index for index in range(30)})
    return [sorted(set(r.scan_iter("py:scan:*", count=7))), len(dict(r.hscan_iter("py:big")))]


def errors(r):
    return [
        caught(r.lpush, "py:text", "x"),
        caught(r.execute_command, "NOPE", "a"),
        caught(r.execute_command, "GET"),
        caught(r.incr, "py:text"),
    ]


def all_at_once(r):
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda index: [index, r.incr(f"py:c:{index}"), r.get(f"py:c:{index}")], range(8)))


def server(r):
    return [r.ping(), r.echo("hello"), r.dbsize(), r.config_get("maxmemory-policy"), r.client_getname()]


STEPS = [strings, collections, pipelines, watch, pubsub, blocking, streams, scripts, lock, scan, errors, all_at_once, server]
