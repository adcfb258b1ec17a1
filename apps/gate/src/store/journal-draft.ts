import type { CredentialKind } from "@menshen/domain";
import type { AccessEntry, GateEntry, JournalEntry, PortalEntry, ReaderEntry } from "@menshen/wire";

type Unnumbered<E extends JournalEntry> = Pick<E, "kind" | "body" | "earliest" | "latest">;

/**
 * Who was at the door, until the entry gets its number and this is sealed.
 * INVARIANT: it is in memory only; nothing writes it anywhere.
 */
export interface SealedIdentity {
  readonly kind: CredentialKind;
  /** 16 bytes. */
  readonly credentialKey: Uint8Array;
  /** As the card told it. */
  readonly counter?: number;
  /** The snapshot knows no such credential: it gets no pseudonym, or whoever enrols it next would be known by it. */
  readonly isStranger?: boolean;
}

/** An entry before the journal gave it its number. */
export type JournalDraft =
  | (Unnumbered<AccessEntry> & { readonly identity?: SealedIdentity })
  | Unnumbered<PortalEntry>
  | Unnumbered<ReaderEntry>
  | Unnumbered<GateEntry>;

/** Gives a draft its place in the journal. What is to be sealed is left out. */
export function numberDraft(draft: JournalDraft, sequence: number): JournalEntry {
  switch (draft.kind) {
    case "access": {
      const { identity: _identity, ...entry } = draft;
      return { version: 1, sequence, ...entry };
    }
    case "portal":
      return { version: 1, sequence, ...draft };
    case "reader":
      return { version: 1, sequence, ...draft };
    case "gate":
      return { version: 1, sequence, ...draft };
  }
}
