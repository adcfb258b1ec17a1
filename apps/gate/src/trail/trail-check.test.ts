import {
  coseSign1,
  ed25519Generate,
  hpkeGenerate,
  p256Generate,
  randomBytes,
  sha256,
} from "@menshen/crypto/node";
import {
  encodeCustodianSet,
  encodeWitnessPolicy,
  endorseWitnessPolicy,
  type WitnessPolicy,
} from "@menshen/custody";
import { GateId, Instant } from "@menshen/domain";
import { formatVerifierKey, noteKey } from "@menshen/evidence";
import {
  externalAad,
  type SignedMessageType,
  type TrailMessage,
  type TrailWitnessPolicy,
  trailMessage,
} from "@menshen/wire";
import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { TEST_COMMUNITY_ID } from "../testing/test-community.ts";
import {
  asCeremony,
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
    custodians: [asDocument(first)],
    ceremonies: [asCeremony(ceremony)],
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
    expect(state.epochKeys.map(({ epoch, setVersion }) => [epoch, setVersion])).toEqual([
      [1, 1],
      [2, 1],
    ]);
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

  test("names nobody unless the log proves the decision, and keeps the desk's keys over a restart", () => {
    const day = {
      from: Instant(ANCHOR),
      until: Instant(ANCHOR + 86_400_000),
      key: new Uint8Array(32).fill(4),
    };
    const proof = (one: typeof log) =>
      one.proveStatement("naming-decided", { at: ANCHOR, scope: "staff", from: ANCHOR, days: 7 }, []);
    const naming = (one: typeof log) => [{ scope: "staff" as const, evidence: proof(one), deskKeys: [day] }];
    expect(stateOf(check()).deskKeys).toEqual([]);
    expect(stateOf(check({ naming: naming(makeTestLog(TEST_COMMUNITY_ID)) })).deskKeys).toEqual([]);
    const state = stateOf(check({ naming: naming(log) }));
    expect(state.deskKeys).toEqual([
      { scope: "staff", fromMs: ANCHOR, untilMs: ANCHOR + 86_400_000, key: day.key },
    ]);
    const place = { gateId: GATE, communityId: TEST_COMMUNITY_ID };
    expect(restoreTrail(storeTrail(state, place), place)).toEqual(state);
    expect(stateOf(check({ trailVersion: 2 }, state)).deskKeys).toEqual([]);
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
  let second: TestCustodians;
  let third: TestCustodians;
  let fourth: TestCustodians;
  let history: TrailMessage["custodians"];
  beforeAll(() => {
    [second, third, fourth] = [makeCustodians(2), makeCustodians(3), makeCustodians(4)];
    history = [
      asDocument(first),
      asDocument(second, first, [1, 2]),
      asDocument(third, second, [2, 3]),
      asDocument(fourth, third, [1, 3]),
    ];
  });
  const encodings = (...sets: readonly TestCustodians[]) => sets.map(({ set }) => encodeCustodianSet(set));
  const shown = (custodians: TrailMessage["custodians"], held?: TrailState) =>
    check({ trailVersion: 2, custodians }, held);
  const notEndorsed = refusal("refused-by-rules", 2, true);

  test("are believed as first seen, and stay when the server names none any more", () => {
    const held = stateOf(check());
    expect(held.custodians).toEqual(encodings(first));
    const next = stateOf(shown([], held));
    expect(next.custodians).toEqual(held.custodians);
    expect(next.epochKeys).toEqual(held.epochKeys);
  });

  test("are others only with the word of enough of those before", () => {
    const held = stateOf(check());
    const offer = (endorsers: readonly number[], by = first) =>
      shown([asDocument(first), asDocument(second, by, endorsers)], held);
    expect(offer([])).toEqual(notEndorsed);
    expect(offer([1])).toEqual(notEndorsed);
    expect(offer([1, 1])).toEqual(notEndorsed);
    expect(offer([1, 2], makeCustodians())).toEqual(notEndorsed);
    expect(stateOf(offer([3, 1])).custodians).toEqual(encodings(first, second));
  });

  test("of the same version must be the same", () => {
    const held = stateOf(check());
    expect(shown([asDocument(makeCustodians(), first, [])], held)).toEqual(notEndorsed);
  });

  test("may change three times while a gate is away", () => {
    const held = stateOf(check());
    const after = stateOf(shown(history, held));
    expect(after.custodians).toEqual(encodings(first, second, third, fourth));
    const place = { gateId: GATE, communityId: TEST_COMMUNITY_ID };
    expect(restoreTrail(storeTrail(after, place), place)).toEqual(after);
  });

  test("are refused with a step in the middle that nobody endorsed", () => {
    const held = stateOf(check());
    const forged = makeCustodians(2);
    const [start] = history;
    if (start === undefined) throw new Error("expected custodians");
    const stranger = makeCustodians();
    for (const [by, endorsers] of [
      [first, []],
      [first, [1]],
      [stranger, [1, 2]],
    ] as const) {
      const middle = [
        start,
        asDocument(forged, by, endorsers),
        asDocument(third, forged, [1, 2]),
        asDocument(fourth, third, [1, 2]),
      ];
      expect(shown(middle, held)).toEqual(notEndorsed);
      // Nor by a gate that believes nobody yet.
      expect(shown(middle)).toEqual(notEndorsed);
    }
    // One left out: those after were endorsed by a set that is not shown.
    expect(shown(history.toSpliced(1, 1), held)).toEqual(notEndorsed);
  });

  test("are refused when the history no longer reaches back to those believed, or ends before them", () => {
    const held = stateOf(check());
    expect(shown(history.slice(1), held)).toEqual(notEndorsed);
    expect(shown(history.slice(-1), held)).toEqual(notEndorsed);
    const later = stateOf(shown(history.slice(0, 3), held));
    expect(check({ trailVersion: 3, custodians: history.slice(0, 2) }, later)).toEqual(
      refusal("refused-by-rules", 3, true),
    );
    // From those believed last on is enough.
    expect(stateOf(check({ trailVersion: 3, custodians: history.slice(2) }, later)).custodians).toEqual(
      encodings(first, second, third, fourth),
    );
  });

  test("that a server shows from before the believed ones are not believed, whomever they endorse", () => {
    const held = stateOf(shown(history.slice(3)));
    expect(held.custodians).toEqual(encodings(fourth));
    const forged = makeCustodians(3);
    const custodians = [asDocument(forged), asDocument(fourth, forged, [1, 2])];
    const theirs = asCeremony(holdCeremony(forged, { firstEpoch: 5, epochCount: 1 }));
    const next = stateOf(check({ trailVersion: 3, custodians, ceremonies: [theirs] }, held));
    expect(next.custodians).toEqual(encodings(fourth));
    expect(next.epochKeys).toEqual(held.epochKeys);
  });

  test("of before hold for their ceremonies, also at a gate that was enrolled late", () => {
    const state = stateOf(shown(history));
    expect(state.custodians).toEqual(encodings(first, second, third, fourth));
    expect(state.epochKeys.map(({ epoch, setVersion }) => [epoch, setVersion])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  test("that are new give the keys of epochs to come; one that has begun keeps its own", () => {
    const held = stateOf(check());
    const theirs = holdCeremony(second, { firstEpoch: 1, epochCount: 3 });
    const ceremonies = [asCeremony(ceremony), asCeremony(theirs)];
    const custodians = history.slice(0, 2);
    const versions = (answer: TrailAnswer) =>
      stateOf(answer).epochKeys.map(({ epoch, setVersion }) => [epoch, setVersion]);
    expect(versions(check({ trailVersion: 2, custodians, ceremonies }, held))).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
    ]);
    const inEpoch2 = { earliestMs: ANCHOR + EPOCH_MS };
    expect(versions(check({ trailVersion: 2, custodians, ceremonies }, held, inEpoch2))).toEqual([
      [2, 1],
      [3, 2],
    ]);
    // A gate that has sealed nothing yet begins with the latest, in whatever order they come.
    for (const inOrder of [ceremonies, ceremonies.toReversed()]) {
      expect(versions(check({ trailVersion: 2, custodians, ceremonies: inOrder }))).toEqual([
        [1, 2],
        [2, 2],
        [3, 2],
      ]);
    }
    // Those before never take an epoch back.
    const after = stateOf(check({ trailVersion: 2, custodians, ceremonies: ceremonies.slice(1) }, held));
    const again = [...ceremonies, asCeremony(later)];
    expect(versions(check({ trailVersion: 3, custodians, ceremonies: again }, after))).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
    ]);
  });

  test("that are no set are no document", () => {
    const [start] = history;
    if (start === undefined) throw new Error("expected custodians");
    const encoded = start.encoded.slice(0, -1);
    expect(check({ custodians: [{ ...start, encoded }] })).toEqual(refusal("invalid", 1));
  });
});

