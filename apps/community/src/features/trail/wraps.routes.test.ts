import { ed25519FromSecret, ed25519Sign, randomBytes, toHex } from "@menshen/crypto/node";
import { AccessPointId, Instant } from "@menshen/domain";
import {
  encodeJournalEntry,
  personEndpoints,
  residentEndpoints,
  residentInvitationEndpoints,
  residentTexts,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer, type TestClient } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer({}, Instant(Date.now()));
const site = await buildSite(server);
const { gate } = await connectGate(server, site);

/** A signed-in resident. */
async function resident(displayName: string): Promise<TestClient> {
  const residency = { role: "tenant" as const, dwellingId: site.dwellingIds[1] };
  const { id } = await site.operate.call(personEndpoints.create, { body: { displayName, residency } });
  const { code } = await site.operate.call(residentInvitationEndpoints.create, {
    params: { id },
    reason: { code: "resident-request" },
  });
  const key = ed25519FromSecret(randomBytes(32));
  const keys = { authKey: toHex(key.publicKey), trailKey: toHex(randomBytes(32)) };
  const client = server.visitor();
  const { community } = await client.call(residentEndpoints.session);
  const text = residentTexts.join(community.id, keys, code.replaceAll("-", ""));
  const signature = toHex(ed25519Sign(key.secretKey, new TextEncoder().encode(text)));
  await client.call(residentEndpoints.join, { body: { code, ...keys, signature } });
  return client;
}

const owner = await resident("甲");
const neighbour = await resident("乙");

async function bucket(number: number | string, client: TestClient) {
  return server.app.inject({
    url: `/api/v1/resident/wraps/${number}`,
    headers: { host: "localhost", ...(client.cookie === undefined ? {} : { cookie: client.cookie }) },
  });
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const chunksOf = (bytes: Buffer) =>
  Array.from({ length: bytes.length / 96 }, (_, index) =>
    hexOf(bytes.subarray(index * 96, (index + 1) * 96)),
  );

/** Journals entries with these wraps, in this order; `undefined`: nothing was read. */
async function journal(wraps: readonly (Uint8Array | undefined)[]): Promise<void> {
  for (let from = 0; from < wraps.length; from += 256) {
    const first = gate.journal.length + 1;
    const part = wraps.slice(from, from + 256);
    for (const wrap of part) {
      const at = server.clock.now();
      gate.journal.push(
        encodeJournalEntry({
          version: 1,
          sequence: gate.journal.length + 1,
          earliest: at,
          latest: at,
          kind: "access",
          body: {
            accessPointId: AccessPointId(site.points.northIn),
            granted: true,
            reasons: [{ code: "rule-allows", rule: 1 }],
            snapshotVersion: 1,
            lockDriven: true,
            ...(wrap === undefined ? {} : { wrap }),
          },
        }),
      );
    }
    await gate.send("journal", gate.batch(first, part.length));
  }
}

test("before the first event there is no bucket", async () => {
  expect(await owner.call(residentEndpoints.wraps)).toEqual({ buckets: 0, size: 1_024, lastPosition: 0 });
  expect((await bucket(0, owner)).statusCode).toBe(404);
});

test("a bucket is the sorted wraps of its events: nothing of their order, gate or time", async () => {
  const wraps = Array.from({ length: 1_100 }, () => randomBytes(96));
  // Positions begin with 1, so bucket 0 has 1023 events; of these three have no wrap.
  await journal([undefined, ...wraps.slice(0, 600), undefined, undefined, ...wraps.slice(600)]);
  expect(await owner.call(residentEndpoints.wraps)).toEqual({
    buckets: 2,
    size: 1_024,
    lastPosition: 1_103,
  });
  const full = await bucket(0, owner);
  expect(full.headers["content-type"]).toBe("application/octet-stream");
  expect(chunksOf(full.rawPayload)).toEqual(wraps.slice(0, 1_020).map(hexOf).toSorted());
  const filling = await bucket(1, owner);
  expect(chunksOf(filling.rawPayload)).toEqual(wraps.slice(1_020).map(hexOf).toSorted());
});

test("a full bucket is kept for good, the one that fills is not", async () => {
  const full = await bucket(0, owner);
  expect(full.headers["cache-control"]).toBe("private, max-age=31536000, immutable");
  expect(full.headers.etag).toMatch(/^"[\w-]{43}"$/);
  const before = await bucket(1, owner);
  expect(before.headers["cache-control"]).toBe("no-store");
  await journal([randomBytes(96)]);
  const after = await bucket(1, owner);
  expect(after.rawPayload).toHaveLength(before.rawPayload.length + 96);
  expect(after.headers.etag).not.toBe(before.headers.etag);
  expect((await bucket(0, owner)).rawPayload).toEqual(full.rawPayload);
});

test("everybody is given the same, byte for byte", async () => {
  for (const number of [0, 1]) {
    const one = await bucket(number, owner);
    const other = await bucket(number, neighbour);
    expect(other.rawPayload).toEqual(one.rawPayload);
    const { date: _one, ...headers } = one.headers;
    const { date: _other, ...otherHeaders } = other.headers;
    expect(otherHeaders).toEqual(headers);
  }
  expect(await neighbour.call(residentEndpoints.wraps)).toEqual(await owner.call(residentEndpoints.wraps));
});

test("nobody can ask for somebody's", async () => {
  const asked = await bucket("0?personId=11111111-2222-4333-8444-555555555555", owner);
  expect(asked.rawPayload).toEqual((await bucket(0, owner)).rawPayload);
});

test("there is no bucket but these", async () => {
  expect((await bucket(2, owner)).statusCode).toBe(404);
  for (const wrong of ["-1", "x", "9007199254741"]) {
    expect((await bucket(wrong, owner)).statusCode, wrong).toBe(400);
  }
});

test("who is no resident gets none, staff included", async () => {
  for (const client of [server.visitor(), site.operate]) {
    expect((await bucket(0, client)).statusCode).toBe(401);
    expect(await client.refused(residentEndpoints.wraps)).toMatchObject({ code: "not-signed-in" });
  }
});
