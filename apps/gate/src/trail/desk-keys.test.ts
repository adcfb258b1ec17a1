import { ed25519FromSecret, randomBytes, sha256 } from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import { formatVerifierKey, noteKey } from "@menshen/evidence";
import type { TrailNaming } from "@menshen/wire";
import { describe, expect, test } from "vitest";
import { TEST_COMMUNITY_ID } from "../testing/test-community.ts";
import { makeTestLog } from "../testing/test-custody.ts";
import { announcementsAfter, believedDeskKeys, type DeskKey, deskKeyFor } from "./desk-keys.ts";
import { makeLeafProof } from "./leaf-proof.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const AT = 1_795_305_600_000;
const START = AT + 7 * DAY_MS;
const key = new Uint8Array(32).fill(7);

const witnesses = ["city", "committee", "resident"].map((name) => {
  const secretKey = randomBytes(32);
  const { publicKey } = ed25519FromSecret(secretKey);
  return { secretKey, key: noteKey(sha256, { name, type: "ed25519-cosignature", publicKey }) };
});
const log = makeTestLog(TEST_COMMUNITY_ID, witnesses);
const policyOf = (quorum: number) => ({
  logKey: log.logKey,
  witnesses: witnesses.map((one) => formatVerifierKey(one.key)),
  quorum,
});

const everyone = { at: AT, scope: "everyone", from: START, until: START + 30 * DAY_MS, days: 7 };
const staff = { at: AT, scope: "staff", from: AT, days: 7 };

function naming(
  statement: typeof staff,
  changes: { readonly topic?: string; readonly seen?: readonly number[] } & Partial<TrailNaming> = {},
): TrailNaming {
  const { topic = "naming-decided", seen = [AT / 1_000, AT / 1_000, AT / 1_000], ...rest } = changes;
  return {
    scope: statement.scope === "staff" ? "staff" : "everyone",
    evidence: log.proveStatement(topic, statement, seen),
    deskKeys: [{ from: Instant(START), until: Instant(START + DAY_MS), key }],
    ...rest,
  };
}
const believed = (one: TrailNaming, quorum = 2) =>
  believedDeskKeys([one], makeLeafProof(TEST_COMMUNITY_ID, policyOf(quorum)));
const wholeDay = { fromMs: START, untilMs: START + DAY_MS, key };

