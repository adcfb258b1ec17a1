import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialKeyOf } from "@menshen/credentials";
import {
  ed25519FromSecret,
  ed25519Sign,
  fromHex,
  primitives,
  randomBytes,
  toHex,
} from "@menshen/crypto/node";
import { tidyCrockford } from "@menshen/domain";
import { countCredentials, parseEntryBundle, parseLeaf, watchHome } from "@menshen/evidence";
import { startTestPostgres, type TestPostgres } from "@menshen/testkit/postgres";
import {
  type Api,
  type CommunityServer,
  confirmCredential,
  eventually,
  type GateProcess,
  killRun,
  makeResident,
  makeSecondPerson,
  makeSiteGate,
  makeSmallSite,
  type SiteCard,
  type SiteGate,
  type SmallSite,
  signIn,
  startCommunity,
  startGate,
} from "@menshen/testkit/system";
import { makeUidCard, type VirtualCard } from "@menshen/virtual-devices";
import {
  credentialEndpoints,
  dwellingEndpoints,
  eventEndpoints,
  fillPath,
  personEndpoints,
  type ResidentHome,
  residentEndpoints,
  residentInvitationEndpoints,
  residentTexts,
  ruleEndpoints,
} from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/**
 * An insider has the database, the server with all its keys, and a desk. Whatever they slip in does not open, or is seen:
 * by those at home, by the public count, or by whoever reads the names of the two who answered. That a log made for gates
 * alone proves nothing is tested with the gate, and with the witnesses.
 */
/** Of cards that are mere numbers. */
const until = Date.now() + 30 * 86_400_000;

