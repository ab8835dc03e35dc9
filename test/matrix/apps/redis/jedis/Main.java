import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.JedisPoolConfig;

/** A service on Jedis and its pool. POST /run does all of it and says what the driver gave. */
public final class Main {
  private static final Gson JSON = new GsonBuilder().serializeNulls().serializeSpecialFloatingPointValues().create();

  public static void main(String[] arguments) throws IOException {
    var environment = System.getenv();
    var size = Integer.parseInt(environment.getOrDefault("POOL", "4"));
    var password = environment.getOrDefault("REDIS_PASSWORD", "");
    var config = new JedisPoolConfig();
    config.setMaxTotal(size + 4);
    config.setMaxIdle(size + 4);
    var client = DefaultJedisClientConfig.builder().clientName("matrix").password(password.isEmpty() ? null : password);
    var target = new HostAndPort(environment.get("TARGET_HOST"), Integer.parseInt(environment.get("TARGET_PORT")));
    var pool = new JedisPool(config, target, client.build());
    warm(pool, size, "1".equals(environment.get("REVERSED")));
    var workload = new Workload(pool);
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(environment.get("PORT"))), 16);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/ready", exchange -> answer(exchange, 200, Map.of()));
    server.createContext("/run", exchange -> {
      try {
        exchange.getRequestBody().readAllBytes();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("driver", "jedis");
        body.put("steps", workload.run());
        answer(exchange, 500, body);
      } catch (Exception | Error error) {
        error.printStackTrace();
        answer(exchange, 501, List.of(String.valueOf(error)));
      }
    });
    server.start();
  }

  private static void warm(JedisPool pool, int size, boolean reversed) {
    var taken = new ArrayList<Jedis>();
    for (int number = 0; number < size; number++) taken.add(pool.getResource());
    for (int number = 0; number < size; number++) taken.get(reversed ? size - 1 - number : number).close();
  }

  private static void answer(HttpExchange exchange, int status, Object body) throws IOException {
    var bytes = JSON.toJson(body).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }
}
