import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fromHex, randomBytes } from "@menshen/crypto/node";
import { batchPrefixOf, type CityClient, makeCityClient, weekOf } from "@menshen/service-kit/city-link";
import { runCommunity } from "@menshen/testkit/evaluation";
import { startTestPostgres, type TestPostgres } from "@menshen/testkit/postgres";
import { type Api, type CityServer, eventually, signIn, startCity } from "@menshen/testkit/system";
import { CITY_PARAMETERS, seededRandom, simulateCommunity } from "@menshen/virtual-devices";
import {
  type CityIncident,
  type CityIncidentDetail,
  caseEndpoints,
  cityConnectionEndpoints,
  copiedCardEndpoints,
  demoEndpoints,
  marketEndpoints,
} from "@menshen/wire";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { readBehind } from "./harness/stored.ts";

/**
 * Communities whose cards came from the same seller. The last one is the demonstration's: real gates, readers and cards; a card is
 * copied there, its taps come through journals, the engine makes the case, and staff closes it over HTTP. The others are simulated
 * lives that the same engine judged; what it found they tell over the real protocol, each with a key of its own. Simulated cards
 * have no numbers, so the scenario gives them such as the seller delivered: those that begin like the card that was copied.
 */
const COMMUNITIES = 12;
const SIMULATED = COMMUNITIES - 1;
/** What no city may ever hold. */
const NAME = "欧阳门神标记";
const PHONE = "13900009099";
const SELLER_WORDS = "seller-marker-7731";
/** Numbers of a delivery that go to one community. */
const NUMBERS = 5_000;
const WITHIN_MS = 20_000;
/** From the first use of the copy; the machine of a test may be busy. */
const TOLD_WITHIN_MS = 60_000;

/** A card that the engine found and a person confirmed. */
interface Confirmed {
  readonly pseudonyms: readonly string[];
  readonly number: string;
  readonly confirmedAt: number;
}

const { runId, stateDir } = makeRun("reseller");
const cityRun = makeRun("reseller-city");
let database: TestPostgres;
let cityPool: pg.Pool;
let city: CityServer;
let wire: Wire;
let officer: (method: string, path: string, body?: unknown) => Promise<unknown>;
let demo: RunningDemo;
let api: Api;
/** Whose card was copied, and its number, which the reader read and the city must never see. */
let holder: { readonly cardId: string; readonly number: string; readonly names: readonly string[] };
/** What all numbers of the seller's delivery begin with. */
let delivery: string;
let caseId: string;
const confirmed: Confirmed[][] = [];
const clients: CityClient[] = [];

beforeAll(async () => {
  demo = await startDemo({ runId, stateDir, pace: 1 });
  api = await signIn(demo.signInLink);
  holder = await findHolder();
  delivery = batchPrefixOf(fromHex(holder.number));
  for (let number = 0; number < SIMULATED; number++) confirmed.push(liveAndFind(number));
  database = await startTestPostgres();
  const admin = new pg.Client(database.connection);
  await admin.connect();
  await admin.query("create database city");
  await admin.end();
  cityPool = new pg.Pool({ ...database.connection, database: "city", max: 2 });
  cityPool.on("error", () => {});
  city = await startCity({ runId, stateDir: cityRun.stateDir, databaseUrl: urlOf("city") });
  wire = await openWire(city.http);
  officer = await signInOfficer(city);
}, 300_000);

afterAll(async () => {
  await endInOrder(demo, city);
  await wire?.close();
  await cityPool?.end();
  await database?.stop();
});

it("finds the seller's copies in every simulated community by what the engine alone says", () => {
  expect(confirmed).toHaveLength(SIMULATED);
  for (const cards of confirmed) expect(cards.length).toBeGreaterThan(0);
});

it("three communities with the seller's copies are nobody's business at the city", async () => {
  for (let number = 0; number < SIMULATED; number++) clients.push(await enrolled(`小区 ${number + 1}`));
  for (const number of [0, 1, 2]) await tellAll(number);
  expect(await incidents()).toEqual([]);
});

