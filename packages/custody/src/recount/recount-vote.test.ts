import { primitives, randomBytes, sha256, toHex } from "@menshen/crypto";
import { canonicalJson, type VoteChoice } from "@menshen/domain";
import { commitLeaf, encodeLeaf } from "@menshen/evidence";
import { type OpenedBallot, type Recount, voteTexts } from "@menshen/wire";
import { expect, test } from "vitest";
import { recountVote } from "./recount-vote.ts";

const ID = "11111111-1111-4111-8111-111111111111";
const AGENDA = "ab".repeat(32);
const ROLL: [number, number][] = [
  [1, 300],
  [2, 200],
  [3, 100],
];
const TOOLS = { random: randomBytes, pause: async () => {} };
const utf8 = (text: string) => new TextEncoder().encode(text);

/** A log of three entries for heads 1 and 2 and one resident, and a recount that belongs to it. */
function vote(changes: Partial<Recount> = {}) {
  const entries = new Map<number, Uint8Array>();
  const cast = (leafIndex: number, topic: string, said: Record<string, string | number>): OpenedBallot => {
    const salt = randomBytes(32);
    const statement = canonicalJson({ at: 1, topic, motionId: ID, agendaSha256: AGENDA, ...said });
    entries.set(leafIndex, encodeLeaf(commitLeaf(primitives, salt, topic, utf8(statement))));
    return { statement, salt: toHex(salt), leafIndex };
  };
  const head = (leafIndex: number, number: number, areaDm2: number, choice: VoteChoice) =>
    cast(leafIndex, "ballot-cast", { number, areaDm2, choice, way: "app" });
  const recount: Recount = {
    communityId: "22222222-2222-4222-8222-222222222222",
    motion: {
      id: ID,
      matter: "other",
      item: 9,
      majority: "more-than-half",
      stage: "counted",
      title: "路灯",
      text: "换路灯",
      opensAt: 0,
      closesAt: 10,
      publishedAt: 0,
      agendaSha256: AGENDA,
      roll: { heads: 3, areaDm2: 600 },
      votedHeads: 2,
      result: {
        passed: true,
        vote: {
          areaDm2: { total: 600, inFavour: 500, voted: 500 },
          heads: { total: 3, voted: 2, inFavour: 2 },
        },
        choices: {
          for: { heads: 2, areaDm2: 500 },
          against: { heads: 0, areaDm2: 0 },
          abstain: { heads: 0, areaDm2: 0 },
        },
        shortfalls: [],
        advisory: { for: 0, against: 1, abstain: 0 },
        countedAt: 11,
      },
    },
    roll: ROLL,
    rollSha256: toHex(sha256(utf8(voteTexts.roll(ID, ROLL)))),
    ballots: [head(7, 1, 300, "for"), head(9, 2, 200, "for")],
    advisory: [cast(11, "advisory-ballot-cast", { choice: "against" })],
    ...changes,
  };
  const entryAt = async (index: number) => entries.get(index);
  return { recount, entryAt, head, entries };
}

test("V4 (Hangzhou): a vote counts again from the log's own entries", async () => {
  const { recount, entryAt } = vote();
  expect(await recountVote(recount, entryAt, TOOLS)).toEqual({
    good: true,
    ballots: 2,
    advisory: 1,
    passed: true,
  });
});

test("V4 (Hangzhou): whatever is left out, added, changed or shown twice is found", async () => {
  const { recount, entryAt, head } = vote();
  const [first, second] = recount.ballots;
  if (first === undefined || second === undefined) throw new Error("two ballots");
  const outcome = (changes: Partial<Recount>) => recountVote({ ...recount, ...changes }, entryAt, TOOLS);
  expect(await outcome({ ballots: [first] })).toEqual({ good: false, fault: "differs" });
  expect(await outcome({ ballots: [first, first, second] })).toMatchObject({ fault: "twice", leafIndex: 7 });
  expect(await outcome({ ballots: [first, second, head(13, 2, 200, "against")] })).toMatchObject({
    fault: "twice",
  });
  expect(await outcome({ ballots: [first, second, head(15, 4, 100, "for")] })).toMatchObject({
    fault: "foreign",
  });
  expect(await outcome({ ballots: [first, head(17, 2, 250, "for")] })).toMatchObject({ fault: "foreign" });
  const turned = { ...second, statement: second.statement.replace('"for"', '"against"') };
  expect(await outcome({ ballots: [first, turned] })).toMatchObject({ fault: "does-not-open", leafIndex: 9 });
  expect(await outcome({ ballots: [{ ...first, leafIndex: 99 }] })).toMatchObject({ fault: "unread" });
  const { leafIndex: _, ...unplaced } = first;
  expect(await outcome({ ballots: [unplaced] })).toEqual({ good: false, fault: "waiting" });
  expect(await outcome({ roll: [...ROLL, [4, 100]] })).toEqual({ good: false, fault: "roll" });
  expect(await outcome({ advisory: [] })).toEqual({ good: false, fault: "differs" });
  expect(await outcome({ advisory: [first] })).toMatchObject({ fault: "twice" });
});
