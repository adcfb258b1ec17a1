import { toHex } from "@menshen/crypto/node";
import { type PseudonymMessage, pseudonymMessage, type TrailMessage, trailMessage } from "@menshen/wire";
import type { Pool } from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestDatabase } from "../testing/test-database.ts";
import { eventually } from "./testing/eventually.ts";
import { emptyTrail, START, startLink, TestGate, type TestLink } from "./testing/test-gate.ts";
import type { TrailContent, TrailSource } from "./types.ts";

let pool: Pool;
let test: TestLink;
const gates: TestGate[] = [];

async function start(trail: Partial<TrailSource> = {}): Promise<void> {
  test = await startLink(pool, { trail: { ...emptyTrail, ...trail } });
}

beforeAll(async () => {
  pool = (await startTestDatabase()).pool;
});
beforeEach(async () => {
  await pool.query("truncate gate_device cascade");
});

afterEach(async () => {
  for (const gate of gates.splice(0)) await gate.disconnect();
  await test.link.stop();
});

async function enrolled(): Promise<TestGate> {
  const gate = await TestGate.enrolled(test);
  gates.push(gate);
  return gate;
}

async function connected(): Promise<TestGate> {
  const gate = await enrolled();
  await gate.connect(test);
  await gate.sayHello();
  return gate;
}

/** The trail documents that came, the oldest first. */
function documentsOf(gate: TestGate): TrailMessage[] {
  return gate.received
    .filter(({ kind }) => kind === "trail")
    .map((received) => trailMessage.decode(gate.open(received)));
}

/** The first trail document that came and is as it should be. */
async function document(
  gate: TestGate,
  is: (message: TrailMessage) => boolean = () => true,
): Promise<TrailMessage> {
  return await eventually("a trail document", () => documentsOf(gate).find(is));
}

const has = (count: number) => (message: TrailMessage) => message.peers.length === count;

/** Takes the newest trail document, as a gate does. */
async function apply(gate: TestGate): Promise<void> {
  const { trailVersion } = await eventually("a trail document", () => documentsOf(gate).at(-1));
  await gate.sayApplied({ what: "trail", documentVersion: trailVersion, ok: true });
}

function words(gate: TestGate, changes: Partial<PseudonymMessage> = {}): Uint8Array {
  return gate.signed(
    "pseudonym",
    pseudonymMessage.encode({
      version: 1,
      gateId: gate.gateId,
      generation: 0,
      epoch: 1,
      keyId: new Uint8Array(8).fill(4),
      wraps: [],
      ...changes,
    }),
  );
}

const heard = (gate: TestGate) =>
  gate.received.filter(({ kind }) => kind === "pseudonym").map(({ payload }) => toHex(payload));

describe("the trail document", () => {
  it("tells each gate the grid and all enrolled gates, and again when there is another one", async () => {
    await start();
    const first = await connected();
    expect(await document(first)).toEqual({
      version: 1,
      gateId: first.gateId,
      trailVersion: 1,
      issuedAt: expect.any(Number),
      grid: { anchor: START, epochMs: 2_419_200_000 },
      generation: 0,
      peers: [
        {
          gateId: first.gateId,
          deviceKey: new Uint8Array(first.key.publicKey),
          sealingKey: new Uint8Array(first.sealingKey.publicKey),
        },
      ],
      custodians: [],
      ceremonies: [],
      witnesses: [],
      quorum: 0,
    });
    const second = await connected();
    const again = await document(first, has(2));
    expect(again.trailVersion).toBe(2);
    expect(again.peers.map(({ gateId }) => gateId)).toEqual([first.gateId, second.gateId].sort());
    expect((await document(second)).peers).toEqual(again.peers);
  });

  it("is not made again when nothing in it changed", async () => {
    await start();
    const gate = await connected();
    await document(gate);
    await test.link.pushDesired(gate.gateId);
    expect((await test.link.readGate(gate.gateId)).documents.trail).toEqual({ desired: 1, applied: 0 });
  });

  it("carries what the custodians are and made, as soon as the gate is due again", async () => {
    let content: TrailContent = await emptyTrail.read();
    await start({ read: async () => content });
    const gate = await connected();
    await document(gate);
    content = {
      ...content,
      custodians: [
        { encoded: new Uint8Array(100).fill(1), endorsements: [] },
        {
          encoded: new Uint8Array(100).fill(2),
          endorsements: [1, 3].map((index) => ({ index, signature: new Uint8Array(64).fill(index) })),
        },
      ],
      ceremonies: [
        {
          certificate: new Uint8Array(100),
          vouches: [1, 2, 3].map((n) => new Uint8Array(64).fill(n)),
          setVersion: 2,
        },
      ],
      logKey: "log.example+1b2c3d4e+AAAA",
      witnesses: ["witness.example+1b2c3d4e+AAAA"],
      quorum: 1,
    };
    await test.link.pushDesired(gate.gateId);
    expect(await document(gate, ({ custodians }) => custodians.length > 0)).toMatchObject(content);
  });

  it("shows that a gate's keys were certified in the open, once that is proven, by one proof as long as it convinces", async () => {
    const asked: string[] = [];
    let published = false;
    /** Tree sizes whose checkpoints had witnesses enough. */
    let size = 6;
    let enough = 6;
    await start({
      async recordIssue(client, issue) {
        const { rows } = await client.query("select enrolment from gate_device where gate_id = $1", [
          issue.gateId,
        ]);
        // In the transaction that issues: it sees what nobody else sees yet.
        expect(rows).toEqual([{ enrolment: "enrolled" }]);
        expect([issue.deviceKey.length, issue.sealingKey.length]).toEqual([65, 32]);
        return "5b0f1f5e-8a54-4b3e-9d7a-2f1f0b1c2d3e";
      },
      async proveIssue(leafId) {
        asked.push(leafId);
        if (!published) return undefined;
        return {
          statement: '{"topic":"gate-certificate-issued"}',
          salt: new Uint8Array(32).fill(7),
          leafIndex: 4,
          treeSize: size,
          proof: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
          checkpoint: `log.example\n${size}\n…\n`,
        };
      },
      fallingShort: async (checkpoints) =>
        new Set(checkpoints.filter((checkpoint) => Number(checkpoint.split("\n")[1]) < enough)),
    });
    const gate = await connected();
    expect((await document(gate)).peers[0]?.evidence).toBeUndefined();
    await eventually("asked for a proof", () => asked.includes("5b0f1f5e-8a54-4b3e-9d7a-2f1f0b1c2d3e"));
    published = true;
    const { peers } = await document(gate, (message) => message.peers[0]?.evidence !== undefined);
    expect(peers[0]?.evidence).toEqual({
      statement: '{"topic":"gate-certificate-issued"}',
      salt: new Uint8Array(32).fill(7),
      leafIndex: 4,
      treeSize: 6,
      proof: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
      checkpoint: "log.example\n6\n…\n",
    });
    const before = asked.length;
    await test.link.pushDesired(gate.gateId);
    expect(asked).toHaveLength(before);
    // More witnesses are asked for, and have not all signed yet; then they have.
    enough = 9;
    await eventually("asked for a proof again", () => asked.length > before);
    expect(documentsOf(gate).at(-1)?.peers[0]?.evidence?.treeSize).toBe(6);
    size = 9;
    const renewed = await document(gate, (message) => message.peers[0]?.evidence?.treeSize === 9);
    expect(renewed.peers[0]?.evidence?.checkpoint).toBe("log.example\n9\n…\n");
  });

  it("drops a revoked gate and begins a new generation of pseudonyms", async () => {
    await start();
    const stolen = await connected();
    const gate = await connected();
    await document(gate, has(2));
    await test.link.revoke(stolen.gateId);
    expect(await document(gate, has(1))).toMatchObject({ generation: 1, peers: [{ gateId: gate.gateId }] });
  });

  it("that a gate refused is shown with its error", async () => {
    await start();
    const gate = await connected();
    await document(gate);
    await gate.sayApplied({ what: "trail", documentVersion: 1, ok: false, error: "refused-by-rules" });
    expect((await test.link.readGate(gate.gateId)).documents.trail).toEqual({
      desired: 1,
      applied: 0,
      error: "refused-by-rules",
    });
  });
});

