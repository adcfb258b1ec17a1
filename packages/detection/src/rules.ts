/**
 * The rules, as data. Each daily rule puts what it saw of a credential on one day into a bucket; what a bucket weighs
 * (a natural log likelihood ratio, copy against none) stands in `weights.ts`, learnt by `npm run learn:detection`.
 */
export const RULES = {
  R1: { group: "proof", at: "once" },
  R2: { group: "proof", at: "once" },
  R3: { group: "proof", at: "once" },
  R4: { group: "proof", at: "daily", shift: 0, buckets: ["none", "one", "several"] },
  R5: { group: "travel", at: "daily", shift: 2, buckets: ["none", "too-fast", "far-too-fast"] },
  R6: { group: "travel", at: "daily", shift: 4, buckets: ["none", "two-sites"] },
  R7: {
    group: "habit",
    at: "daily",
    shift: 5,
    buckets: [
      "no-crossing",
      "in-order",
      ...["conflict", "conflict-alike", "conflict-in-turn"],
      ...["pair-forgetful", "pair-sometimes-forgetful", "pair"],
    ],
  },
  R8: { group: "habit", at: "daily", shift: 8, buckets: ["unknown", "usual", "many", "very-many"] },
  R9: { group: "habit", at: "daily", shift: 10, buckets: ["unknown", "usual", "unusual", "rare"] },
  R10: { group: "habit", at: "daily", shift: 12, buckets: ["unknown", "usual", "unusual", "new"] },
  R11: { group: "chip", at: "once" },
  R12: { group: "chip", at: "once" },
  R13: { group: "end", at: "once" },
  R15: { group: "batch", at: "once" },
  R17: { group: "proof", at: "once" },
  R18: { group: "habit", at: "daily", shift: 14, buckets: ["none", "one", "several"] },
  R19: { group: "building", at: "daily", shift: 17, buckets: ["none", "one", "several-or-other-site"] },
  R20: { group: "chip", at: "once" },
  R21: { group: "travel", at: "once" },
} as const;

export type RuleId = keyof typeof RULES;
/** Each rule has a number: its place here. */
export const RULE_IDS: readonly RuleId[] = [
  ...(["R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12", "R13"] as const),
  ...(["R15", "R17", "R18", "R19", "R20", "R21"] as const),
];
export type DailyRuleId = "R4" | "R5" | "R6" | "R7" | "R8" | "R9" | "R10" | "R18" | "R19";
export type OnceRuleId = Exclude<RuleId, DailyRuleId>;

export const DAILY_RULES: readonly DailyRuleId[] = ["R4", "R5", "R6", "R7", "R8", "R9", "R10", "R18", "R19"];

/** What each rule says, in words for a case. */
export const RULE_TEXTS: Readonly<Record<RuleId, { readonly "zh-CN": string; readonly en: string }>> = {
  R1: { "zh-CN": "卡内序号重复出现", en: "a number that the card had used before came again" },
  R2: { "zh-CN": "卡内计数倒退", en: "the card's counter went back" },
  R3: { "zh-CN": "卡内计数跳跃", en: "the card's counter jumped" },
  R4: { "zh-CN": "卡号已登记，但密钥验证失败", en: "the number is known, the key was wrong" },
  R5: { "zh-CN": "两次刷卡间隔短于最快行走时间", en: "two taps closer than anybody can move" },
  R6: { "zh-CN": "几乎同时出现在两个园区", en: "at two sites at nearly the same time" },
  R7: { "zh-CN": "未出先进或未进先出", en: "entered while inside, or left while outside" },
  R8: { "zh-CN": "当日刷卡次数明显多于平时", en: "many more taps than on other days" },
  R9: { "zh-CN": "时段与平时不同", en: "an hour unlike the other days" },
  R10: { "zh-CN": "门与平时不同", en: "a door unlike the other days" },
  R11: { "zh-CN": "芯片应答特征改变", en: "the chip answers differently from before" },
  R12: { "zh-CN": "芯片具有可改写卡的特征", en: "the chip behaves as a rewritable one" },
  R13: { "zh-CN": "挂失或失效后仍在使用", en: "used after it was reported lost or ended" },
  R15: { "zh-CN": "同批次的卡已有多张被确认复制", en: "several cards of the same batch were found copied" },
  R17: { "zh-CN": "以较弱方式应答", en: "it answered with something weaker than it can" },
  R18: { "zh-CN": "门控器长期未见的时段或门", en: "an hour or door that the gate has not seen for epochs" },
  R19: {
    "zh-CN": "进入了从未去过的楼栋",
    en: "a building that this card, which keeps to its own, had never entered",
  },
  R20: { "zh-CN": "芯片应答时间与以往不同", en: "the chip takes another time to answer than before" },
  R21: { "zh-CN": "几乎同时出现在另一小区", en: "seen in another community at nearly the same time" },
};

