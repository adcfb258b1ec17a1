import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Api, killRun, signIn, startProcess } from "@menshen/testkit/system";
import {
  communityEndpoints,
  type EventItem,
  eventEndpoints,
  gateEndpoints,
  personEndpoints,
} from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  makeCheckout,
  makeHome,
  removeDatabase,
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

const communityFolder = ({ checkout }: Seat) => join(checkout, ".menshen/demo/community");

/** Where processes of a seat can be found: its checkout, and its database where root has to keep it elsewhere. */
function foldersOf(seat: Seat): string[] {
  const note = join(communityFolder(seat), "postgres/location");
  return [seat.checkout, ...(existsSync(note) ? [readFileSync(note, "utf8").trim()] : [])];
}

async function clear(seat: Seat | undefined): Promise<void> {
  if (seat === undefined) return;
  killRun(seat.runId);
  await nothingLeft(seat, foldersOf(seat), GONE_MS);
  removeDatabase(communityFolder(seat));
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
    running = npmStart(seat);
    const api = await signIn(await running.link());
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
