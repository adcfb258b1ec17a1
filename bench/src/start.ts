import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { killRun, processesOfRun, ROOT, type RunningProcess, startProcess } from "@menshen/testkit/system";
import pg from "pg";
import { type Browser, chromium, type Page } from "playwright-core";
import { printResults, recordResults } from "./report.ts";
import { median, type Result, rounded } from "./result.ts";

const RUNS = Number(process.argv[2] ?? "3");
const LONGEST_MS = 600_000;
const SIGN_IN = /http:\/\/localhost:\d+\/sign-in#code=\S+/;

/** Seconds from the command. */
interface Start {
  readonly install: number;
  readonly build: number;
  /** Until the sign-in link is shown, beyond installing and building. */
  readonly start: number;
  /** From there until a door has opened on the screen. */
  readonly event: number;
  readonly total: number;
}

interface SeenEvent {
  readonly gateId: string;
  readonly sequence: number;
}

/** A clean environment: nothing of the npm that runs this, and a cache of npm's own that is empty. */
function cleanEnvironment(cache: string): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^npm_|^(NODE|NODE_ENV|NODE_OPTIONS|INIT_CWD|MENSHEN_STATE)$/.test(entry[0]),
  );
  // `npm run` puts the pinned Node first; a stranger has their own.
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), npm_config_cache: cache };
}

/** Waits until the console shows a door opened by an event since `sinceMs`, and says which event that was. */
async function seeDoorOpen(page: Page, link: string, sinceMs: number): Promise<SeenEvent> {
  await page.goto(link);
  const shown = await page.waitForFunction(
    (since) => {
      for (const row of document.querySelectorAll(".event-row")) {
        const time = row.querySelector("time")?.dateTime;
        const at = time === undefined ? Number.NaN : Date.parse(time);
        if (at >= since && row.querySelector(".ms-state--granted") !== null) return at;
      }
      return undefined;
    },
    sinceMs,
    { timeout: LONGEST_MS, polling: 50 },
  );
  const at = await shown.jsonValue();
  const found: unknown = await page.evaluate(async (earliestAt) => {
    const response = await fetch("/api/v1/events?kind=access&limit=100");
    const { items } = await response.json();
    return items.find(
      (item: { earliestAt: number; granted: boolean }) => item.granted && item.earliestAt === earliestAt,
    );
  }, at ?? Number.NaN);
  if (typeof found !== "object" || found === null)
    throw new Error("the event on the screen is not in the list");
  const { gateId, sequence } = found as SeenEvent;
  return { gateId, sequence };
}

/** Throws unless the event is a row of the database and of the gate's journal, with the same bytes. */
async function requireStored(
  runId: string,
  checkout: string,
  { gateId, sequence }: SeenEvent,
): Promise<void> {
  // The city has a database of its own.
  const plan = processesOfRun(runId)
    .filter(({ command }) => command.includes("postgres/guardian.ts"))
    .map(({ command }): unknown => JSON.parse(command.slice(command.indexOf("{"))))
    .find(
      (one) =>
        typeof one === "object" &&
        one !== null &&
        "base" in one &&
        one.base === databaseBase(checkout, "community"),
    );
  if (typeof plan !== "object" || plan === null || !("base" in plan) || !("socketDirectory" in plan)) {
    throw new Error("no database is running");
  }
  const client = new pg.Client({
    host: String(plan.socketDirectory),
    user: "menshen",
    database: "postgres",
    password: readFileSync(join(String(plan.base), "password"), "utf8").trim(),
  });
  await client.connect();
  const { rows } = await client.query<{ entry: Buffer }>(
    "select entry from event where gate_id = $1 and sequence = $2",
    [gateId, sequence],
  );
  await client.end();
  const stored = rows[0]?.entry;
  if (stored === undefined) throw new Error("the event on the screen is not in the database");
  const state = join(checkout, ".menshen/demo");
  const journals = readdirSync(state, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("journal.db"),
  );
  const held = journals.some((path) => {
    const journal = new DatabaseSync(join(state, path), { readOnly: true });
    try {
      const entry = journal.prepare("select entry from journal where sequence = ?").get(sequence)?.entry;
      return entry instanceof Uint8Array && stored.equals(entry);
    } finally {
      journal.close();
    }
  });
  if (!held) throw new Error("the event on the screen is in no gate's journal");
}

