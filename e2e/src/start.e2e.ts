import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Api, eventually, killRun, signIn, startProcess } from "@menshen/testkit/system";
import {
  cityConnectionEndpoints,
  communityEndpoints,
  type EventItem,
  eventEndpoints,
  gateEndpoints,
  personEndpoints,
} from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  databasesOutside,
  makeCheckout,
  makeHome,
  strangersEnvironment,
  type User,
} from "./harness/checkout.ts";
import { type NpmStart, nothingLeft, npmStart, openFirstDoor, type Seat } from "./harness/npm-start.ts";

/**
 * From the end of whoever held it until no process is left. At its first end each process also writes what it compiled, for
 * the next start: some thousand files together.
 */
const GONE_MS = 60_000;
const DOOR_MS = 10_000;
const CITY_MS = 20_000;
/** Where the city of a demonstration is found unless somebody else listens there. */
const DEMO_CITY_PORT = 8484;
/** The user that every Linux has and that owns nothing. */
const NOBODY: User = { uid: 65_534, gid: 65_534 };
const IS_ROOT = process.getuid?.() === 0;

function makeSeat(user?: User): Seat {
  const folder = mkdtempSync(join(tmpdir(), "menshen-start-"));
  if (user !== undefined) chmodSync(folder, 0o755);
  const home = join(folder, "home");
  makeHome(home, user);
  const seat = { runId: randomUUID(), checkout: makeCheckout(home, user), home };
  return user === undefined ? seat : { ...seat, user };
}

const serverFolders = ({ checkout }: Seat) =>
  ["community", "city"].map((server) => join(checkout, ".menshen/demo", server));

/** Where processes of a seat can be found: its checkout, and its databases where root has to keep them elsewhere. */
function foldersOf(seat: Seat): string[] {
  return [seat.checkout, ...databasesOutside(serverFolders(seat))];
}

async function clear(seat: Seat | undefined): Promise<void> {
  if (seat === undefined) return;
  killRun(seat.runId);
  await nothingLeft(seat, foldersOf(seat), GONE_MS);
  for (const folder of databasesOutside(serverFolders(seat)))
    rmSync(folder, { recursive: true, force: true });
  rmSync(join(seat.home, ".."), { recursive: true, force: true });
}

/** What must be there again after every start. */
interface Known {
  readonly communityId: string;
  readonly personIds: readonly string[];
}

async function whatIsKnown(api: Api): Promise<Known> {
  const { id } = await api.call(communityEndpoints.get, {});
  const { items } = await api.call(personEndpoints.list, { query: { limit: 500 } });
  return { communityId: id, personIds: items.map((person) => person.id).sort() };
}

/** What the console says of the city: known under the community's name, and heard from at this start. */
async function heardFromCity(api: Api, sinceMs: number): Promise<void> {
  await eventually("the city was heard from", CITY_MS, async () => {
    const { isConnected, name, heardAt = 0, trouble } = await api.call(cityConnectionEndpoints.get, {});
    return isConnected && name === "海棠苑" && heardAt > sinceMs && trouble === undefined;
  });
}

/** What the server has against the gates' records: nothing was lost, replaced or forged. */
async function complaints(api: Api): Promise<unknown[]> {
  const { items } = await api.call(gateEndpoints.list, { query: { limit: 100 } });
  const details = await Promise.all(
    items.map(({ id }) => api.call(gateEndpoints.status, { params: { id } })),
  );
  return details.flatMap(({ alarms, journal }) => [...alarms, ...journal.gaps]);
}

/**
 * `npm start` typed at a terminal, in a checkout of its own. As root the tests do that as an ordinary user, and once
 * more as root in root's closed home.
 */
