import { communityRequests } from "@menshen/service-kit/city-link";
import { sentBodyOf } from "@menshen/service-kit/http";
import { COMMUNITY_TOLERANCE_MS } from "@menshen/wire";
import type { FastifyRequest } from "fastify";
import type { Clock } from "../../clock.ts";
import { type Database, moment } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import type { SignedInCommunity } from "../../http/router.ts";

type Stores = { readonly db: Database; readonly clock: Clock };
type Signature = NonNullable<ReturnType<typeof communityRequests.parse>>;

/**
 * What signed a request. Throws `not-signed-in` without a signature, `key-refused` for a wrong or an old one.
 * It may have been sent before: see {@link takeOnce}.
 */
export function readSignature({ clock }: Stores, request: FastifyRequest): Signature {
  const header = request.headers.authorization;
  if (header === undefined) throw refusal("not-signed-in", "a community's server signs its requests");
  const authorization = communityRequests.parse(header);
  if (authorization === undefined) {
    throw refusal("key-refused", "header `authorization`: expected `Menshen-Community key=…, time=…`");
  }
  const body = new TextEncoder().encode(sentBodyOf(request));
  const verdict = communityRequests.verify(
    authorization,
    { method: request.method, path: request.url, body },
    clock.now(),
  );
  if (verdict === "bad-signature") throw refusal("key-refused", "the signature does not fit the request");
  if (verdict === "wrong-time") {
    throw refusal("key-refused", `the clocks differ by more than ${COMMUNITY_TOLERANCE_MS / 1_000} s`);
  }
  return authorization;
}

/**
 * Throws `key-refused` if a request with this signature was taken before. Only for keys that are known, or whose attempts
 * are counted: each one taken is kept for some minutes.
 */
export async function takeOnce(
  { db, clock }: Stores,
  { identityKey, nonce, timeMs }: Signature,
): Promise<void> {
  await db.deleteFrom("request_nonce").where("expires_at", "<", moment(clock.now())).execute();
  const { numInsertedOrUpdatedRows: taken } = await db
    .insertInto("request_nonce")
    .values({ key: identityKey, nonce, expires_at: moment(timeMs + COMMUNITY_TOLERANCE_MS + 1) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (taken !== 1n) throw refusal("key-refused", "this request was sent before");
}

/** Finds out which community signed a request; `key-refused` for a stranger and for one that was removed. */
export function makeCommunityFinder(stores: Stores) {
  return async (request: FastifyRequest): Promise<SignedInCommunity> => {
    const signature = readSignature(stores, request);
    const row = await stores.db
      .selectFrom("community")
      .select("id")
      .where("key", "=", signature.identityKey)
      .where("removed_at", "is", null)
      .executeTakeFirst();
    if (row === undefined) throw refusal("key-refused", "this key is no community's here");
    await takeOnce(stores, signature);
    return { communityId: row.id };
  };
}