function secondsOf(process: RunningProcess, pattern: RegExp): number {
  return Number(pattern.exec(process.stdout())?.[1] ?? 0);
}

/** `npm start` as a stranger would type it, until a door opens on the screen; then Ctrl-C. */
async function measureStart(
  browser: Browser,
  runId: string,
  checkout: string,
  cache: string,
): Promise<Start> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const sinceMs = Date.now();
  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1_000;
  const npm = startProcess("npm", ["start"], {
    runId,
    cwd: checkout,
    env: cleanEnvironment(cache),
    bare: true,
  });
  try {
    const [link] = await npm.waitForOutput(SIGN_IN, LONGEST_MS);
    const readyS = seconds();
    const event = await seeDoorOpen(page, link, sinceMs);
    const total = seconds();
    await requireStored(runId, checkout, event);
    const install = secondsOf(npm, /npm dependencies installed \(([\d.]+) s\)/);
    const build = secondsOf(npm, /console built \(([\d.]+) s\)/);
    return { install, build, start: readyS - install - build, event: total - readyS, total };
  } finally {
    await context.close();
    // To the whole group, as a terminal sends it; one that has ended by itself has said why.
    if (npm.child.exitCode === null && npm.child.signalCode === null) process.kill(-npm.pid, "SIGINT");
    await npm.ended;
  }
}

async function measureClone(browser: Browser, folder: string): Promise<{ first: Start; again: Start }> {
  const runId = randomUUID();
  const checkout = join(folder, "menshen");
  const cache = join(folder, "npm-cache");
  execFileSync("git", ["clone", "--quiet", ROOT, checkout]);
  try {
    const first = await measureStart(browser, runId, checkout, cache);
    const again = await measureStart(browser, runId, checkout, cache);
    return { first, again };
  } finally {
    killRun(runId);
    removeDatabase(checkout);
  }
}

/** Where a server of the demonstration keeps its database. */
function databaseBase(checkout: string, server: string): string {
  const own = join(checkout, ".menshen/demo", server, "postgres");
  const note = join(own, "location");
  return existsSync(note) ? readFileSync(note, "utf8").trim() : own;
}

/** Root's databases lie outside of a checkout that their own user cannot reach. */
function removeDatabase(checkout: string): void {
  for (const server of ["community", "city"]) {
    const base = databaseBase(checkout, server);
    if (!base.startsWith(checkout)) rmSync(base, { recursive: true, force: true });
  }
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
  ],
});
const firsts: Start[] = [];
const agains: Start[] = [];
try {
  for (let run = 0; run < RUNS; run++) {
    const folder = mkdtempSync(join(tmpdir(), "menshen-start-"));
    try {
      const { first, again } = await measureClone(browser, folder);
      firsts.push(first);
      agains.push(again);
      process.stdout.write(`run ${run + 1}: first ${splits([first])}, again ${splits([again])}\n`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
} finally {
  await browser.close();
}

function splits(starts: readonly Start[]): string {
  const middle = (part: keyof Start) => rounded(median(starts.map((start) => start[part])));
  return `${middle("total")} s (install ${middle("install")}, build ${middle("build")}, start ${middle("start")}, first event ${middle("event")})`;
}

const results: Result[] = [
  {
    id: "start.first_s",
    value: rounded(median(firsts.map(({ total }) => total))),
    unit: "s",
    better: "lower",
    target: 90,
    note:
      `fresh clone, empty npm cache, until Chromium shows a door opened by an event that is in PostgreSQL and in the ` +
      `gate's journal; median of ${RUNS}: ${splits(firsts)}`,
  },
  {
    id: "start.again_s",
    value: rounded(median(agains.map(({ total }) => total))),
    unit: "s",
    better: "lower",
    target: 10,
    note: `the same checkout once more; median of ${RUNS}: ${splits(agains)}; the first event waits for a person to come home`,
  },
];
printResults(results);
recordResults(results, "npm run bench:start");
