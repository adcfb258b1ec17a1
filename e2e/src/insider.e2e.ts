import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { credentialKeyOf } from "@menshen/credentials";
import {
  ed25519FromSecret,
  ed25519Sign,
  fromHex,
  p256Generate,
  p256Sign,
  primitives,
  randomBytes,
  type SigningKey,
  toHex,
} from "@menshen/crypto/node";
import { CommunityId, type CredentialKey, tidyCrockford } from "@menshen/domain";
import { countCredentials, formatAddCheckpoint, watchHome } from "@menshen/evidence";
import type { Witness } from "@menshen/evidence/node";
import { startTestPostgres, type TestPostgres } from "@menshen/testkit/postgres";
import {
  type Api,
  type CommunityServer,
  confirmCredential,
  eventually,
  type GateProcess,
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
import { type HeldCard, makeUidCard } from "@menshen/virtual-devices";
import {
  aliroEndpoints,
  communityEndpoints,
  credentialEndpoints,
  dwellingEndpoints,
  eventEndpoints,
  fillPath,
  KIOSK_SCAN_PATH,
  personEndpoints,
  type ResidentHome,
  residentEndpoints,
  residentInvitationEndpoints,
  residentTexts,
  ruleEndpoints,
  visitorPassEndpoints,
} from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addCityWitness } from "./harness/city-witness.ts";
import {
  forkLog,
  insertByHand,
  proofIn,
  readLeaves,
  restated,
  type StolenKeys,
  stealKeys,
  writeDocument,
  writeVisitorPass,
} from "./harness/insider.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { startTelephone, type Telephone } from "./harness/telephone.ts";

/**
 * An insider has the database, the server with all its keys, and a desk. Whatever they slip in does not open, or is seen:
 * by those at home, by the public count, by whoever reads the names of the two who answered, or by a witness.
 */
/** Of cards that are mere numbers. */
const until = Date.now() + 30 * 86_400_000;

