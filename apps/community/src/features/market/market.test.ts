import { Duration } from "@menshen/domain";
import {
  changeEndpoints,
  copiedCardEndpoints,
  type ListingInput,
  MARKET_PHOTO_MAX_BYTES,
  marketEndpoints,
} from "@menshen/wire";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestClient, type TestServer } from "../../testing/test-server.ts";
import { buildSite, CARD_UID, type TestSite } from "../../testing/test-site.ts";

/** 1 by 1, grey; with a text chunk that names somebody. */
const PNG = pngWithText();
const SELLER = "小红, WeChat card-king-88";

let server: TestServer;
let site: TestSite;
let manager: TestClient;
let desk: TestClient;

beforeAll(async () => {
  server = await startTestServer();
  site = await buildSite(server);
  manager = site.operate;
  desk = await server.member("desk");
});

const input = (of: Partial<ListingInput> = {}): ListingInput => ({
  kind: "online",
  seenOn: "2026-11-20",
  url: "https://market.example/item/1",
  text: `门禁卡复制 ${SELLER}`,
  numbers: [],
  ...of,
});
const card = CARD_UID;

const NOTHING: ListingInput = { kind: "online", seenOn: "2026-11-20", numbers: [] };

describe("a listing", () => {
  test("finds the credential that has its number, whatever kind it was listed as", async () => {
    const listing = await manager.call(marketEndpoints.create, {
      body: input({
        numbers: [
          { number: card, chip: "uid" },
          { number: "5c3e0001", chip: "uid" },
        ],
      }),
    });
    expect(listing.numbers).toMatchObject([
      {
        number: card,
        batchPrefix: card.slice(0, 6),
        credential: { id: site.resident.credentialId, kind: "desfire" },
      },
      { number: "5c3e0001", batchPrefix: "5c3e" },
    ]);
    expect(listing.numbers[1]).not.toHaveProperty("credential");
    // Nobody is named, not even whose card it is.
    expect(JSON.stringify(listing)).not.toContain(site.resident.personId);
    const list = await manager.call(marketEndpoints.list, { query: {} });
    expect(list.items).toMatchObject([{ id: listing.id, numbers: 2, credentials: 1, hasPhoto: false }]);
  });

  test("is taken away and put back, and gone after thirty days", async () => {
    const { id } = await manager.call(marketEndpoints.create, { body: input() });
    const ids = async (removed: boolean) =>
      (await manager.call(marketEndpoints.list, { query: { removed } })).items.map((one) => one.id);
    await manager.call(marketEndpoints.remove, { params: { id } });
    expect(await ids(false)).not.toContain(id);
    expect(await ids(true)).toContain(id);
    expect((await manager.refused(marketEndpoints.remove, { params: { id } })).code).toBe("conflict");
    await manager.call(marketEndpoints.restore, { params: { id } });
    expect(await ids(false)).toContain(id);
    await manager.call(marketEndpoints.remove, { params: { id } });
    server.clock.advance(Duration.hours(24 * 29));
    await server.tidy();
    const again = await server.founder();
    await again.call(marketEndpoints.get, { params: { id } });
    server.clock.advance(Duration.hours(24 * 2));
    await server.tidy();
    manager = await server.founder();
    desk = await server.member("desk");
    expect((await manager.refused(marketEndpoints.get, { params: { id } })).code).toBe("not-found");
  });

  test("needs something in it, and numbers that such cards have", async () => {
    for (const [body, path] of [
      [NOTHING, "body/text"],
      [input({ seenOn: "2026-13-45" }), "body/seenOn"],
      [input({ numbers: [{ number: "5c3e0001", chip: "desfire" }] }), "body/numbers/0/number"],
      [input({ numbers: [{ number: "5c3e000102", chip: "uid" }] }), "body/numbers/0/number"],
      [input({ numbers: [{ number: "5c3e0001", chip: "pkoc" }] }), "body/numbers/0/number"],
    ] as const) {
      const problem = await manager.refused(marketEndpoints.create, { body });
      expect(problem).toMatchObject({ code: "invalid-request", fields: [{ path }] });
    }
    for (const body of [{}, input({ url: "javascript:alert(1)" }), { ...input(), seller: "x" }, null, []]) {
      const problem = await manager.refused(marketEndpoints.create, { body: body as never });
      expect(problem.code).toBe("invalid-request");
    }
  });

  test("whatever is sent, the answer is a refusal or a listing, never a fault", async () => {
    const field = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.object());
    const body = fc.record(
      {
        kind: fc.constantFrom("online", "x"),
        seenOn: field,
        url: field,
        text: field,
        numbers: fc.array(field),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const answer = await manager.ask(marketEndpoints.create, { body: value as never });
        expect(answer.ok ? 201 : answer.status).toBe(answer.ok ? 201 : 400);
      }),
      { numRuns: 40 },
    );
  });

  test("is gone after two years, whoever sells there may be named in it", async () => {
    const { id } = await manager.call(marketEndpoints.create, { body: input() });
    server.clock.advance(Duration.hours(24 * 729));
    await server.tidy();
    const still = await server.founder();
    await still.call(marketEndpoints.get, { params: { id } });
    server.clock.advance(Duration.hours(24 * 2));
    await server.tidy();
    manager = await server.founder();
    desk = await server.member("desk");
    expect((await manager.refused(marketEndpoints.get, { params: { id } })).code).toBe("not-found");
  });

  test("the newest stands first, and who noted or took away each is written down", async () => {
    const first = await manager.call(marketEndpoints.create, { body: input() });
    server.clock.advance(Duration.minutes(1));
    const second = await manager.call(marketEndpoints.create, { body: input() });
    const { items } = await manager.call(marketEndpoints.list, { query: {} });
    expect(items.map(({ id }) => id).slice(0, 2)).toEqual([second.id, first.id]);
    await manager.call(marketEndpoints.remove, { params: { id: first.id } });
    await manager.call(marketEndpoints.restore, { params: { id: first.id } });
    const auditor = await server.member("auditor");
    const changes = await auditor.call(changeEndpoints.list, { query: {} });
    const ofFirst = changes.items.filter(({ entityId }) => entityId === first.id);
    expect(ofFirst.map(({ action }) => action)).toEqual([
      "listing.restored",
      "listing.removed",
      "listing.noted",
    ]);
  });

  test("a number that two credentials had leads to the one in force", async () => {
    const { id } = await manager.call(marketEndpoints.create, {
      body: input({ numbers: [{ number: card, chip: "desfire" }] }),
    });
    const { rows } = await server.pool.query(
      `insert into credential select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),
         'state', 'replaced', 'enrolled_at', now() + interval '1 year'))).* from credential c where id = $1 returning id`,
      [site.resident.credentialId],
    );
    expect(rows).toHaveLength(1);
    const { numbers } = await manager.call(marketEndpoints.get, { params: { id } });
    expect(numbers[0]?.credential?.id).toBe(site.resident.credentialId);
    await server.pool.query("delete from credential where id = $1", [rows[0].id]);
  });

  test("the desk reads, and does not write", async () => {
    await desk.call(marketEndpoints.list, { query: {} });
    expect((await desk.refused(marketEndpoints.create, { body: input() })).code).toBe("forbidden");
  });

  test("in the database and in the record of changes stand neither its words nor its numbers", async () => {
    await manager.call(marketEndpoints.create, {
      body: input({ numbers: [{ number: "5c3eabcd", chip: "uid" }] }),
    });
    const tables = ["market_listing", "market_number", "city_report", "change", "evidence_leaf"];
    for (const table of tables) {
      const exists = await server.pool.query("select to_regclass($1) as name", [table]);
      if (exists.rows[0].name === null) continue;
      const { rows } = await server.pool.query(`select t::text as line from ${table} t`);
      const text = rows.map(({ line }) => String(line)).join("\n");
      for (const secret of ["card-king-88", "market.example", "5c3eabcd"]) {
        expect(text, `${table}: ${secret}`).not.toContain(secret);
        expect(text, `${table}: ${secret}`).not.toContain(Buffer.from(secret).toString("hex"));
      }
    }
  });
});

