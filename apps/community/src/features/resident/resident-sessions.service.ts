import { fromHex, randomBytes, toHex } from "@menshen/crypto/node";
import { type BodyOf, type ResidentMe, type residentEndpoints, residentTexts } from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import { hashToken, makeRateLimit, makeToken } from "../identity/index.ts";
import {
  deleteSession,
  insertChallenge,
  insertSession,
  selectAccountByKey,
  selectMe,
  selectPlaces,
  selectSession,
  takeChallenge,
} from "./resident.store.ts";
import { isSignedBy } from "./signed-by.ts";

/** Short: the program has the key and signs in again by itself. */
const SESSION_LIFE_MS = 12 * 60 * 60_000;
/** On a screen that others use too. */
const SHARED_LIFE_MS = 10 * 60_000;
const CHALLENGE_LIFE_MS = 5 * 60_000;
const CHALLENGE_BYTES = 32;

/** A session that was opened: the token goes into the cookie and nowhere else. */
export interface OpenedSession {
  readonly token: string;
  readonly expiresAt: number;
  /** The browser forgets it when it is closed. */
  readonly shared?: boolean;
}

export type ResidentSessionsService = ReturnType<typeof makeResidentSessionsService>;

/** Signing in with one's own key, and what the key's owner may read of themselves. */
export function makeResidentSessionsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly communityId: string;
}) {
  const { db, clock, communityId } = dependencies;
  const perAddress = makeRateLimit(clock, 30, 2_000);
  const overall = makeRateLimit(clock, 300, 100);

  return {
    /** Throws `rate-limited`. Asked before anything that a stranger can repeat. */
    limit(address: string): void {
      perAddress.take(address);
      overall.take("all");
    },

    async find(token: string): Promise<SignedInResident | undefined> {
      const personId = await selectSession(db, hashToken(token), clock.now());
      return personId === undefined ? undefined : { personId };
    },

    async open(scope: Reader, personId: string, at: number, shared = false): Promise<OpenedSession> {
      const { token, hash } = makeToken();
      const expiresAt = at + (shared ? SHARED_LIFE_MS : SESSION_LIFE_MS);
      await insertSession(scope, { tokenHash: hash, personId, at, expiresAt });
      return { token, expiresAt, shared };
    },

    async challenge(authKey: string) {
      const challenge = randomBytes(CHALLENGE_BYTES);
      const at = clock.now();
      const expiresAt = at + CHALLENGE_LIFE_MS;
      await insertChallenge(db, { challenge, authKey: fromHex(authKey), at, expiresAt });
      return { challenge: toHex(challenge), expiresAt };
    },

    /** Uses a challenge up. Throws `key-refused` unless it was given to this key and is neither used nor too old. */
    async takeChallenge(scope: Reader, authKey: string, challenge: string): Promise<void> {
      if (!(await takeChallenge(scope, fromHex(challenge), fromHex(authKey), clock.now())))
        throw keyRefused();
    },

    /** Throws `key-refused` for a key that nobody here has, a signature that is not its own, a challenge used before. */
    async signIn(
      input: BodyOf<typeof residentEndpoints.signIn>,
    ): Promise<OpenedSession & { personId: string }> {
      await this.takeChallenge(db, input.authKey, input.challenge);
      const text = residentTexts.signIn(communityId, input.challenge);
      const personId = await selectAccountByKey(db, fromHex(input.authKey));
      if (personId === undefined || !isSignedBy(input.authKey, text, input.signature)) throw keyRefused();
      return { personId, ...(await this.open(db, personId, clock.now(), input.shared)) };
    },

    async signOut(token: string): Promise<void> {
      await deleteSession(db, hashToken(token));
    },

    async me(resident: SignedInResident): Promise<ResidentMe> {
      const me = await selectMe(db, resident.personId, clock.now());
      if (me === undefined) throw refusal("not-signed-in", "sign in first");
      return me;
    },

    places: () => selectPlaces(db),
  };
}

/** One answer for every way in which a key does not open an account. */
export function keyRefused() {
  return refusal("key-refused", "this key is not registered here, or did not sign this");
}
