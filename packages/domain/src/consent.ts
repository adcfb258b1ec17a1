import { canonicalJson } from "./canonical-json.ts";

/**
 * What consent is asked for, one at a time. Neither opening doors by card, phone or PIN nor the community's own duties rest
 * on consent, so they are no purposes here; nor is naming at the duty desk, which owners decide and nobody consents to.
 * - `service-contact`: one contact is kept, for messages about the home;
 * - `commercial-messages`: messages that sell something;
 * - `sharing`: data go to the recipient that the notice names;
 * - `face-opening`: opening by face.
 */
export const CONSENT_PURPOSES = [
  "service-contact",
  "commercial-messages",
  "sharing",
  "face-opening",
] as const;
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number];

/** Notices for these can be drafted and not published: nothing stands yet that would keep to them. */
export const LOCKED_PURPOSES: readonly ConsentPurpose[] = ["face-opening"];

/** A notice ends after three years at the latest: somebody has to ask again. */
export const MAX_NOTICE_MS = 3 * 366 * 86_400_000;

/** A consent is given through the app with one's own key, or on paper. */
export const CONSENT_WAYS = ["own-key", "paper"] as const;
export type ConsentWay = (typeof CONSENT_WAYS)[number];

/** Who answers for something, and how they are reached. */
export interface ConsentParty {
  readonly name: string;
  readonly contact: string;
}

/** One text in both languages. */
export interface BothLanguages {
  readonly "zh-CN": string;
  readonly en: string;
}

/**
 * The parts of a notice that are written for people (PIPL 17 and 30): why, which data, how they are handled, where they are
 * kept, why it is necessary, what it does to the person, which rights there are.
 */
export const NOTICE_PARTS = ["why", "data", "method", "storage", "necessity", "effects", "rights"] as const;
export type NoticePart = (typeof NOTICE_PARTS)[number];

/** What somebody proposes to ask consent for; it may be anything, until {@link noticeFaults} finds nothing. */
export interface NoticeDraft {
  readonly purposes: readonly ConsentPurpose[];
  readonly controller: ConsentParty;
  readonly processor: ConsentParty;
  readonly subProcessors: readonly { readonly name: string; readonly task: string }[];
  /** Unix milliseconds; every consent to the notice ends then. */
  readonly endsAt?: number | undefined;
  /** Days within which the data are deleted after the end or the withdrawal. */
  readonly deleteWithinDays: number;
  readonly revocable: boolean;
  readonly sublicensable: boolean;
  readonly texts: Readonly<Record<NoticePart, BothLanguages>>;
}

/** A notice as it was published: it never changes. */
export interface ConsentNotice {
  readonly communityId: string;
  /** All versions of one notice have it in common. */
  readonly seriesId: string;
  readonly version: number;
  readonly purpose: ConsentPurpose;
  readonly controller: ConsentParty;
  readonly processor: ConsentParty;
  readonly subProcessors: readonly { readonly name: string; readonly task: string }[];
  readonly endsAt: number;
  readonly deleteWithinDays: number;
  readonly texts: Readonly<Record<NoticePart, BothLanguages>>;
}

/**
 * Why terms are no terms (civil-law provisions on faces, articles 4 and 11; PIPL 14 to 17, 29):
 * - `bundled`, `no-purpose`: not exactly one purpose; `locked-purpose`: nothing stands that would keep to it;
 * - `no-end`, `end-past`, `end-too-far`: no end date, or one that is none; `irrevocable`; `sub-licensable`;
 * - `incomplete`: a part is empty in one of the languages; `biometric-transfer`: others would get data of faces.
 */
export type NoticeFault =
  | "bundled"
  | "no-purpose"
  | "locked-purpose"
  | "no-end"
  | "end-past"
  | "end-too-far"
  | "irrevocable"
  | "sub-licensable"
  | "incomplete"
  | "biometric-transfer";