describe("a photo", () => {
  test("is cleaned of what the camera or a program wrote into it, sealed, and comes back as a picture", async () => {
    const { id } = await manager.call(marketEndpoints.create, { body: input() });
    const withPhoto = await manager.call(marketEndpoints.addPhoto, {
      params: { id },
      upload: { type: "image/png", bytes: PNG },
    });
    expect(withPhoto.photo).toMatch(/^[0-9a-f]{16}$/);
    const { rows } = await server.pool.query(
      "select sealed_photo, photo_type from market_listing where id = $1",
      [id],
    );
    expect(rows[0].photo_type).toBe("image/png");
    expect(rows[0].sealed_photo.includes(Buffer.from("IHDR"))).toBe(false);
    const response = await server.app.inject({
      url: `/api/v1/market/listings/${id}/photo`,
      headers: { host: "localhost", cookie: manager.cookie ?? "" },
    });
    expect(response.headers["content-type"]).toBe("image/png");
    expect(response.headers["content-security-policy"]).toContain("sandbox");
    expect(response.rawPayload.includes(Buffer.from("IHDR"))).toBe(true);
    expect(response.rawPayload.includes(Buffer.from("Zhang"))).toBe(false);
  });

  test("nothing else is taken for one", async () => {
    const { id } = await manager.call(marketEndpoints.create, { body: input() });
    const send = async (type: string, bytes: Uint8Array) =>
      (await manager.refused(marketEndpoints.addPhoto, { params: { id }, upload: { type, bytes } })).code;
    const svg = new TextEncoder().encode(
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>',
    );
    expect(await send("image/png", svg)).toBe("invalid-request");
    expect(await send("image/svg+xml", svg)).toBe("invalid-request");
    expect(await send("image/png", PNG.subarray(0, 30))).toBe("invalid-request");
    expect(await send("image/jpeg", new Uint8Array(100).fill(0xff))).toBe("invalid-request");
    expect(await send("image/png", new Uint8Array(MARKET_PHOTO_MAX_BYTES + 1))).toBe("too-large");
    const missing = await manager.refused(marketEndpoints.photo, { params: { id } });
    expect(missing.code).toBe("not-found");
  });
});

