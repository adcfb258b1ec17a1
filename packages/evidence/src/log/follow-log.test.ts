import { describe, expect, it } from "vitest";
import type { StoredLog } from "../evidence.fixture.ts";
import { crypto, identity, sha256, signedCheckpoint, storedLog } from "../evidence.fixture.ts";
import { naiveLeaf, naiveLeaves } from "../naive-tree.fixture.ts";
import { proveHistory } from "../tiles/prove.ts";
import type { FollowedLog, FollowStep } from "./follow-log.ts";
import { followLog, followNew } from "./follow-log.ts";
import { isForkProven } from "./fork-evidence.ts";
import type { SignedCheckpoint } from "./open-checkpoint.ts";

/** A log of `count` leaves whose leaf `place` is another one than in `storedLog(count)`. */
function otherLog(count: number, place: number): StoredLog {
  const log = storedLog(0);
  log.append(naiveLeaves(count).map((leaf, i) => (i === place ? naiveLeaf(Uint8Array.of(255)) : leaf)));
  return log;
}

async function history(larger: StoredLog, smallerSize: number): Promise<readonly Uint8Array[]> {
  const made = await proveHistory(sha256, larger.source, larger.head, smallerSize);
  if (!made.read) throw new Error(made.path);
  return made.proof;
}

const headOf = (log: StoredLog): SignedCheckpoint => signedCheckpoint(log.head);
const following = (log: StoredLog): FollowedLog => ({
  state: "following",
  origin: identity.origin,
  head: headOf(log),
});
const evidenceOf = ({ log }: FollowStep) => {
  if (log.state !== "forked") throw new Error(`the log is ${log.state}`);
  return log.evidence;
};

describe("a log that only grows", () => {
  it("is believed at first sight, and then with proofs", async () => {
    const [small, large] = [storedLog(300), storedLog(1_000)];
    const first = followLog(sha256, followNew(identity.origin), headOf(small));
    expect(first).toEqual({ log: following(small), verdict: "first" });
    expect(followLog(sha256, first.log, headOf(small))).toEqual({
      log: following(small),
      verdict: "unchanged",
    });
    expect(followLog(sha256, first.log, headOf(large))).toEqual({
      log: following(small),
      verdict: "proof-needed",
      smallerSize: 300,
      largerSize: 1_000,
    });
    expect(followLog(sha256, first.log, headOf(large), await history(large, 300))).toEqual({
      log: following(large),
      verdict: "advanced",
    });
  });

  it("needs no proof from the empty tree", () => {
    const [empty, large] = [storedLog(0), storedLog(9)];
    expect(followLog(sha256, following(empty), headOf(large))).toEqual({
      log: following(large),
      verdict: "advanced",
    });
    expect(followLog(sha256, following(large), headOf(empty))).toEqual({
      log: following(large),
      verdict: "rolled-back",
    });
  });

  it("is noticed when it shows an older state, and is not followed back", async () => {
    const [small, large] = [storedLog(256), storedLog(1_000)];
    const asked = followLog(sha256, following(large), headOf(small));
    expect(asked).toMatchObject({ verdict: "proof-needed", smallerSize: 256, largerSize: 1_000 });
    expect(followLog(sha256, following(large), headOf(small), await history(large, 256))).toEqual({
      log: following(large),
      verdict: "rolled-back",
    });
  });
});

describe("a proof that leads nowhere", () => {
  const [small, large] = [storedLog(300), storedLog(1_000)];

  it("changes nothing and convicts nobody", async () => {
    const good = await history(large, 300);
    const flipped = good.map((hash, i) =>
      i === 2 ? hash.map((byte, j) => (j === 5 ? byte ^ 1 : byte)) : hash,
    );
    for (const bad of [[], good.slice(1), good.toReversed(), [...good, small.head.root], flipped]) {
      expect(followLog(sha256, following(small), headOf(large), bad)).toEqual({
        log: following(small),
        verdict: "proof-refused",
      });
    }
  });
});

