import { type AuthenticationResponseJSON, verifyAuthenticationResponse } from "@simplewebauthn/server";
import { refusal } from "../../errors.ts";

export interface WebauthnSettings {
  /** Host name that passkeys are bound to. */
  readonly rpId: string;
  readonly rpName: string;
  /** Origins from which passkeys are taken; known once the server listens. */
  readonly origins: () => readonly string[];
}

/**
 * Checks a passkey's answer to a challenge of ours, for staff and residents alike (WebAuthn Level 3, clause 7.2).
 *
 * @returns the signature counter that the passkey reports now
 * @throws `passkey-refused`
 */
export async function verifyPasskeyAnswer(
  webauthn: WebauthnSettings,
  answer: AuthenticationResponseJSON,
  challenge: string,
  passkey: { readonly publicKey: Uint8Array; readonly signCount: number },
): Promise<number> {
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
    throw passkeyRefused(cause);
  });
  if (!verified.verified) throw passkeyRefused();
  return verified.authenticationInfo.newCounter;
}

/** Says the same whatever was wrong. */
export function passkeyRefused(cause?: unknown) {
  const error = refusal("passkey-refused", "this passkey was not accepted");
  if (cause !== undefined) error.cause = cause;
  return error;
}
