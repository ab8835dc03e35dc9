import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.sql.DriverManager;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;

/** The service of the table, in Java. POST /run asks everybody once and answers 500; what it says of itself goes to stdout. */
public final class Main {
  private static final Map<String, String> ENV = System.getenv();
  private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final ManagedChannel STREAMS = NettyChannelBuilder.forTarget(ENV.get("STREAMS")).usePlaintext().build();

  public static void main(String[] arguments) throws IOException {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(ENV.get("PORT"))), 16);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/ready", exchange -> answer(exchange, 200, Map.of()));
    server.createContext("/run", exchange -> {
      try {
        exchange.getRequestBody().readAllBytes();
        answer(exchange, 500, run(exchange.getRequestHeaders().getFirst("traceparent")));
      } catch (Exception | Error error) {
        error.printStackTrace();
        answer(exchange, 501, Map.of("error", String.valueOf(error)));
      }
    });
    server.start();
  }

  private static Map<String, Object> run(String traceparent) throws Exception {
    System.out.println("clock " + System.currentTimeMillis());
    var rate = fetched("http://" + ENV.get("RATES") + "/v1/rate", traceparent);
    var echo = asked("mug", traceparent);
    int total;
    var url = "jdbc:postgresql://" + ENV.get("DB_HOST") + ":" + ENV.get("DB_PORT") + "/" + ENV.get("PGDATABASE");
    try (var db = DriverManager.getConnection(url, ENV.get("PGUSER"), ENV.get("PGPASSWORD"));
        var statement = db.prepareStatement("select ?::int + 17 as total")) {
      statement.setInt(1, 4200);
      var rows = statement.executeQuery();
      rows.next();
      total = rows.getInt("total");
    }
    String cached;
    var place = new HostAndPort(ENV.get("CACHE_HOST"), Integer.parseInt(ENV.get("CACHE_PORT")));
    try (var cache = new Jedis(place, DefaultJedisClientConfig.builder().password(ENV.get("CACHE_PASSWORD")).build())) {
      cache.set("total", String.valueOf(total));
      cached = cache.get("total");
    }
    var secure = fetched(ENV.get("SECURE") + "/v1/rate", traceparent);
    for (var target : ENV.getOrDefault("EXTRA", "").split(" "))
      if (!target.isEmpty()) System.out.println("dial " + target + " " + dialled(target));
    Map<String, Object> steps = new LinkedHashMap<>();
    steps.put("rate", rate);
    steps.put("echo", echo);
    steps.put("total", total);
    steps.put("cached", cached);
    steps.put("secure", secure);
    return Map.of("error", "the rate is no number", "steps", steps); // BREAK
  }

  private static String fetched(String url, String traceparent) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(url)).header("traceparent", traceparent).build();
    var response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.sslSession().isPresent()) {
      var certificate = (X509Certificate) response.sslSession().get().getPeerCertificates()[0];
      System.out.println("tls true " + certificate.getSubjectAlternativeNames());
    }
    return response.body();
  }

  private static String asked(String word, String traceparent) {
    var metadata = new Metadata();
    metadata.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), traceparent);
    var method = MethodDescriptor.newBuilder(new Words(), new Words()).setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName("matrix.Streams/Ask").build();
    var channel = io.grpc.ClientInterceptors.intercept(STREAMS, MetadataUtils.newAttachHeadersInterceptor(metadata));
    return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, word);
  }

  /** google.protobuf.StringValue, short. */
  private static final class Words implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String word) {
      var text = word.getBytes(StandardCharsets.UTF_8);
      var bytes = new byte[text.length + 2];
      bytes[0] = 0x0a;
      bytes[1] = (byte) text.length;
      System.arraycopy(text, 0, bytes, 2, text.length);
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public String parse(InputStream stream) {
      try {
        var bytes = stream.readAllBytes();
        return new String(bytes, 2, bytes.length - 2, StandardCharsets.UTF_8);
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }
  }

  private static String dialled(String target) {
    var parts = target.split(":");
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(parts[0], Integer.parseInt(parts[1])), 3000);
      return "answered";
    } catch (IOException error) {
      return error.getClass().getSimpleName();
    }
  }

  private static void answer(HttpExchange exchange, int status, Object body) throws IOException {
    var bytes = new Gson().toJson(body).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }
}
