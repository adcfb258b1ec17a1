import {
  checkOpeningRequest,
  type OpeningDraft,
  type OpeningRefusal,
  type OpeningStatement,
} from "./opening-request.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const FIELDS: Readonly<Record<keyof OpeningStatement, true>> = {
  topic: true,
  at: true,
  requestId: true,
  path: true,
  authority: true,
  documentNumber: true,
  documentSha256: true,
  accessPointIds: true,
  from: true,
  until: true,
  purpose: true,
  deadline: true,
  sealUntil: true,
  entryCap: true,
  extension: true,
  onCall: true,
  holdUntil: true,
  heldBy: true,
};

/** A request's statement, or why it is none. `refusals` is empty for something that is no statement at all. */
export type OpeningStatementParsed =
  | { readonly parsed: true; readonly statement: OpeningStatement }
  | { readonly parsed: false; readonly refusals: readonly OpeningRefusal[] };

/**
 * Reads a statement and judges it again by the scope rules as of its own time: whoever answers or verifies does not
 * take the community's word for it. What only the community knows (which doors exist, what is destroyed, how long a
 * seal may last) is not judged.
 *
 * @param value the statement's JSON; that its text was canonical is the caller's to check
 */
export function parseOpeningStatement(value: unknown): OpeningStatementParsed {
  const none: OpeningStatementParsed = { parsed: false, refusals: [] };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return none;
  const names = Object.keys(value);
  if (names.some((name) => !Object.hasOwn(FIELDS, name))) return none;
  const field = (name: keyof OpeningStatement): unknown => Reflect.get(value, name);
  const [at, requestId] = [field("at"), field("requestId")];
  if (field("topic") !== "opening-requested" || typeof at !== "number" || !Number.isSafeInteger(at))
    return none;
  if (typeof requestId !== "string" || !UUID.test(requestId)) return none;
  const extension = field("extension");
  if (extension !== undefined && !hasOnly(extension, ["documentSha256", "reason"])) return none;
  const draft: OpeningDraft = value;
  const checked = checkOpeningRequest(draft, {
    now: at,
    destroyedBefore: 0,
    sealMaxMs: Number.MAX_SAFE_INTEGER,
    custodianCount: 255,
  });
  if (!checked.accepted) return { parsed: false, refusals: checked.refusals };
  return { parsed: true, statement: { topic: "opening-requested", at, requestId, ...checked.request } };
}

function hasOnly(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).every((name) => names.some((known) => known === name))
  );
}
