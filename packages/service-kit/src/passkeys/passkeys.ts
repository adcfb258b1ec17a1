import { randomUUID } from "node:crypto";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type { QueryExecutorProvider } from "kysely";
import type { PasskeyStore, StoredPasskey } from "./passkey-store.ts";
import { parseAuthentication, parseRegistration } from "./webauthn-json.ts";

export interface WebauthnSettings {
  /** Host name that passkeys are bound to. */
  readonly rpId: string;
  readonly rpName: string;
  /** Origins from which passkeys are taken; known once the server listens. */
  readonly origins: () => readonly string[];
}

/** EdDSA, ES256 and RS256 (IANA COSE Algorithms): what authenticators in use offer. */
const ALGORITHMS = [-8, -7, -257];
const CHALLENGE_LIFE_MS = 5 * 60_000;

/** What goes to the browser; its answer names the challenge. */
export interface PasskeyChallenge {
  readonly challengeId: string;
  readonly options: Record<string, unknown>;
}

/** What a browser answered. */
export interface PasskeyAnswer {
  readonly challengeId: string;
  readonly response: unknown;
}

/** A passkey that its authenticator has just made. */
export interface NewPasskey {
  readonly webauthnId: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly signCount: number;
  readonly transports: readonly string[];
  readonly backedUp: boolean;
}

/**
 * Making passkeys and signing in with them, for staff, residents and officers alike (WebAuthn Level 3, clauses 7.1 and 7.2).
 * Every challenge is given once, lives five minutes, and is taken from whoever it was made for only.
 *
 * @param dependencies.refused what is thrown, the same whatever was wrong
 */
export function makePasskeys<Extra extends object>(dependencies: {
  readonly webauthn: WebauthnSettings;
  readonly now: () => number;
  readonly store: PasskeyStore<Extra>;
  readonly refused: (cause?: unknown) => Error;
}) {
  const { webauthn, now, store, refused } = dependencies;

  async function keep(
    db: QueryExecutorProvider,
    ownerId: string | null,
    options: { readonly challenge: string },
  ): Promise<PasskeyChallenge> {
    const challengeId = randomUUID();
    const at = now();
    const { challenge } = options;
    const expiresAt = at + CHALLENGE_LIFE_MS;
    await store.insertChallenge(db, { id: challengeId, ownerId, challenge, at, expiresAt });
    return { challengeId, options: { ...options } };
  }

  return {
    /** @param owner `name` is shown by the device in its own list, perhaps to others */
    async registrationOptions(
      db: QueryExecutorProvider,
      owner: { readonly id: string; readonly name: string },
    ): Promise<PasskeyChallenge> {
      const existing = await store.selectOf(db, owner.id);
      const options = await generateRegistrationOptions({
        rpName: webauthn.rpName,
        rpID: webauthn.rpId,
        userID: new Uint8Array(Buffer.from(owner.id.replaceAll("-", ""), "hex")),
        userName: owner.name,
        userDisplayName: owner.name,
        attestationType: "none",
        supportedAlgorithmIDs: ALGORITHMS,
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        excludeCredentials: existing.map(({ webauthnId }) => ({
          id: Buffer.from(webauthnId).toString("base64url"),
        })),
      });
      return keep(db, owner.id, options);
    },

    /** Whether one was made for this owner's challenge; whoever stores it looks whether it is known already. */
    async verifyNew(db: QueryExecutorProvider, ownerId: string, input: PasskeyAnswer): Promise<NewPasskey> {
      const answer = parseRegistration(input.response);
      if (answer === undefined) throw refused();
      const challenge = await store.takeChallenge(db, { id: input.challengeId, ownerId, at: now() });
      if (challenge === undefined) throw refused();
      const verified = await verifyRegistrationResponse({
        response: answer,
        expectedChallenge: challenge,
        expectedOrigin: [...webauthn.origins()],
        expectedRPID: webauthn.rpId,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      }).catch((cause: unknown) => {
        throw refused(cause);
      });
      if (!verified.verified) throw refused();
      const { credential, credentialBackedUp } = verified.registrationInfo;
      return {
        webauthnId: Buffer.from(credential.id, "base64url"),
        publicKey: credential.publicKey,
        signCount: credential.counter,
        transports: answer.response.transports ?? [],
        backedUp: credentialBackedUp,
      };
    },

    /** The same for everybody: who asks is not known yet. */
    async signInOptions(db: QueryExecutorProvider): Promise<PasskeyChallenge> {
      const options = await generateAuthenticationOptions({
        rpID: webauthn.rpId,
        userVerification: "required",
      });
      return keep(db, null, options);
    },

    /** The passkey that answered, and the signature counter that it reports now. */
    async verifySignIn(
      db: QueryExecutorProvider,
      input: PasskeyAnswer,
    ): Promise<{ readonly passkey: StoredPasskey & Extra; readonly signCount: number }> {
      const answer = parseAuthentication(input.response);
      if (answer === undefined) throw refused();
      const challenge = await store.takeChallenge(db, { id: input.challengeId, ownerId: null, at: now() });
      const passkey = await store.selectByWebauthnId(db, Buffer.from(answer.id, "base64url"));
      if (challenge === undefined || passkey === undefined) throw refused();
      const verified = await verifyAuthenticationResponse({
        response: answer,
        expectedChallenge: challenge,
        expectedOrigin: [...webauthn.origins()],
        expectedRPID: webauthn.rpId,
        requireUserVerification: true,
        credential: {
          id: answer.id,
          publicKey: new Uint8Array(passkey.publicKey),
          counter: passkey.signCount,
        },
      }).catch((cause: unknown) => {
        throw refused(cause);
      });
      if (!verified.verified) throw refused();
      return { passkey, signCount: verified.authenticationInfo.newCounter };
    },
  };
}