describe("a desk key", () => {
  test("of a decision in the log is believed", () => {
    expect(believed(naming(everyone))).toEqual([{ scope: "everyone", ...wholeDay }]);
    expect(believed(naming(staff))).toEqual([{ scope: "staff", ...wholeDay }]);
  });

  test("without a decision in the log, of another log, or with too few witnesses is not", () => {
    const other = naming(everyone);
    expect(believed(naming(everyone, { topic: "settings-changed" }))).toEqual([]);
    expect(believed({ ...other, evidence: { ...other.evidence, salt: randomBytes(32) } })).toEqual([]);
    const policy = { ...policyOf(2), logKey: makeTestLog(TEST_COMMUNITY_ID).logKey };
    expect(believedDeskKeys([other], makeLeafProof(TEST_COMMUNITY_ID, policy))).toEqual([]);
    expect(believed(other, 4)).toEqual([]);
  });

  test("for everyone is not believed on the word that staff are named", () => {
    expect(believed(naming(staff, { scope: "everyone" }))).toEqual([]);
    expect(believed(naming(everyone, { scope: "staff" }))).toEqual([]);
  });

  test("for everyone names nobody until a week after two witnesses saw the decision, whatever it says", () => {
    const backdated = { ...everyone, at: AT - 9 * DAY_MS, from: AT, until: AT + 30 * DAY_MS };
    const today = { deskKeys: [{ from: Instant(AT), until: Instant(AT + DAY_MS), key }] };
    expect(believed(naming(backdated, today))).toEqual([]);
    // The second of the witnesses counts: it saw it an hour later than the first.
    const seen = [AT / 1_000 + 3_600, AT / 1_000, AT / 1_000 + 90_000];
    expect(believed(naming(everyone, { seen }))).toEqual([
      { scope: "everyone", fromMs: START + HOUR_MS, untilMs: START + DAY_MS, key },
    ]);
    expect(believed(naming(everyone, { seen }), 3)).toEqual([]);
    // A community without witnesses has the statement's word.
    expect(believed(naming(everyone, { seen }), 0)).toEqual([{ scope: "everyone", ...wholeDay }]);
  });

  test("keeps its day when its proof is renewed for more witnesses: the week is counted from the first", () => {
    const proves = (quorum: number) => makeLeafProof(TEST_COMMUNITY_ID, policyOf(quorum));
    const first = [naming(everyone, { seen: [AT / 1_000] })];
    const remembered = announcementsAfter([], first, proves(1));
    expect(believedDeskKeys(first, proves(1), remembered)).toEqual([{ scope: "everyone", ...wholeDay }]);
    // Two more witnesses are asked for. The old proof falls short: nobody is named, and nothing is forgotten.
    const few = [
      naming(everyone, { seen: [AT / 1_000], evidence: log.proveStatement("other", everyone, []) }),
    ];
    expect(believedDeskKeys(few, proves(3), remembered)).toEqual([]);
    expect(announcementsAfter(remembered, few, proves(3))).toEqual(remembered);
    const later = (AT + 20 * DAY_MS) / 1_000;
    const renewed = [naming(everyone, { seen: [later, later, later] })];
    const after = announcementsAfter(announcementsAfter(remembered, [], proves(3)), renewed, proves(3));
    expect(after).toEqual(remembered);
    expect(believedDeskKeys(renewed, proves(3), after)).toEqual([{ scope: "everyone", ...wholeDay }]);
    // A gate that never saw the first one waits, and another decision is not announced with this one.
    expect(believedDeskKeys(renewed, proves(3), announcementsAfter([], renewed, proves(3)))).toEqual([]);
    const another = [naming({ ...everyone, days: 6 }, { seen: [later, later, later] })];
    expect(believedDeskKeys(another, proves(3), announcementsAfter(after, another, proves(3)))).toEqual([]);
    expect(announcementsAfter(Array(9).fill(remembered[0]), another, proves(3))).toHaveLength(2);
  });

  test("holds within its decision and for a day alone", () => {
    const days = (...pairs: readonly (readonly [number, number])[]) => ({
      deskKeys: pairs.map(([from, until]) => ({ from: Instant(from), until: Instant(until), key })),
    });
    const ends = everyone.until;
    expect(
      believed(naming(everyone, days([START - HOUR_MS, START + HOUR_MS], [ends - HOUR_MS, ends + HOUR_MS]))),
    ).toEqual([
      { scope: "everyone", fromMs: START, untilMs: START + HOUR_MS, key },
      { scope: "everyone", fromMs: ends - HOUR_MS, untilMs: ends, key },
    ]);
    expect(believed(naming(everyone, days([ends, ends + HOUR_MS], [START, START + 27 * HOUR_MS])))).toEqual(
      [],
    );
  });
});

describe("the key of an entry", () => {
  const keyOf = (byte: number) => new Uint8Array(32).fill(byte);
  const keys: readonly DeskKey[] = [
    { scope: "staff", fromMs: 100, untilMs: 200, key: keyOf(1) },
    { scope: "everyone", fromMs: 150, untilMs: 300, key: keyOf(2) },
  ];
  test.each<[string, number, number, boolean, number | undefined]>([
    ["before all", 99, 120, true, undefined],
    ["a member of staff who was told", 100, 199, true, 1],
    ["anybody else while staff are named", 100, 149, false, undefined],
    ["anybody while everyone is", 150, 299, false, 2],
    ["a member of staff when staff are not named any more", 200, 250, true, 2],
    ["a time that may lie behind the end", 250, 300, false, undefined],
    ["a time that may lie before the start", 149, 160, false, undefined],
  ])("%s", (_what, earliest, latest, told, expected) => {
    expect(deskKeyFor(keys, { earliest, latest }, told)?.[0]).toBe(expected);
  });
});
