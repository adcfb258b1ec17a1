import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { postgresBinaries } from "./binaries.ts";
import { prepareCluster } from "./cluster.ts";
import { isReachableByOthers, preparePostgresHome } from "./home.ts";
import type { PostgresConnection } from "./launcher.ts";
import { processesIn } from "./postmaster.ts";

const FIXTURE = fileURLToPath(new URL("./owner.fixture.ts", import.meta.url));
const NOBODY = { uid: 65_534, gid: 65_534 };

/** Root tests both ways of starting; an ordinary user has only one, and so has root where others cannot go. */
const runAs =
  process.geteuid?.() !== 0
    ? [{ who: "this user", as: {} }]
    : [
        { who: "root", as: {} },
        ...(isReachableByOthers(dirname(FIXTURE)) ? [{ who: "an ordinary user", as: NOBODY }] : []),
      ];

interface Line {
  readonly ready?: true;
  readonly committed?: number;
  readonly connection?: PostgresConnection;
  readonly postmaster?: number;
  readonly guardian?: number;
}

/** Waits for something outside this process; the deadline only bounds a failure. */
async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`timed out: ${what}`);
    await delay(20);
  }
}

class Owner {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  latest: Line = {};
  connection: PostgresConnection | undefined;
  errors = "";

  constructor(state: string, as: As) {
    this.child = spawn(process.execPath, [FIXTURE, state], { stdio: ["ignore", "pipe", "pipe"], ...as });
    this.exited = new Promise((resolve) => this.child.on("exit", resolve));
    if (this.child.stdout === null || this.child.stderr === null) throw new Error("expected pipes");
    createInterface({ input: this.child.stdout }).on("line", (text) => {
      const line: Line = JSON.parse(text);
      this.latest = { ...this.latest, ...line };
      if (line.connection !== undefined) this.connection = line.connection;
    });
    this.child.stderr.on("data", (chunk) => {
      this.errors += String(chunk);
    });
  }

  get committed(): number {
    return this.latest.committed ?? 0;
  }

  async commitsBeyond(count: number): Promise<void> {
    await eventually(`commits beyond ${count}: ${this.errors}`, () => {
      if (this.child.exitCode !== null) throw new Error(`the owner ended: ${this.errors}`);
      return this.committed > count;
    });
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    expect(await this.exited).toBe(0);
  }
}

let state: string;
let owners: Owner[];
/** A state directory whose database was made and never started. */
let made: string;

beforeAll(() => {
  made = folder();
  const home = preparePostgresHome(made);
  prepareCluster(home, postgresBinaries(home));
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

beforeEach(() => {
  state = folder();
  owners = [];
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "menshen-test-"));
  chmodSync(path, 0o755);
  return path;
}

afterEach(async () => {
  for (const owner of owners) if (owner.child.exitCode === null) owner.child.kill("SIGKILL");
  await eventually("all servers end", () => processesIn(dataOf(state)).length === 0);
  rmSync(state, { recursive: true, force: true });
});

interface As {
  readonly uid?: number;
  readonly gid?: number;
}

/** Starts on what lies in `state`; where nothing does, on a copy of `made`, since making a database takes seconds. */
function start(as: As): Owner {
  if (!existsSync(join(state, "postgres"))) layMade(as);
  return startOnState(as);
}

function layMade(as: As): void {
  const base = join(state, "postgres");
  mkdirSync(base, { mode: 0o711 });
  const isOwn = as.uid === undefined;
  for (const name of isOwn ? ["data", "password", "uid"] : ["data", "password"]) {
    const from = join(made, "postgres", name);
    if (!existsSync(from)) continue; // nobody but root chooses a user
    const to = join(base, name);
    cpSync(from, to, { recursive: true });
    chmodSync(to, statSync(from).mode & 0o777);
    const paths = statSync(to).isDirectory() ? readdirSync(to, { recursive: true, encoding: "utf8" }) : [];
    const { uid, gid } = isOwn ? statSync(from) : { uid: as.uid, gid: as.gid };
    for (const path of [to, ...paths.map((one) => join(to, one))]) lchownSync(path, uid ?? 0, gid ?? 0);
  }
  if (as.uid !== undefined && as.gid !== undefined) chownSync(base, as.uid, as.gid);
}

function startOnState(as: As): Owner {
  if (as.uid !== undefined && as.gid !== undefined) chownSync(state, as.uid, as.gid);
  const owner = new Owner(state, as);
  owners.push(owner);
  return owner;
}

function dataOf(directory: string): string {
  return join(directory, "postgres", "data");
}

async function rowsOf(connection: PostgresConnection | undefined): Promise<number[]> {
  const client = new pg.Client({ ...connection });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: string }>("select n from fact order by n");
    return rows.map((row) => Number(row.n));
  } finally {
    await client.end();
  }
}

