import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/** A service on JDBC and HikariCP. POST /run does all of it and says what the driver gave. */
public final class Main {
  private static final Gson JSON = new GsonBuilder().serializeNulls().serializeSpecialFloatingPointValues().create();

  public static void main(String[] arguments) throws IOException {
    var environment = System.getenv();
    var config = new HikariConfig();
    config.setJdbcUrl("jdbc:postgresql://" + environment.get("TARGET_HOST") + ":" + environment.get("TARGET_PORT") + "/"
        + environment.get("PGDATABASE"));
    config.setUsername(environment.get("PGUSER"));
    config.setPassword(environment.get("PGPASSWORD"));
    config.setMaximumPoolSize(Integer.parseInt(environment.get("POOL")));
    config.setConnectionTimeout(20_000);
    var pool = new HikariDataSource(config);
    var workload = new Workload(pool, "1".equals(environment.get("REVERSED")));
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(environment.get("PORT"))), 16);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/ready", exchange -> answer(exchange, 200, Map.of()));
    server.createContext("/run", exchange -> {
      try {
        exchange.getRequestBody().readAllBytes();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("driver", "jdbc");
        body.put("steps", workload.run());
        answer(exchange, 500, body);
      } catch (Exception | Error error) {
        error.printStackTrace();
        answer(exchange, 501, List.of(String.valueOf(error)));
      }
    });
    server.start();
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
