import { randomBytes } from "@menshen/crypto/node";
import { authorizeRequest } from "@menshen/custody";
import type { Endpoint, ResponseOf } from "@menshen/wire";
import { demandAnswer, type Parts, readAnswer, urlOf } from "../api/operation.ts";
import { CliError } from "../command-line/cli-error.ts";

/**
 * Calls an operation of a community server. Throws `ApiError` for a refusal, and for an answer of another form than the
 * operation's; `CliError("unavailable")` if the server is not reached.
 */
export type CustodianClient = <E extends Endpoint>(endpoint: E, parts: Parts<E>) => Promise<ResponseOf<E>>;

const PATIENCE_MS = 60_000;

/** @param secretKey seed of the identity key that signs each request; absent: nothing is signed */
export function makeCustodianClient(server: string, secretKey?: Uint8Array): CustodianClient {
  return async function call<E extends Endpoint>(endpoint: E, parts: Parts<E>): Promise<ResponseOf<E>> {
    const url = urlOf(endpoint, parts, server);
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
    return demandAnswer(endpoint, await readAnswer(endpoint, response));
  };
}
