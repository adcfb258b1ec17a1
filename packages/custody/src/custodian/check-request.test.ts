import * as crypto from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { checkRequest, type ShownRequest } from "./check-request.ts";
import { contentsOf, DOOR, logged, NOW, ORDINARY, OTHER_DOOR } from "./custodian.fixture.ts";
import { destroyShares } from "./hold-shares.ts";
import { custodianRefusalText } from "./refusal-texts.ts";
import type { StoreContents } from "./store-contents.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const contents = contentsOf(1);

function verdict(
  request: ShownRequest,
  changes: Partial<StoreContents> = {},
  index = 1,
  nowMs = NOW,
): string {
  const result = checkRequest(crypto, { ...contents, ...changes }, request, index, nowMs);
  return result.accepted ? "accepted" : result.refusal;
}

it("a logged and witnessed request within the limits is accepted", () => {
  const result = checkRequest(crypto, contents, logged(ORDINARY), 1, NOW);
  expect(result).toMatchObject({ accepted: true, statement: ORDINARY, seen: { size: 2 } });
});

describe("nothing is answered to what is not in the log (privacy row P6)", () => {
  it.each<[string, ShownRequest]>([
    [
      "the leaf commits to another request",
      {
        ...logged(ORDINARY),
        statement: logged({ ...ORDINARY, accessPointIds: [DOOR, OTHER_DOOR] }).statement,
      },
    ],
    ["the salt is another", logged(ORDINARY, { salt: new Uint8Array(32) })],
    ["the salt is none", logged(ORDINARY, { salt: new Uint8Array(31) })],
    ["something else stands in the log", logged(ORDINARY, { leaf: new Uint8Array([1, 2, 3]) })],
    ["the log's signature is another's", logged(ORDINARY, { logSeed: new Uint8Array(32) })],
    ["the proof is cut off", { ...logged(ORDINARY), proof: logged(ORDINARY).proof.slice(0, -1) }],
    [
      "the proof is for another place",
      { ...logged(ORDINARY), proof: logged(ORDINARY).proof.replace("index 1", "index 0") },
    ],
    ["the proof is none", { ...logged(ORDINARY), proof: "" }],
  ])("%s", (_what, request) => {
    expect(verdict(request)).toBe("not-in-log");
  });

  it("nor to what too few bodies witnessed", () => {
    expect(verdict(logged(ORDINARY, { witnesses: [] }))).toBe("too-few-witnesses");
    expect(verdict(logged(ORDINARY, { witnesses: ["city"] }))).toBe("too-few-witnesses");
    expect(verdict(logged(ORDINARY, { witnesses: ["city", "resident"] }))).toBe("accepted");
  });

  it("two witnesses of one body count once", () => {
    const { log } = contents;
    const witnesses = log.witnesses.map(({ key }) => ({ body: "city", key }));
    expect(verdict(logged(ORDINARY), { log: { ...log, witnesses } })).toBe("too-few-witnesses");
  });

  it("nor to what was witnessed before it was asked", () => {
    expect(verdict(logged(ORDINARY, { cosignedAtMs: ORDINARY.at - DAY_MS }))).toBe("too-few-witnesses");
  });

  it("a log without witnesses is believed on its own signature if that was chosen at set-up", () => {
    const log = { ...contents.log, witnesses: [], quorum: 0 };
    expect(verdict(logged(ORDINARY, { witnesses: [] }), { log })).toBe("accepted");
    expect(verdict(logged(ORDINARY, { logSeed: new Uint8Array(32) }), { log })).toBe("not-in-log");
  });

  it("a log that shows two trees of one size is found out", () => {
    const first = checkRequest(crypto, contents, logged(ORDINARY), 1, NOW);
    if (!first.accepted) throw new Error("the first is accepted");
    expect(verdict(logged(ORDINARY), { seen: first.seen })).toBe("accepted");
    expect(verdict(logged(ORDINARY, { before: "another" }), { seen: first.seen })).toBe("log-forked");
  });

  it("unusable pinned keys answer nothing", () => {
    const { log } = contents;
    expect(verdict(logged(ORDINARY), { log: { ...log, logKey: "x" } })).toBe("keys-unusable");
    const witnesses = [{ body: "city", key: log.logKey }];
    expect(verdict(logged(ORDINARY), { log: { ...log, witnesses } })).toBe("keys-unusable");
  });
});

