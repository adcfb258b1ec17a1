import {
  CHANGE_REASON_HEADER,
  type ChangeReason,
  citySessionEndpoints,
  type Endpoint,
  encodeChangeReason,
  encodeViewReason,
  type ResponseOf,
  sessionEndpoints,
  VIEW_REASON_HEADER,
  type ViewReason,
} from "@menshen/wire";
import { ApiError } from "./api-error.ts";
import { demandAnswer, type LooseParts, type Parts, readAnswer, urlOf } from "./operation.ts";

/** Somebody signed in at a server's HTTP API: a member of a community's staff, or an officer of a city. */
export interface ApiClient {
  /**
   * Calls an operation, in the duty that may do it. Throws `ApiError` for a refusal, and for an answer of another form
   * than the operation's.
   */
  call<E extends Endpoint>(endpoint: E, parts: Parts<E>): Promise<ResponseOf<E>>;
  /** What a later process needs to go on in this session; a secret. */
  readonly cookie: string;
}

/** Why changes are made, and why residents' data are looked at. */
export interface Reasons {
  readonly change: ChangeReason;
  readonly view: ViewReason;
}

const PATIENCE_MS = 30_000;

/** Signs in by the code of a one-time link. Throws `ApiError` if the code is used or expired. */
export async function signInByLink(link: string, reasons: Reasons): Promise<ApiClient> {
  const url = new URL(link);
  const code = new URLSearchParams(url.hash.slice(1)).get("code") ?? "";
  const client = clientAt(url.origin, "", reasons);
  await client.call(sessionEndpoints.signInWithCode, { body: { code } });
  return client;
}

/** Signs an officer in at a city's server by a one-time link. Throws `ApiError` if the code is used or expired. */
export async function signInOfficer(link: string): Promise<ApiClient> {
  const url = new URL(link);
  const code = new URLSearchParams(url.hash.split("?")[1]).get("code") ?? "";
  // The city asks for no reasons.
  const client = clientAt(url.origin, "", undefined);
  await client.call(citySessionEndpoints.signIn, { body: { code } });
  return client;
}

/** Goes on in a session that another process began. */
export function resumeSession(origin: string, cookie: string, reasons: Reasons): ApiClient {
  return clientAt(origin, cookie, reasons);
}

function clientAt(origin: string, firstCookie: string, reasons: Reasons | undefined): ApiClient {
  let cookie = firstCookie;
  /** Duties are changed one at a time: calls that need another wait for those under way. */
  let turn: Promise<unknown> = Promise.resolve();

  async function send(endpoint: Endpoint, parts: LooseParts): Promise<unknown> {
    const url = urlOf(endpoint, parts, origin);
    const headers = new Headers({ accept: "application/json", origin });
    if (cookie !== "") headers.set("cookie", cookie);
    if (parts.body !== undefined) headers.set("content-type", "application/json");
    if (parts.upload !== undefined) headers.set("content-type", parts.upload.type);
    const body = parts.upload?.bytes ?? (parts.body === undefined ? undefined : JSON.stringify(parts.body));
    if (reasons !== undefined) {
      if (endpoint.method !== "GET") headers.set(CHANGE_REASON_HEADER, encodeChangeReason(reasons.change));
      if (endpoint.shows !== undefined) headers.set(VIEW_REASON_HEADER, encodeViewReason(reasons.view));
    }
    const response = await fetch(url, {
      method: endpoint.method,
      headers,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : new Blob([body.slice()]) }),
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const renewed = response.headers.getSetCookie()[0]?.split(";")[0];
    if (renewed !== undefined) cookie = renewed;
    return readAnswer(endpoint, response);
  }

  async function sendInDuty(endpoint: Endpoint, parts: LooseParts): Promise<unknown> {
    try {
      return await send(endpoint, parts);
    } catch (error) {
      const duty = error instanceof ApiError ? error.problem?.duty : undefined;
      if (duty === undefined) throw error;
      const changed = turn.then(async () => {
        await send(sessionEndpoints.changeDuty, { body: { duty } });
        return send(endpoint, parts);
      });
      turn = changed.catch(() => undefined);
      return changed;
    }
  }

  return {
    get cookie() {
      return cookie;
    },
    async call<E extends Endpoint>(endpoint: E, parts: Parts<E>): Promise<ResponseOf<E>> {
      return demandAnswer(endpoint, await sendInDuty(endpoint, parts));
    },
  };
}
