import type { Primitives } from "@menshen/crypto";
import type { CredentialKind, Presentation, Reason } from "@menshen/domain";
import type { CardVersion } from "./card-version.ts";
import { credentialKeyOf } from "./credential-key.ts";

/** A domain presentation with what the reader's side still knows about the card. */
export interface CardPresentation extends Presentation {
  /** What the credential key was formed from; personal data of a kind, never to be logged. */
  readonly identifier: Uint8Array;
  /** What chip it says it is; a change for one identifier hints at a copy. */
  readonly version?: CardVersion;
}

/** Why a card that was read proved nothing; the details of the domain's `credential-not-authentic`. */
export type NotAuthenticDetail = Extract<Reason, { readonly code: "credential-not-authentic" }>["detail"];

/** What came of a card in the field. */
export type CardReading =
  | { readonly outcome: "presented"; readonly presentation: CardPresentation }
  | {
      readonly outcome: "not-authentic";
      readonly detail: NotAuthenticDetail;
      /** What the card claimed to be, for the log of attempts; proved is nothing. */
      readonly claimedKind: CredentialKind;
      readonly identifier?: Uint8Array;
    }
  /** A card that tells a random number or none: there is nothing to look up. */
  | { readonly outcome: "no-identifier" };

/** A presentation of a constant: whoever knows the number can send it. Grade E. */
export function presentConstant(
  primitives: Pick<Primitives, "sha256">,
  kind: CredentialKind,
  identifier: Uint8Array,
): CardPresentation {
  return {
    credentialKey: credentialKeyOf(primitives, kind, identifier),
    kind,
    grade: "E",
    evidence: {},
    identifier,
  };
}
