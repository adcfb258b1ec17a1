import {
  coseSign1,
  coseVerify1,
  hpkeGenerate,
  hpkeSeal,
  p256Generate,
  randomBytes,
  toHex,
} from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import { keyIdentifier } from "@menshen/trust";
import { externalAad, pseudonymMessage } from "@menshen/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makePseudonymChain, type PseudonymChain } from "./pseudonym-chain.ts";
import { type PseudonymKey, pseudonymKeyId } from "./pseudonym-key.ts";
import type { Peer, TrailState } from "./trail-check.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 12);
const ANCHOR = 1_800_000_000_000;
const EPOCH_MS = 28 * 86_400_000;
const gateIdOf = (number: number) => GateId(`aaaaaaaa-0000-4000-8000-${String(number).padStart(12, "0")}`);

interface Member {
  readonly peer: Peer;
  readonly deviceKey: ReturnType<typeof p256Generate>;
  readonly sealingKey: Awaited<ReturnType<typeof hpkeGenerate>>;
}
const members: readonly Member[] = await Promise.all(
  [1, 2, 3, 4].map(async (number) => {
    const deviceKey = p256Generate();
    const sealingKey = await hpkeGenerate();
    const peer = {
      gateId: gateIdOf(number),
      deviceKey: deviceKey.publicKey,
      sealingKey: sealingKey.publicKey,
      proven: true,
    };
    return { peer, deviceKey, sealingKey };
  }),
);
const member = (index: number): Member => {
  const found = members[index];
  if (found === undefined) throw new Error("expected a member");
  return found;
};

/** A gate's chain with a disk, a clock and a trail document that the test moves. */
function rig(index: number, options: { kept?: PseudonymKey; peers?: readonly Peer[] } = {}) {
  const { peer, deviceKey, sealingKey } = member(index);
  const place = { epoch: 1, generation: 0, spreadMs: 0, diskFails: false };
  let peers = options.peers ?? members.map((one) => one.peer);
  const disk: PseudonymKey[] = options.kept === undefined ? [] : [options.kept];
  let changes = 0;
  const trail = (): TrailState => ({
    version: 1,
    grid: { anchorMs: ANCHOR, epochMs: EPOCH_MS },
    generation: place.generation,
    peers,
    epochKeys: [],
    custodians: [],
    deskKeys: [],
    announced: [],
    logRefused: false,
    judged: [],
  });
  const start = (): PseudonymChain =>
    makePseudonymChain({
      identity: { gateId: peer.gateId, deviceKey, sealingKey },
      trail,
      now: () => {
        const earliest = ANCHOR + (place.epoch - 1) * EPOCH_MS + 5;
        return { earliest: Instant(earliest), latest: Instant(earliest + place.spreadMs) };
      },
      kept: keptOf(disk.at(-1)),
      keep: (key) => {
        if (place.diskFails) return Promise.reject(new Error("no room"));
        disk.push({ ...key, key: key.key.slice() });
        return Promise.resolve();
      },
      changed: () => {
        changes += 1;
      },
    });
  let chain = start();
  return {
    get chain() {
      return chain;
    },
    place,
    disk,
    changes: () => changes,
    setPeers: (next: readonly Peer[]) => {
      peers = next;
    },
    restart: () => {
      chain = start();
    },
  };
}
type Rig = ReturnType<typeof rig>;

/** A copy, as a disk gives it. */
function keptOf(key: PseudonymKey | undefined): PseudonymKey | undefined {
  return key && { ...key, key: key.key.slice() };
}

const nameOf = ({ chain }: Rig): string => {
  const state = chain.state();
  return state === undefined ? "none" : `${state.generation} ${state.epoch} ${toHex(state.keyId)}`;
};

/** Everything that is still to be said is said to all, until nobody has anything to say. */
async function talk(rigs: readonly Rig[]): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    let quiet = true;
    for (const from of rigs) {
      await from.chain.review();
      const outgoing = await from.chain.outgoing();
      if (outgoing === undefined) continue;
      quiet = false;
      for (const to of rigs) if (to !== from) await to.chain.receive(outgoing.message);
      outgoing.delivered();
    }
    if (quiet) return;
  }
  throw new Error("they never stopped talking");
}

