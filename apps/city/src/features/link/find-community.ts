import { communityRequests } from "@menshen/service-kit/city-link";
import { COMMUNITY_TOLERANCE_MS } from "@menshen/wire";
import type { FastifyRequest } from "fastify";
import type { Clock } from "../../clock.ts";
import { type Database, moment } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import type { SignedInCommunity } from "../../http/router.ts";
import { sentBodyOf } from "../../http/server.ts";

/**
 * The key that signed a request, which nobody used before. Throws `not-signed-in` without a signature, `key-refused` for a
 * wrong, an old or a repeated one.
 */
export async function takeSignature(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  request: FastifyRequest,
): Promise<Uint8Array> {
  const header = request.headers.authorization;
  if (header === undefined) throw refusal("not-signed-in", "a community's server signs its requests");
  const authorization = communityRequests.parse(header);
  if (authorization === undefined) {
    throw refusal("key-refused", "header `authorization`: expected `Menshen-Community key=…, time=…`");
  }
  const now = clock.now();
  const body = new TextEncoder().encode(sentBodyOf(request));
  const verdict = communityRequests.verify(
    authorization,
    { method: request.method, path: request.url, body },
    now,
  );
  if (verdict === "bad-signature") throw refusal("key-refused", "the signature does not fit the request");
  if (verdict === "wrong-time") {
    throw refusal("key-refused", `the clocks differ by more than ${COMMUNITY_TOLERANCE_MS / 1_000} s`);
  }
  const { identityKey, nonce, timeMs } = authorization;
  await db.deleteFrom("request_nonce").where("expires_at", "<", moment(now)).execute();
  const { numInsertedOrUpdatedRows: taken } = await db
    .insertInto("request_nonce")
    .values({ key: identityKey, nonce, expires_at: moment(timeMs + COMMUNITY_TOLERANCE_MS + 1) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (taken !== 1n) throw refusal("key-refused", "this request was sent before");
  return identityKey;
}

/** Finds out which community signed a request; `key-refused` for a stranger and for one that was removed. */
export function makeCommunityFinder(dependencies: { readonly db: Database; readonly clock: Clock }) {
  const { db } = dependencies;
  return async (request: FastifyRequest): Promise<SignedInCommunity> => {
    const key = await takeSignature(dependencies, request);
    const row = await db
      .selectFrom("community")
      .select("id")
      .where("key", "=", key)
      .where("removed_at", "is", null)
      .executeTakeFirst();
    if (row === undefined) throw refusal("key-refused", "this key is no community's here");
    return { communityId: row.id };
  };
}
