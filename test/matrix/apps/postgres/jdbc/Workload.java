import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLException;

/** What users of the driver write, step by step. */
final class Workload {
  private static final String INSERT =
      "insert into item(id, name, price, tags, meta, raw, sold, at, ratio, flag, ref) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

  private final DataSource pool;
  private final boolean reversed;

  Workload(DataSource pool, boolean reversed) {
    this.pool = pool;
    this.reversed = reversed;
  }

  private interface Work {
    Object on(Connection connection) throws Exception;
  }

  List<Object> run() throws Exception {
    Map<String, Callable<Object>> steps = new LinkedHashMap<>();
    steps.put("create", () -> with(this::create));
    steps.put("rows", this::rows);
    steps.put("select", () -> with(connection -> query(connection, "select * from item order by id")));
    steps.put("threshold", () -> with(this::threshold));
    steps.put("generated keys", () -> with(this::generatedKeys));
    steps.put("batch", () -> with(this::batch));
    steps.put("broken batch", () -> with(this::brokenBatch));
    steps.put("fetch size", () -> with(this::fetchSize));
    steps.put("copy", () -> with(this::copy));
    steps.put("savepoints", () -> with(this::savepoints));
    steps.put("failed transaction", () -> with(this::failedTransaction));
    steps.put("read only", () -> with(this::readOnly));
    steps.put("transfers", this::transfers);
    steps.put("several", () -> with(this::several));
    steps.put("updatable", () -> with(this::updatable));
    steps.put("metadata", () -> with(this::metadata));
    steps.put("listen", () -> with(this::listen));
    steps.put("timeout", () -> with(this::timeout));
    steps.put("errors", this::errors);
    List<Object> results = new ArrayList<>();
    for (var step : steps.entrySet()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("name", step.getKey());
      result.put("result", step.getValue().call());
      results.add(result);
    }
    return results;
  }

  private Object with(Work work) throws Exception {
    try (var connection = pool.getConnection()) {
      return work.on(connection);
    } catch (SQLException error) {
      return told(error);
    }
  }

  private static Map<String, Object> told(SQLException error) {
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("type", error.getClass().getSimpleName());
    said.put("code", error.getSQLState());
    if (error instanceof PSQLException own && own.getServerErrorMessage() != null) {
      var server = own.getServerErrorMessage();
      said.put("message", server.getMessage());
      said.put("detail", server.getDetail());
      said.put("constraint", server.getConstraint());
      said.put("severity", server.getSeverity());
      said.put("position", server.getPosition());
    } else {
      said.put("message", error.getMessage());
    }
    if (error instanceof BatchUpdateException batch) said.put("counts", batch.getUpdateCounts());
    var next = error.getNextException();
    if (next != null) said.put("next", told(next));
    return said;
  }