it("the fourth opens an incident, and the others make it no second one", async () => {
  await tellAll(3);
  const [first, ...others] = await incidents();
  expect(others).toEqual([]);
  expect(first).toMatchObject({ communities: 4, leading: { kind: "batch", batchPrefix: delivery } });
  for (let number = 4; number < SIMULATED; number++) await tellAll(number);
  expect(await incidents()).toMatchObject([{ id: first?.id, communities: SIMULATED }]);
});

it("a card is copied in a community of real gates, and the engine makes a case of what their journals say", async () => {
  await api.call(demoEndpoints.clone, { body: { cardId: holder.cardId } });
  await eventually("a case", TOLD_WITHIN_MS, async () => {
    const { items } = await api.call(caseEndpoints.list, { query: {} });
    const found = items.find(({ rules }) => rules.includes("R5"));
    caseId = found?.id ?? "";
    return found !== undefined;
  });
  const { taps, signs } = await api.call(caseEndpoints.get, { params: { id: caseId } });
  expect(taps.length).toBeGreaterThanOrEqual(2);
  expect(new Set(taps.map(({ gateId }) => gateId)).size).toBe(2);
  expect(signs.length).toBeGreaterThan(0);
});

it("it moves to this city, tells its confirmed case, and hears in how many communities the delivery was seen", async () => {
  const { code } = (await officer("POST", "/api/v1/communities", { name: "海棠苑" })) as { code: string };
  await api.call(cityConnectionEndpoints.connect, { body: { url: wire.url, code } });
  const params = { id: caseId };
  const body = { finding: "copy", reason: `卡在两处同时出现，${NAME} 已到服务台` } as const;
  await api.call(caseEndpoints.close, { params, body });
  await api.call(copiedCardEndpoints.put, { params, body: { chip: "uid", number: holder.number } });
  await eventually("the city answered about the case", WITHIN_MS, async () => {
    const { card: known } = await api.call(copiedCardEndpoints.get, { params });
    return known?.city?.communities === COMMUNITIES;
  });
  expect(await incidents()).toMatchObject([{ communities: COMMUNITIES }]);
});

it("a number offered for sale is matched with the card here and with the incident there", async () => {
  const listing = await api.call(marketEndpoints.create, {
    body: {
      kind: "online",
      seenOn: "2026-11-20",
      url: `https://market.example/${SELLER_WORDS}`,
      text: `门禁卡复制 ${PHONE} ${NAME}`,
      numbers: [{ number: holder.number, chip: "uid" }],
    },
  });
  expect(listing.numbers[0]?.credential).toBeDefined();
  expect(listing.cases).toHaveLength(1);
  await eventually("the city answered about the listing", WITHIN_MS, async () => {
    const { numbers } = await api.call(marketEndpoints.get, { params: { id: listing.id } });
    return numbers[0]?.city?.communities === COMMUNITIES;
  });
  const [incident] = await incidents();
  const detail = (await officer("GET", `/api/v1/incidents/${incident?.id}`)) as CityIncidentDetail;
  expect(detail.isListed).toBe(true);
  expect(detail.patterns).toMatchObject([{ kind: "batch", communities: COMMUNITIES }]);
});

it("taken back here, it is taken back there, and told again after a restart of the city", async () => {
  const params = { id: caseId };
  await api.call(caseEndpoints.reopen, { params, body: { reason: "a new witness came to the desk" } });
  const listed = await api.call(marketEndpoints.list, { query: {} });
  await api.call(marketEndpoints.remove, { params: { id: listed.items[0]?.id ?? "" } });
  await eventually(
    "the city forgot",
    WITHIN_MS,
    async () => (await incidents())[0]?.communities === SIMULATED,
  );
  const port = Number(new URL(city.http).port);
  city.process.child.kill("SIGKILL");
  await city.process.ended;
  await api.call(marketEndpoints.restore, { params: { id: listed.items[0]?.id ?? "" } });
  city = await startCity({ runId, stateDir: cityRun.stateDir, port, databaseUrl: urlOf("city") });
  await clients[0]?.incidents();
  await api.call(caseEndpoints.close, {
    params,
    body: { finding: "copy", reason: "the witness was mistaken, it was a copy" },
  });
  await api.call(copiedCardEndpoints.put, { params, body: { chip: "uid", number: holder.number } });
  await eventually("the city was told again", WITHIN_MS, async () => {
    const { card: known } = await api.call(copiedCardEndpoints.get, { params });
    return known?.city?.communities === COMMUNITIES;
  });
});

