import { randomUUID } from "node:crypto";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fromHex, randomBytes, toHex } from "@menshen/crypto/node";
import { batchPrefixOf, type CityClient, makeCityClient, weekOf } from "@menshen/service-kit/city-link";
import { runCommunity } from "@menshen/testkit/evaluation";
import { startTestPostgres, type TestPostgres } from "@menshen/testkit/postgres";
import {
  type Api,
  type CityServer,
  type CommunityServer,
  eventually,
  signIn,
  startCity,
  startCommunity,
} from "@menshen/testkit/system";
import { CITY_PARAMETERS, seededRandom, simulateCommunity } from "@menshen/virtual-devices";
import {
  buildingEndpoints,
  type CityIncident,
  type CityIncidentDetail,
  caseEndpoints,
  cityConnectionEndpoints,
  copiedCardEndpoints,
  credentialEndpoints,
  dwellingEndpoints,
  marketEndpoints,
  personEndpoints,
} from "@menshen/wire";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endInOrder, makeRun } from "./harness/run.ts";

/** Communities whose cards came from the same seller. The last one is a whole server of its own. */
const COMMUNITIES = 12;
/** The seller's delivery: all its numbers begin with these two bytes. */
const DELIVERY = "5c3e";
/** What no city may ever hold. */
const NAME = "欧阳门神标记";
const DWELLING = "标记栋 9099";
const PHONE = "13900009099";
const SELLER_WORDS = "seller-marker-7731";
/** Numbers of a delivery that go to one community. */
const NUMBERS = 5_000;
const WITHIN_MS = 20_000;
const LEGACY_MS = 30 * 86_400_000;

/** A card that the engine found and a person confirmed. */
interface Confirmed {
  readonly pseudonyms: readonly string[];
  readonly number: string;
  readonly confirmedAt: number;
}

const { runId, stateDir } = makeRun("reseller");
let database: TestPostgres;
let cityPool: pg.Pool;
let city: CityServer;
let wire: Wire;
let officer: (method: string, path: string, body?: unknown) => Promise<unknown>;
let community: CommunityServer;
let api: Api;
const confirmed: Confirmed[][] = [];
const clients: CityClient[] = [];

beforeAll(async () => {
  for (let number = 0; number < COMMUNITIES; number++) confirmed.push(liveAndFind(number));
  database = await startTestPostgres();
  const admin = new pg.Client(database.connection);
  await admin.connect();
  await admin.query("create database city");
  await admin.end();
  cityPool = new pg.Pool({ ...database.connection, database: "city", max: 2 });
  cityPool.on("error", () => {});
  city = await startCity({ runId, stateDir, databaseUrl: urlOf("city") });
  wire = await openWire(city.http);
  officer = await signInOfficer(city);
  community = await startCommunity({ runId, stateDir, databaseUrl: urlOf("community") });
  api = await signIn(community.signInLink);
}, 300_000);

afterAll(async () => {
  await endInOrder(community, city);
  await wire?.close();
  await cityPool?.end();
  await database?.stop();
});

it("finds the seller's copies in every community by what the engine alone says", () => {
  expect(confirmed).toHaveLength(COMMUNITIES);
  for (const cards of confirmed) expect(cards.length).toBeGreaterThan(0);
});

it("three communities with the seller's copies are nobody's business at the city", async () => {
  for (let number = 0; number < COMMUNITIES - 1; number++) clients.push(await enrolled(`小区 ${number + 1}`));
  for (const number of [0, 1, 2]) await tellAll(number);
  expect(await incidents()).toEqual([]);
});

it("the fourth opens an incident, and the others make it no second one", async () => {
  await tellAll(3);
  const [first, ...others] = await incidents();
  expect(others).toEqual([]);
  expect(first).toMatchObject({ communities: 4, leading: { kind: "batch", batchPrefix: DELIVERY } });
  for (let number = 4; number < COMMUNITIES - 1; number++) await tellAll(number);
  expect(await incidents()).toMatchObject([{ id: first?.id, communities: COMMUNITIES - 1 }]);
});

it("a whole community server connects, tells its confirmed case, and hears in how many communities it was seen", async () => {
  const { code } = (await officer("POST", "/api/v1/communities", { name: "海棠苑" })) as { code: string };
  await populate();
  await api.call(cityConnectionEndpoints.connect, { body: { url: wire.url, code } });
  const [card] = confirmed[COMMUNITIES - 1] ?? [];
  const caseId = await openCase(card?.pseudonyms[0] ?? "");
  const params = { id: caseId };
  const body = { finding: "copy", reason: `卡在两处同时出现，${NAME} 已到服务台` } as const;
  await api.call(caseEndpoints.close, { params, body });
  await api.call(copiedCardEndpoints.put, { params, body: { chip: "uid", number: card?.number ?? "" } });
  await eventually("the city answered about the case", WITHIN_MS, async () => {
    const { card: known } = await api.call(copiedCardEndpoints.get, { params });
    return known?.city?.communities === COMMUNITIES;
  });
  expect(await incidents()).toMatchObject([{ communities: COMMUNITIES }]);
});