/** What must change before a draft may be published at `at`; empty if nothing. */
export function noticeFaults(draft: NoticeDraft, at: number): readonly NoticeFault[] {
  const { purposes, endsAt, controller, processor, subProcessors, texts } = draft;
  const parties = [controller, processor].flatMap(({ name, contact }) => [name, contact]);
  const written = [
    ...parties,
    ...subProcessors.flatMap(({ name, task }) => [name, task]),
    ...NOTICE_PARTS.flatMap((part) => [texts[part]["zh-CN"], texts[part].en]),
  ];
  const faults: NoticeFault[] = [];
  if (purposes.length === 0) faults.push("no-purpose");
  if (purposes.length > 1) faults.push("bundled");
  if (purposes.some((purpose) => LOCKED_PURPOSES.includes(purpose))) faults.push("locked-purpose");
  if (purposes.includes("face-opening") && (subProcessors.length > 0 || processor.name !== controller.name)) {
    faults.push("biometric-transfer");
  }
  if (endsAt === undefined) faults.push("no-end");
  else if (endsAt <= at) faults.push("end-past");
  else if (endsAt > at + MAX_NOTICE_MS) faults.push("end-too-far");
  if (!draft.revocable) faults.push("irrevocable");
  if (draft.sublicensable) faults.push("sub-licensable");
  if (written.some((text) => text.trim() === "")) faults.push("incomplete");
  return faults;
}

/** What a notice's hash covers: SHA-256 of this text in UTF-8. */
export function noticeText(notice: ConsentNotice): string {
  const { communityId, seriesId, version, purpose, endsAt, deleteWithinDays, texts } = notice;
  const both = (part: NoticePart) => ({ "zh-CN": texts[part]["zh-CN"], en: texts[part].en });
  return canonicalJson({
    use: "menshen/consent-notice/v1",
    communityId,
    seriesId,
    version,
    purpose,
    controller: partyOf(notice.controller),
    processor: partyOf(notice.processor),
    subProcessors: notice.subProcessors.map(({ name, task }) => ({ name, task })),
    endsAt,
    deleteWithinDays,
    texts: Object.fromEntries(NOTICE_PARTS.map((part) => [part, both(part)])),
  });
}

function partyOf({ name, contact }: ConsentParty) {
  return { name, contact };
}

/**
 * Whether consent to `before` does not cover `after` (PIPL 14): another purpose, processor, sub-processor, method, place or
 * kind of data, a later end, a longer storage. Clearer words for effects, necessity or rights ask nobody again.
 */
export function asksAgain(before: ConsentNotice, after: ConsentNotice): boolean {
  const material = ({ purpose, controller, processor, subProcessors, texts }: ConsentNotice) =>
    canonicalJson({
      purpose,
      controller: controller.name,
      processor: processor.name,
      subProcessors: subProcessors.map(({ name, task }) => ({ name, task })),
      texts: (["why", "data", "method", "storage"] as const).flatMap((part) => [
        texts[part]["zh-CN"],
        texts[part].en,
      ]),
    });
  return (
    material(before) !== material(after) ||
    after.endsAt > before.endsAt ||
    after.deleteWithinDays > before.deleteWithinDays
  );
}

/** What a resident's key signs about a consent. Each text names its use and the community, so that it serves nowhere else. */
export const consentTexts = {
  /** @param given.noticeSha256 of the notice that was shown, lower-case hexadecimal */
  give: (
    communityId: string,
    given: {
      readonly recordId: string;
      readonly subject: string;
      readonly purpose: ConsentPurpose;
      readonly noticeSha256: string;
    },
  ): string => {
    const { recordId, subject, purpose, noticeSha256 } = given;
    return canonicalJson({
      use: "menshen/consent/v1",
      communityId,
      recordId,
      subject,
      purpose,
      noticeSha256,
    });
  },
  withdraw: (communityId: string, recordId: string): string =>
    canonicalJson({ use: "menshen/consent-withdrawal/v1", communityId, recordId }),
} as const;