it("no table and no message of the city contains a person, a dwelling, a card's key or number, or a moment", async () => {
  const tables = await readTables(cityPool);
  const messages = wire.messages().join("\n");
  // The test looks where it should: what may be there is there.
  for (const text of [tables, messages]) expect(text).toContain(delivery);
  expect(messages.length).toBeGreaterThan(10_000);
  const community = join(stateDir, "community");
  const persons = await readBehind(community, "select id from person");
  const credentials = await readBehind(community, "select id, encode(key, 'hex') as key from credential");
  const pseudonyms = await readBehind(
    community,
    "select encode(credential, 'hex') as name, encode(substr(credential, 9), 'hex') as pseudonym from detection_case",
  );
  for (const rows of [persons, credentials, pseudonyms]) expect(rows.length).toBeGreaterThan(0);
  const all = confirmed.flat();
  const secrets = [
    ...[NAME, PHONE, SELLER_WORDS, "market.example", "new witness", holder.number, ...holder.names],
    caseId,
    ...pseudonyms.flatMap(({ name, pseudonym }) => [String(name), String(pseudonym)]),
    ...persons.map(({ id }) => String(id)),
    ...credentials.flatMap(({ id, key }) => [String(id), String(key)]),
    ...all.map(({ number }) => number),
    ...all.flatMap(({ pseudonyms }) => pseudonyms),
    ...all.map(({ confirmedAt }) => String(confirmedAt)),
  ];
  for (const secret of secrets) {
    const forms = [
      secret,
      secret.toUpperCase(),
      Buffer.from(secret).toString("hex"),
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
      ...(/^([0-9a-f]{2})+$/.test(secret) ? [Buffer.from(secret, "hex").toString("base64").slice(0, 5)] : []),
    ];
    for (const form of forms) {
      // A name of two Chinese characters is no chance; five letters of base64 are.
      if (Buffer.byteLength(form) < 5) continue;
      expect(tables.includes(form), `a table holds ${form}`).toBe(false);
      if (Buffer.byteLength(form) > 5) expect(messages.includes(form), `a message holds ${form}`).toBe(false);
    }
  }
  // Of times a report has its week and nothing else: no column could hold more.
  const { rows: columns } = await cityPool.query(
    "select column_name, data_type from information_schema.columns where table_name in ('report', 'report_pattern') order by 1, 2",
  );
  expect(columns.map((row) => `${row.column_name} ${row.data_type}`)).toEqual([
    ...[
      "batch_prefix bytea",
      "chip text",
      "community_id uuid",
      "community_id uuid",
      "id uuid",
      "issuer text",
    ],
    ...[
      "key_version smallint",
      "number_tag bytea",
      "pattern text",
      "report_id uuid",
      "source text",
      "week date",
    ],
  ]);
});

/** Lives seven weeks in a simulated community, and confirms what the engine found of the seller's copies. */
function liveAndFind(number: number): Confirmed[] {
  const simulated = simulateCommunity({
    seed: `reseller/${number}`,
    cards: 120,
    days: 50,
    parameters: {
      ...CITY_PARAMETERS,
      hostile: 0.08,
      attacks: { reseller: 1, night: 0, insider: 0, careful: 0, sparse: 0 },
      copyFirstDay: [10, 20],
    },
  });
  const { truth } = simulated;
  const random = seededRandom(`numbers/${number}`);
  const copied = new Set(
    truth.attacks.flatMap(({ attack, card, kind }) =>
      attack === "reseller" && kind === "uid" ? [card] : [],
    ),
  );
  // Whoever works on a case takes the card in the hand: what was no copy of the seller's is closed as something else.
  const found = runCommunity(simulated).filter(
    ({ card, step, isEarly }) => copied.has(card) && step !== "watch" && !isEarly,
  );
  const byCard = new Map(found.map((one) => [one.card, one]));
  return [...byCard.values()].map(({ card, toldAt }) => ({
    pseudonyms: truth.pseudonyms.map((names) => names[card] ?? ""),
    number:
      delivery +
      (NUMBERS * number + random.integer(NUMBERS))
        .toString(16)
        .padStart(holder.number.length - delivery.length, "0"),
    confirmedAt: toldAt,
  }));
}

