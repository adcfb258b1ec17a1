import { randomBytes } from "@menshen/crypto/node";
import { authorizeRequest } from "@menshen/custody";
import {
  type BodyOf,
  type Endpoint,
  fillPath,
  type ParamsOf,
  Problem,
  type QueryOf,
  type ResponseOf,
} from "@menshen/wire";
import { Value } from "typebox/value";
import { ApiError } from "../api/api-error.ts";
import { CliError } from "../command-line/cli-error.ts";

interface LooseParts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

type Parts<E extends Endpoint> = LooseParts &
  (ParamsOf<E> extends undefined ? unknown : { readonly params: ParamsOf<E> }) &
  (QueryOf<E> extends undefined ? unknown : { readonly query?: QueryOf<E> }) &
  (BodyOf<E> extends undefined ? unknown : { readonly body: BodyOf<E> });

/**
 * Calls an operation of a community server. Throws `ApiError` for a refusal, and for an answer of another form than the
 * operation's; `CliError("unavailable")` if the server is not reached.
 */
export type CustodianClient = <E extends Endpoint>(endpoint: E, parts: Parts<E>) => Promise<ResponseOf<E>>;

const PATIENCE_MS = 60_000;

/** @param secretKey seed of the identity key that signs each request; absent: nothing is signed */
export function makeCustodianClient(server: string, secretKey?: Uint8Array): CustodianClient {
  return async function call<E extends Endpoint>(endpoint: E, parts: Parts<E>): Promise<ResponseOf<E>> {
    const params = Object.fromEntries(
      Object.entries(parts.params ?? {}).map(([name, value]) => [name, String(value)]),
    );
    const url = new URL(fillPath(endpoint.path, params), server);
    for (const [name, value] of Object.entries(parts.query ?? {})) url.searchParams.set(name, String(value));
    const body = parts.body === undefined ? undefined : JSON.stringify(parts.body);
    const headers = new Headers({ accept: "application/json" });
    if (body !== undefined) headers.set("content-type", "application/json");
    if (secretKey !== undefined) {
      const authorization = authorizeRequest({
        method: endpoint.method,
        path: url.pathname + url.search,
        body: new TextEncoder().encode(body ?? ""),
        secretKey,
        timeMs: Date.now(),
        nonce: randomBytes(16),
      });
      headers.set("authorization", authorization);
    }
    const response = await fetch(url, {
      method: endpoint.method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((cause: unknown) => {
      throw new CliError(
        "unavailable",
        { en: `${url.origin} is not reached`, zh: `连接不上 ${url.origin}` },
        undefined,
        { cause },
      );
    });
    const text = await response.text();
    if (!response.ok) throw new ApiError(endpoint.id, response.status, problemOf(text));
    const answer: unknown = text === "" ? null : JSON.parse(text);
    if (!isAnswer(endpoint, answer)) throw new ApiError(`${endpoint.id}: unexpected answer`, 200, undefined);
    return answer;
  };
}

function isAnswer<E extends Endpoint>(endpoint: E, answer: unknown): answer is ResponseOf<E> {
  return Value.Check(endpoint.response, answer);
}

function problemOf(text: string): Problem | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Value.Check(Problem, parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