describe("an insider", () => {
  const { runId, stateDir } = makeRun("insider");
  let postgres: TestPostgres;
  let server: CommunityServer;
  let api: Api;
  let site: SmallSite;
  let gate: SiteGate;
  let gateProcess: GateProcess;
  let grandma: SiteCard;
  let residentCookie = "";
  let communityId: CommunityId;
  let home: ResidentHome;
  let witness: Witness;
  let stopWitness: (() => Promise<void>) | undefined;
  const telephones: Telephone[] = [];
  /** What came of each attempt: why it does not open, or who sees it. */
  const table = new Map<string, string>();

  const door = () => {
    const [first] = gate.doors;
    if (first === undefined) throw new Error("the gate has no door");
    return first;
  };
  /** On keys of its own: what a reader reports under the delivered key is not read yet. */
  const doorIsReady = () =>
    eventually("the door is ready", 30_000, () =>
      [door().reader, door().unit].every(({ link }) => link.key === "scbk"),
    );
  const events = async () =>
    (await api.call(eventEndpoints.list, { query: { portalId: door().portalId, kind: "access" } })).items;

  /** What the gate answers to a card: `granted`, or the reason of the refusal. */
  async function tap(card: HeldCard): Promise<string | undefined> {
    const before = (await events()).length;
    await door().reader.hold(card);
    await eventually("the event is stored", 10_000, async () => (await events()).length === before + 1);
    const [event] = await events();
    return event?.granted === true ? "granted" : event?.reasons?.[0]?.code;
  }

  /** What the gate answers to a code before its screen. */
  async function scan(text: string): Promise<string | undefined> {
    const response = await fetch(new URL(KIOSK_SCAN_PATH, gateProcess.kiosk), {
      method: "POST",
      headers: { authorization: `Kiosk ${gate.kioskToken}`, "content-type": "application/json" },
      body: JSON.stringify({ text }),
    });
    const { granted, reasons } = await response.json();
    return granted === true ? "granted" : reasons?.[0]?.code;
  }

  /** A credential like grandmother's, put into the database by hand. */
  const insertCredential = (kind: "uid" | "phone-pass", identifier: Uint8Array) =>
    insertByHand(postgres.pool, stolen(), { kind, identifier, like: grandma.credential.id });

  const stolen = (): StolenKeys => stealKeys(join(stateDir, "community"));

  /** A visitor's pass for the door, as whoever signs it says. */
  const visitorPass = (signer: SigningKey, delegate?: CredentialKey) =>
    writeVisitorPass(signer, { communityId, portalId: door().portalId }, delegate);

  async function telephone(
    key: SigningKey,
    documents: readonly (Uint8Array | string)[] = [],
  ): Promise<Telephone> {
    const folder = mkdtempSync(join(stateDir, "phone-"));
    const { groups } = await api.call(aliroEndpoints.state, {});
    const one = await startTelephone({ runId, folder, key, groups, documents });
    telephones.push(one);
    return one;
  }

  /** The document that the server gives a telephone, once the log proves it. */
  async function documentFor(credentialId: string): Promise<string> {
    const input = { params: { id: credentialId }, body: { until: Date.now() + 3_600_000 } };
    let document = "";
    await eventually("the server issues a document", 20_000, async () => {
      document = await api.call(aliroEndpoints.issueDocument, input).then(
        (issued) => issued.document,
        () => "",
      );
      return document !== "";
    });
    return document;
  }

  async function enrolPhone(key: SigningKey): Promise<string> {
    const { credential } = await api.call(credentialEndpoints.enrol, {
      body: {
        kind: "phone",
        identifier: toHex(key.publicKey),
        personId: grandma.personId,
        dwellingId: site.dwellingId,
      },
    });
    return credential.id;
  }

  /** The log as anybody reads it. */
  const entries = () => readLeaves(server.http);

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
    communityId = CommunityId((await api.call(communityEndpoints.get, {})).id);
    ({ witness, stop: stopWitness } = await addCityWitness(api));
    site = await makeSmallSite(api);
    const gateDir = join(stateDir, "gate-1");
    mkdirSync(gateDir);
    gate = await makeSiteGate({
      api,
      server,
      site,
      name: "北门",
      stateDir: gateDir,
      doorCount: 1,
      hasKiosk: true,
    });
    grandma = await makeResident(api, site, "李奶奶", "uid");
    gateProcess = await startGate({ runId, configFile: gate.configFile });
    await doorIsReady();
  });

  afterAll(async () => {
    for (const one of telephones) await one.stop();
    await stopWitness?.();
    await endInOrder(gateProcess, server);
    for (const one of gate?.doors ?? []) await one.close();
    await postgres?.stop();
  });

  it("writes a card into the database: it does not open, and after the next start its home sees it", async () => {
    await eventually(
      "the home's own card opens",
      30_000,
      async () => (await tap(grandma.card)) === "granted",
    );
    home = await joinHome();
    expect(await seenAtHome(home)).toEqual([0]);

    const uid = "3a000001";
    await insertCredential("uid", fromHex(uid));
    // The server signs what the database says, as soon as anything changes.
    await makeResident(api, site, "李爷爷", "uid");
    await eventually("the gate has the card and refuses it", 20_000, async () => {
      return (await tap(makeUidCard(fromHex(uid)))) === "credential-not-in-log";
    });
    expect(await seenAtHome(home)).toEqual([0, 1]);
    table.set("a card in the database", "refused: credential-not-in-log");

    server.process.child.kill("SIGTERM");
    await server.process.ended;
    await start();
    await eventually(
      "the home sees one card too many",
      15_000,
      async () => (await seenAtHome(home)).length === 3,
    );
    await eventually(
      "it opens now",
      20_000,
      async () => (await tap(makeUidCard(fromHex(uid)))) === "granted",
    );
    table.set("the same with a leaf", "opens; its home finds a number that nobody there has");
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
    table.set("a home where nobody lives", "public count: one home more");
    table.set("a card of an empty dwelling", "public count: one card of empty dwellings more, two names");
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
    table.set("a card of staff", "public count: one card of staff more, two names");
  }, 60_000);

  it("signs visitors' passes: the desk's own are found by the home, all others open nothing", async () => {
    const before = (await seenAtHome(home)).length;
    const now = Date.now();
    const { text } = await api.call(visitorPassEndpoints.create, {
      params: { id: site.dwellingId },
      body: {
        purpose: "visitor",
        portalIds: [door().portalId],
        notBefore: now - 60_000,
        notAfter: now + 3_600_000,
      },
    });
    await eventually("it opens", 20_000, async () => (await scan(text)) === "granted");
    expect((await seenAtHome(home)).length).toBe(before + 1);
    table.set("a visitor's pass of the desk", "opens; its home finds a number that nobody there has");

    const { rows } = await postgres.pool.query("select sealed from server_secret where name = 'pass-key'");
    const passKey = ed25519FromSecret(stolen().open(rows[0].sealed, "secret:pass-key"));
    expect(await scan(visitorPass(passKey))).toBe("credential-not-in-log");
    table.set("a visitor's pass by the stolen key", "refused: credential-not-in-log");

    const phone = p256Generate();
    const delegate = await insertCredential("phone-pass", phone.publicKey);
    await makeResident(api, site, "李叔叔", "uid");
    await eventually("the gate has the phone's key and refuses what it signs", 20_000, async () => {
      return (await scan(visitorPass(phone, delegate))) === "credential-not-in-log";
    });
    table.set("a visitor's pass by an unlogged resident", "refused: credential-not-in-log");
  }, 90_000);

  it("writes access documents and another history of the log: no gate believes them, no witness signs it", async () => {
    await api.call(aliroEndpoints.beginGroup, { body: { doorGroup: 1 } });
    const resident = p256Generate();
    const credentialId = await enrolPhone(resident);
    const own = await telephone(resident);
    await eventually("the gate reads telephones", 20_000, async () => (await tap(own.held)) === "granted");
    const theirs = proofIn(await documentFor(credentialId));

    const { rows } = await postgres.pool.query(
      `select k.id, k.public_key, s.sealed from aliro_key k join keys.aliro_secret s on s.key_id = k.id
       where k.use = 'documents'`,
    );
    const secretKey = stolen().open(rows[0].sealed, `aliro-key:${rows[0].id}`).subarray(0, 32);
    const issuer = {
      publicKey: new Uint8Array(rows[0].public_key),
      sign: (message: Uint8Array) => p256Sign(secretKey, message),
    };
    const mine = p256Generate();
    const key = credentialKeyOf(primitives, "phone", mine.publicKey);
    const fork = forkLog(stolen().logSecret, communityId, {
      key,
      kind: "phone",
      accessPointId: door().accessPointId,
    });
    const theirKey = toHex(credentialKeyOf(primitives, "phone", resident.publicKey));
    const forged = restated(theirs, theirKey, toHex(key));
    for (const [name, proof] of [
      ["an access document without a proof", undefined],
      ["an access document with another telephone's proof", theirs],
      ["an access document with a forged proof", forged],
      [
        "an access document with a leaf under another home",
        restated(forged, home.dwellingTag, "0".repeat(32)),
      ],
      ["an access document with a proof of a forked log", fork],
    ] as const) {
      const { held } = await telephone(mine, [writeDocument(issuer, mine.publicKey, door().portalId, proof)]);
      expect(await tap(held), name).toBe("credential-not-in-log");
      table.set(name, "refused: credential-not-in-log");
    }
    const { size } = await (await fetch(new URL("/api/v1/log", server.http))).json();
    const checkpoint = new TextEncoder().encode(fork.checkpoint);
    const asked = formatAddCheckpoint({ oldSize: size, proof: [randomBytes(32)], checkpoint });
    const { status } = witness.addCheckpoint(asked);
    expect(status).toBe(422);
    table.set("a forked log", `a witness refuses it: ${status}`);
  }, 120_000);

  it("of what was tried, nothing opens unseen", () => {
    for (const [name, outcome] of table) process.stdout.write(`${name.padEnd(52)} ${outcome}\n`);
    expect(Object.fromEntries(table)).toEqual({
      "a card in the database": "refused: credential-not-in-log",
      "the same with a leaf": "opens; its home finds a number that nobody there has",
      "a home where nobody lives": "public count: one home more",
      "a card of an empty dwelling": "public count: one card of empty dwellings more, two names",
      "a card of staff": "public count: one card of staff more, two names",
      "a visitor's pass of the desk": "opens; its home finds a number that nobody there has",
      "a visitor's pass by the stolen key": "refused: credential-not-in-log",
      "a visitor's pass by an unlogged resident": "refused: credential-not-in-log",
      "an access document without a proof": "refused: credential-not-in-log",
      "an access document with another telephone's proof": "refused: credential-not-in-log",
      "an access document with a forged proof": "refused: credential-not-in-log",
      "an access document with a leaf under another home": "refused: credential-not-in-log",
      "an access document with a proof of a forked log": "refused: credential-not-in-log",
      "a forked log": "a witness refuses it: 422",
    });
  });

  it("while a telephone that the community equipped opens with no server: standard, fast, and by its document", async () => {
    const known = p256Generate();
    const late = p256Generate();
    await enrolPhone(known);
    const phone = await telephone(known);
    await eventually("the gate knows it", 20_000, async () => (await tap(phone.held)) === "granted");
    gateProcess.process.child.kill("SIGTERM");
    await gateProcess.process.ended;
    // The gate never hears of this one.
    const document = await documentFor(await enrolPhone(late));
    const other = await telephone(known);
    const stranger = await telephone(late);
    const carrier = await telephone(late, [document]);
    server.process.child.kill("SIGTERM");
    await server.process.ended;
    gateProcess = await startGate({ runId, configFile: gate.configFile });
    await doorIsReady();

    const AUTH1 = 0x81;
    const ENVELOPE = 0xc3;
    /** The way by which a telephone opens the door; `refused` for one that does not. */
    async function opens({ held, instructions, statuses }: Telephone): Promise<string> {
      await eventually("the door is locked", 10_000, () => !door().door.released);
      const [before, told] = [door().releases.length, statuses().length];
      instructions.length = 0;
      await door().reader.hold(held, { longestMs: 10_000 });
      await eventually("it hears the end", 5_000, () => statuses().length > told);
      if (statuses().at(-1) !== "0101") return "refused";
      await eventually("the lock moves", 5_000, () => door().releases.length > before);
      if (instructions.includes(ENVELOPE)) return "step-up";
      return instructions.includes(AUTH1) ? "standard" : "fast";
    }
    expect(await opens(phone)).toBe("fast");
    expect(await opens(other)).toBe("standard");
    expect(await opens(stranger)).toBe("refused");
    expect(await opens(carrier)).toBe("step-up");
  }, 120_000);
});
