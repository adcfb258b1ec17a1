import fc from "fast-check";
import { expect, it } from "vitest";
import { identity, sha256, signedCheckpoint, storedLog } from "../evidence.fixture.ts";
import { naiveLeaf, naiveLeaves } from "../naive-tree.fixture.ts";
import { proveHistory } from "../tiles/prove.ts";
import type { FollowedLog, FollowVerdict } from "./follow-log.ts";
import { followLog, followNew } from "./follow-log.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const SIZES = 20;
const FORK_AT = 9;

/** Two histories of one log, the same up to {@link FORK_AT} leaves; every size of both, signed. */
const branches = [0, 1].map((branch) => {
  const leaves = naiveLeaves(SIZES).map((leaf, i) =>
    i < FORK_AT ? leaf : naiveLeaf(Uint8Array.of(branch, i)),
  );
  return Array.from({ length: SIZES + 1 }, (_, size) => {
    const log = storedLog(0);
    log.append(leaves.slice(0, size));
    return { log, signed: signedCheckpoint(log.head) };
  });
});

const histories = new Map<string, readonly Uint8Array[]>();
for (const [branch, sizes] of branches.entries()) {
  for (const { log } of sizes) {
    for (let size = 1; size < log.head.size; size += 1) {
      const made = await proveHistory(sha256, log.source, log.head, size);
      if (!made.read) throw new Error(made.path);
      histories.set(`${branch} ${size} ${log.head.size}`, made.proof);
    }
  }
}

const steps = fc.array(fc.tuple(fc.nat(1), fc.nat(SIZES)), { minLength: 1, maxLength: 12 });

/** What must happen, from sizes and branches alone. */
function expectedVerdict(head: [number, number] | undefined, branch: number, size: number): FollowVerdict {
  if (head === undefined) return "first";
  const [headBranch, headSize] = head;
  if (branch !== headBranch && Math.min(size, headSize) > FORK_AT) return "forked";
  if (size === headSize) return "unchanged";
  return size > headSize ? "advanced" : "rolled-back";
}

it("whatever a log shows, a follower keeps to one history and notices every other", () => {
  fc.assert(
    fc.property(steps, (shown) => {
      let log: FollowedLog = followNew(identity.origin);
      let head: [number, number] | undefined;
      for (const [branch, size] of shown) {
        const next = branches[branch]?.[size]?.signed;
        if (next === undefined) throw new Error("no such checkpoint");
        const expected = expectedVerdict(head, branch, size);
        let step = followLog(sha256, log, next);
        if (step.verdict === "proof-needed") {
          const larger = size > (head?.[1] ?? 0) ? branch : head?.[0];
          step = followLog(
            sha256,
            log,
            next,
            histories.get(`${larger} ${step.smallerSize} ${step.largerSize}`),
          );
        }
        expect(step.verdict).toBe(expected);
        log = step.log;
        if (expected === "forked") return;
        if (expected === "first" || expected === "advanced") head = [branch, size];
      }
    }),
    { numRuns },
  );
});

it("random hashes convince a follower of nothing", () => {
  const hashes = fc.array(fc.uint8Array({ minLength: 31, maxLength: 33 }), { maxLength: 8 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), hashes, (size, history) => {
      const head = branches[0]?.[size]?.signed;
      const next = branches[1]?.[SIZES]?.signed;
      if (head === undefined || next === undefined) throw new Error("no such checkpoint");
      const log: FollowedLog = { state: "following", origin: identity.origin, head };
      expect(followLog(sha256, log, next, history)).toEqual({ log, verdict: "proof-refused" });
    }),
    { numRuns },
  );
});