describe("a fork", () => {
  // 300 is no power of two, 256 is one: there RFC 6962 leaves the old root out of its proof.
  it.each([
    [300, 1_000, 299],
    [300, 1_000, 0],
    [256, 1_000, 255],
    [512, 513, 3],
    [1, 2, 0],
  ])(
    "between sizes %i and %i, in leaf %i, is proved from the larger tree's tiles",
    async (oldSize, newSize, place) => {
      const [small, forked] = [storedLog(oldSize), otherLog(newSize, place)];
      const proof = await history(forked, oldSize);
      const grown = followLog(sha256, following(small), headOf(forked), proof);
      expect(grown.verdict).toBe("forked");
      expect(evidenceOf(grown).kind).toBe("other-history");
      expect(isForkProven(crypto, identity, evidenceOf(grown))).toBe(true);
      // The same two checkpoints in the other order: a log set back that went another way.
      const setBack = followLog(sha256, following(forked), headOf(small), proof);
      expect(evidenceOf(setBack)).toEqual(evidenceOf(grown));
    },
  );

  it("of one size needs no proof", () => {
    const step = followLog(sha256, following(storedLog(300)), headOf(otherLog(300, 7)));
    expect(step.verdict).toBe("forked");
    expect(evidenceOf(step).kind).toBe("two-roots");
    expect(isForkProven(crypto, identity, evidenceOf(step))).toBe(true);
  });

  it("is a root that no empty tree has, also at first sight", () => {
    const impossible = signedCheckpoint({ size: 0, root: storedLog(1).head.root });
    for (const log of [followNew(identity.origin), following(storedLog(300))]) {
      const step = followLog(sha256, log, impossible);
      expect(step.verdict).toBe("forked");
      expect(isForkProven(crypto, identity, evidenceOf(step))).toBe(true);
    }
  });

  it("is final", async () => {
    const { log } = followLog(sha256, following(storedLog(300)), headOf(otherLog(300, 7)));
    const grown = storedLog(301);
    expect(followLog(sha256, log, headOf(grown), await history(grown, 300))).toEqual({
      log,
      verdict: "forked",
    });
  });
});

describe("evidence of a fork convinces nobody", () => {
  const honest = storedLog(300);
  const grown = storedLog(1_000);

  it("when the log did nothing wrong", async () => {
    const [smaller, larger] = [headOf(honest), headOf(grown)];
    const proof = await history(grown, 300);
    expect(isForkProven(crypto, identity, { kind: "impossible-root", signed: smaller })).toBe(false);
    expect(isForkProven(crypto, identity, { kind: "two-roots", one: smaller, other: smaller })).toBe(false);
    expect(isForkProven(crypto, identity, { kind: "two-roots", one: smaller, other: larger })).toBe(false);
    const evidence = { kind: "other-history", smaller, larger, history: proof } as const;
    expect(isForkProven(crypto, identity, evidence)).toBe(false);
    expect(isForkProven(crypto, identity, { ...evidence, history: proof.slice(1) })).toBe(false);
    expect(isForkProven(crypto, identity, { ...evidence, smaller: larger, larger: smaller })).toBe(false);
  });

  it("when a note is not the log's, whatever is claimed beside it", () => {
    const one = headOf(honest);
    const other = { ...headOf(otherLog(300, 7)), note: one.note };
    expect(isForkProven(crypto, identity, { kind: "two-roots", one, other })).toBe(false);
    const forged = { ...one, note: one.note.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) };
    expect(isForkProven(crypto, identity, { kind: "two-roots", one, other: forged })).toBe(false);
    expect(isForkProven(crypto, identity, { kind: "impossible-root", signed: forged })).toBe(false);
    const evidence = { kind: "other-history", smaller: forged, larger: one, history: [] } as const;
    expect(isForkProven(crypto, identity, evidence)).toBe(false);
  });
});

it("a checkpoint of another log is the caller's fault", () => {
  expect(() => followLog(sha256, followNew("other.example"), headOf(storedLog(1)))).toThrow(
    expect.objectContaining({ code: "wrong-log" }),
  );
});
