import { blindRsaSign, fromHex, toHex } from "@menshen/crypto/node";
import type { BodyOf, ResponseOf, residentPassEndpoints, TokenIssuingKey } from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { hasResidency } from "../credentials/index.ts";
import { makeRateLimit } from "../identity/index.ts";
import { localDays } from "../trail/index.ts";
import { selectPassSettings } from "./settings.store.ts";
import { selectGiven, selectTokenKeys, takeSignature, takeToken } from "./token-keys.store.ts";
import { tokenKeyContext } from "./token-keys.ts";

/** One-time tokens that leave no trail (RFC 9474): signed unseen, and counted by person and day. */
export function makeTokensService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly storageKey: StorageKey;
  readonly timeZone: string;
}) {
  const { db, clock, storageKey, timeZone } = dependencies;
  const perResident = makeRateLimit(clock, 30, 10_000);

  /** Midnight before and behind now, where the community is. */
  function today(now: number): readonly [from: number, until: number] {
    return localDays(timeZone, now, 1)[0] ?? [now, now];
  }

  return {
    /** The keys that the log shows, the same for everybody; and how many tokens are left to whoever asks. */
    async keys({ personId }: SignedInResident): Promise<ResponseOf<typeof residentPassEndpoints.tokenKeys>> {
      const now = clock.now();
      const { tokensPerDay: perDay } = await selectPassSettings(db);
      const given = await selectGiven(db, personId, today(now)[0]);
      const items = (await selectTokenKeys(db, now)).flatMap((key): TokenIssuingKey[] => {
        const { evidence, keyId, publicKey, doorGroup, from, until, quota } = key;
        if (evidence === undefined) return [];
        const { statement, salt, leafIndex } = evidence;
        return [
          {
            keyId: toHex(keyId),
            publicKey: toHex(publicKey),
            doorGroup,
            from,
            until,
            quota,
            evidence: { statement, salt: toHex(salt), leafIndex },
          },
        ];
      });
      return { items, perDay, leftToday: Math.max(0, perDay - given) };
    },

    /**
     * Signs what cannot be read. Nothing is kept of it but that this person was given one more today. Throws `rate-limited`
     * for one too many, `conflict` for a key that is over or used up, `invalid-request` for no number below its modulus.
     */
    async sign(
      { personId }: SignedInResident,
      { keyId, blinded }: BodyOf<typeof residentPassEndpoints.signToken>,
    ): Promise<ResponseOf<typeof residentPassEndpoints.signToken>> {
      perResident.take(personId);
      return db.transaction().execute(async (trx) => {
        const now = clock.now();
        if (!(await hasResidency(trx, personId, now))) {
          throw refusal("forbidden", "only those who live or work here have visitors");
        }
        const [midnight, nextMidnight] = today(now);
        const { tokensPerDay } = await selectPassSettings(trx);
        if (!(await takeToken(trx, personId, midnight, tokensPerDay))) {
          throw refusal("rate-limited", `expected at most ${tokensPerDay} tokens a day`, {
            retryAfterSeconds: Math.ceil((nextMidnight - now) / 1000),
          });
        }
        const id = fromHex(keyId);
        const sealed = await takeSignature(trx, id, now);
        if (sealed === undefined)
          throw refusal("conflict", "this key signs nothing more: read the keys again");
        const secretKey = storageKey.open(sealed, tokenKeyContext(id));
        const blindSignature = blindRsaSign(secretKey, fromHex(blinded));
        secretKey.fill(0);
        if (blindSignature === undefined) {
          throw refusal("invalid-request", "expected a number below the modulus of the key", {
            fields: [{ path: "body/blinded", message: "expected as long as the modulus, and below it" }],
          });
        }
        return { blindSignature: toHex(blindSignature) };
      });
    },
  };
}
