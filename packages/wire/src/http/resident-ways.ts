import { canonicalJson } from "@menshen/domain";
import Type, { type Static } from "typebox";
import {
  API_BASE,
  CredentialKindName,
  EpochMs,
  hexBytes,
  IdParams,
  NameText,
  NoContent,
  PasskeyChallenge,
  Uuid,
  WebAuthnJson,
} from "./common.ts";
import { CREDENTIAL_STATES } from "./credentials.ts";
import { endpoint } from "./endpoint.ts";
import { ResidentMe } from "./resident.ts";

const closed = { additionalProperties: false };
const BASE = `${API_BASE}/resident`;
const Signature = hexBytes(64, 64);

/** A credential of one's own, as its holder may know it. */
export const OwnWay = Type.Object({
  id: Uuid,
  kind: CredentialKindName,
  /** Last digits of its number, or the name that one gave it. */
  label: Type.String(),
  state: Type.Enum([...CREDENTIAL_STATES]),
  enrolledAt: EpochMs,
  from: Type.Optional(EpochMs),
  until: Type.Optional(EpochMs),
  /** One may say that it is lost: it is a card, and opens. */
  mayLose: Type.Boolean(),
});
export type OwnWay = Static<typeof OwnWay>;

/** How one gets in, and losing and renewing it without the desk. */
export const residentWaysEndpoints = {
  list: endpoint({
    id: "listOwnWays",
    method: "GET",
    path: `${BASE}/ways`,
    tag: "resident",
    summary: "one's own credentials, those that open nothing now included, and whether PINs are offered here",
    response: Type.Object({ items: Type.Array(OwnWay, { maxItems: 500 }), offersPin: Type.Boolean() }),
  }),
  lose: endpoint({
    id: "loseOwnCard",
    method: "POST",
    path: `${BASE}/ways/:id/loss`,
    tag: "resident",
    summary: "one's own card is lost: it opens nothing from now on; said again, it changes nothing",
    params: IdParams,
    body: Type.Object({ signature: Signature }, closed),
    response: NoContent,
  }),
  drawPin: endpoint({
    id: "drawOwnPin",
    method: "POST",
    path: `${BASE}/pin`,
    tag: "resident",
    summary: "a PIN in the place of the one before, shown once and kept nowhere",
    body: Type.Object({ challenge: hexBytes(32, 32), signature: Signature }, closed),
    response: Type.Object({
      pin: Type.String(),
      /** Does what the PIN does, and calls the guards. */
      duressPin: Type.String(),
    }),
    status: 201,
  }),
} as const;

/** What a resident's key signs for these. */
export const wayTexts = {
  lose: (communityId: string, credentialId: string): string =>
    canonicalJson({ use: "menshen/credential-loss/v1", communityId, credentialId }),
  drawPin: (communityId: string, challenge: string): string =>
    canonicalJson({ use: "menshen/pin-draw/v1", communityId, challenge }),
} as const;

/** AES-256-GCM under a key of the passkey's PRF: nonce, the secret's 32 bytes, tag. */
const SealedSeed = hexBytes(60, 60);

export const ResidentPasskey = Type.Object({
  id: Uuid,
  name: Type.String(),
  createdAt: EpochMs,
  lastUsedAt: Type.Optional(EpochMs),
});
export type ResidentPasskey = Static<typeof ResidentPasskey>;

const passkeyAnswer = { challengeId: Uuid, response: WebAuthnJson };

/** A second way back in: a passkey, which signs in and opens the secret that was sealed with it. */
export const residentPasskeyEndpoints = {
  list: endpoint({
    id: "listResidentPasskeys",
    method: "GET",
    path: `${BASE}/passkeys`,
    tag: "resident",
    summary: "one's own passkeys",
    response: Type.Object({ items: Type.Array(ResidentPasskey, { maxItems: 8 }) }),
  }),
  options: endpoint({
    id: "residentPasskeyOptions",
    method: "POST",
    path: `${BASE}/passkeys/options`,
    tag: "resident",
    summary: "what a browser needs to make a passkey",
    response: PasskeyChallenge,
  }),
  register: endpoint({
    id: "registerResidentPasskey",
    method: "POST",
    path: `${BASE}/passkeys`,
    tag: "resident",
    summary: "keep a passkey, with one's secret sealed by what it alone gives; signed by one's present key",
    body: Type.Object(
      { ...passkeyAnswer, name: NameText, sealedSeed: SealedSeed, signature: Signature },
      closed,
    ),
    response: ResidentPasskey,
    status: 201,
  }),
  remove: endpoint({
    id: "removeResidentPasskey",
    method: "DELETE",
    path: `${BASE}/passkeys/:id`,
    tag: "resident",
    summary: "end a passkey of one's own",
    params: IdParams,
    response: NoContent,
  }),
  signInOptions: endpoint({
    id: "residentPasskeySignInOptions",
    method: "POST",
    path: `${BASE}/passkey-sign-in/options`,
    tag: "resident",
    summary: "what a browser needs to sign in by passkey",
    response: PasskeyChallenge,
  }),
  signIn: endpoint({
    id: "residentPasskeySignIn",
    method: "POST",
    path: `${BASE}/passkey-sign-in`,
    tag: "resident",
    summary: "sign in by passkey; the answer has one's sealed secret",
    body: Type.Object(passkeyAnswer, closed),
    response: Type.Object({ me: ResidentMe, sealedSeed: SealedSeed }),
  }),
} as const;

/** What a resident's key signs for a passkey, so that a session alone makes none. */
export const residentPasskeyTexts = {
  register: (communityId: string, challengeId: string, sealedSeed: string): string =>
    canonicalJson({ use: "menshen/resident-passkey/v1", communityId, challengeId, sealedSeed }),
} as const;