export type WeightTable = Readonly<Record<DailyRuleId, readonly number[]>>;

/** What is learnt. */
export interface Weights {
  /** Weights against a copy in use on most days, and against one used now and then. */
  readonly dense: WeightTable;
  readonly sparse: WeightTable;
  readonly once: Readonly<Record<OnceRuleId, number>>;
  /** A day on which a counter rose as it should, or a challenge was answered. */
  readonly proven: number;
  /** Sums at which the holder is asked. */
  readonly askDense: number;
  readonly askSparse: number;
  /** Log odds of a copy at a score, for the prior it was learnt with: `intercept + slope * score`. */
  readonly calibration: { readonly intercept: number; readonly slope: number; readonly prior: number };
}

/** What a community may tune. Every field has a default. */
export interface Settings {
  readonly weights: Weights;
  /** Share of credentials of which a hostile copy exists, before anything is known. */
  readonly prior: number;
  /** An event may come this late. */
  readonly lateHours: number;
  readonly maxHeldEvents: number;
  readonly maxCredentials: number;
  /** Cards that the early look remembers, 64 bytes each; 0: none. Rounded up to a power of two. */
  readonly earlyCards: number;
  /** How much faster than a walk (1.3 m/s) anybody is: a runner or an e-bike moves at 5.5 m/s. */
  readonly fastestTimesWalk: number;
  /** A counter may be this late when another gate's clock is wrong. */
  readonly counterSlackMinutes: number;
  /** Two conflicting taps this close are one person before one door. */
  readonly conflictAfterSeconds: number;
  /** Scores (10 is where the holder is asked) of the steps. */
  readonly watchScore: number;
  readonly secondFactorScore: number;
  /** A case that was opened takes further signs of the same credential for so long. */
  readonly caseDays: number;
  /** A list of lost cards reaches gates within this. */
  readonly endGraceMinutes: number;
  /** Different strangers' cards at one gate in one minute that are told. */
  readonly strangersAMinute: number;
}

/** What is proposed; no step is taken by the engine, and none is a lock-out. */
export const STEPS = ["watch", "ask", "second-factor", "replace", "refuse-by-person"] as const;
export type Step = (typeof STEPS)[number];

export function bucketOf(today: number, rule: DailyRuleId): number {
  return (today >>> shiftOf(rule)) & maskOf(rule);
}

export function withBucket(today: number, rule: DailyRuleId, bucket: number): number {
  const shift = shiftOf(rule);
  return ((today & ~(maskOf(rule) << shift)) | (bucket << shift)) >>> 0;
}

/** As `RULES` has it, which a test compares; numbers in a switch, for this is read several times for each event and is then a constant. */
export function shiftOf(rule: DailyRuleId): number {
  switch (rule) {
    case "R4":
      return 0;
    case "R5":
      return 2;
    case "R6":
      return 4;
    case "R7":
      return 5;
    case "R8":
      return 8;
    case "R9":
      return 10;
    case "R10":
      return 12;
    case "R18":
      return 14;
    case "R19":
      return 17;
  }
}

/** Wide enough for the buckets of the rule. */
function maskOf(rule: DailyRuleId): number {
  switch (rule) {
    case "R6":
      return 1;
    case "R7":
      return 7;
    default:
      return 3;
  }
}
