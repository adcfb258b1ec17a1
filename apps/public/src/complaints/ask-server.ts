import { ed25519Verify, primitives, sha256 } from "@menshen/crypto";
import {
  type ComplaintChecked,
  checkComplaint,
  type KeptComplaint,
  logVerifyKeysOf,
  parseVerifierKey,
} from "@menshen/evidence";
import {
  type BodyOf,
  complaintEndpoints,
  consentNoticeEndpoints,
  type Endpoint,
  evidenceEndpoints,
  type LogDescription,
  type Problem,
  type PublicStatement,
  type ResponseOf,
} from "@menshen/wire";
import { readMemory } from "../log/log-memory.ts";

/** A refusal with the server's code; `unreachable` where no answer came. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, options?: { cause?: unknown }) {
    super(`request failed: ${code}`, options);
    this.name = "Refused";
    this.code = code;
  }
}

/** Asks without cookies: nothing of this browser goes along. */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: "omit", referrerPolicy: "no-referrer" });
  } catch (cause) {
    throw new Refused("unreachable", { cause });
  }
  if (response.ok) return response;
  const isProblem = (response.headers.get("content-type") ?? "").includes("problem+json");
  const problem: Partial<Problem> = isProblem ? await response.json() : {};
  throw new Refused(problem.code ?? "internal");
}

async function post<E extends Endpoint>(endpoint: E, body: BodyOf<E>): Promise<ResponseOf<E>> {
  const response = await ask(endpoint.path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  });
  // What an operation answers is the server's promise, checked by its own tests.
  return (await response.json()) as ResponseOf<E>;
}

export const writeNameless = (body: BodyOf<typeof complaintEndpoints.writeNameless>) =>
  post(complaintEndpoints.writeNameless, body);
export const follow = (code: string) => post(complaintEndpoints.follow, { code });
export const judge = (body: BodyOf<typeof complaintEndpoints.judgeNameless>) =>
  post(complaintEndpoints.judgeNameless, body);

/** Checks a receipt in this browser. Throws {@link Refused} where the community's key of receipts cannot be read. */
export async function checkHere(kept: KeptComplaint): Promise<ComplaintChecked> {
  const { key }: { key: string } = await (await ask(consentNoticeEndpoints.receiptKey.path)).json();
  const parsed = parseVerifierKey(sha256, key);
  const known = await knownLog();
  const keys = {
    receipt: parsed.parsed ? [parsed.key] : [],
    log: known === undefined ? undefined : logVerifyKeysOf({ sha256 }, known),
  };
  return checkComplaint(
    { ...primitives, sha256, ed25519Verify },
    kept,
    keys,
    { placeOf, proofOf },
    Date.now(),
  );
}

/** The log as this browser saw it first, if it did. */
async function knownLog(): Promise<LogDescription | undefined> {
  const known = readMemory();
  if (known !== undefined) return known.log;
  try {
    return await (await ask(evidenceEndpoints.log.path)).json();
  } catch {
    return undefined;
  }
}

async function placeOf(leafId: string, at: number): Promise<number | undefined> {
  const query = new URLSearchParams({
    topic: "complaint-received",
    from: String(at),
    until: String(at + 1),
  });
  const response = await ask(`${evidenceEndpoints.statements.path}?${query}`);
  const { items }: { items: readonly PublicStatement[] } = await response.json();
  return items.find((one) => one.leafId === leafId)?.index;
}

async function proofOf(index: number): Promise<string | undefined> {
  try {
    return await (await ask(`/log/proof/${index}`)).text();
  } catch (error) {
    if (error instanceof Refused && error.code === "not-found") return undefined;
    throw error;
  }
}
