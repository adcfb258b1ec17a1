import type { CardReading } from "@menshen/credentials";
import type { CredentialKind, Reason } from "@menshen/domain";
import type { Candidates } from "./decide-tap.ts";
import type { PassReading } from "./pass-desk.ts";
import type { PresentedPhone } from "./phone-reader.ts";

/** What one tap brought: candidates in the order they are tried, or a card that proved nothing. */
export type Reading =
  | {
      readonly kind: "presented";
      readonly candidates: Candidates;
      readonly phone?: PresentedPhone;
      readonly isDuress?: boolean;
    }
  | {
      readonly kind: "not-authentic";
      readonly reason: Extract<Reason, { code: "credential-not-authentic" | "means-not-allowed" }>;
      readonly claimed: { readonly kind: CredentialKind; readonly identifier: Uint8Array | undefined };
    }
  | { readonly kind: "pass"; readonly pass: Exclude<PassReading, { outcome: "credential" }> };

/** What an authenticated card brought; `undefined` for one that tells nothing to look up. */
export function readingOf(reading: CardReading): Reading | undefined {
  switch (reading.outcome) {
    case "presented":
      return { kind: "presented", candidates: [reading.presentation] };
    case "not-authentic":
      return {
        kind: "not-authentic",
        reason: { code: "credential-not-authentic", detail: reading.detail },
        claimed: { kind: reading.claimedKind, identifier: reading.identifier },
      };
    case "no-identifier":
      return undefined;
  }
}