  private static Object query(Connection connection, String sql, Object... values) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      for (int at = 0; at < values.length; at++) statement.setObject(at + 1, values[at]);
      try (var rows = statement.executeQuery()) {
        return read(rows);
      }
    }
  }

  private static List<Object> read(ResultSet rows) throws SQLException {
    var columns = rows.getMetaData();
    List<Object> found = new ArrayList<>();
    while (rows.next()) {
      Map<String, Object> row = new LinkedHashMap<>();
      for (int at = 1; at <= columns.getColumnCount(); at++)
        row.put(columns.getColumnLabel(at) + ":" + columns.getColumnTypeName(at), shown(rows.getObject(at)));
      found.add(row);
    }
    return found;
  }

  private static Object shown(Object value) throws SQLException {
    if (value instanceof Array array) return Arrays.asList((Object[]) array.getArray());
    if (value instanceof byte[] || value instanceof Number || value instanceof Boolean || value == null) return value;
    if (value instanceof Timestamp time) return time.toInstant().toString();
    return value.toString();
  }

  private Object create(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      return List.of(
          statement.executeUpdate("create table item(id int primary key, name text unique, price numeric, tags text[], meta jsonb,"
              + " raw bytea, sold date, at timestamptz, ratio float8, flag bool, ref uuid)"),
          statement.executeUpdate("create table entry(id serial primary key, note text)"));
    }
  }

  private Object rows() throws Exception {
    return List.of(
        with(connection -> {
          try (var insert = connection.prepareStatement(INSERT)) {
            var meta = new PGobject();
            meta.setType("jsonb");
            meta.setValue("{\"deep\": [1, {\"x\": null}]}");
            insert.setInt(1, 1);
            insert.setString(2, "bolt");
            insert.setBigDecimal(3, new BigDecimal("12.50"));
            insert.setArray(4, connection.createArrayOf("text", new String[] {"a", "b \"c\"", ""}));
            insert.setObject(5, meta);
            insert.setBytes(6, new byte[] {0, 1, -1});
            insert.setObject(7, LocalDate.of(2026, 1, 31));
            insert.setObject(8, OffsetDateTime.of(2026, 1, 31, 10, 20, 30, 456_789_000, ZoneOffset.UTC));
            insert.setDouble(9, 0.1);
            insert.setBoolean(10, true);
            insert.setObject(11, UUID.fromString("0190b5a0-0000-7000-8000-000000000001"));
            return insert.executeUpdate();
          }
        }),
        with(connection -> insertName(connection, 2, "nut")),
        with(connection -> insertName(connection, 3, null)),
        with(connection -> insertName(connection, 4, "nut")));
  }

  private static Object insertName(Connection connection, int id, String name) throws SQLException {
    try (var insert = connection.prepareStatement(INSERT)) {
      for (int at = 3; at <= 11; at++) insert.setNull(at, Types.OTHER);
      insert.setInt(1, id);
      insert.setString(2, name);
      return insert.executeUpdate();
    }
  }

  /** From the fifth time on the statement has a name at the server, and its numbers come as bytes. */
  private Object threshold(Connection connection) throws SQLException {
    List<Object> seen = new ArrayList<>();
    try (var statement = connection.prepareStatement("select id, name, price, at, ratio from item where id = ?")) {
      for (int time = 0; time < 8; time++) {
        statement.setInt(1, time % 3 + 1);
        try (var rows = statement.executeQuery()) {
          seen.add(read(rows));
        }
        seen.add(statement.unwrap(PGStatement.class).isUseServerPrepare());
      }
    }
    return seen;
  }

  private Object generatedKeys(Connection connection) throws SQLException {
    List<Object> seen = new ArrayList<>();
    try (var insert = connection.prepareStatement("insert into entry(note) values (?)", Statement.RETURN_GENERATED_KEYS)) {
      for (var note : List.of("one", "two")) {
        insert.setString(1, note);
        seen.add(insert.executeUpdate());
        seen.add(read(insert.getGeneratedKeys()));
      }
      for (var note : List.of("three", "four", "five")) {
        insert.setString(1, note);
        insert.addBatch();
      }
      seen.add(insert.executeBatch());
      seen.add(read(insert.getGeneratedKeys()));
    }
    return seen;
  }

  private Object batch(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement insert = connection.prepareStatement("insert into item(id, name, ratio) values (?, ?, ?)");
        Statement mixed = connection.createStatement()) {
      for (int id = 10; id < 60; id++) {
        insert.setInt(1, id);
        insert.setString(2, "batch " + id);
        insert.setDouble(3, id / 8.0);
        insert.addBatch();
      }
      var counts = insert.executeBatch();
      mixed.addBatch("update item set flag = true where id between 10 and 19");
      mixed.addBatch("delete from item where id = 59");
      mixed.addBatch("update item set flag = false where id = 60");
      var others = mixed.executeBatch();
      connection.commit();
      return List.of(counts, others, query(connection, "select count(*), sum(ratio) from item where id >= 10"));
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private Object brokenBatch(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (var insert = connection.prepareStatement("insert into item(id) values (?)")) {
      for (int id : new int[] {70, 1, 71}) {
        insert.setInt(1, id);
        insert.addBatch();
      }
      return insert.executeBatch();
    } catch (SQLException error) {
      connection.rollback();
      return List.of(told(error), query(connection, "select id from item where id in (70, 71)"));
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Ten rows at a time, by a portal that stays open. */
  private Object fetchSize(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (var statement = connection.prepareStatement("select n, repeat(?, 100) as text from generate_series(1, 95) n")) {
      statement.setFetchSize(10);
      statement.setString(1, "x");
      int count = 0;
      int length = 0;
      try (var rows = statement.executeQuery()) {
        for (; rows.next(); count++) length += rows.getString("text").length() + rows.getInt(1);
      }
      statement.setString(1, "y");
      int first;
      try (var rows = statement.executeQuery()) {
        rows.next();
        first = rows.getInt(1);
      }
      connection.commit();
      return List.of(count, length, first);
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private Object copy(Connection connection) throws Exception {
    var manager = connection.unwrap(PGConnection.class).getCopyAPI();
    var text = new StringBuilder();
    for (int id = 1000; id < 1200; id++) text.append(id).append(",copy ").append(id).append('\n');
    long count = manager.copyIn("copy item(id, name) from stdin with (format csv)",
        new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)));
    Object broken;
    try {
      broken = manager.copyIn("copy item(id) from stdin", new ByteArrayInputStream("7\nseven\n".getBytes(StandardCharsets.UTF_8)));
    } catch (SQLException error) {
      broken = told(error);
    }
    var out = new ByteArrayOutputStream();
    long given = manager.copyOut("copy (select id, name from item where id < 12 order by id) to stdout", out);
    return List.of(count, broken, given, out.toString(StandardCharsets.UTF_8));
  }

  private Object savepoints(Connection connection) throws SQLException {
    List<Object> seen = new ArrayList<>();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      seen.add(statement.executeUpdate("insert into item(id, name) values (80, 'kept')"));
      var named = connection.setSavepoint("here");
      try {
        statement.executeUpdate("insert into item(id, name) values (81, 'kept')");
      } catch (SQLException error) {
        seen.add(told(error));
        connection.rollback(named);
      }
      var nameless = connection.setSavepoint();
      seen.add(statement.executeUpdate("update item set name = name || '!' where id = 80"));
      connection.releaseSavepoint(nameless);
      connection.commit();
      seen.add(query(connection, "select id, name from item where id in (80, 81)"));
      return seen;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private Object failedTransaction(Connection connection) throws SQLException {
    List<Object> seen = new ArrayList<>();
    connection.setAutoCommit(false);
    for (var sql : List.of("select 1/0", "select 1")) {
      try {
        seen.add(query(connection, sql));
      } catch (SQLException error) {
        seen.add(told(error));
      }
    }
    try {
      connection.commit();
    } catch (SQLException error) {
      seen.add(told(error));
    }
    connection.setAutoCommit(true);
    seen.add(query(connection, "select 'well' as word"));
    return seen;
  }

  private Object readOnly(Connection connection) throws SQLException {
    connection.setReadOnly(true);
    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      return statement.executeUpdate("delete from item");
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
      connection.setReadOnly(false);
    }
  }

  /** Each in a transaction of its own, all at once, over the pool. */
  private Object transfers() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      Map<Integer, Future<Object>> started = new LinkedHashMap<>();
      for (int at = 0; at < 6; at++) {
        int id = reversed ? 5 - at : at;
        started.put(id, threads.submit(() -> with(connection -> transfer(connection, id))));
      }
      List<Object> results = new ArrayList<>();
      for (int id = 0; id < 6; id++) results.add(started.get(id).get());
      return results;
    } finally {
      threads.shutdown();
    }
  }

  private static Object transfer(Connection connection, int id) throws SQLException {
    connection.setAutoCommit(false);
    try {
      List<Object> seen = new ArrayList<>();
      seen.add(query(connection, "select pg_sleep(0.02)::text, ?::int as id", id));
      seen.add(query(connection, "insert into item(id, name) values (?, ?) returning id, name", 100 + id, "moved " + id));
      seen.add(query(connection, "select count(*) from item where id = ?", 100 + id));
      if (id % 3 == 0) connection.rollback();
      else connection.commit();
      return seen;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private Object several(Connection connection) throws SQLException {
    List<Object> seen = new ArrayList<>();
    try (var statement = connection.createStatement()) {
      boolean rows = statement.execute("select 1 as a; update item set flag = true where id = 3; select 2 as b");
      while (rows || statement.getUpdateCount() != -1) {
        if (rows) {
          try (var result = statement.getResultSet()) {
            seen.add(read(result));
          }
        } else {
          seen.add(statement.getUpdateCount());
        }
        rows = statement.getMoreResults();
      }
    }
    return seen;
  }

  /** The driver asks the catalogue for the primary key, and updates by it. */
  private Object updatable(Connection connection) throws SQLException {
    try (var statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
        var rows = statement.executeQuery("select id, name from item where id in (2, 3) order by id")) {
      while (rows.next()) {
        rows.updateString("name", "updated " + rows.getInt("id"));
        rows.updateRow();
      }
      rows.first();
      return List.of(rows.getString("name"), query(connection, "select name from item where id in (2, 3) order by id"));
    }
  }

  private Object metadata(Connection connection) throws SQLException {
    List<Object> columns = new ArrayList<>();
    try (var rows = connection.getMetaData().getColumns(null, "public", "entry", null)) {
      while (rows.next()) columns.add(rows.getString("COLUMN_NAME") + " " + rows.getString("TYPE_NAME"));
    }
    return columns;
  }

  private Object listen(Connection connection) throws Exception {
    var own = connection.unwrap(PGConnection.class);
    try (var statement = connection.createStatement()) {
      statement.execute("listen news");
      with(other -> query(other, "select pg_notify('news', ?)::text", "first"));
      with(other -> query(other, "select pg_notify('news', ?)::text", "second"));
      List<Object> heard = new ArrayList<>();
      for (int tries = 0; heard.size() < 2 && tries < 10; tries++) {
        var news = own.getNotifications(1000);
        if (news != null) for (var one : news) heard.add(one.getName() + ": " + one.getParameter());
      }
      statement.execute("unlisten *");
      return heard;
    }
  }

  /** The driver asks the server to stop, on a connection of its own. */
  private Object timeout(Connection connection) throws SQLException {
    List<Object> seen = new ArrayList<>();
    try (var statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      statement.execute("select pg_sleep(20)");
    } catch (SQLException error) {
      seen.add(told(error));
    }
    seen.add(query(connection, "select 'next' as word"));
    return seen;
  }

  private Object errors() throws Exception {
    List<Object> seen = new ArrayList<>();
    seen.add(with(connection -> query(connection, "selec 1")));
    seen.add(with(connection -> query(connection, "select * from nowhere where id = ?", 1)));
    seen.add(with(connection -> query(connection, "select ?::int as id", "one")));
    seen.add(with(connection -> query(connection, "select 1/?::int", 0)));
    seen.add(with(connection -> {
      try (var statement = connection.createStatement()) {
        statement.execute("do $$ begin raise notice 'noticed'; raise warning 'warned'; end $$");
        List<Object> warnings = new ArrayList<>();
        for (var warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning())
          warnings.add(warning.getMessage());
        return warnings;
      }
    }));
    return seen;
  }
}
