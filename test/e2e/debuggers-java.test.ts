/** A Java service in the real sandbox: breakpoints from the command line over JDWP, and a person's jdb. */
import { execFileSync } from 'node:child_process';
import { beforeEach, expect, it } from 'vitest';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';
import { LOOPCTL, start } from '../support/cli.ts';
import { attachJdb } from '../support/jdb.ts';
import { makeProject, replayIn, SERVICE } from '../support/project.ts';
import type { TestProject } from '../support/project.ts';
import { writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const LOOP_YAML = `version: 1
services:
  ${SERVICE}:
    command: [java, -cp, classes, shop.Main]
    port: 8080
`;

const MAIN = `package shop;
import com.sun.net.httpserver.HttpServer;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.util.*;
public class Main {
  record Item(String name, int cents) {}
  enum Level { LOW, HIGH }
  static class Basket {
    private final List<Item> items;
    private final Map<String, Integer> stock = new LinkedHashMap<>();
    Basket(Item... items) { this.items = new ArrayList<>(List.of(items)); }
    int total(Level level) {
      var rate = new BigDecimal("1.50");
      int[] cents = items.stream().mapToInt(Item::cents).toArray();
      Integer most = null;
      stock.put("bolt", 3);
      // A comment has no code.
      if (cents.length > 1)
        throw new IllegalStateException("too many: " + cents.length);
      return cents[0];
    }
  }
  public static void main(String[] args) throws Exception {
    var server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);
    server.createContext("/", exchange -> {
      String body;
      try {
        body = Bare.named("");
        body = "{\\"total\\":" + new Basket(new Item("bolt", 5), new Item("nut", 2)).total(Level.HIGH) + "}";
      } catch (IllegalStateException failed) {
        body = "{\\"error\\":\\"" + failed.getMessage() + "\\"}";
      }
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(500, body.length());
      exchange.getResponseBody().write(body.getBytes());
      exchange.close();
    });
    server.start();
  }
}
`;

/** Compiled without its variables. */
const BARE = `package shop;
class Bare {
  static String named(String name) {
    return name;
  }
}
`;

const RECORDING = { service: SERVICE, trigger: { answer: { status: 500, body: '{"error":"too many: 2"}' } } };

function javaProject(): TestProject {
  const project = makeProject({ 'loop.yaml': LOOP_YAML, 'src/shop/Main.java': MAIN, 'src/shop/Bare.java': BARE });
  const compile = (...words: readonly string[]) =>
    execFileSync('javac', ['-d', 'classes', ...words], { cwd: project.directory });
  compile('src/shop/Bare.java');
  compile('-g', '-cp', 'classes', 'src/shop/Main.java');
  return project;
}

it('--break reads the locals of an inner class and of a lambda; without code it is the next line; --break-on throw stops at the service’s own exception', async () => {
  const places = ['Main.java:18', 'src/shop/Main.java:34', 'other/Main.java:18', 'Bare.java:4'];
  const words = [...places.flatMap((place) => ['--break', place]), '--break-on', 'throw'];
  const { code, report } = await replayIn(javaProject(), RECORDING, words);
  expect(report.debugger).toMatchObject({
    kind: 'java',
    hits: 4,
    bound: expect.arrayContaining([
      { file: 'Main.java', line: 18 },
      { file: 'src/shop/Main.java', line: 34 },
    ]),
    unbound: [{ file: 'other/Main.java', line: 18 }],
  });
  const [bare, total, thrown, lambda] = report.debugger.breakpoints;
  expect(bare?.locals).toEqual([
    { name: '(locals)', value: 'unknown: the class was compiled without them (javac -g)' },
  ]);
  expect(lambda).toMatchObject({
    file: 'src/shop/Main.java',
    line: 34,
    function: expect.stringContaining('lambda$main'),
  });
  expect(total).toMatchObject({
    file: 'Main.java',
    line: 19,
    function: 'total',
    source: 'if (cents.length > 1)',
    locals: [
      {
        name: 'this',
        value:
          'Basket { items: [Item { name: "bolt", cents: 5 }, Item { name: "nut", cents: 2 }], stock: Map(1){ "bolt": 3 } }',
      },
      { name: 'level', value: 'Level.HIGH' },
      { name: 'rate', value: '1.50' },
      { name: 'cents', value: '[5, 2]' },
      { name: 'most', value: 'null' },
    ],
  });
  expect(total?.stack.slice(0, 2)).toEqual([
    'Basket.total (Main.java:19)',
    expect.stringMatching(/^Main\.lambda\$main\$0 \(Main\.java:30\)$/),
  ]);
  expect(thrown).toMatchObject({
    file: 'src/shop/Main.java',
    line: 20,
    thrown: 'java.lang.IllegalStateException: too many: 2',
    source: 'throw new IllegalStateException("too many: " + cents.length);',
    locals: expect.arrayContaining([{ name: 'cents', value: '[5, 2]' }]),
  });
  expect([report.outcome, code]).toEqual(['reproduced', 0]);
});

it('--inspect: a person’s jdb holds the request, reads a local, and lets go', async () => {
  const project = javaProject();
  const file = await writeRecording(project.root, RECORDING);
  const words = ['replay', file, '-o', 'json', '--debugger', 'java', '--inspect=0'];
  const replay = start(LOOPCTL, words, { cwd: project.directory, data: project.data });
  const [, port = ''] = /jdb -attach (127\.0\.0\.1:\d+)/.exec(await replay.said('stderr', /jdb -attach .*\n/)) ?? [];
  const jdb = await attachJdb(port);
  jdb.type('stop at shop.Main$Basket:19');
  jdb.type('run');
  await jdb.stopped();
  jdb.type('print cents[0]');
  await jdb.heard(/cents\[0\] = 5/);
  jdb.type('cont');
  const { code, stdout } = await replay.ended;
  expect(REPLAY_REPORT.parse(JSON.parse(stdout))).toMatchObject({ outcome: 'reproduced', debugger: { kind: 'java' } });
  expect(code).toBe(0);
});
