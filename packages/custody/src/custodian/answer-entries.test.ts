import * as crypto from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { combinePartials, parsePartial, parseSealedEntry } from "../index.ts";
import { answerEntries } from "./answer-entries.ts";
import { checkRequest } from "./check-request.ts";
import {
  contentsOf,
  DOOR,
  keys,
  logged,
  NOW,
  ORDINARY,
  OTHER_DOOR,
  random,
  relabelled,
  sealedAt,
} from "./custodian.fixture.ts";
import { destroyOverdue } from "./hold-shares.ts";
import type { StoreContents } from "./store-contents.ts";

const HOUR_MS = 3_600_000;

function answer(contents: StoreContents, sealed: readonly Uint8Array[], index = 1) {
  const request = checkRequest(crypto, contents, logged(ORDINARY), index, NOW);
  if (!request.accepted) throw new Error(`refused: ${request.refusal}`);
  return answerEntries({ contents, request, sealed, random, nowMs: NOW });
}
const refusalsOf = (sealed: readonly Uint8Array[]) =>
  answer(contentsOf(1), sealed).refused.map(({ position, refusal }) => `${position} ${refusal}`);

it("two answers open an entry, one does not (privacy row P3)", () => {
  const sealed = sealedAt();
  const [key] = keys;
  if (key === undefined) throw new Error("there is a key");
  const [one, two] = [1, 3].map((index) => answer(contentsOf(index), [sealed], index).partials[0]);
  const entry = parseSealedEntry(sealed);
  const partials = [one, two].flatMap((bytes) => (bytes === undefined ? [] : [parsePartial(bytes)]));
  expect(combinePartials({ key, entry, partials })).toMatchObject({ opened: true });
  expect(combinePartials({ key, entry, partials: partials.slice(0, 1) })).toMatchObject({
    opened: false,
    reason: "too-few",
  });
});

describe("an entry gets no answer", () => {
  it.each<[string, Uint8Array, string]>([
    ["of another door", sealedAt({ door: OTHER_DOOR }), "outside-doors"],
    ["before the window", sealedAt({ timeMs: ORDINARY.from - 1 }), "outside-window"],
    ["at the window's end", sealedAt({ timeMs: ORDINARY.until }), "outside-window"],
    ["sealed with the key of another time", sealedAt({ timeMs: NOW - 30 * 24 * HOUR_MS }), "outside-window"],
    ["that is none", new Uint8Array([1]), "malformed"],
  ])("%s", (_what, sealed, refusal) => {
    expect(refusalsOf([sealed])).toEqual([`0 ${refusal}`]);
  });

  it("of a neighbour that was given a label inside the request (privacy row P3)", () => {
    const neighbour = sealedAt({ door: OTHER_DOOR });
    const accessPoint = crypto.fromHex(DOOR.replaceAll("-", ""));
    expect(refusalsOf([relabelled(neighbour, { accessPoint })])).toEqual(["0 forged"]);
    const later = sealedAt({ timeMs: NOW - HOUR_MS });
    expect(refusalsOf([relabelled(later, { timeMs: ORDINARY.from })])).toEqual(["0 forged"]);
  });

  it("and the others beside it do", () => {
    const result = answer(contentsOf(1), [sealedAt({ door: OTHER_DOOR }), sealedAt(), new Uint8Array(3)]);
    expect(result.partials).toHaveLength(1);
    expect(result.refused.map(({ position }) => position)).toEqual([0, 2]);
  });
});

describe("a request opens no more than it may", () => {
  const [one, two, three] = [1, 2, 3].map((sequence) => sealedAt({ sequence }));
  if (one === undefined || two === undefined || three === undefined) throw new Error("three entries");

  it("in one go", () => {
    const { partials, refused } = answer(contentsOf(1), [one, two, three]);
    expect(partials).toHaveLength(2);
    expect(refused).toEqual([{ position: 2, refusal: "cap-reached" }]);
  });

  it("nor in several, whatever the server forgot", () => {
    const first = answer(contentsOf(1), [one, two]);
    expect(answer(first.contents, [three]).refused).toEqual([{ position: 0, refusal: "cap-reached" }]);
    expect(answer(first.contents, [two, one]).partials).toHaveLength(2);
    expect(answer(first.contents, [two]).contents.answered).toEqual(first.contents.answered);
  });

  it("refused entries do not count", () => {
    const { contents } = answer(contentsOf(1), [sealedAt({ door: OTHER_DOOR }), new Uint8Array(1)]);
    expect(contents.answered).toMatchObject([{ requestId: ORDINARY.requestId, entries: [] }]);
  });
});

it("what is destroyed answers nothing (privacy row L2)", () => {
  const contents = { ...contentsOf(1), retentionDays: 0 };
  const request = checkRequest(crypto, contents, logged(ORDINARY), 1, NOW);
  if (!request.accepted) throw new Error("the request is accepted");
  const later = contents.grid.anchorMs + 7 * contents.grid.epochMs;
  const over = answerEntries({ contents, request, sealed: [sealedAt()], random, nowMs: later });
  expect(over.refused).toEqual([{ position: 0, refusal: "share-destroyed" }]);
  const gone = destroyOverdue(contents, later).contents;
  const after = answerEntries({ contents: gone, request, sealed: [sealedAt()], random, nowMs: NOW });
  expect(after.refused).toEqual([{ position: 0, refusal: "share-destroyed" }]);
});
