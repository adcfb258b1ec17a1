import {
  type BodyOf,
  type Endpoint,
  fillPath,
  type ParamsOf,
  type Problem,
  type ResponseOf,
} from "@menshen/wire";
import { noteAnswerDate } from "./server-clock.ts";

/** A refusal by the server, with its problem document; `unreachable` where no answer came at all. */
export class ApiError extends Error {
  readonly code: Problem["code"] | "unreachable";

  constructor(code: Problem["code"] | "unreachable", options?: { cause?: unknown }) {
    super(`request failed: ${code}`, options);
    this.name = "ApiError";
    this.code = code;
  }
}

type Parts<E extends Endpoint> = (ParamsOf<E> extends undefined ? unknown : { params: ParamsOf<E> }) &
  (BodyOf<E> extends undefined ? unknown : { body: BodyOf<E> });

/**
 * Calls one operation of the HTTP API.
 *
 * @throws {ApiError} with the server's code, or `unreachable`
 */
export async function call<E extends Endpoint>(endpoint: E, parts: Parts<E>): Promise<ResponseOf<E>> {
  // What an operation answers is the server's promise, checked by its own tests.
  return (await send(endpoint, parts as LooseParts)) as ResponseOf<E>;
}

/** What any operation may be given; `call` knows which of it each operation takes. */
interface LooseParts {
  readonly params?: unknown;
  readonly body?: unknown;
}

async function send(endpoint: Endpoint, parts: LooseParts): Promise<unknown> {
  const texts = Object.entries(Object(parts.params)).map(([name, value]) => [name, String(value)]);
  const response = await request(fillPath(endpoint.path, Object.fromEntries(texts)), {
    method: endpoint.method,
    headers: {
      accept: "application/json",
      ...(parts.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
  });
  return response.status === 204 ? null : response.json();
}

/** Any request to our own server. Throws {@link ApiError} for a refusal and where no answer came. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  const askedAt = Date.now();
  try {
    response = await fetch(path, { ...init, credentials: "same-origin" });
    noteAnswerDate(response.headers.get("date"), askedAt, Date.now());
  } catch (cause) {
    throw new ApiError("unreachable", { cause });
  }
  if (!response.ok) throw new ApiError(await codeOf(response));
  return response;
}

async function codeOf(response: Response): Promise<Problem["code"]> {
  if (!(response.headers.get("content-type") ?? "").includes("problem+json")) return "internal";
  const problem: Problem = await response.json();
  return problem.code;
}
