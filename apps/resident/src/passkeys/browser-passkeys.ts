import { ApiError } from "../api/client.ts";

/** An answer of the browser, as the server takes it: what the passkey was asked for stays here. */
export interface PasskeyAnswer {
  readonly response: Record<string, unknown>;
  /** WebAuthn id, base64url. */
  readonly id: string;
  /** 32 bytes that this passkey alone gives; absent where it cannot. */
  readonly prf: Uint8Array | undefined;
}

export const hasPasskeys = (): boolean => "PublicKeyCredential" in globalThis;

/** Asks for a new passkey. Throws {@link ApiError} `passkey-refused` when the person or the device says no. */
export async function createPasskey(options: unknown, input: BufferSource): Promise<PasskeyAnswer> {
  const { challenge, user, excludeCredentials, ...rest } = Object(options);
  const credential = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        ...rest,
        challenge: fromBase64Url(challenge),
        user: { ...user, id: fromBase64Url(user.id) },
        excludeCredentials: described(excludeCredentials),
        extensions: { prf: { eval: { first: input } } },
      },
    }),
  );
  const { response } = credential;
  if (!(response instanceof AuthenticatorAttestationResponse)) throw new ApiError("passkey-refused");
  return {
    ...answerOf(credential, { attestationObject: toBase64Url(response.attestationObject) }),
    prf: prfOf(credential),
  };
}

/** Asks a passkey of this site, or the one with `id`, to sign. Throws as {@link createPasskey}. */
export async function askPasskey(options: unknown, input: BufferSource, id?: string): Promise<PasskeyAnswer> {
  const { challenge, ...rest } = Object(options);
  const credential = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        ...rest,
        challenge: fromBase64Url(challenge),
        allowCredentials: id === undefined ? [] : described([{ id }]),
        extensions: { prf: { eval: { first: input } } },
      },
    }),
  );
  const { response } = credential;
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new ApiError("passkey-refused");
  return {
    ...answerOf(credential, {
      authenticatorData: toBase64Url(response.authenticatorData),
      signature: toBase64Url(response.signature),
      ...(response.userHandle === null ? {} : { userHandle: toBase64Url(response.userHandle) }),
    }),
    prf: prfOf(credential),
  };
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await ask().catch((cause: unknown) => {
    throw new ApiError("passkey-refused", { cause });
  });
  if (!(credential instanceof PublicKeyCredential)) throw new ApiError("passkey-refused");
  return credential;
}

function answerOf(credential: PublicKeyCredential, more: Record<string, string>) {
  const { id, rawId, type, response } = credential;
  const clientDataJSON = toBase64Url(response.clientDataJSON);
  return { id, response: { id, rawId: toBase64Url(rawId), type, response: { clientDataJSON, ...more } } };
}

function prfOf(credential: PublicKeyCredential): Uint8Array | undefined {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) return undefined;
  return first instanceof ArrayBuffer
    ? new Uint8Array(first)
    : new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
}

function described(ids: unknown): PublicKeyCredentialDescriptor[] {
  if (!Array.isArray(ids)) return [];
  return ids.map((one: unknown) => ({ type: "public-key", id: fromBase64Url(Object(one).id) }));
}

function fromBase64Url(text: unknown): Uint8Array<ArrayBuffer> {
  const plain = atob(String(text).replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function toBase64Url(bytes: ArrayBuffer): string {
  const plain = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
