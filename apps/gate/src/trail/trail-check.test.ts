import {
  coseSign1,
  ed25519Generate,
  hpkeGenerate,
  p256Generate,
  randomBytes,
  sha256,
} from "@menshen/crypto/node";
import { encodeCustodianSet } from "@menshen/custody";
import { GateId, Instant } from "@menshen/domain";
import { formatVerifierKey, noteKey } from "@menshen/evidence";
import { externalAad, type SignedMessageType, type TrailMessage, trailMessage } from "@menshen/wire";
import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { TEST_COMMUNITY_ID } from "../testing/test-community.ts";
import {
  asDocument,
  holdCeremony,
  makeCustodians,
  makeTestLog,
  type TestCeremony,
  type TestCustodians,
} from "../testing/test-custody.ts";
import { GATE } from "../testing/test-site.ts";
import { checkTrail, type TrailAnswer, type TrailRequest, type TrailState } from "./trail-check.ts";
import { restoreTrail, storeTrail } from "./trail-store.ts";
import { checkTrailAside } from "./trail-thread.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 150);
const ANCHOR = 1_800_000_000_000;
const EPOCH_MS = 28 * 86_400_000;
const OTHER = GateId("aaaaaaaa-0000-4000-8000-000000000002");
const policyKey = ed25519Generate();
const log = makeTestLog(TEST_COMMUNITY_ID);
const sealing = await Promise.all([hpkeGenerate(), hpkeGenerate()]);
const peers = [GATE, OTHER].map((gateId, i) => ({
  gateId,
  deviceKey: p256Generate().publicKey,
  sealingKey: sealing[i]?.publicKey ?? new Uint8Array(32),
}));

let first: TestCustodians;
let ceremony: TestCeremony;
let later: TestCeremony;
beforeAll(() => {
  first = makeCustodians();
  ceremony = holdCeremony(first, { firstEpoch: 1, epochCount: 2 });
  later = holdCeremony(first, { firstEpoch: 2, epochCount: 2 });
});

function document(changes: Partial<TrailMessage> = {}): TrailMessage {
  return {
    version: 1,
    gateId: GATE,
    trailVersion: 1,
    issuedAt: Instant(ANCHOR),
    grid: { anchor: Instant(ANCHOR), epochMs: EPOCH_MS },
    generation: 0,
    peers: [...log.prove(peers)],
    custodians: asDocument(first),
    ceremonies: [{ certificate: ceremony.certificate, vouches: ceremony.vouches }],
    logKey: log.logKey,
    witnesses: [],
    quorum: 0,
    ...changes,
  };
}

function request(
  changes: Partial<TrailMessage> = {},
  held?: TrailState,
  more: Partial<TrailRequest> & { key?: typeof policyKey; type?: SignedMessageType } = {},
): TrailRequest {
  const payload = trailMessage.encode(document(changes));
  const { key = policyKey, type = "trail", ...rest } = more;
  return {
    message: coseSign1({ payload, key, externalAad: externalAad(type) }),
    policyKey: policyKey.publicKey,
    gateId: GATE,
    communityId: TEST_COMMUNITY_ID,
    held: held && { state: held, stored: true },
    earliestMs: ANCHOR + 5,
    ...rest,
  };
}
const check = (...values: Parameters<typeof request>): TrailAnswer => checkTrail(request(...values));
function stateOf(answer: TrailAnswer): TrailState {
  if (answer.outcome !== "checked")
    throw new Error(`expected a checked document, came ${JSON.stringify(answer)}`);
  return answer.state;
}
const refusal = (error: string, version = 2, notEndorsed = false) => ({
  outcome: "refused",
  error,
  version,
  notEndorsed,
});

