import { expect, test } from "vitest";
import { majorityOf, refuseMotion, VOTE_MATTERS } from "./matters.ts";
import { faultOfTimes, stageOf } from "./motion-time.ts";

test("V2 (Civil Code 278 (8)): each kind of matter has its majority", () => {
  expect(VOTE_MATTERS.filter((matter) => majorityOf(matter) === "three-quarters")).toEqual([
    "raise-fund",
    "rebuild",
    "earn-from-common-parts",
  ]);
});

test.each([
  ["电梯广告位出租", "由物业公司招商"],
  ["Lift screens", "Allow advertising in the lifts for three years"],
  ["其他事项", "改建地下一层楼道设施"],
  ["筹集维修资金", "每平方米 50 元"],
])("V2 (Civil Code 278 (8)): `%s` cannot be filed as ordinary", (title, text) => {
  expect(refuseMotion({ matter: "other", title, text })).toMatchObject({ why: "needs-three-quarters" });
});

test("V2 (Civil Code 278 (8)): adverts filed with half are refused, with three quarters they are put", () => {
  const adverts = {
    matter: "earn-from-common-parts",
    title: "电梯广告",
    text: "三年，收入归维修资金",
  } as const;
  expect(refuseMotion({ ...adverts, claimed: "more-than-half" })).toEqual({
    why: "wrong-majority",
    needed: "three-quarters",
  });
  expect(refuseMotion({ ...adverts, claimed: "three-quarters" })).toBeUndefined();
  expect(refuseMotion(adverts)).toBeUndefined();
});

test.each([
  ["face-mandatory", "进出必须刷脸", "统一使用人脸识别"],
  ["face-mandatory", "Safer gates", "Face recognition becomes mandatory from May"],
  ["tenants-worse", "租客门禁", "租户的通行时间缩短到晚十点"],
  ["tenants-worse", "Hours", "tenants get shorter hours"],
  ["unlimited-data", "视频", "出入记录永久保存"],
  ["unlimited-data", "Records", "keep entry records forever"],
  ["waive-consent", "人脸", "业主大会表决视为全体住户同意"],
  ["waive-consent", "Consent", "This vote shall replace the consent of each resident"],
] as const)("V3 (PIPL 29): `%s` cannot be put, in whatever words: %s", (forbidden, title, text) => {
  const refused = refuseMotion({ matter: "other", title, text });
  expect(refused).toMatchObject({ why: "forbidden", forbidden });
  expect(refused?.why === "forbidden" ? refused.rules.length : 0).toBeGreaterThan(1);
});

test("V3 (PIPL 29): a forbidden kind is refused with its rule, whatever its words", () => {
  expect(refuseMotion({ matter: "face-mandatory", title: "门禁升级", text: "见附件" })).toEqual({
    why: "forbidden",
    forbidden: "face-mandatory",
    rules: [
      "Facial recognition measures 10",
      "SPC face provisions 10",
      "Hangzhou property regulation 50",
      "PIPL 29",
    ],
  });
});

test("what forbids the same, or only speaks of it, can be put", () => {
  for (const text of [
    "不得强制刷脸",
    "不再永久保存出入记录",
    "Nobody must use face: cards stay, not mandatory",
  ]) {
    expect(refuseMotion({ matter: "other", title: "门禁", text })).toBeUndefined();
  }
  expect(
    refuseMotion({ matter: "face-opening", title: "增加人脸开门", text: "自愿，另有卡和手机" }),
  ).toBeUndefined();
});

test("V4 (Property management regulations 14): fifteen days between agenda and vote, to the millisecond", () => {
  const day = 86_400_000;
  const times = { opensAt: 15 * day, closesAt: 22 * day };
  expect(faultOfTimes(times, 0)).toBeUndefined();
  expect(faultOfTimes(times, 1)).toBe("notice-too-short");
  expect(faultOfTimes({ ...times, closesAt: 16 * day }, 0)).toBeUndefined();
  expect(faultOfTimes({ ...times, closesAt: 16 * day - 1 }, 0)).toBe("voting-too-short");
  expect(faultOfTimes({ ...times, closesAt: 75 * day + 1 }, 0)).toBe("voting-too-long");
  expect(faultOfTimes({ opensAt: 120 * day + 1, closesAt: 130 * day }, 0)).toBe("too-far-ahead");
});

test("V4 (Hangzhou: published agenda only): what was not published never opens", () => {
  const times = { opensAt: 100, closesAt: 200 };
  const at = (now: number, more = {}) => stageOf({ ...times, ...more }, now);
  expect([at(50), at(150), at(250)]).toEqual(["draft", "draft", "draft"]);
  const published = { publishedAt: 0 };
  expect([99, 100, 199, 200].map((now) => at(now, published))).toEqual([
    "announced",
    "open",
    "open",
    "closed",
  ]);
  expect(at(300, { ...published, countedAt: 250 })).toBe("counted");
  expect(at(150, { ...published, withdrawnAt: 50 })).toBe("withdrawn");
});
