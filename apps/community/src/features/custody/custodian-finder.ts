import { parseAuthorization, REQUEST_TOLERANCE_MS, verifyAuthorization } from "@menshen/custody";
import { sentBodyOf } from "@menshen/service-kit/http";
import type { FastifyRequest } from "fastify";
import type { SignedInCustodian } from "../../authority/signed-in-custodian.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import { selectPresentVersion, selectSeatsOf, takeNonce, touchSeen } from "./custody.store.ts";

const SEEN_EVERY_MS = 10_000;

/**
 * Finds out which custodian's program signed a request. Throws `not-signed-in` without a signature, `key-refused` for a
 * stranger's, a wrong, an old or a repeated one.
 */
export function makeCustodianFinder(dependencies: { readonly db: Database; readonly clock: Clock }) {
  const { db, clock } = dependencies;
  return async (request: FastifyRequest): Promise<SignedInCustodian> => {
    const header = request.headers.authorization;
    if (header === undefined) throw refusal("not-signed-in", "a custodian's program signs its requests");
    const authorization = parseAuthorization(header);
    if (authorization === undefined) {
      throw refusal("key-refused", "header `authorization`: expected `Menshen-Custodian key=…, time=…`");
    }
    const { identityKey, nonce, timeMs } = authorization;
    const [latest, ...earlier] = await selectSeatsOf(db, identityKey);
    if (latest === undefined) throw refusal("key-refused", "this key is no custodian's here");
    const now = clock.now();
    const body = new TextEncoder().encode(sentBodyOf(request));
    const verdict = verifyAuthorization(
      authorization,
      { method: request.method, path: request.url, body },
      now,
    );
    if (verdict === "bad-signature") throw refusal("key-refused", "the signature does not fit the request");
    if (verdict === "wrong-time") {
      throw refusal("key-refused", `the clocks differ by more than ${REQUEST_TOLERANCE_MS / 1_000} s`);
    }
    const expiresAt = timeMs + REQUEST_TOLERANCE_MS + 1;
    if (!(await takeNonce(db, { identityKey, nonce, expiresAt }, now))) {
      throw refusal("key-refused", "this request was sent before");
    }
    await touchSeen(db, identityKey, now, SEEN_EVERY_MS);
    const present = latest.version === (await selectPresentVersion(db)) ? latest : undefined;
    return { identityKey, present, seats: [latest, ...earlier] };
  };
}
