import type { AccessEntry, GateEntry, JournalEntry, PortalEntry, ReaderEntry } from "@menshen/wire";

type Unnumbered<E extends JournalEntry> = Pick<E, "kind" | "body" | "earliest" | "latest">;

/** An entry before the journal gave it its number. */
export type JournalDraft =
  | Unnumbered<AccessEntry>
  | Unnumbered<PortalEntry>
  | Unnumbered<ReaderEntry>
  | Unnumbered<GateEntry>;

/** Gives a draft its place in the journal. */
export function numberDraft(draft: JournalDraft, sequence: number): JournalEntry {
  switch (draft.kind) {
    case "access":
      return { version: 1, sequence, ...draft };
    case "portal":
      return { version: 1, sequence, ...draft };
    case "reader":
      return { version: 1, sequence, ...draft };
    case "gate":
      return { version: 1, sequence, ...draft };
  }
}
