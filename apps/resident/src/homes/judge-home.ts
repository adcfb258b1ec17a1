import { fromHex, primitives, toHex } from "@menshen/crypto";
import { homeKeyCommitment, opensLeaf, parseCredentialStatement, parseLeaf } from "@menshen/evidence";
import type { ResidentHome } from "@menshen/wire";
import type { FoundEntry, FoundHome, FoundNumber } from "./watch-homes.ts";

/**
 * How a credential stands to the log:
 * - `explained`: once in the log, and the server's statement is what that entry commits to;
 * - `ended`: in the log, and an entry ends it; or it never got there and was ended;
 * - `unpublished`: not in the log yet, so that no gate takes it;
 * - `unexplained`: in the log, and no statement opens its entry: one too many;
 * - `twice`: the log has its number more than once;
 * - `missing`: the server says that it is in the log, and it is not.
 */
export type KeyState = "explained" | "ended" | "unpublished" | "unexplained" | "twice" | "missing";

/** States that somebody has to answer for. */
export const LOUD_STATES: readonly KeyState[] = ["unexplained", "twice", "missing"];

export interface HomeKeyRow {
  readonly number: number;
  readonly state: KeyState;
  /** Entries that issue it. */
  readonly indexes: readonly number[];
  /** Of the statement that explains it. */
  readonly kind?: string;
  readonly told?: ResidentHome["credentials"][number];
}

/**
 * Compares what a home's device found in the log with what the server says of it, by rising number.
 *
 * @param size entries that were read
 */
export function judgeHome(home: ResidentHome, found: FoundHome, size: number): readonly HomeKeyRow[] {
  const numbers = new Set([
    ...found.numbers.map(({ number }) => number),
    ...home.credentials.map(({ number }) => number),
  ]);
  return [...numbers]
    .sort((a, b) => a - b)
    .map((number) => {
      const told = home.credentials.find((credential) => credential.number === number);
      const logged = found.numbers.find((one) => one.number === number);
      const indexes = logged?.issued.map(({ index }) => index) ?? [];
      const kind = told && kindIn(told.statement);
      return {
        number,
        state: stateOf(home, told, logged, size),
        indexes,
        ...(kind === undefined ? {} : { kind }),
        ...(told === undefined ? {} : { told }),
      };
    });
}

/**
 * Whether a registration under the home's tag is the home's own: its public statement opens the entry and commits to the
 * home's key. Another one would let somebody else's credentials count as this home's.
 *
 * @param statement canonical JSON and salt as the log publishes them; `undefined` where it publishes none
 * @returns the access points that it names; `undefined` for one that is not the home's own
 */
export function readRegistration(
  found: FoundEntry,
  home: Pick<FoundHome, "dwellingTag" | "homeKey">,
  statement: { readonly statement: string; readonly salt: string } | undefined,
): readonly string[] | undefined {
  if (statement === undefined || !opens(found, statement)) return undefined;
  const said = parseCredentialStatement(statement.statement);
  if (said?.topic !== "dwelling-registered" || said.dwellingTag !== home.dwellingTag) return undefined;
  const own = toHex(homeKeyCommitment(primitives, fromHex(home.homeKey)));
  return said.keyCommitment === own ? said.accessPointIds : undefined;
}

function stateOf(
  home: ResidentHome,
  told: ResidentHome["credentials"][number] | undefined,
  logged: FoundNumber | undefined,
  size: number,
): KeyState {
  const [entry, ...more] = logged?.issued ?? [];
  if (entry === undefined) {
    if (told?.index !== undefined && told.index < size) return "missing";
    return told?.endedAt === undefined ? "unpublished" : "ended";
  }
  if (more.length > 0) return "twice";
  if (told === undefined) return "unexplained";
  const isEnded = (logged?.endedAt.length ?? 0) > 0;
  // Once its holder's data are erased nothing opens the entry any more; then it must have ended.
  if (told.salt === undefined) return isEnded ? "ended" : "unexplained";
  if (!opens(entry, { statement: told.statement, salt: told.salt })) return "unexplained";
  const said = parseCredentialStatement(told.statement);
  const isOwn =
    said?.topic === "credential-of-dwelling" &&
    said.number === told.number &&
    said.dwellingTag === home.dwellingTag;
  if (!isOwn) return "unexplained";
  return isEnded ? "ended" : "explained";
}

function opens(
  found: FoundEntry,
  { statement, salt }: { readonly statement: string; readonly salt: string },
): boolean {
  const parsed = parseLeaf(fromHex(found.entry));
  return (
    parsed.parsed && opensLeaf(primitives, parsed.leaf, fromHex(salt), new TextEncoder().encode(statement))
  );
}

function kindIn(statement: string): string | undefined {
  const said = parseCredentialStatement(statement);
  return said?.topic === "credential-of-dwelling" ? said.kind : undefined;
}
