import { chmodSync, mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { makeLogger } from "../logger.ts";
import { type PostgresServer, startPostgres } from "./launcher.ts";
import { migrate } from "./migrate.ts";

let directory: string;
let files: string;
let server: PostgresServer;
let client: pg.Client;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "menshen-migrate-"));
  chmodSync(directory, 0o711);
  files = join(directory, "files");
  const logger = makeLogger({ app: "test", level: "error" });
  server = await startPostgres({ stateDirectory: join(directory, "state"), logger });
  client = await connect();
});

afterAll(async () => {
  await client.end();
  await server.stop();
  rmSync(directory, { recursive: true });
});

beforeEach(async () => {
  await client.query("drop schema public cascade; create schema public");
  rmSync(files, { recursive: true, force: true });
  mkdirSync(files);
});

async function connect(): Promise<pg.Client> {
  const connected = new pg.Client(server.connection);
  await connected.connect();
  return connected;
}

const put = (name: string, sql: string) => writeFileSync(join(files, name), sql);

it("runs each file once, in the order of their names", async () => {
  put("0002-b.sql", "insert into a values (2)");
  put("0001-a.sql", "create table a (n int); insert into a values (1)");
  put("notes.txt", "not SQL");
  expect(await migrate(client, files)).toEqual(["0001-a.sql", "0002-b.sql"]);
  put("0003-c.sql", "insert into a values (3)");
  expect(await migrate(client, files)).toEqual(["0003-c.sql"]);
  expect(await migrate(client, files)).toEqual([]);
  expect((await client.query("select n from a")).rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

it("leaves nothing of a file that fails, and goes on from there", async () => {
  put("0001-a.sql", "create table a (n int)");
  put("0002-b.sql", "create table b (n int); select * from none");
  await expect(migrate(client, files)).rejects.toMatchObject({ code: "migration-failed" });
  expect((await client.query("select to_regclass('b') as b")).rows).toEqual([{ b: null }]);
  put("0002-b.sql", "create table b (n int)");
  expect(await migrate(client, files)).toEqual(["0002-b.sql"]);
});

it("refuses files that changed or vanished after they ran", async () => {
  put("0001-a.sql", "create table a (n int)");
  await migrate(client, files);
  put("0001-a.sql", "create table a (n bigint)");
  await expect(migrate(client, files)).rejects.toMatchObject({ code: "migration-failed" });
  unlinkSync(join(files, "0001-a.sql"));
  await expect(migrate(client, files)).rejects.toMatchObject({ code: "migration-failed" });
});

it("lets two servers start at once", async () => {
  put("0001-a.sql", "select pg_sleep(0.05); create table a (n int)");
  const other = await connect();
  try {
    const ran = await Promise.all([migrate(client, files), migrate(other, files)]);
    expect(ran.flat()).toEqual(["0001-a.sql"]);
  } finally {
    await other.end();
  }
});