describe("gates", () => {
  test("come to one key, whatever got lost, in whatever order, and over restarts and epochs", async () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant("say" as const), from: fc.nat(3), to: fc.nat(3) }),
      fc.record({ what: fc.constant("lose" as const), from: fc.nat(3) }),
      fc.record({ what: fc.constant("epoch" as const), gate: fc.nat(3), by: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ what: fc.constant("generation" as const), gate: fc.nat(3) }),
      fc.record({ what: fc.constant("restart" as const), gate: fc.nat(3) }),
      fc.record({ what: fc.constant("again" as const), nth: fc.nat(20), to: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const rigs = [0, 1, 2, 3].map((index) => rig(index));
        const said: Uint8Array[] = [];
        const at = (index: number) => {
          const found = rigs[index];
          if (found === undefined) throw new Error("expected a gate");
          return found;
        };
        for (const one of steps) {
          switch (one.what) {
            case "say":
            case "lose": {
              await at(one.from).chain.review();
              const outgoing = await at(one.from).chain.outgoing();
              if (outgoing === undefined) break;
              said.push(outgoing.message);
              if (one.what === "say") await at(one.to).chain.receive(outgoing.message);
              outgoing.delivered();
              break;
            }
            case "epoch":
              at(one.gate).place.epoch += one.by;
              break;
            case "generation":
              at(one.gate).place.generation += 1;
              break;
            case "restart":
              await at(one.gate).chain.review();
              at(one.gate).restart();
              break;
            case "again": {
              const message = said[one.nth % Math.max(1, said.length)];
              if (message !== undefined) await at(one.to).chain.receive(message);
              break;
            }
          }
        }
        const epoch = Math.max(...rigs.map(({ place }) => place.epoch));
        const generation = Math.max(...rigs.map(({ place }) => place.generation));
        for (const one of rigs) {
          Object.assign(one.place, { epoch, generation });
          // What was lost is said again after the next connect of the process that lost it.
          await one.chain.review();
          one.restart();
        }
        await talk(rigs);
        const names = new Set(rigs.map(nameOf));
        expect([...names]).toHaveLength(1);
        expect([...names][0]).toMatch(new RegExp(`^${generation} ${epoch} `));
        for (const { disk, chain } of rigs) expect(disk.at(-1)?.key).toEqual(chain.key()?.key);
      }),
      { numRuns },
    );
  }, 60_000);

  test("agree again after five epochs without a word", async () => {
    const rigs = [rig(0), rig(1), rig(2)];
    await talk(rigs);
    const [away, ...others] = rigs;
    if (away === undefined) throw new Error("expected a gate");
    for (const one of others) {
      for (const epoch of [2, 3, 4, 5, 6]) {
        one.place.epoch = epoch;
        await one.chain.review();
      }
    }
    away.place.epoch = 6;
    await away.chain.review();
    expect(new Set(rigs.map(nameOf)).size).toBe(1);
    expect(nameOf(away)).toMatch(/^0 6 /);
  });

  test("renew the key at once when one of them is revoked, and what it knew is worth nothing", async () => {
    const rigs = [rig(0), rig(1), rig(2)];
    await talk(rigs);
    const [, , stolen] = rigs;
    const before = stolen?.chain.key()?.key.slice() ?? new Uint8Array();
    const left = rigs.slice(0, 2);
    for (const one of left) {
      one.place.generation = 1;
      one.setPeers(members.slice(0, 2).map(({ peer }) => peer));
    }
    await left[0]?.chain.review();
    expect(left[0]?.chain.key()?.generation).toBe(1);
    expect(left[0]?.chain.key()?.key).not.toEqual(before);
    await talk(left);
    expect(new Set(left.map(nameOf)).size).toBe(1);
    // The stolen gate goes on talking; nobody listens.
    if (stolen === undefined) throw new Error("expected a gate");
    stolen.place.generation = 1;
    await stolen.chain.review();
    const outgoing = await stolen.chain.outgoing();
    const agreed = left.map(nameOf);
    for (const one of left) await one.chain.receive(outgoing?.message ?? new Uint8Array());
    expect(left.map(nameOf)).toEqual(agreed);
  });
});

