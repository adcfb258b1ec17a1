import {
  type BodyOf,
  CHANGE_REASON_HEADER,
  type Endpoint,
  encodeChangeReason,
  encodeViewReason,
  fillPath,
  type ParamsOf,
  type Problem,
  type QueryOf,
  type ResponseOf,
  sessionEndpoints,
  VIEW_REASON_HEADER,
} from "@menshen/wire";

type Parts<E extends Endpoint> = (ParamsOf<E> extends undefined ? unknown : { params: ParamsOf<E> }) &
  (QueryOf<E> extends undefined ? unknown : { query?: QueryOf<E> }) &
  (BodyOf<E> extends undefined ? unknown : { body: BodyOf<E> });

/** A refusal by the server. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(
      `${problem.status} ${problem.code}: ${problem.title} ${JSON.stringify(problem.fields ?? problem.detail ?? "")}`,
    );
    this.name = "Refusal";
    this.problem = problem;
  }
}

/** A signed-in member of staff, as a browser would be: one cookie, one duty at a time. */
export interface Api {
  readonly origin: string;
  cookie(): string;
  /** Calls an operation; changes to the duty that may do it where the session's present one may not. */
  call<E extends Endpoint>(endpoint: E, parts: Parts<E>): Promise<ResponseOf<E>>;
}

/** Signs in by the code of a one-time link; a server gives none once a member of staff has a passkey. */
export async function signIn(signInLink: string | undefined): Promise<Api> {
  if (signInLink === undefined) throw new Error("no sign-in link: a member of staff has a passkey");
  const link = new URL(signInLink);
  const code = new URLSearchParams(link.hash.slice(1)).get("code");
  if (code === null) throw new Error("the sign-in link has no code");
  let cookie = "";

  const send = async (endpoint: Endpoint, given: object) => {
    const parts: { params?: object; query?: object; body?: unknown } = given;
    const params = Object.fromEntries(
      Object.entries(parts.params ?? {}).map(([name, value]) => [name, String(value)]),
    );
    const url = new URL(fillPath(endpoint.path, params), link.origin);
    for (const [name, value] of Object.entries(parts.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = { accept: "application/json", origin: link.origin };
    if (cookie !== "") headers.cookie = cookie;
    if (parts.body !== undefined) headers["content-type"] = "application/json";
    if (endpoint.method !== "GET") headers[CHANGE_REASON_HEADER] = encodeChangeReason({ code: "test" });
    if (endpoint.shows !== undefined) {
      headers[VIEW_REASON_HEADER] = encodeViewReason({ code: "maintenance", text: "test" });
    }
    const response = await fetch(url, {
      method: endpoint.method,
      headers,
      ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
    });
    const renewed = response.headers.getSetCookie()[0]?.split(";")[0];
    if (renewed !== undefined) cookie = renewed;
    const text = await response.text();
    if (!response.ok) throw new Refusal(JSON.parse(text) as Problem);
    return text === "" ? null : (JSON.parse(text) as unknown);
  };

  await send(sessionEndpoints.signInWithCode, { body: { code } });
  return {
    origin: link.origin,
    cookie: () => cookie,
    async call<E extends Endpoint>(endpoint: E, parts: Parts<E>): Promise<ResponseOf<E>> {
      try {
        return (await send(endpoint, parts as object)) as ResponseOf<E>;
      } catch (error) {
        if (!(error instanceof Refusal) || error.problem.duty === undefined) throw error;
        await send(sessionEndpoints.changeDuty, { body: { duty: error.problem.duty } });
        return (await send(endpoint, parts as object)) as ResponseOf<E>;
      }
    },
  };
}
