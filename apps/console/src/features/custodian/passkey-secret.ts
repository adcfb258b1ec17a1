/** Asked of each authenticator; the store's own salt makes the key differ from store to store. */
const PRF_INPUT = new TextEncoder().encode("menshen/custodian-store/v1");

/** A passkey's secret, or why there is none. `no-prf`: this authenticator or browser has no PRF extension. */
export type PasskeySecret =
  | {
      readonly given: true;
      readonly passkeyId: Uint8Array<ArrayBuffer>;
      /** 32 bytes. */
      readonly secret: Uint8Array<ArrayBuffer>;
    }
  | { readonly given: false; readonly reason: "no-prf" | "cancelled" };

const NO_PRF: PasskeySecret = { given: false, reason: "no-prf" };

/** Makes a passkey for this desk and asks it for its secret. */
export async function makePasskey(name: string): Promise<PasskeySecret> {
  if (!("PublicKeyCredential" in globalThis)) return NO_PRF;
  try {
    const made = await navigator.credentials.create({
      publicKey: {
        rp: { name: "Menshen" },
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
        // No server verifies it: what counts is the secret, which only the authenticator can compute.
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [
          { type: "public-key", alg: -7 },
          { type: "public-key", alg: -257 },
        ],
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
        extensions: { prf: { eval: { first: PRF_INPUT } } },
      },
    });
    if (!(made instanceof PublicKeyCredential)) return NO_PRF;
    const { prf } = made.getClientExtensionResults();
    const passkeyId = new Uint8Array(made.rawId);
    const secret = secretOf(prf?.results?.first);
    if (secret !== undefined) return { given: true, passkeyId, secret };
    // Some authenticators tell the secret only when the passkey is used.
    return prf?.enabled === true ? await askPasskey(passkeyId) : NO_PRF;
  } catch (error) {
    return refusedBy(error);
  }
}

/** Asks a passkey for its secret again. */
export async function askPasskey(passkeyId: Uint8Array<ArrayBuffer>): Promise<PasskeySecret> {
  try {
    const used = await navigator.credentials.get({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        allowCredentials: [{ type: "public-key", id: passkeyId }],
        userVerification: "required",
        extensions: { prf: { eval: { first: PRF_INPUT } } },
      },
    });
    if (!(used instanceof PublicKeyCredential)) return NO_PRF;
    const secret = secretOf(used.getClientExtensionResults().prf?.results?.first);
    return secret === undefined ? NO_PRF : { given: true, passkeyId, secret };
  } catch (error) {
    return refusedBy(error);
  }
}

function secretOf(output: BufferSource | undefined): Uint8Array<ArrayBuffer> | undefined {
  return output instanceof ArrayBuffer && output.byteLength === 32 ? new Uint8Array(output) : undefined;
}

function refusedBy(error: unknown): PasskeySecret {
  if (error instanceof DOMException && error.name === "NotSupportedError") return NO_PRF;
  if (error instanceof DOMException) return { given: false, reason: "cancelled" };
  throw error;
}