describe("the card of a case", () => {
  async function closedCase(finding: string | null): Promise<string> {
    const { rows } = await server.pool.query(
      `insert into detection_case (id, credential, epoch, kind, opened_at, reached_at, step, score, probability, signs,
         closed_at, finding) values (gen_random_uuid(), decode(repeat('ab', 24), 'hex'), 1, 'uid', now(), now(), 'ask',
         12, 0.9, '[]', $1, $2) returning id`,
      [finding === null ? null : new Date("2026-11-18T10:00:00Z"), finding],
    );
    return rows[0].id;
  }

  test("is told of a case that was closed as somebody else's copy, and of no other", async () => {
    for (const finding of [null, "own-copy", "no-copy", "undecided"]) {
      const id = await closedCase(finding);
      const problem = await manager.refused(copiedCardEndpoints.put, {
        params: { id },
        body: { chip: "uid", number: "5c3e1111" },
      });
      expect(problem.code, String(finding)).toBe("conflict");
    }
  });

  test("keeps its batch and its week; the number itself stands nowhere without a city", async () => {
    const id = await closedCase("copy");
    const { card: noted } = await manager.call(copiedCardEndpoints.put, {
      params: { id },
      body: { chip: "uid", number: "5c3e1111", keyVersion: 3 },
    });
    expect(noted).toEqual({
      chip: "uid",
      batchPrefix: "5c3e",
      keyVersion: 3,
      hasNumber: false,
      week: "2026-11-16",
    });
    const { rows } = await server.pool.query("select t::text as line from city_report t where case_id = $1", [
      id,
    ]);
    expect(rows[0].line).not.toContain("5c3e1111");
    const listing = await manager.call(marketEndpoints.create, {
      body: input({ numbers: [{ number: "5c3e2222", chip: "uid" }] }),
    });
    expect(listing.cases).toMatchObject([{ id, chip: "uid", batchPrefix: "5c3e" }]);
    const nothing = await manager.refused(copiedCardEndpoints.put, { params: { id }, body: { chip: "uid" } });
    expect(nothing.code).toBe("invalid-request");
    expect((await desk.refused(copiedCardEndpoints.remove, { params: { id } })).code).toBe("forbidden");
    expect(await manager.call(copiedCardEndpoints.remove, { params: { id } })).toEqual({});
    expect(await manager.call(copiedCardEndpoints.get, { params: { id } })).toEqual({});
  });
});

/** A valid PNG of one pixel, with the author's name in a text chunk. */
function pngWithText(): Uint8Array {
  const base = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
    "base64",
  );
  const data = Buffer.from("Author\0Zhang San", "latin1");
  const body = Buffer.concat([Buffer.from("tEXt"), data]);
  const chunk = Buffer.alloc(8 + data.length + 4);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), 8 + data.length);
  return Buffer.concat([base.subarray(0, 33), chunk, base.subarray(33)]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