describe("nor to what is no request, or not for now", () => {
  it.each<[string, object]>([
    ["all doors", { accessPointIds: ["*"] }],
    ["six doors", { accessPointIds: Array.from({ length: 6 }, (_, i) => DOOR.replace(/.$/, String(i))) }],
    ["25 hours", { from: NOW - 31 * HOUR_MS }],
    ["a window to come", { until: NOW + HOUR_MS }],
    ["a field more", { feed: true }],
    [
      "an emergency of three hours",
      { path: "emergency", onCall: [1, 2], purpose: "danger-to-life", from: NOW - 9 * HOUR_MS },
    ],
  ])("%s, also when it is logged (privacy row P1)", (_what, changes) => {
    expect(verdict(logged({ ...ORDINARY, ...changes }))).toBe("not-a-request");
  });

  it("another spelling of the statement", () => {
    const text = ` ${logged(ORDINARY).statement}`;
    expect(verdict(logged(text))).toBe("not-a-request");
  });

  it("after its deadline, and before its time", () => {
    expect(verdict(logged(ORDINARY), {}, 1, ORDINARY.deadline)).toBe("accepted");
    expect(verdict(logged(ORDINARY), {}, 1, ORDINARY.deadline + 1)).toBe("deadline-passed");
    const tomorrow = { ...ORDINARY, at: NOW + DAY_MS, deadline: NOW + 3 * DAY_MS };
    expect(verdict(logged(tomorrow, { cosignedAtMs: NOW }))).toBe("too-few-witnesses");
    const log = { ...contents.log, witnesses: [], quorum: 0 };
    expect(verdict(logged(tomorrow), { log })).toBe("not-yet");
  });

  it("by a clock that was set back", () => {
    expect(verdict(logged(ORDINARY), { latestMs: NOW + HOUR_MS })).toBe("clock-went-back");
    expect(verdict(logged(ORDINARY), { latestMs: NOW + 60_000 })).toBe("accepted");
    // A program without memory of a later time still sees that the witnesses live later.
    const late = logged(ORDINARY, { cosignedAtMs: ORDINARY.deadline + DAY_MS });
    expect(verdict(late)).toBe("clock-behind");
  });

  it("for an emergency others were called to", () => {
    const { documentNumber: _n, documentSha256: _s, ...rest } = ORDINARY;
    const emergency = {
      ...rest,
      path: "emergency",
      purpose: "danger-to-life",
      deadline: NOW + HOUR_MS,
      onCall: [1, 3],
    };
    expect(verdict(logged(emergency))).toBe("accepted");
    expect(verdict(logged(emergency), {}, 3)).toBe("accepted");
    expect(verdict(logged(emergency), {}, 2)).toBe("not-on-call");
  });

  it("under an id that was answered with another text", () => {
    const answered = [{ requestId: ORDINARY.requestId, statementSha256: "00".repeat(32), entries: [] }];
    expect(verdict(logged(ORDINARY), { answered })).toBe("request-changed");
  });

  it("without a share of the window's time (privacy row L2)", () => {
    const { shares } = destroyShares(contents, NOW, ({ key }) => key.epoch === 7).contents;
    expect(shares).toHaveLength(1);
    expect(verdict(logged(ORDINARY), { shares })).toBe("shares-gone");
  });
});

it("each refusal has its words in both languages", () => {
  for (const locale of ["zh-CN", "en"] as const) {
    expect(custodianRefusalText("not-in-log", locale)).toMatch(/[.。]$/);
    expect(custodianRefusalText("forged", locale)).toMatch(/[.。]$/);
  }
});