/** The twelve tell of this week: the simulated life lies some months back. */
async function tellAll(number: number): Promise<void> {
  const client = clients[number];
  if (client === undefined) throw new Error("no such community");
  const cards = confirmed[number] ?? [];
  const tags = await client.tagNumbers(
    evaluationKey,
    cards.map(({ number: one }) => fromHex(one)),
  );
  for (const [index, { number: one }] of cards.entries()) {
    await client.report(randomUUID(), {
      source: "case",
      week: weekOf(Date.now()),
      chip: "uid",
      batchPrefix: batchPrefixOf(fromHex(one)),
      numberTag: tags[index] ?? "",
    });
  }
}

let evaluationKey = new Uint8Array();

async function enrolled(name: string): Promise<CityClient> {
  const { code } = (await officer("POST", "/api/v1/communities", { name })) as { code: string };
  const client = makeCityClient({ url: wire.url, secretKey: randomBytes(32), now: Date.now, randomBytes });
  const answer = await client.enrol(code);
  evaluationKey = fromHex(answer.evaluationKey);
  return client;
}

async function incidents(): Promise<CityIncident[]> {
  return ((await officer("GET", "/api/v1/incidents")) as { items: CityIncident[] }).items;
}

/** Somebody in the demonstration with a card that is a bare number, as it is written in the card. */
async function findHolder(): Promise<typeof holder> {
  const { people } = await api.call(demoEndpoints.state, {});
  const site = JSON.parse(readFileSync(join(stateDir, "site.json"), "utf8")) as SiteOnDisk;
  for (const { personId, name, dwellingName = "", cards } of people) {
    const cardId = cards.find(({ kind }) => kind === "uid")?.cardId;
    const written = site.people
      .find((one) => one.personId === personId)
      ?.cards.find(({ profile }) => profile.kind === "uid");
    if (cardId !== undefined && written?.profile.uid !== undefined)
      return { cardId, number: written.profile.uid, names: [name, dwellingName].filter((one) => one !== "") };
  }
  throw new Error("the demonstration has no card that is a bare number");
}

/** What the demonstration's devices know. */
interface SiteOnDisk {
  readonly people: readonly {
    readonly personId: string;
    readonly cards: readonly { readonly profile: { readonly kind: string; readonly uid?: string } }[];
  }[];
}

function urlOf(name: string): string {
  const { host, port, user, password } = database.connection;
  const url = new URL(`postgres://localhost:${port}/${name}`);
  url.username = user;
  url.password = password;
  url.searchParams.set("host", host);
  return url.href;
}

async function readTables(pool: pg.Pool): Promise<string> {
  const { rows: names } = await pool.query(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  );
  expect(names.length).toBeGreaterThan(10);
  let text = "";
  for (const { name } of names) {
    const { rows } = await pool.query(`select t::text as line from ${pg.escapeIdentifier(name)} t`);
    text += `${name}\n${rows.map(({ line }) => line).join("\n")}\n`;
  }
  return text;
}

async function signInOfficer({ http, signInLink }: CityServer) {
  let cookie = "";
  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(http + path, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  };
  await send("POST", "/api/v1/session", { code: signInLink?.split("code=")[1] });
  return send;
}

/** What lies between communities and city and reads everything. */
interface Wire {
  readonly url: string;
  readonly messages: () => readonly string[];
  readonly close: () => Promise<void>;
}

async function openWire(target: string): Promise<Wire> {
  const messages: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const sent: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => sent.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(sent);
      const onward = request(
        target + (incoming.url ?? ""),
        { method: incoming.method, headers: incoming.headers },
        (answer) => {
          const got: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => got.push(chunk));
          answer.on("end", () => {
            const answered = Buffer.concat(got);
            messages.push(
              `${incoming.method} ${incoming.url} ${JSON.stringify(incoming.rawHeaders)}\n${body.toString("utf8")}`,
              `${answer.statusCode} ${JSON.stringify(answer.rawHeaders)}\n${answered.toString("utf8")}`,
            );
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(answered);
          });
        },
      );
      onward.on("error", () => outgoing.writeHead(502).end());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    messages: () => messages,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