describe("npm start of an ordinary user", () => {
  let seat: Seat;
  let running: NpmStart;
  let known: Known;
  const opened: EventItem[] = [];

  const startAndOpen = async (): Promise<Api> => {
    const sinceMs = Date.now();
    running = npmStart(seat);
    const api = await signIn(await running.link());
    await heardFromCity(api, sinceMs);
    opened.push(await openFirstDoor(api, DOOR_MS));
    return api;
  };

  beforeAll(async () => {
    seat = makeSeat(IS_ROOT ? NOBODY : undefined);
    known = await whatIsKnown(await startAndOpen());
  });

  afterAll(() => clear(seat));

  it("makes a community and opens a door", () => {
    expect(known.personIds.length).toBeGreaterThan(100);
    expect(opened[0]).toMatchObject({ granted: true, credentialKind: "desfire" });
  });

  it("has a city that an officer signs in to by the link of the banner", async () => {
    const link = await running.officerLink();
    expect(new URL(link).port).toBe(String(DEMO_CITY_PORT));
    const response = await fetch(new URL("/api/v1/session", link), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code: link.split("code=")[1] }),
    });
    expect(await response.json()).toMatchObject({ signedIn: true, city: "滨江市" });
    const page = await fetch(new URL("/", link), { headers: { accept: "text/html" } });
    expect(await page.text()).toContain("<html");
  });

  it("refuses to start twice, says where the first one is, and leaves it alone", async () => {
    const runId = randomUUID();
    const second = startProcess("npm", ["start"], {
      runId,
      cwd: seat.checkout,
      env: strangersEnvironment(seat.home),
      bare: true,
      ...seat.user,
    });
    expect((await second.ended).code).toBe(1);
    const { origin } = new URL(await running.link());
    expect(second.stderr()).toContain(`a demonstration runs already: ${origin}`);
    await nothingLeft({ ...seat, runId }, [], 0);
    expect((await fetch(origin, { headers: { accept: "text/html" } })).status).toBe(200);
  });

  const ends: readonly (readonly [string, (run: NpmStart) => void])[] = [
    ["kill -9 of the starter", (run) => run.kill("starter", "SIGKILL")],
    ["kill -9 of npm's shell", (run) => run.kill("shell", "SIGKILL")],
    ["kill -9 of npm", (run) => run.kill("npm", "SIGKILL")],
    ["SIGTERM to npm", (run) => run.kill("npm", "SIGTERM")],
    ["SIGHUP to npm", (run) => run.kill("npm", "SIGHUP")],
    ["a closed terminal", (run) => run.kill("terminal", "SIGKILL")],
    ["Ctrl-C", (run) => run.type("\u0003")],
  ];
  it.each(ends)("leaves no process after %s, and starts again with its data", async (_end, end) => {
    end(running);
    await nothingLeft(seat, foldersOf(seat), GONE_MS);
    const api = await startAndOpen();
    expect(await whatIsKnown(api)).toEqual(known);
    expect(await complaints(api)).toEqual([]);
    for (const event of opened) {
      const params = { gateId: event.gateId, sequence: event.sequence };
      expect(await api.call(eventEndpoints.get, { params })).toEqual(event);
    }
  });

  it("leaves no process after SIGTERM to the starter", async () => {
    running.kill("starter", "SIGTERM");
    await nothingLeft(seat, foldersOf(seat), GONE_MS);
  });
});

describe.runIf(process.getuid?.() === 0)("npm start of root in a closed home", () => {
  let seat: Seat;

  beforeAll(() => {
    seat = makeSeat();
  });

  afterAll(() => clear(seat));

  it("goes on where a first start was stopped and killed, opens a door, and leaves no process after Ctrl-C", async () => {
    const cuts: readonly ((run: NpmStart) => void)[] = [
      (run) => run.type("\u0003"),
      (run) => run.kill("starter", "SIGKILL"),
    ];
    for (const cut of cuts) {
      const cutShort = npmStart(seat);
      await cutShort.terminal.waitForOutput(/making the community/, 60_000);
      await delay(1_000);
      cut(cutShort);
      await nothingLeft(seat, foldersOf(seat), GONE_MS);
    }

    const running = npmStart(seat);
    const api = await signIn(await running.link());
    const { personIds } = await whatIsKnown(api);
    expect(new Set(personIds).size).toBe(personIds.length);
    expect((await openFirstDoor(api, DOOR_MS)).granted).toBe(true);
    running.type("\u0003");
    await nothingLeft(seat, foldersOf(seat), GONE_MS);
  });
});
