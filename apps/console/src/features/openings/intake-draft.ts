import type { OpeningPath, OpeningPurpose } from "@menshen/domain";
import type { OpeningIntake } from "@menshen/wire";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";

/** What a request is for: opening now, keeping for later, or opening what was kept. */
export const AIMS = ["open", "hold", "fromHold"] as const;
export type Aim = (typeof AIMS)[number];

/** The form as it stands: everything may still be open. Times as `<input type="datetime-local">` gives them. */
export interface IntakeForm {
  readonly path: OpeningPath;
  readonly aim: Aim;
  /** End of a hold that is asked for. */
  readonly holdUntil: string;
  /** The hold from which to open. */
  readonly heldBy?: string | undefined;
  readonly authority: string;
  readonly documentNumber: string;
  readonly documentSha256?: string | undefined;
  readonly accessPointIds: readonly string[];
  readonly from: string;
  readonly until: string;
  readonly purpose?: OpeningPurpose | undefined;
  readonly entryCap: number | null;
  readonly deadline: string;
  readonly sealUntil: string;
  readonly isExtended: boolean;
  readonly extensionReason: string;
  readonly extensionSha256?: string | undefined;
  readonly onCall: readonly number[];
}

export const EMPTY_FORM: IntakeForm = {
  path: "ordinary",
  aim: "open",
  holdUntil: "",
  authority: "",
  documentNumber: "",
  accessPointIds: [],
  from: "",
  until: "",
  entryCap: 100,
  deadline: "",
  sealUntil: "",
  isExtended: false,
  extensionReason: "",
  onCall: [],
};

/**
 * What the form asks for. What is left open is left out, so that the rules say that it is missing; nothing is filled in
 * for anybody. A hold whose end is open, and one that was not chosen, are asked for as such: left out, they would make a
 * request to open. An extension and holds count on the ordinary path only, custodians on call on the emergency one: the
 * form does not show them elsewhere.
 */
export function intakeOf(form: IntakeForm, timeZone: string): OpeningIntake {
  const at = (text: string) => localDateTimeToEpochMs(text, timeZone);
  const aim = form.path === "ordinary" ? form.aim : "open";
  const extension = {
    reason: form.extensionReason.trim(),
    ...(form.extensionSha256 === undefined ? {} : { documentSha256: form.extensionSha256 }),
  };
  const stated = {
    path: form.path,
    authority: form.authority.trim() || undefined,
    documentNumber: form.documentNumber.trim() || undefined,
    documentSha256: form.documentSha256,
    accessPointIds: form.accessPointIds.length === 0 ? undefined : form.accessPointIds,
    from: at(form.from),
    until: at(form.until),
    purpose: form.purpose,
    deadline: at(form.deadline),
    sealUntil: at(form.sealUntil),
    entryCap: form.entryCap ?? undefined,
    extension: form.path === "ordinary" && form.isExtended ? extension : undefined,
    holdUntil: aim === "hold" ? (at(form.holdUntil) ?? null) : undefined,
    heldBy: aim === "fromHold" ? (form.heldBy ?? "-") : undefined,
    onCall: form.path === "emergency" ? form.onCall.toSorted((a, b) => a - b) : undefined,
  };
  return Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
}
