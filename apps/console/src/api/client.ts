import {
  type BodyOf,
  CHANGE_REASON_HEADER,
  type ChangeReason,
  type Endpoint,
  encodeChangeReason,
  encodeViewReason,
  fillPath,
  type ParamsOf,
  type Problem,
  type QueryOf,
  type ResponseOf,
  VIEW_REASON_HEADER,
} from "@menshen/wire";
import { viewReasonNow } from "./view-reason.ts";

/** A refusal by the server, with its problem document; `unreachable` where no answer came at all. */
export class ApiError extends Error {
  readonly problem: Problem | undefined;

  constructor(problem: Problem | undefined, options?: { cause?: unknown }) {
    super(problem?.title ?? "server unreachable", options);
    this.name = "ApiError";
    this.problem = problem;
  }

  get code(): Problem["code"] | "unreachable" {
    return this.problem?.code ?? "unreachable";
  }
}

type Parts<E extends Endpoint> = (ParamsOf<E> extends undefined ? unknown : { params: ParamsOf<E> }) &
  (QueryOf<E> extends undefined ? unknown : { query?: QueryOf<E> }) &
  (BodyOf<E> extends undefined ? unknown : { body: BodyOf<E> }) &
  (E extends { reason: "required" } ? { reason: ChangeReason } : { reason?: ChangeReason });

function queryText(query: object | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const unknownProblem: Problem = { status: response.status, code: "internal", title: response.statusText };
  if (!(response.headers.get("content-type") ?? "").includes("problem+json")) return unknownProblem;
  return (await response.json()) as Problem;
}

/** What any operation may be given; `call` knows which of it each operation takes. */
export interface LooseParts {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: object;
  readonly body?: unknown;
  readonly reason?: ChangeReason;
  readonly signal?: AbortSignal;
  /** Header `authorization` for whoever signs each request and has no session. */
  readonly authorize?: (request: {
    readonly method: string;
    readonly path: string;
    readonly body: string;
  }) => string;
}

/**
 * Calls one operation of the HTTP API.
 *
 * @throws ApiError with the server's problem document, or without one where the server could not be reached
 */
export async function call<E extends Endpoint>(
  endpoint: E,
  parts: Parts<E> & { signal?: AbortSignal },
): Promise<ResponseOf<E>> {
  return (await send(endpoint, parts as LooseParts)) as ResponseOf<E>;
}

/** As `call`, for code that serves many operations alike and checks their shapes itself. */
export async function send(endpoint: Endpoint, parts: LooseParts): Promise<unknown> {
  const { params, query, body, reason, signal, authorize } = parts;
  const texts = Object.fromEntries(Object.entries(params ?? {}).map(([key, value]) => [key, String(value)]));
  const headers = new Headers({ accept: "application/json" });
  if (body !== undefined) headers.set("content-type", "application/json");
  if (reason !== undefined) headers.set(CHANGE_REASON_HEADER, encodeChangeReason(reason));
  const viewReason = viewReasonNow();
  // Also where it is not asked for: a refused change names residents only to whoever said why.
  if (viewReason !== undefined) headers.set(VIEW_REASON_HEADER, encodeViewReason(viewReason));
  const { method } = endpoint;
  const path = fillPath(endpoint.path, texts) + queryText(query);
  const text = body === undefined ? "" : JSON.stringify(body);
  if (authorize !== undefined) headers.set("authorization", authorize({ method, path, body: text }));
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: authorize === undefined ? "same-origin" : "omit",
      ...(body === undefined ? {} : { body: text }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new ApiError(undefined, { cause });
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  if (response.status === 204) return null;
  const answer: unknown = await response.json();
  return answer;
}