describe("ceremonies", () => {
  test("of one epoch give the key that was there first", () => {
    const held = stateOf(check());
    const ceremonies = [ceremony, later].map(asCeremony);
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
      const ceremonies = [{ ...bad, setVersion: 1 }, asCeremony(ceremony)];
      expect(stateOf(check({ ceremonies })).epochKeys.map(({ epoch }) => epoch)).toEqual([1, 2]);
    }
    const foreign = makeCustodians();
    const theirs = asCeremony(holdCeremony(foreign, { firstEpoch: 5, epochCount: 1 }));
    expect(stateOf(check({ ceremonies: [theirs] })).epochKeys).toEqual([]);
    // Of a set that nobody named.
    expect(stateOf(check({ ceremonies: [{ ...asCeremony(ceremony), setVersion: 2 }] })).epochKeys).toEqual(
      [],
    );
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

  test("is not proven where the log's key is none, or of another kind", () => {
    const cosigning = formatVerifierKey(
      noteKey(sha256, { name: "w", type: "ed25519-cosignature", publicKey: ed25519Generate().publicKey }),
    );
    for (const logKey of ["nonsense", cosigning]) {
      expect(proven({ logKey })).toEqual([false, false]);
    }
  });
});

describe("the log and its witnesses", () => {
  const witness = (name: string) => {
    const { publicKey } = ed25519Generate();
    return formatVerifierKey(noteKey(sha256, { name, type: "ed25519-cosignature", publicKey }));
  };
  const [city, committee, own, another] = ["city", "committee", "own", "another"].map(witness);
  if (city === undefined || committee === undefined || own === undefined || another === undefined) {
    throw new Error("expected witnesses");
  }
  const believed = (witnesses: readonly string[], quorum: number) =>
    stateOf(check({ witnesses: [...witnesses], quorum }));
  const after = (held: TrailState, changes: Partial<TrailMessage>) => {
    const { log: policy, logRefused } = stateOf(check({ trailVersion: 2, ...changes }, held));
    return [policy?.witnesses, policy?.quorum, logRefused];
  };

  test("may be any while no witness was relied on", () => {
    const held = believed([city], 0);
    expect(held.logRefused).toBe(false);
    expect(after(held, { witnesses: [own], quorum: 1 })).toEqual([[own], 1, false]);
    expect(after(held, { witnesses: [], quorum: 0 })).toEqual([[], 0, false]);
  });

  test("may ask for more, each new witness for one signature more", () => {
    const held = believed([city, committee], 1);
    expect(after(held, { witnesses: [committee, city], quorum: 1 })).toEqual([[committee, city], 1, false]);
    expect(after(held, { witnesses: [city, committee], quorum: 2 })).toEqual([[city, committee], 2, false]);
    expect(after(held, { witnesses: [city, committee, own], quorum: 2 })).toEqual([
      [city, committee, own],
      2,
      false,
    ]);
  });

  test.each([
    ["a smaller quorum", { witnesses: [city, committee], quorum: 1 }],
    ["none at all", { witnesses: [], quorum: 0 }],
    ["one witness gone", { witnesses: [city], quorum: 2 }],
    ["one changed for another", { witnesses: [city, own], quorum: 2 }],
    ["one more that could sign in another's place", { witnesses: [city, committee, own], quorum: 2 }],
    ["two more for one signature more", { witnesses: [city, committee, own, another], quorum: 3 }],
    ["another log", { logKey: city, witnesses: [city, committee], quorum: 2 }],
  ])("stay, and a person is told, when the server asks for %s", (_what, changes) => {
    const held = believed([city, committee], 2);
    expect(after(held, changes)).toEqual([[city, committee], 2, true]);
    expect(stateOf(check({ trailVersion: 2, ...changes }, held)).log?.logKey).toBe(log.logKey);
    const told = stateOf(check({ trailVersion: 2, ...changes }, held));
    const place = { gateId: GATE, communityId: TEST_COMMUNITY_ID };
    expect(restoreTrail(storeTrail(told, place), place)).toEqual(told);
    // The rest of the document holds.
    expect(told.version).toBe(2);
    const good = { trailVersion: 3, witnesses: [city, committee], quorum: 2 };
    expect(stateOf(check(good, told)).logRefused).toBe(false);
  });

  describe("changed by the custodians", () => {
    const strict = { witnesses: [city, committee], quorum: 2 };
    /** The policy as a document carries it, endorsed by these members. */
    const endorsed = (
      change: Partial<WitnessPolicy>,
      by: readonly number[] = [1, 3],
      { set, identities }: TestCustodians = first,
    ): TrailWitnessPolicy => {
      const policy = {
        version: 2,
        logKey: log.logKey,
        witnesses: [{ body: "city", key: city }],
        quorum: 1,
        ...change,
      };
      const endorsements = by.map((index) =>
        endorseWitnessPolicy({
          set,
          policy,
          secretKey: identities[index - 1]?.secretKey ?? new Uint8Array(),
        }),
      );
      return { encoded: encodeWitnessPolicy(policy), setVersion: set.version, endorsements };
    };
    const loose = { witnesses: [city], quorum: 1 };

    test("a witness may go, and the log change, when the threshold says so; kept over a restart", () => {
      const held = believed([city, committee], 2);
      expect(after(held, { ...loose, witnessPolicy: endorsed({}) })).toEqual([[city], 1, false]);
      const other = makeTestLog(TEST_COMMUNITY_ID).logKey;
      const changes = { ...loose, logKey: other, witnessPolicy: endorsed({ logKey: other }) };
      const next = stateOf(check({ trailVersion: 2, ...changes }, held));
      expect([next.log?.logKey, next.log?.endorsedVersion, next.logRefused]).toEqual([other, 2, false]);
      const place = { gateId: GATE, communityId: TEST_COMMUNITY_ID };
      expect(restoreTrail(storeTrail(next, place), place)).toEqual(next);
    });

    test("what asks for no less than the endorsed policy may follow it in the same document", () => {
      const held = believed([city, committee], 2);
      const more = { witnesses: [city, own], quorum: 2, witnessPolicy: endorsed({}) };
      expect(after(held, more)).toEqual([[city, own], 2, false]);
      const less = { witnesses: [own], quorum: 1, witnessPolicy: endorsed({}) };
      expect(after(held, less)).toEqual([[city], 1, true]);
    });

    test.each([
      ["one custodian alone", () => endorsed({}, [1])],
      ["strangers", () => endorsed({}, [1, 3], makeCustodians())],
      ["a set that nobody heard of", () => ({ ...endorsed({}), setVersion: 2 })],
    ])("not on the word of %s", (_who, policy) => {
      const held = believed([city, committee], 2);
      expect(after(held, { ...loose, witnessPolicy: policy() })).toEqual([[city, committee], 2, true]);
      // The policy as it was stays good.
      expect(after(held, { ...strict, witnessPolicy: policy() })).toEqual([[city, committee], 2, false]);
    });

    test("not back to a policy from before", () => {
      const held = believed([city, committee], 2);
      const next = stateOf(check({ trailVersion: 2, ...loose, witnessPolicy: endorsed({}) }, held));
      const old = endorsed({ version: 1, witnesses: [{ body: "resident", key: own }] });
      const back = { trailVersion: 3, witnesses: [own], quorum: 1, witnessPolicy: old };
      expect(stateOf(check(back, next))).toMatchObject({ log: loose, logRefused: true });
    });

    test("by custodians who left meanwhile, where the gate had not heard of others yet", () => {
      const second = makeCustodians(2);
      const custodians = [asDocument(first), asDocument(second, first, [1, 2])];
      const changes = { custodians, ...loose, witnessPolicy: endorsed({}) };
      expect(after(believed([city, committee], 2), changes)).toEqual([[city], 1, false]);
      // Once the gate knows their successors, they have no say any more.
      const known = stateOf(check({ custodians, ...strict }));
      expect(after(known, changes)).toEqual([[city, committee], 2, true]);
      const theirs = { custodians, ...loose, witnessPolicy: endorsed({}, [1, 2], second) };
      expect(after(known, theirs)).toEqual([[city], 1, false]);
    });

    test("a policy that is none makes the document invalid", () => {
      const witnessPolicy = { ...endorsed({}), encoded: new Uint8Array([1]) };
      expect(check({ trailVersion: 2, witnessPolicy }, believed([city], 1))).toMatchObject({
        outcome: "refused",
        error: "invalid",
      });
    });
  });

  test("another log is refused also where nobody was relied on to witness it", () => {
    const other = makeTestLog(TEST_COMMUNITY_ID).logKey;
    const next = stateOf(check({ trailVersion: 2, logKey: other }, stateOf(check())));
    expect([next.log?.logKey, next.logRefused]).toEqual([log.logKey, true]);
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