describe("a gate's word about its pseudonym key", () => {
  it("goes to every other gate that holds the newest trail document, and to nobody twice", async () => {
    await start();
    const sender = await connected();
    const ready = await connected();
    const behind = await connected();
    for (const gate of [sender, ready, behind]) await document(gate, has(3));
    await apply(ready);
    const said = words(sender);
    await sender.send("pseudonym", said);
    await sender.send("pseudonym", said);
    await eventually("relayed", () => heard(ready).length > 0);
    await apply(behind);
    await eventually("relayed", () => heard(behind).length > 0);
    await apply(sender);
    const later = words(sender, { keyId: new Uint8Array(8).fill(5) });
    await sender.send("pseudonym", later);
    await eventually("relayed", () => heard(behind).length > 1 && heard(ready).length > 1);
    expect(heard(ready)).toEqual([toHex(said), toHex(later)]);
    expect(heard(behind)).toEqual([toHex(said), toHex(later)]);
    expect(heard(sender)).toEqual([]);
  });

  it("goes to a gate that comes later, the newest only, and again when there is a new trail document", async () => {
    await start();
    const sender = await connected();
    await sender.send("pseudonym", words(sender, { epoch: 1 }));
    const newest = words(sender, { epoch: 2 });
    await sender.send("pseudonym", newest);
    await sender.disconnect();
    const late = await connected();
    await document(late, has(2));
    await apply(late);
    await eventually("relayed", () => heard(late).length > 0);
    await enrolled();
    await document(late, has(3));
    await apply(late);
    await eventually("relayed again", () => heard(late).length > 1);
    expect(heard(late)).toEqual([toHex(newest), toHex(newest)]);
  });

  it("counts only over its own connection, signed by its own key", async () => {
    await start();
    const gate = await connected();
    const other = await enrolled();
    await expect(gate.send("pseudonym", words(other))).rejects.toThrow("connection closed");
    await gate.connect(test);
    const foreign = pseudonymMessage.encode({
      version: 1,
      gateId: other.gateId,
      generation: 0,
      epoch: 1,
      keyId: new Uint8Array(8),
      wraps: [],
    });
    await expect(gate.send("pseudonym", gate.signed("pseudonym", foreign))).rejects.toThrow(
      "connection closed",
    );
    await gate.connect(test);
    // Another type of message, rightly signed.
    await expect(gate.send("pseudonym", gate.signed("hello", foreign))).rejects.toThrow("connection closed");
    const { rows } = await pool.query("select 1 from gate_pseudonym");
    expect(rows).toEqual([]);
  });

  it("is forgotten when the gate is revoked", async () => {
    await start();
    const stolen = await connected();
    await stolen.send("pseudonym", words(stolen));
    await test.link.revoke(stolen.gateId);
    const gate = await connected();
    await document(gate, has(1));
    await apply(gate);
    await eventually("applied", async () => {
      const { trail } = (await test.link.readGate(gate.gateId)).documents;
      return trail.applied === trail.desired;
    });
    expect((await pool.query("select 1 from gate_pseudonym")).rows).toEqual([]);
    expect(heard(gate)).toEqual([]);
  });
});