it("a number offered for sale is matched with the card here and with the incident there", async () => {
  const [card] = confirmed[COMMUNITIES - 1] ?? [];
  const listing = await api.call(marketEndpoints.create, {
    body: {
      kind: "online",
      seenOn: "2026-11-20",
      url: `https://market.example/${SELLER_WORDS}`,
      text: `门禁卡复制 ${PHONE} ${NAME}`,
      numbers: [{ number: card?.number ?? "", chip: "uid" }],
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
  const { rows } = await database.pool.query("select case_id from city_report where case_id is not null");
  const params = { id: String(rows[0].case_id) };
  await api.call(caseEndpoints.reopen, { params, body: { reason: "a new witness came to the desk" } });
  const listed = await api.call(marketEndpoints.list, { query: {} });
  await api.call(marketEndpoints.remove, { params: { id: listed.items[0]?.id ?? "" } });
  await eventually(
    "the city forgot",
    WITHIN_MS,
    async () => (await incidents())[0]?.communities === COMMUNITIES - 1,
  );
  const port = Number(new URL(city.http).port);
  city.process.child.kill("SIGKILL");
  await city.process.ended;
  await api.call(marketEndpoints.restore, { params: { id: listed.items[0]?.id ?? "" } });
  city = await startCity({ runId, stateDir, port, databaseUrl: urlOf("city") });
  await clients[0]?.incidents();
  await api.call(caseEndpoints.close, {
    params,
    body: { finding: "copy", reason: "the witness was mistaken, it was a copy" },
  });
  const [card] = confirmed[COMMUNITIES - 1] ?? [];
  await api.call(copiedCardEndpoints.put, { params, body: { chip: "uid", number: card?.number ?? "" } });
  await eventually("the city was told again", WITHIN_MS, async () => {
    const { card: known } = await api.call(copiedCardEndpoints.get, { params });
    return known?.city?.communities === COMMUNITIES;
  });
});

it("no table and no message of the city contains a person, a dwelling, a card's key or number, or a moment", async () => {
  const tables = await readTables(cityPool);
  const messages = wire.messages().join("\n");
  // The test looks where it should: what may be there is there.
  for (const text of [tables, messages]) expect(text).toContain(DELIVERY);
  expect(messages.length).toBeGreaterThan(10_000);
  const { rows: persons } = await database.pool.query("select id from person");
  const { rows: credentials } = await database.pool.query(
    "select id, encode(key, 'hex') as key from credential",
  );
  expect(credentials.length).toBeGreaterThan(0);
  const all = confirmed.flat();
  const secrets = [
    ...[NAME, DWELLING, PHONE, SELLER_WORDS, "market.example", "new witness"],
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
      if (form.length < 5) continue;
      expect(tables.includes(form), `a table holds ${form}`).toBe(false);
      // Five letters of base64 come by chance in so many keys and proofs.
      if (form.length > 5) expect(messages.includes(form), `a message holds ${form}`).toBe(false);
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
    number: DELIVERY + (NUMBERS * number + random.integer(NUMBERS)).toString(16).padStart(4, "0"),
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

/** Somebody lives there, with the card that was copied. */
async function populate(): Promise<void> {
  const building = await api.call(buildingEndpoints.create, { body: { name: "标记栋" } });
  const dwelling = await api.call(dwellingEndpoints.create, {
    body: { buildingId: building.id, name: DWELLING },
  });
  const person = await api.call(personEndpoints.create, {
    body: { displayName: NAME, residency: { role: "tenant", dwellingId: dwelling.id } },
  });
  const [card] = confirmed[COMMUNITIES - 1] ?? [];
  await api.call(credentialEndpoints.enrol, {
    body: {
      kind: "uid",
      identifier: card?.number ?? "",
      personId: person.id,
      dwellingId: dwelling.id,
      until: Date.now() + LEGACY_MS,
    },
  });
}

/** The engine's case as the server would have stored it, under the name that the card had in its epoch. */
async function openCase(pseudonym: string): Promise<string> {
  const name = Buffer.from(toHex(new TextEncoder().encode(pseudonym)).padEnd(48, "0").slice(0, 48), "hex");
  const { rows } = await database.pool.query(
    `insert into detection_case (id, credential, epoch, kind, opened_at, reached_at, step, score, probability, signs)
     values (gen_random_uuid(), $1, 1, 'uid', now(), now(), 'ask', 12, 0.9, '[]') returning id`,
    [name],
  );
  return String(rows[0].id);
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
