/** Bodies that answer complaints, lowest first. */
export const COMPLAINT_BODIES = ["property", "committee", "city"] as const;
export type ComplaintBody = (typeof COMPLAINT_BODIES)[number];

export const SHOWN_KINDS = ["complaint", "wrongdoing"] as const;
export const SHOWN_CATEGORIES = [
  "doors-and-cards",
  "face-or-pressure",
  "privacy",
  "staff-conduct",
  "fees",
  "building",
  "other",
] as const;

export type ShownVerdict = "satisfied" | "reopen" | "carry-up";

/** What happened to a complaint, as its writer reads it. */
export interface ShownStep {
  /** Unix milliseconds. */
  readonly at: number;
  readonly kind: "received" | "reminded" | "passed-on" | "answered" | "late" | "reopened" | "satisfied";
  readonly body: ComplaintBody;
  readonly to?: ComplaintBody | undefined;
  readonly cause?: "unanswered" | "writer" | "handler" | undefined;
  readonly text?: string | undefined;
}

/** A complaint as its writer reads it. */
export interface ShownComplaint {
  readonly id: string;
  readonly kind: (typeof SHOWN_KINDS)[number];
  readonly category: (typeof SHOWN_CATEGORIES)[number];
  readonly body: ComplaintBody;
  readonly state: "open" | "answered" | "closed";
  readonly receivedAt: number;
  /** Exclusive. */
  readonly answerBy: number;
  readonly aboutBody?: ComplaintBody | undefined;
  readonly aboutStaff?: string | undefined;
  readonly text: string;
  readonly steps: readonly ShownStep[];
  /** Who could answer it next. */
  readonly next?: ComplaintBody | undefined;
  readonly verdictUntil?: number | undefined;
}

/** What somebody wrote and wants to send. */
export interface WrittenComplaint {
  readonly kind: (typeof SHOWN_KINDS)[number];
  readonly category: (typeof SHOWN_CATEGORIES)[number];
  readonly to: ComplaintBody;
  readonly aboutBody?: ComplaintBody;
  readonly aboutStaffId?: string;
  readonly aboutName?: string;
  readonly text: string;
}

/** What a check of a receipt found. */
export type ShownCheck =
  | { readonly genuine: false }
  | {
      readonly genuine: true;
      readonly words: "same" | "other" | "unknown";
      readonly log:
        | { readonly verdict: "in-log"; readonly index: number }
        | { readonly verdict: "waiting"; readonly until: number }
        | { readonly verdict: "missing"; readonly since: number }
        | { readonly verdict: "unread" };
    };

/** Times as the page around writes them. */
export interface ComplaintMoments {
  readonly moment: (at: number) => string;
  readonly day: (at: number) => string;
}

const DAY_MS = 86_400_000;

/** Whole days after today that are left: 10 on the day it came, 0 on the last one and once it is over. */
export function daysLeft(answerBy: number, now: number): number {
  return Math.max(0, Math.ceil((answerBy - now) / DAY_MS) - 1);
}

/** The number by which people call a complaint; its id tells it apart from every other. */
export function complaintNumber(id: string): string {
  return id.slice(0, 8).toUpperCase();
}