describe("a trail document", () => {
  test("gives keys by epoch, proven peers and the grid, and is the same after a restart", () => {
    const state = stateOf(check());
    expect(state.epochKeys.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(state.peers.map(({ gateId, proven }) => [gateId, proven])).toEqual([
      [GATE, true],
      [OTHER, true],
    ]);
    expect(state.grid).toEqual({ anchorMs: ANCHOR, epochMs: EPOCH_MS });
    const place = { gateId: GATE, communityId: TEST_COMMUNITY_ID };
    expect(restoreTrail(storeTrail(state, place), place)).toEqual(state);
    expect(() => restoreTrail(storeTrail(state, place), { ...place, gateId: OTHER })).toThrow(
      expect.objectContaining({ code: "seal-broken" }),
    );
  });

  test("is refused from anybody but the community, for another gate, and in an older version", () => {
    const held = stateOf(check({ trailVersion: 4 }));
    expect(check({}, undefined, { key: ed25519Generate() })).toEqual(refusal("bad-signature", 0));
    expect(check({}, undefined, { type: "modes" })).toEqual(refusal("bad-signature", 0));
    expect(check({ gateId: OTHER }, undefined)).toEqual(refusal("wrong-gate", 1));
    expect(check({ trailVersion: 3 }, held)).toEqual(refusal("older-version", 3));
    expect(check({ trailVersion: 4 }, held)).toEqual({ outcome: "held", version: 4 });
    expect(check({ trailVersion: 4 }, undefined, { held: { state: held, stored: false } }).outcome).toBe(
      "checked",
    );
  });

  test("may not move the epochs", () => {
    const held = stateOf(check());
    const grid = { anchor: Instant(ANCHOR), epochMs: EPOCH_MS * 2 };
    expect(check({ trailVersion: 2, grid }, held)).toEqual(refusal("refused-by-rules"));
  });

  test("never takes the generation back", () => {
    const held = stateOf(check({ generation: 3 }));
    expect(stateOf(check({ trailVersion: 2, generation: 1 }, held)).generation).toBe(3);
  });

  test("loses the keys of epochs that are over", () => {
    const held = stateOf(check());
    const next = check({ trailVersion: 2 }, held, { earliestMs: ANCHOR + EPOCH_MS });
    expect(stateOf(next).epochKeys.map(({ epoch }) => epoch)).toEqual([2]);
  });

  test("is answered in any damaged form, by a refusal", () => {
    const { message } = request();
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const bytes = message.slice();
        bytes[place] = (bytes[place] ?? 0) ^ change;
        const answer = checkTrail({ ...request(), message: bytes });
        expect(answer.outcome === "refused" && answer.error).toBe("bad-signature");
      }),
      { numRuns },
    );
  });
});

describe("custodians", () => {
  test("are believed as first seen, and stay when the server names none any more", () => {
    const held = stateOf(check());
    expect(held.custodians).toEqual(encodeCustodianSet(first.set));
    const { custodians: _none, ...rest } = document({ trailVersion: 2 });
    const message = coseSign1({
      payload: trailMessage.encode(rest),
      key: policyKey,
      externalAad: externalAad("trail"),
    });
    const next = stateOf(checkTrail({ ...request({}, held), message }));
    expect(next.custodians).toEqual(held.custodians);
    expect(next.epochKeys).toEqual(held.epochKeys);
  });

  test("are others only with the word of enough of those before", () => {
    const held = stateOf(check());
    const second = makeCustodians(2);
    const offer = (endorsers: readonly number[], by = first) =>
      check({ trailVersion: 2, custodians: asDocument(second, by, endorsers) }, held);
    expect(offer([])).toEqual(refusal("refused-by-rules", 2, true));
    expect(offer([1])).toEqual(refusal("refused-by-rules", 2, true));
    expect(offer([1, 1])).toEqual(refusal("refused-by-rules", 2, true));
    expect(offer([1, 2], makeCustodians())).toEqual(refusal("refused-by-rules", 2, true));
    expect(stateOf(offer([3, 1])).custodians).toEqual(encodeCustodianSet(second.set));
  });

  test("of the same version must be the same", () => {
    const held = stateOf(check());
    const custodians = asDocument(makeCustodians(), first, []);
    expect(check({ trailVersion: 2, custodians }, held)).toEqual(refusal("refused-by-rules", 2, true));
  });

  test("may change twice while a gate is away, if enough of those it believes still sat there", () => {
    const held = stateOf(check());
    const [a, b] = first.identities;
    const fresh = makeCustodians(2);
    if (a === undefined || b === undefined) throw new Error("expected custodians");
    const between: TestCustodians = {
      identities: [a, b, ...fresh.identities.slice(2)],
      set: {
        ...fresh.set,
        members: fresh.set.members.map((member, i) => ({
          ...member,
          identityKey: [a, b][i]?.publicKey ?? member.identityKey,
        })),
      },
    };
    const third = makeCustodians(3);
    const offer = (endorsers: readonly number[], previous = between) =>
      check(
        {
          trailVersion: 2,
          custodians: {
            ...asDocument(third, previous, endorsers),
            previous: encodeCustodianSet(previous.set),
          },
        },
        held,
      );
    expect(stateOf(offer([1, 2])).custodians).toEqual(encodeCustodianSet(third.set));
    expect(offer([1, 3])).toEqual(refusal("refused-by-rules", 2, true));
    // A set in between that the server made up, with members of its own.
    expect(offer([1, 2], makeCustodians(2))).toEqual(refusal("refused-by-rules", 2, true));
  });

  test("that are no set are no document", () => {
    const custodians = { ...asDocument(first), threshold: 4 };
    expect(check({ custodians })).toEqual(refusal("invalid", 1));
  });
});

