import { expect, test } from "vitest";
import {
  asksAgain,
  type ConsentNotice,
  MAX_NOTICE_MS,
  type NoticeDraft,
  noticeFaults,
  noticeText,
} from "./consent.ts";
import { containsIdentityNumber } from "./identity-number.ts";

const AT = Date.UTC(2027, 0, 1);
const both = (text: string) => ({ "zh-CN": `${text}（中）`, en: text });
const texts = {
  why: both("offers of the shop"),
  data: both("name, contact"),
  method: both("messages in the app"),
  storage: both("on the community's server"),
  necessity: both("it is not"),
  effects: both("you get messages"),
  rights: both("withdraw, complain"),
};
const party = { name: "海棠物业", contact: "0571-0000" };
const draft: NoticeDraft = {
  purposes: ["commercial-messages"],
  controller: party,
  processor: party,
  subProcessors: [],
  endsAt: AT + 86_400_000,
  deleteWithinDays: 7,
  revocable: true,
  sublicensable: false,
  texts,
};
const notice: ConsentNotice = {
  communityId: "00000000-0000-4000-8000-000000000001",
  seriesId: "00000000-0000-4000-8000-000000000002",
  version: 1,
  purpose: "commercial-messages",
  controller: party,
  processor: party,
  subProcessors: [],
  endsAt: AT,
  deleteWithinDays: 7,
  texts,
};

test("C6 (SPC 4, 11): terms without an end, irrevocable, sub-licensable or bundled are refused", () => {
  expect(noticeFaults(draft, AT)).toEqual([]);
  expect(noticeFaults({ ...draft, endsAt: undefined }, AT)).toEqual(["no-end"]);
  expect(noticeFaults({ ...draft, endsAt: AT }, AT)).toEqual(["end-past"]);
  expect(noticeFaults({ ...draft, endsAt: AT + MAX_NOTICE_MS }, AT)).toEqual([]);
  expect(noticeFaults({ ...draft, endsAt: AT + MAX_NOTICE_MS + 1 }, AT)).toEqual(["end-too-far"]);
  expect(noticeFaults({ ...draft, revocable: false }, AT)).toEqual(["irrevocable"]);
  expect(noticeFaults({ ...draft, sublicensable: true }, AT)).toEqual(["sub-licensable"]);
  expect(noticeFaults({ ...draft, purposes: ["commercial-messages", "sharing"] }, AT)).toEqual(["bundled"]);
  expect(noticeFaults({ ...draft, purposes: [] }, AT)).toEqual(["no-purpose"]);
});

test("a notice says everything in both languages", () => {
  const silent = { ...texts, rights: { "zh-CN": "撤回", en: " " } };
  expect(noticeFaults({ ...draft, texts: silent }, AT)).toEqual(["incomplete"]);
  expect(noticeFaults({ ...draft, processor: { name: "", contact: "x" } }, AT)).toEqual(["incomplete"]);
});

test("A4 (PIPL 10; BIPA 15(c)): no notice can let anybody else have data of faces, and none can be published yet", () => {
  const face: NoticeDraft = { ...draft, purposes: ["face-opening"] };
  expect(noticeFaults(face, AT)).toEqual(["locked-purpose"]);
  expect(noticeFaults({ ...face, processor: { ...party, name: "别人" } }, AT)).toContain(
    "biometric-transfer",
  );
  expect(noticeFaults({ ...face, subProcessors: [{ name: "云", task: "存" }] }, AT)).toContain(
    "biometric-transfer",
  );
});

test("C7 (PIPL 14(2)): purpose, method, data, place or processor ask again; clearer words do not", () => {
  const changed = (changes: Partial<ConsentNotice>) =>
    asksAgain(notice, { ...notice, version: 2, ...changes });
  expect(changed({})).toBe(false);
  expect(changed({ texts: { ...texts, effects: both("clearer") } })).toBe(false);
  expect(changed({ endsAt: AT - 1 })).toBe(false);
  expect(changed({ processor: { ...party, contact: "0571-1111" } })).toBe(false);
  expect(changed({ processor: { ...party, name: "别的公司" } })).toBe(true);
  expect(changed({ purpose: "sharing" })).toBe(true);
  expect(changed({ subProcessors: [{ name: "云", task: "存" }] })).toBe(true);
  for (const part of ["why", "data", "method", "storage"] as const) {
    expect(changed({ texts: { ...texts, [part]: both("other") } }), part).toBe(true);
  }
  expect(changed({ endsAt: AT + 1 })).toBe(true);
  expect(changed({ deleteWithinDays: 8 })).toBe(true);
});

test("the text of a notice is one text, whatever the order of its fields", () => {
  const turned = { ...Object.fromEntries(Object.entries(notice).toReversed()), ...notice };
  expect(noticeText(turned)).toBe(noticeText(notice));
  expect(noticeText(notice)).toContain('"use":"menshen/consent-notice/v1"');
});

test("E1 (PIPL 6; GB/T 22239): an identity number is seen in any writing, and other numbers are none", () => {
  // The example of GB 11643-1999, and the same with a wrong check character, an impossible date, one digit less.
  expect(containsIdentityNumber("11010519491231002X")).toBe(true);
  expect(containsIdentityNumber("王 110105 19491231 002x 收")).toBe(true);
  expect(containsIdentityNumber("１１０１０５１９４９１２３１００２Ｘ")).toBe(true);
  expect(containsIdentityNumber("440524188001010014")).toBe(true);
  expect(containsIdentityNumber("110105194912310021")).toBe(false);
  expect(containsIdentityNumber("11010519490231002X")).toBe(false);
  expect(containsIdentityNumber("1101051949123100")).toBe(false);
  expect(containsIdentityNumber("138 0013 8000")).toBe(false);
  expect(containsIdentityNumber("")).toBe(false);
});