describe.each(runAs)("database started by $who", ({ as }) => {
  it("is durable, private, and there again at the next start", async () => {
    const first = startOnState(as);
    await first.commitsBeyond(5);
    expect(statSync(dataOf(state)).mode & 0o777).toBe(0o700);
    const client = new pg.Client({ ...first.connection });
    await client.connect();
    const show = async (name: string) => (await client.query(`show ${name}`)).rows[0][name];
    expect(await show("data_checksums")).toBe("on");
    expect(await show("fsync")).toBe("on");
    expect(await show("synchronous_commit")).toBe("on");
    expect(await show("listen_addresses")).toBe("");
    // Pinyin: bei before shang, which code points have the other way round.
    const { rows } = await client.query("select n from (values ('上'), ('北')) v (n) order by n");
    expect(rows.map((row) => row.n)).toEqual(["北", "上"]);
    await client.end();
    await expect(new pg.Client({ ...first.connection, password: "other" }).connect()).rejects.toThrow(
      /password authentication failed/,
    );
    await first.stop();
    expect(processesIn(dataOf(state))).toEqual([]);

    const second = start(as);
    await second.commitsBeyond(first.committed + 2);
    expect((await rowsOf(second.connection)).slice(0, first.committed)).toEqual(
      Array.from({ length: first.committed }, (_, i) => i + 1),
    );
    await second.stop();
  });

  it("ends with its owner after kill -9, and loses nothing", async () => {
    const first = start(as);
    await first.commitsBeyond(10);
    first.child.kill("SIGKILL");
    await first.exited;
    const acknowledged = first.committed;
    // Not awaited: the next owner meets a server that is on its way down.
    const second = start(as);
    await second.commitsBeyond(acknowledged);
    const rows = await rowsOf(second.connection);
    expect(rows.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, i) => i + 1));
    second.child.kill("SIGKILL");
    await second.exited;
    await eventually("server and guardian end", () => processesIn(dataOf(state)).length === 0);
  });

  it("comes back when server, guardian, or both are killed", async () => {
    const owner = start(as);
    await owner.commitsBeyond(5);
    for (const victims of [
      ["postmaster"],
      ["guardian"],
      ["guardian", "postmaster"],
      ["postmaster"],
    ] as const) {
      const before = owner.committed;
      const pids = { ...owner.latest };
      for (const victim of victims) process.kill(pids[victim] ?? 0, "SIGKILL");
      await owner.commitsBeyond(before + 5);
      await eventually(`a new ${victims.join(" and ")}`, () =>
        victims.every(
          (victim) => owner.latest[victim] !== undefined && owner.latest[victim] !== pids[victim],
        ),
      );
    }
    const acknowledged = owner.committed;
    const rows = await rowsOf(owner.connection);
    expect(rows.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, i) => i + 1));
    await owner.stop();
    expect(processesIn(dataOf(state))).toEqual([]);
  });

  it("is taken over when owner and guardian were both killed", async () => {
    const first = start(as);
    await first.commitsBeyond(5);
    const { guardian, postmaster } = first.latest;
    process.kill(guardian ?? 0, "SIGKILL");
    first.child.kill("SIGKILL");
    await first.exited;
    const second = start(as);
    await second.commitsBeyond(first.committed + 1);
    expect(second.latest.postmaster).toBe(postmaster);
    await second.stop();
    expect(processesIn(dataOf(state))).toEqual([]);
  });

  it("refuses a second owner and data that are open to others", async () => {
    const first = start(as);
    await first.commitsBeyond(1);
    const second = start(as);
    expect(await second.exited).not.toBe(0);
    expect(second.errors).toContain("already-running");
    await first.stop();
    chmodSync(dataOf(state), 0o755);
    const third = start(as);
    expect(await third.exited).not.toBe(0);
    expect(third.errors).toContain("state-refused");
    chmodSync(dataOf(state), 0o700);
  });

  it("works below a directory whose name is too long for a socket", async () => {
    const outer = state;
    state = join(outer, "x".repeat(100));
    mkdirSync(state);
    const owner = start(as);
    await owner.commitsBeyond(1);
    expect(Buffer.byteLength(owner.connection?.host ?? "")).toBeLessThan(60);
    await owner.stop();
    rmSync(outer, { recursive: true });
  });
});

/** Nobody else can give a directory to another user. */
function describeForRoot(name: string, tests: () => void): void {
  if (process.geteuid?.() === 0) describe(name, tests);
}

describeForRoot("database started by root", () => {
  it("runs under a user of its own", async () => {
    const owner = start({});
    await owner.commitsBeyond(1);
    const uid = statSync(`/proc/${owner.latest.postmaster}`).uid;
    expect(uid).toBeGreaterThan(58_999);
    expect(uid).toBeLessThan(60_000);
    expect(statSync(dataOf(state)).uid).toBe(uid);
    await owner.stop();
  });

  it("refuses data of another user", async () => {
    const owner = start({});
    await owner.commitsBeyond(1);
    await owner.stop();
    chownSync(dataOf(state), NOBODY.uid, NOBODY.gid);
    const second = start({});
    expect(await second.exited).not.toBe(0);
    expect(second.errors).toContain("state-refused");
  });

  it("finds a place its user can reach when the state directory is in a root home", async () => {
    chmodSync(state, 0o700);
    const first = start({});
    await first.commitsBeyond(3);
    const location = readFileSync(join(state, "postgres", "location"), "utf8").trim();
    expect(location).toMatch(/^\/var\/lib\/menshen\/[0-9a-f]{18}$/);
    await first.stop();
    const second = start({});
    await second.commitsBeyond(first.committed);
    await second.stop();
    expect(processesIn(join(location, "data"))).toEqual([]);
    rmSync(location, { recursive: true });
  });
});
