import * as crypto from "@menshen/crypto";
import { expect, it } from "vitest";
import {
  combinePartials,
  isSealedPartial,
  parseHeldPartial,
  parsePartial,
  parseSealedEntry,
  sealEntry,
} from "../index.ts";
import { answerEntries } from "./answer-entries.ts";
import { checkRequest } from "./check-request.ts";
import { contentsOf, keys, logged, NOW, ORDINARY, random, sealedAt } from "./custodian.fixture.ts";
import { destroyOverdue } from "./hold-shares.ts";

const DAY_MS = 86_400_000;
const HOLD = { ...ORDINARY, holdUntil: NOW + 40 * DAY_MS };
const [own, later] = keys;
if (own === undefined || later === undefined) throw new Error("there are two keys");

function answer(statement: object, sealed: readonly Uint8Array[], index: number, nowMs = NOW) {
  // Time destroys what is over before anything else happens.
  const { contents } = destroyOverdue(contentsOf(index), nowMs);
  const request = checkRequest(crypto, contents, logged(statement, { cosignedAtMs: nowMs }), index, nowMs);
  if (!request.accepted) throw new Error(`refused: ${request.refusal}`);
  return answerEntries({ contents, request, sealed, random, nowMs });
}

function first<T>(list: readonly T[]): T {
  const [found] = list;
  if (found === undefined) throw new Error("nothing there");
  return found;
}

const entryBytes = sealedAt();
const entry = parseSealedEntry(entryBytes);

it("a custodian who is asked to hold seals its answer again and gives none", () => {
  const held = first(answer(HOLD, [entryBytes], 1).partials);
  expect(held).toHaveLength(428);
  expect(() => parsePartial(held)).toThrow(expect.objectContaining({ code: "too-large" }));
  const sealed = parseSealedEntry(held);
  expect(sealed.epoch).toBe(8);
  expect(isSealedPartial(later, entry, sealed)).toBe(true);
  expect(isSealedPartial(own, entry, sealed)).toBe(false);
  expect(isSealedPartial(later, parseSealedEntry(sealedAt({ sequence: 9 })), sealed)).toBe(false);
});

it("when the entry's own shares are gone, two open what is held, and with it the entry; one does not", () => {
  const held = [1, 2, 3].map((index) => first(answer(HOLD, [entryBytes], index).partials));
  const nowMs = NOW + 57 * DAY_MS;
  const release = {
    ...ORDINARY,
    requestId: "00000000-0000-4000-8000-00000000a002",
    heldBy: ORDINARY.requestId,
    at: nowMs - 1,
    deadline: nowMs + DAY_MS,
    sealUntil: nowMs + 30 * DAY_MS,
  };
  const answers = [2, 3].map((index) => answer(release, held, index, nowMs));
  expect(answers.map(({ partials, refused }) => [partials.length, refused])).toEqual([
    [3, []],
    [3, []],
  ]);
  const partials = held.map((bytes, i) => {
    const given = answers.map((one) => parsePartial(one.partials[i] ?? new Uint8Array()));
    const form = parseSealedEntry(bytes);
    expect(combinePartials({ key: later, entry: form, partials: given.slice(0, 1) })).toMatchObject({
      reason: "too-few",
    });
    const opened = combinePartials({ key: later, entry: form, partials: given });
    if (!opened.opened) throw new Error(opened.reason);
    return parseHeldPartial(opened.plaintext);
  });
  expect(partials.map(({ index }) => index)).toEqual([1, 2, 3]);
  expect(combinePartials({ key: own, entry, partials: partials.slice(1) })).toMatchObject({ opened: true });
  // Nothing of the old epoch is answered directly, also not in the name of a hold.
  expect(answer(release, [entryBytes], 1, nowMs).refused).toEqual([{ position: 0, refusal: "other-epoch" }]);
});

it("an entry of the present epoch does not pass for one that is held", () => {
  const release = { ...ORDINARY, heldBy: "00000000-0000-4000-8000-00000000a003" };
  expect(answer(release, [entryBytes], 1).refused).toEqual([{ position: 0, refusal: "other-epoch" }]);
  const { label } = entry;
  const early = sealEntry({ key: later, label, plaintext: new Uint8Array(9), random });
  expect(answer(ORDINARY, [early], 1).refused).toEqual([{ position: 0, refusal: "other-epoch" }]);
});

it("without a share for the time of the hold's end nothing is held", () => {
  const { refused } = answer({ ...HOLD, holdUntil: NOW + 80 * DAY_MS }, [entryBytes], 1);
  expect(refused).toEqual([{ position: 0, refusal: "no-key-to-hold" }]);
});