describe("ceremonies", () => {
  test("of one epoch give the key that was there first", () => {
    const held = stateOf(check());
    const ceremonies = [ceremony, later].map(({ certificate, vouches }) => ({ certificate, vouches }));
    const next = stateOf(check({ trailVersion: 2, ceremonies }, held));
    expect(next.epochKeys.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(next.epochKeys[1]).toEqual(held.epochKeys[1]);
  });

  test("without every custodian's word, changed, or of others, give none, and stand in no other's way", () => {
    const { certificate, vouches } = later;
    const [one, two, three] = vouches;
    if (one === undefined || two === undefined || three === undefined) throw new Error("expected vouches");
    const changed = certificate.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    for (const bad of [
      { certificate, vouches: [one, two] },
      { certificate, vouches: [one, one, three] },
      { certificate, vouches: [two, one, three] },
      { certificate, vouches: [one, two, new Uint8Array(64)] },
      { certificate: changed, vouches },
      { certificate: certificate.slice(0, 60), vouches },
    ]) {
      const ceremonies = [bad, { certificate: ceremony.certificate, vouches: ceremony.vouches }];
      expect(stateOf(check({ ceremonies })).epochKeys.map(({ epoch }) => epoch)).toEqual([1, 2]);
    }
    const foreign = makeCustodians();
    const { certificate: theirs, vouches: word } = holdCeremony(foreign, { firstEpoch: 5, epochCount: 1 });
    expect(stateOf(check({ ceremonies: [{ certificate: theirs, vouches: word }] })).epochKeys).toEqual([]);
  });

  test("are judged once", () => {
    const held = stateOf(check());
    const next = stateOf(check({ trailVersion: 2 }, held));
    expect([next.epochKeys, next.judged]).toEqual([held.epochKeys, held.judged]);
    // What it gave then is not asked of it again.
    expect(stateOf(check({ trailVersion: 2 }, { ...held, epochKeys: [] })).epochKeys).toEqual([]);
  });
});

describe("a peer", () => {
  const proven = (changes: Partial<TrailMessage>, held?: TrailState) =>
    stateOf(check(changes, held)).peers.map((peer) => peer.proven);

  test("is not proven without evidence, with another's, or with any part of it changed", () => {
    const [own, other] = log.prove(peers);
    const evidence = other?.evidence;
    if (own === undefined || other === undefined || evidence === undefined) throw new Error("expected peers");
    const withEvidence = (more: Partial<typeof evidence>) => [
      own,
      { ...other, evidence: { ...evidence, ...more } },
    ];
    expect(proven({ peers: [...log.prove(peers, { unlogged: [OTHER] })] })).toEqual([true, false]);
    for (const changed of [
      [own, { ...other, evidence: own.evidence ?? evidence }],
      [own, { ...other, deviceKey: own.deviceKey }],
      [own, { ...other, sealingKey: own.sealingKey }],
      withEvidence({ salt: randomBytes(32) }),
      withEvidence({ leafIndex: 0 }),
      withEvidence({ treeSize: 3 }),
      withEvidence({ proof: [] }),
      withEvidence({ proof: [...evidence.proof, ...evidence.proof] }),
      withEvidence({ statement: evidence.statement.replace("issued", "revoked") }),
      withEvidence({ statement: ` ${evidence.statement}` }),
      withEvidence({ statement: "[]" }),
      withEvidence({ statement: "no statement" }),
      withEvidence({ checkpoint: evidence.checkpoint.replace("\n2\n", "\n4\n") }),
      withEvidence({ checkpoint: "none" }),
    ]) {
      expect(proven({ peers: changed })).toEqual([true, false]);
    }
  });

  test("is not proven by another log than the one first seen", () => {
    const held = stateOf(check());
    const forged = makeTestLog(TEST_COMMUNITY_ID);
    expect(proven({ trailVersion: 2, logKey: forged.logKey, peers: [...forged.prove(peers)] }, held)).toEqual(
      [false, false],
    );
    expect(proven({ trailVersion: 2, logKey: forged.logKey }, held)).toEqual([true, true]);
  });

  test("is not proven while too few witnesses have seen the log", () => {
    const witness = ed25519Generate();
    const key = noteKey(sha256, {
      name: "witness.example",
      type: "ed25519-cosignature",
      publicKey: witness.publicKey,
    });
    const witnesses = [formatVerifierKey(key)];
    expect(proven({ witnesses, quorum: 0 })).toEqual([true, true]);
    expect(proven({ witnesses, quorum: 1 })).toEqual([false, false]);
    const seen = makeTestLog(TEST_COMMUNITY_ID, [{ key, secretKey: witness.secretKey }]);
    expect(proven({ witnesses, quorum: 1, logKey: seen.logKey, peers: [...seen.prove(peers)] })).toEqual([
      true,
      true,
    ]);
    // A quorum of more witnesses than there are is never met.
    expect(proven({ witnesses, quorum: 2, logKey: seen.logKey, peers: [...seen.prove(peers)] })).toEqual([
      false,
      false,
    ]);
  });

  test("witnesses and quorum are followed where they ask for no less than before, and not otherwise", () => {
    const vkey = (name: string) =>
      formatVerifierKey(
        noteKey(sha256, { name, type: "ed25519-cosignature", publicKey: ed25519Generate().publicKey }),
      );
    const [city, committee, other] = [vkey("city"), vkey("committee"), vkey("other")];
    const policy = (witnesses: string[], quorum: number, held?: TrailState) => {
      const trailVersion = (held?.version ?? 0) + 1;
      return stateOf(check({ trailVersion, witnesses, quorum }, held));
    };
    const told = ({ log: { witnesses, quorum } = { witnesses: [], quorum: -1 } }: TrailState) => [
      witnesses,
      quorum,
    ];
    const none = policy([], 0);
    const one = policy([city], 1, none);
    expect(told(one)).toEqual([[city], 1]);
    const two = policy([committee, city], 2, one);
    expect(told(two)).toEqual([[committee, city], 2]);
    for (const [witnesses, quorum] of [
      [[], 0],
      [[city], 0],
      [[other], 1],
      // The other one's signature alone would do.
      [[city, other], 1],
    ] as const) {
      expect(told(policy([...witnesses], quorum, one))).toEqual([[city], 1]);
    }
  });

  test("is not proven where the log's key is none, or of another kind", () => {
    const cosigning = formatVerifierKey(
      noteKey(sha256, { name: "w", type: "ed25519-cosignature", publicKey: ed25519Generate().publicKey }),
    );
    for (const logKey of ["nonsense", cosigning]) {
      expect(proven({ logKey })).toEqual([false, false]);
    }
  });
});

describe("the thread for large documents", () => {
  test("answers as the check does, and the check is done here if it dies", async () => {
    const [own] = peers;
    if (own === undefined) throw new Error("expected a peer");
    const asked = request({ peers: Array.from({ length: 60 }, () => own) });
    const aside = await checkTrailAside(asked);
    expect(aside).toEqual(checkTrail(asked));
    const { Worker } = await import("node:worker_threads");
    const start = vi.fn(() => new Worker("process.exit(1)", { eval: true }));
    expect(await checkTrailAside(asked, start)).toEqual(checkTrail(asked));
    expect(start).toHaveBeenCalledTimes(1);
  });
});