describe("a key", () => {
  const preferred = async (index: number, generation = 0, epoch = 1, changes: Changes = {}) => {
    const { peer, deviceKey } = member(index);
    // All zeros but for chance has a small name among a few tried.
    const keys = Array.from({ length: 64 }, () => randomBytes(32)).sort((a, b) =>
      toHex(pseudonymKeyId(a)) < toHex(pseudonymKeyId(b)) ? -1 : 1,
    );
    const key = keys[0] ?? new Uint8Array(32);
    const recipient = changes.recipient ?? member(0).peer;
    const info = Buffer.concat([
      externalAad("pseudonym"),
      Buffer.alloc(1),
      Buffer.from(peer.gateId.replaceAll("-", ""), "hex"),
      Buffer.from(member(0).peer.gateId.replaceAll("-", ""), "hex"),
      Buffer.from([0, 0, 0, changes.infoGeneration ?? generation, 0, 0, 0, epoch]),
    ]);
    const sealed = await hpkeSeal({
      recipientPublicKey: recipient.sealingKey,
      info,
      plaintext: changes.plaintext ?? key,
    });
    const payload = pseudonymMessage.encode({
      version: 1,
      gateId: changes.gateId ?? peer.gateId,
      generation,
      epoch,
      keyId: changes.keyId ?? pseudonymKeyId(key),
      wraps: [
        {
          gateId: member(0).peer.gateId,
          encapsulatedKey: sealed.enc,
          ciphertext: sealed.ciphertext.slice(0, 48),
        },
      ],
    });
    const signer = changes.signer ?? deviceKey;
    const kid = keyIdentifier(changes.kidOf ?? signer);
    const message = coseSign1({
      payload,
      key: signer,
      kid,
      externalAad: externalAad(changes.type ?? "pseudonym"),
    });
    return { message, key };
  };
  interface Changes {
    readonly recipient?: Peer;
    readonly gateId?: GateId;
    readonly keyId?: Uint8Array;
    readonly plaintext?: Uint8Array;
    readonly signer?: ReturnType<typeof p256Generate>;
    readonly kidOf?: ReturnType<typeof p256Generate>;
    readonly type?: "pseudonym" | "hello";
    readonly infoGeneration?: number;
  }
  /** A gate whose own key has the largest name among a few, so that an offered one is better. */
  const poor = (): PseudonymKey => {
    const keys = Array.from({ length: 64 }, () => randomBytes(32)).sort((a, b) =>
      toHex(pseudonymKeyId(a)) > toHex(pseudonymKeyId(b)) ? -1 : 1,
    );
    return { generation: 0, epoch: 1, key: keys[0] ?? new Uint8Array(32) };
  };

  test("of a proven peer is adopted and kept, and the one before is gone", async () => {
    const one = rig(0, { kept: poor() });
    const before = one.chain.key()?.key;
    const { message, key } = await preferred(1);
    await one.chain.receive(message);
    expect(one.chain.key()?.key).toEqual(key);
    expect(one.disk.at(-1)?.key).toEqual(key);
    expect(before).toEqual(new Uint8Array(32));
    expect(one.changes()).toBe(1);
  });

  test.each<[string, Changes]>([
    ["signed by nobody of the community", { signer: p256Generate(), kidOf: member(1).deviceKey }],
    ["signed by another gate than it names", { gateId: member(2).peer.gateId }],
    ["of this gate's own, come back", { signer: member(0).deviceKey, gateId: member(0).peer.gateId }],
    ["signed for another purpose", { type: "hello" }],
    ["of another name than it says", { keyId: new Uint8Array(8) }],
    ["of another length", { plaintext: new Uint8Array(32) }],
    ["wrapped to another gate", { recipient: member(2).peer }],
    ["wrapped for another generation", { infoGeneration: 9 }],
  ])("%s changes nothing", async (_what, changes) => {
    const one = rig(0, { kept: poor() });
    const before = nameOf(one);
    await one.chain.receive((await preferred(1, 0, 1, changes)).message);
    expect([nameOf(one), one.disk.length]).toEqual([before, 1]);
  });

  test("of a peer whose certificate is not proven waits until it is", async () => {
    const peers = members.map(({ peer }) => ({ ...peer, proven: false }));
    const one = rig(0, { kept: poor(), peers });
    const { message, key } = await preferred(1);
    await one.chain.receive(message);
    expect(one.chain.key()?.key).not.toEqual(key);
    expect(await one.chain.outgoing()).toBeUndefined();
    one.setPeers(members.map(({ peer }) => peer));
    await one.chain.review();
    expect(one.chain.key()?.key).toEqual(key);
    expect(await one.chain.outgoing()).toBeDefined();
  });

  test("of a peer that is not known yet waits too", async () => {
    const one = rig(0, { kept: poor(), peers: [member(0).peer] });
    const { message, key } = await preferred(1);
    await one.chain.receive(message);
    one.setPeers(members.map(({ peer }) => peer));
    await one.chain.review();
    expect(one.chain.key()?.key).toEqual(key);
  });

  test("of a later epoch or generation waits for its time", async () => {
    const one = rig(0, { kept: poor() });
    const later = await preferred(1, 0, 2);
    await one.chain.receive(later.message);
    expect(one.chain.key()?.epoch).toBe(1);
    one.place.epoch = 2;
    const renewed = await preferred(2, 1, 2);
    await one.chain.receive(renewed.message);
    expect(one.chain.key()).toMatchObject({ generation: 0, epoch: 2 });
    one.place.generation = 1;
    await one.chain.review();
    expect(one.chain.key()).toMatchObject({ generation: 1, epoch: 2 });
  });

  test("is made when the epochs are known, told once to those who are proven, and again when it changes", async () => {
    const one = rig(0);
    expect(one.chain.state()).toBeUndefined();
    await one.chain.review();
    expect(one.chain.key()).toMatchObject({ generation: 0, epoch: 1 });
    const first = await one.chain.outgoing();
    expect(await one.chain.outgoing()).toBeDefined();
    first?.delivered();
    expect(await one.chain.outgoing()).toBeUndefined();
    one.setPeers(members.slice(0, 2).map(({ peer }) => peer));
    expect(await one.chain.outgoing()).toBeDefined();
    one.setPeers([member(0).peer]);
    expect(await one.chain.outgoing()).toBeUndefined();
  });

  test("goes to the others when the sealing key of one of them is none", async () => {
    const bad = { ...member(1).peer, sealingKey: new Uint8Array(32) };
    const one = rig(0, { peers: [member(0).peer, bad, member(2).peer] });
    const other = rig(2, { kept: poor(), peers: [member(0).peer, bad, member(2).peer] });
    await one.chain.review();
    const outgoing = await one.chain.outgoing();
    const verified = coseVerify1({
      message: outgoing?.message ?? new Uint8Array(),
      key: { alg: "ES256", publicKey: member(0).peer.deviceKey },
      externalAad: externalAad("pseudonym"),
    });
    if (!verified.verified) throw new Error(verified.reason);
    expect(pseudonymMessage.decode(verified.payload).wraps.map(({ gateId }) => gateId)).toEqual([
      member(2).peer.gateId,
    ]);
    await other.chain.receive(outgoing?.message ?? new Uint8Array());
    await talk([one, other]);
    expect(nameOf(one)).toBe(nameOf(other));
  });

  test("that the disk did not take is in force, and kept when it does", async () => {
    const one = rig(0);
    one.place.diskFails = true;
    await one.chain.review();
    expect(one.chain.key()?.epoch).toBe(1);
    expect(one.disk).toEqual([]);
    one.place.diskFails = false;
    await one.chain.review();
    expect(one.disk.at(-1)?.key).toEqual(one.chain.key()?.key);
  });

  test("that a wrong clock brought far ahead gives way to a new one when the time is known", async () => {
    const one = rig(0);
    one.place.epoch = 9;
    await one.chain.review();
    one.place.epoch = 2;
    one.place.spreadMs = 20 * EPOCH_MS;
    await one.chain.review();
    // The time may still be that of its epoch.
    expect(one.chain.key()?.epoch).toBe(9);
    one.place.spreadMs = 0;
    await one.chain.review();
    expect(one.chain.key()?.epoch).toBe(2);
  });

  test("survives whatever bytes arrive", async () => {
    const one = rig(0, { kept: poor() });
    const { message } = await preferred(1);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(message.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (place, change) => {
          const bytes = message.slice();
          bytes[place] = (bytes[place] ?? 0) ^ change;
          await one.chain.receive(bytes);
          await one.chain.receive(bytes.slice(0, place));
        },
      ),
      { numRuns: numRuns * 5 },
    );
    expect(one.changes()).toBe(0);
  });
});
