import type { Majority } from "../owners-vote.ts";

/**
 * What owners decide together, by the items of the Civil Code, article 278. The last ones are matters of item 9 to which a
 * setting of this system is bound.
 */
export const VOTE_MATTERS = [
  "rules-of-procedure",
  "management-rules",
  "elect-committee",
  "hire-manager",
  "spend-fund",
  "raise-fund",
  "rebuild",
  "earn-from-common-parts",
  "other",
  "face-opening",
  "new-vendor",
  "retention",
  "grade-deadline",
] as const;
export type VoteMatter = (typeof VOTE_MATTERS)[number];

/** The item of article 278 (1), by which the law names the majority. */
export const MATTER_ITEMS: Readonly<Record<VoteMatter, number>> = {
  "rules-of-procedure": 1,
  "management-rules": 2,
  "elect-committee": 3,
  "hire-manager": 4,
  "spend-fund": 5,
  "raise-fund": 6,
  rebuild: 7,
  "earn-from-common-parts": 8,
  other: 9,
  "face-opening": 9,
  "new-vendor": 9,
  retention: 9,
  "grade-deadline": 9,
};

/** Civil Code, article 278 (2): items 6 to 8 need three quarters of both measures. */
export function majorityOf(matter: VoteMatter): Majority {
  const item = MATTER_ITEMS[matter];
  return item >= 6 && item <= 8 ? "three-quarters" : "more-than-half";
}

/** Matters whose passed motion a setting asks for. */
export const BOUND_MATTERS = [
  "face-opening",
  "new-vendor",
  "earn-from-common-parts",
  "retention",
  "grade-deadline",
] as const satisfies readonly VoteMatter[];
export type BoundMatter = (typeof BOUND_MATTERS)[number];

/** What no vote of owners can decide: it is not theirs to give away. */
export const FORBIDDEN_MATTERS = [
  "face-mandatory",
  "tenants-worse",
  "unlimited-data",
  "waive-consent",
] as const;
export type ForbiddenMatter = (typeof FORBIDDEN_MATTERS)[number];

/** The rule that forbids it, as it is cited to whoever tries. */
export const FORBIDDEN_RULES: Readonly<Record<ForbiddenMatter, readonly string[]>> = {
  "face-mandatory": [
    "Facial recognition measures 10",
    "SPC face provisions 10",
    "Hangzhou property regulation 50",
    "PIPL 29",
  ],
  "tenants-worse": ["SPC face provisions 10", "Hangzhou property regulation 50", "PIPL 16"],
  "unlimited-data": ["PIPL 6", "PIPL 19", "SPC face provisions 11"],
  "waive-consent": ["PIPL 14", "PIPL 29", "SPC face provisions 4"],
};

/** Why a motion cannot be put as it is. */
export type MotionRefusal =
  | { readonly why: "forbidden"; readonly forbidden: ForbiddenMatter; readonly rules: readonly string[] }
  /** Its words are of a matter that needs three quarters, and it was filed as one that needs half. */
  | { readonly why: "needs-three-quarters"; readonly matter: VoteMatter }
  /** It was filed with a lower majority than its matter has. */
  | { readonly why: "wrong-majority"; readonly needed: Majority };

/** A clause that turns what it speaks of round is no such motion. */
const NEGATION =
  /不得|不应|不要|不再|不能|禁止|反对|取消|拆除|无需|不必|不准|\b(not?|nobody|never|remove|without|stop|ban|forbid)\b/i;

const FORBIDDEN_WORDS: readonly (readonly [ForbiddenMatter, RegExp])[] = [
  [
    "face-mandatory",
    /(必须|只能|强制|统一|一律|唯一|全部改为).{0,8}(人脸|刷脸|面部)|(人脸|刷脸|面部).{0,12}(必须|强制|唯一)|\b(mandatory|compulsory|only|must|required?)\b.{0,24}\bfac(e|ial)\b|\bfac(e|ial)\b.{0,30}\b(mandatory|compulsory|only|required)\b/i,
  ],
  [
    "tenants-worse",
    /(租户|租客|承租人).{0,12}(限制|缩短|禁用|另收|单独收费|停用)|(限制|缩短|禁用|停用).{0,8}(租户|租客|承租人)|\btenants?\b.{0,30}\b(fewer|shorter|restricted|worse|extra fee)\b|\brestrict\b.{0,16}\btenants?\b/i,
  ],
  [
    "unlimited-data",
    /(永久|无限期|长期不限|不限期).{0,8}(保存|留存|存储|使用)|\b(keep|store|retain|use)\b.{0,40}\b(forever|indefinitely|without limit)\b/i,
  ],
  ["waive-consent", /(代替|替代|视为|免除|放弃).{0,10}同意|\b(waive|replace|deemed?)\b.{0,24}\bconsent\b/i],
];

const SPECIAL_WORDS: readonly (readonly [VoteMatter, RegExp])[] = [
  ["earn-from-common-parts", /广告|共有部分.{0,6}(出租|经营|用途)|\badvert/i],
  ["raise-fund", /筹集.{0,8}(维修|资金)|\braise\b.{0,24}\bfund/i],
  ["rebuild", /(改建|重建).{0,8}(建筑|楼|设施)|\brebuild/i],
];

/**
 * Whether a motion can be put. Its kind decides; its words are looked through beside, so that the wrong kind is noticed. A
 * list of words proves nothing: whoever chairs the meeting answers for what is put.
 *
 * @param claimed the majority it was filed with, if somebody said one
 * @returns `undefined` for a motion that can be put
 */
export function refuseMotion(motion: {
  readonly matter: VoteMatter | ForbiddenMatter;
  readonly title: string;
  readonly text: string;
  readonly claimed?: Majority | undefined;
}): MotionRefusal | undefined {
  const { matter } = motion;
  const named = FORBIDDEN_MATTERS.find((one) => one === matter);
  const clauses = `${motion.title}。${motion.text}`
    .split(/[。，；;,.!?！？\n]/)
    .filter((clause) => !NEGATION.test(clause));
  const spoken = FORBIDDEN_WORDS.find(([, words]) => clauses.some((clause) => words.test(clause)));
  const forbidden = named ?? spoken?.[0];
  if (forbidden !== undefined) return { why: "forbidden", forbidden, rules: FORBIDDEN_RULES[forbidden] };
  const allowed = VOTE_MATTERS.find((one) => one === matter) ?? "other";
  const needed = majorityOf(allowed);
  if (needed === "three-quarters") {
    return motion.claimed === "more-than-half" ? { why: "wrong-majority", needed } : undefined;
  }
  const special = SPECIAL_WORDS.find(([, words]) => clauses.some((clause) => words.test(clause)));
  return special === undefined ? undefined : { why: "needs-three-quarters", matter: special[0] };
}