describe("an insider", () => {
  const runId = randomUUID();
  const stateDir = mkdtempSync(join(tmpdir(), "menshen-insider-"));
  let postgres: TestPostgres;
  let server: CommunityServer;
  let api: Api;
  let site: SmallSite;
  let gate: SiteGate;
  let gateProcess: GateProcess;
  let grandma: SiteCard;
  let residentCookie = "";

  const door = () => {
    const [first] = gate.doors;
    if (first === undefined) throw new Error("the gate has no door");
    return first;
  };
  const events = async () =>
    (await api.call(eventEndpoints.list, { query: { portalId: door().portalId, kind: "access" } })).items;

  /** What the gate answers to a card: `granted`, or the reason of the refusal. */
  async function tap(card: VirtualCard): Promise<string | undefined> {
    const before = (await events()).length;
    await door().reader.hold(card);
    await eventually("the event is stored", 10_000, async () => (await events()).length === before + 1);
    const [event] = await events();
    return event?.granted === true ? "granted" : event?.reasons?.[0]?.code;
  }

  /** The log as anybody reads it. */
  async function entries() {
    const { size } = await (await fetch(new URL("/api/v1/log", server.http))).json();
    const path = size % 256 === 0 ? "000" : `000.p/${size}`;
    expect(size).toBeLessThanOrEqual(256);
    const bundle = await fetch(new URL(`/log/tile/entries/${path}`, server.http));
    return (parseEntryBundle(new Uint8Array(await bundle.arrayBuffer())) ?? []).flatMap((entry) => {
      const parsed = parseLeaf(entry);
      return parsed.parsed ? [parsed.leaf] : [];
    });
  }

  async function counts() {
    const counter = countCredentials();
    for (const leaf of await entries()) counter.see(leaf);
    return counter.counts();
  }

  /** What a resident finds in the log with the home's key: credentials in force, by number. */
  async function seenAtHome(home: ResidentHome): Promise<readonly number[]> {
    const watch = watchHome(primitives, fromHex(home.homeKey));
    for (const [index, leaf] of (await entries()).entries()) watch.see(index, leaf);
    return watch
      .found()
      .filter(({ issuedAt, endedAt }) => issuedAt.length > endedAt.length)
      .map(({ number }) => number);
  }

  async function asResident(path: string, body?: object) {
    const response = await fetch(new URL(path, server.http), {
      method: body === undefined ? "GET" : "POST",
      headers: {
        accept: "application/json",
        origin: new URL(server.http).origin,
        ...(residentCookie === "" ? {} : { cookie: residentCookie }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    residentCookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? residentCookie;
    return response.json();
  }

  /** Grandmother's phone: it has the key of the home, and keeps it. */
  async function joinHome(): Promise<ResidentHome> {
    const { code } = await api.call(residentInvitationEndpoints.create, { params: { id: grandma.personId } });
    const key = ed25519FromSecret(randomBytes(32));
    const keys = { authKey: toHex(key.publicKey), trailKey: toHex(randomBytes(32)) };
    const { community } = await asResident(residentEndpoints.session.path);
    const text = residentTexts.join(community.id, keys, tidyCrockford(code) ?? "");
    const signature = toHex(ed25519Sign(key.secretKey, new TextEncoder().encode(text)));
    await asResident(residentEndpoints.join.path, { code, ...keys, signature });
    const { items } = await asResident(fillPath(residentEndpoints.homes.path, {}));
    return items[0];
  }

  async function start(): Promise<void> {
    const { host, port, user, password, database } = postgres.connection;
    const url = new URL(`postgres://localhost:${port}/${database}`);
    url.username = user;
    url.password = password;
    url.searchParams.set("host", host);
    server = await startCommunity({ runId, stateDir, ports, databaseUrl: url.href });
    api = await signIn(server.signInLink);
  }
  const ports = { http: 0, gateTls: 0, mqtt: 0 };

  beforeAll(async () => {
    postgres = await startTestPostgres();
    await start();
    for (const [name, address] of [
      ["http", new URL(server.http).host],
      ["gateTls", server.gateTls],
      ["mqtt", server.mqtt],
    ] as const) {
      ports[name] = Number(address.split(":").at(-1));
    }
    site = await makeSmallSite(api);
    const gateDir = join(stateDir, "gate-1");
    mkdirSync(gateDir);
    gate = await makeSiteGate({ api, server, site, name: "北门", stateDir: gateDir, doorCount: 1 });
    grandma = await makeResident(api, site, "李奶奶", "uid");
    gateProcess = await startGate({ runId, configFile: gate.configFile });
    await eventually("the door is ready", 30_000, () => door().reader.link.secure && door().unit.link.secure);
  });

  afterAll(async () => {
    gateProcess?.process.child.kill("SIGTERM");
    await gateProcess?.process.ended;
    server?.process.child.kill("SIGTERM");
    await server?.process.ended;
    for (const one of gate?.doors ?? []) await one.close();
    killRun(runId);
    await postgres?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("writes a card into the database: it does not open, and after the next start its home sees it", async () => {
    await eventually(
      "the home's own card opens",
      30_000,
      async () => (await tap(grandma.card)) === "granted",
    );
    const home = await joinHome();
    expect(await seenAtHome(home)).toEqual([0]);

    const uid = "3a000001";
    const key = credentialKeyOf(primitives, "uid", fromHex(uid));
    await postgres.pool.query(
      `with part as (update model_part set version = version + 1 where part = 'credentials' returning version)
       insert into credential (id, key, kind, grade, label, sealed_identifier, door_groups, person_id, state, enrolled_at,
         state_changed_at, model_version)
       select gen_random_uuid(), $1, kind, grade, label, sealed_identifier, door_groups, person_id, 'active', now(), now(),
         part.version from credential, part where credential.id = $2`,
      [Buffer.from(key), grandma.credential.id],
    );
    // The server signs what the database says, as soon as anything changes.
    await makeResident(api, site, "李爷爷", "uid");
    await eventually("the gate has the card and refuses it", 20_000, async () => {
      return (await tap(makeUidCard(fromHex(uid)))) === "credential-not-in-log";
    });
    expect(await seenAtHome(home)).toEqual([0, 1]);

    server.process.child.kill("SIGTERM");
    await server.process.ended;
    await start();
    await eventually(
      "the home sees one card too many",
      15_000,
      async () => (await seenAtHome(home)).length === 3,
    );
  }, 120_000);

  it("gives out a card for a home where nobody lives: the public count has a home more than the house", async () => {
    const before = await counts();
    const dwelling = await api.call(dwellingEndpoints.create, {
      body: { buildingId: site.buildingId, name: "404" },
    });
    await makeResident(api, { ...site, dwellingId: dwelling.id }, "无此人", "uid");
    await eventually("everybody can count it", 15_000, async () => {
      const after = await counts();
      return after["dwelling-registered"].inForce === before["dwelling-registered"].inForce + 1;
    });
    // Without anybody living there a card needs two, and is counted by itself.
    const stranger = await api.call(personEndpoints.create, { body: { displayName: "看房人" } });
    const { credential } = await api.call(credentialEndpoints.enrol, {
      body: { kind: "uid", identifier: "3a000002", personId: stranger.id, dwellingId: dwelling.id, until },
    });
    await confirmCredential(await makeSecondPerson(api), credential.id);
    await eventually("it is counted", 15_000, async () => {
      return (await counts())["credential-of-empty-dwelling"].inForce === 1;
    });
  }, 60_000);

  it("gives a card to staff: it opens once a second person answers for it, and everybody counts it", async () => {
    const uid = "3a000003";
    const guard = await api.call(personEndpoints.create, {
      body: { displayName: "保安", residency: { role: "staff" } },
    });
    await api.call(ruleEndpoints.create, {
      body: {
        name: "保安",
        who: { personIds: [guard.id] },
        where: { areaIds: [site.insideId] },
        minimumGrade: "E",
        validity: {},
      },
    });
    const { credential } = await api.call(credentialEndpoints.enrol, {
      body: { kind: "uid", identifier: uid, personId: guard.id, until },
    });
    await eventually("the gate has the card and refuses it", 20_000, async () => {
      return (await tap(makeUidCard(fromHex(uid)))) === "credential-not-in-log";
    });
    expect((await counts())["credential-of-staff"].inForce).toBe(0);
    await confirmCredential(await makeSecondPerson(api), credential.id);
    await eventually("it opens", 20_000, async () => (await tap(makeUidCard(fromHex(uid)))) === "granted");
    expect((await counts())["credential-of-staff"].inForce).toBe(1);
  }, 60_000);
});
