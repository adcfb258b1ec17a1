import { ed25519Verify, equalBytes, p256Verify } from "@menshen/crypto";
import {
  type CredentialKey,
  type CredentialKind,
  type OpeningStatement,
  parseOpeningStatement,
} from "@menshen/domain";
import type { NoteKey } from "@menshen/evidence";
import {
  type AccessEntry,
  accessEntrySigningInput,
  decodeJournalEntry,
  uuidBytes,
  WireError,
} from "@menshen/wire";
import type { CustodianSet } from "./custodian-set.ts";
import type { EpochKey } from "./epoch-key.ts";
import { CustodyError } from "./errors.ts";
import { parseIdentityText } from "./identity-text.ts";
import type { EntryLabel } from "./label.ts";
import { type LogKeys, provenIndex, readGateStatement, readJson } from "./logged-statement.ts";
import { combinePartials, type PartialDecryption, parsePartial } from "./opening.ts";
import {
  type LoggedStatement,
  type OpenedEntry,
  type OpeningPackage,
  type ParsedPackage,
  parsePackage,
  type StatedHolder,
} from "./opening-package.ts";
import { isSameLabel, parseSealedEntry, type SealedEntry, verifySealedEntry } from "./sealed-entry.ts";
import { verifyVouchedCertificate } from "./vouch.ts";

/** What a verifier must know beforehand, from elsewhere than the package. */
export interface PackageKeys extends LogKeys {
  /** Type `ed25519`. */
  readonly communityKey: NoteKey;
  /** The sets of custodians that ever held keys. */
  readonly custodianSets: readonly CustodianSet[];
}

/** What is wrong with a package. Words for each stand in `opening-package-texts.ts`. */
export type PackageFaultCode =
  | "malformed"
  | "too-large"
  | "unknown-version"
  | "bad-signature"
  | "wrong-digest"
  | "request-invalid"
  | "request-not-logged"
  | "gate-invalid"
  | "gate-not-logged"
  | "ceremony-invalid"
  | "made-before-request"
  | "too-many-entries"
  | "entry-malformed"
  | "entry-twice"
  | "entry-outside-scope"
  | "gate-unknown"
  | "gate-signature"
  | "entry-not-sealed"
  | "label-differs"
  | "epoch-key-missing"
  | "entry-proof"
  | "partial-malformed"
  | "partial-rejected"
  | "too-few-partials"
  | "text-differs"
  | "text-malformed";

export interface PackageFault {
  readonly code: PackageFaultCode;
  /** `package`, `request`, or a list and the place in it from 1, as `entries/3`. */
  readonly part: string;
  /** A code that says more, e.g. why a proof is refused. */
  readonly detail?: string;
}

/** An entry that was opened, as far as it is proven; the holder is the community's word. */
export interface VerifiedEntry {
  readonly gateId: string;
  readonly sequence: number;
  readonly accessPointId: string;
  /** Unix milliseconds: the event lies between them. */
  readonly earliest: number;
  readonly latest: number;
  readonly granted: boolean;
  readonly kind: CredentialKind;
  readonly credentialKey: CredentialKey;
  /** Bodies of the custodians who opened it. */
  readonly openedBy: readonly string[];
  readonly holder?: StatedHolder;
}

export type PackageVerdict =
  | {
      readonly verified: true;
      readonly content: OpeningPackage;
      readonly request: OpeningStatement;
      /** Place of the request in the log. */
      readonly leafIndex: number;
      readonly entries: readonly VerifiedEntry[];
    }
  /** Every fault that was found. */
  | { readonly verified: false; readonly faults: readonly PackageFault[] };

interface KnownEpoch {
  readonly key: EpochKey;
  readonly set: CustodianSet;
}

/**
 * Verifies a package offline: who signed it, that the request stood in the witnessed log, that each entry was written by
 * a logged gate inside the request's scope, and that k custodians opened exactly it. Never throws for hostile bytes.
 *
 * @throws {EvidenceError} as `openCheckpoint`, for keys that cannot be used
 */
export function verifyPackage(text: string, keys: PackageKeys): PackageVerdict {
  let parsed: ParsedPackage;
  try {
    parsed = parsePackage(text);
  } catch (error) {
    if (!(error instanceof CustodyError) || error.code === "invalid-argument") throw error;
    return { verified: false, faults: [{ code: error.code, part: "package" }] };
  }
  const { content } = parsed;
  const faults: PackageFault[] = [];
  if (!ed25519Verify(keys.communityKey.publicKey, parsed.signed, parsed.signature)) {
    faults.push({ code: "bad-signature", part: "package" });
  }
  for (const part of parsed.wrongDigests) faults.push({ code: "wrong-digest", part });
  const request = verifyRequest(content.request, keys, faults);
  if (request !== undefined && content.madeAt < request.statement.at) {
    faults.push({ code: "made-before-request", part: "package" });
  }
  const gates = new Map<string, Uint8Array[]>();
  for (const [position, gate] of content.gates.entries()) {
    const found = verifyGate(gate, `gates/${position + 1}`, keys, faults);
    if (found !== undefined) gates.set(found.gateId, [...(gates.get(found.gateId) ?? []), found.deviceKey]);
  }
  const epochs = new Map<number, KnownEpoch>();
  for (const [position, ceremony] of content.ceremonies.entries()) {
    const known = verifyCeremony(ceremony, keys.custodianSets);
    if (known === undefined) faults.push({ code: "ceremony-invalid", part: `ceremonies/${position + 1}` });
    for (const epoch of known ?? []) epochs.set(epoch.key.epoch, epoch);
  }
  const seen = new Set<string>();
  const entries = content.entries.flatMap((entry, position) => {
    const result = verifyEntry(entry, request?.statement, gates, epochs);
    if ("code" in result) {
      faults.push({ ...result, part: `entries/${position + 1}` });
      return [];
    }
    const name = `${result.gateId}/${result.sequence}`;
    if (seen.has(name)) faults.push({ code: "entry-twice", part: `entries/${position + 1}` });
    seen.add(name);
    return [result];
  });
  for (const [position, { gateId, sequence }] of content.unopened.entries()) {
    if (seen.has(`${gateId}/${sequence}`))
      faults.push({ code: "entry-twice", part: `unopened/${position + 1}` });
    seen.add(`${gateId}/${sequence}`);
  }
  if (request !== undefined && content.entries.length > request.statement.entryCap) {
    faults.push({ code: "too-many-entries", part: "package" });
  }
  if (faults.length > 0 || request === undefined) return { verified: false, faults };
  return { verified: true, content, request: request.statement, leafIndex: request.index, entries };
}

function verifyRequest(
  logged: LoggedStatement,
  keys: PackageKeys,
  faults: PackageFault[],
): { readonly statement: OpeningStatement; readonly index: number } | undefined {
  const value = readJson(logged.statement);
  const parsed = parseOpeningStatement(value);
  const proven = provenIndex(logged, "opening-requested", keys);
  if (!parsed.parsed) {
    const detail = parsed.refusals[0]?.code;
    faults.push({ code: "request-invalid", part: "request", ...(detail === undefined ? {} : { detail }) });
  }
  if ("refusal" in proven) {
    faults.push({ code: "request-not-logged", part: "request", detail: proven.refusal });
  }
  return parsed.parsed && "index" in proven
    ? { statement: parsed.statement, index: proven.index }
    : undefined;
}

function verifyGate(
  logged: LoggedStatement,
  part: string,
  keys: PackageKeys,
  faults: PackageFault[],
): { readonly gateId: string; readonly deviceKey: Uint8Array } | undefined {
  const said = readGateStatement(logged.statement);
  if (said === undefined) {
    faults.push({ code: "gate-invalid", part });
    return undefined;
  }
  const proven = provenIndex(logged, "gate-certificate-issued", keys);
  if ("refusal" in proven) {
    faults.push({ code: "gate-not-logged", part, detail: proven.refusal });
    return undefined;
  }
  return said;
}

function verifyCeremony(
  { certificate, vouches }: OpeningPackage["ceremonies"][number],
  sets: readonly CustodianSet[],
): readonly KnownEpoch[] | undefined {
  for (const set of sets) {
    try {
      const verdict = verifyVouchedCertificate(set, certificate, vouches);
      if (verdict.valid && vouches.length === set.members.length) {
        return verdict.keys.map((key) => ({ key, set }));
      }
    } catch (error) {
      if (!(error instanceof CustodyError)) throw error;
      return undefined;
    }
  }
  return undefined;
}

function verifyEntry(
  opened: OpenedEntry,
  request: OpeningStatement | undefined,
  gates: ReadonlyMap<string, readonly Uint8Array[]>,
  epochs: ReadonlyMap<number, KnownEpoch>,
): VerifiedEntry | Omit<PackageFault, "part"> {
  const entry = readEntry(opened.journal);
  if (entry === undefined) return { code: "entry-malformed" };
  const { accessPointId, sealed } = entry.body;
  if (
    request !== undefined &&
    (!request.accessPointIds.includes(accessPointId) ||
      entry.earliest < request.from ||
      entry.earliest >= request.until)
  ) {
    return { code: "entry-outside-scope" };
  }
  const deviceKeys = gates.get(opened.gateId);
  if (deviceKeys === undefined) return { code: "gate-unknown" };
  const signing = accessEntrySigningInput(opened.journal);
  if (
    signing === undefined ||
    !deviceKeys.some((deviceKey) => p256Verify(deviceKey, signing.signed, signing.signature))
  ) {
    return { code: "gate-signature" };
  }
  if (sealed === undefined) return { code: "entry-not-sealed" };
  const sealedEntry = attempt(() => parseSealedEntry(sealed));
  if (sealedEntry === undefined) return { code: "entry-not-sealed" };
  if (!isSameLabel(sealedEntry.label, labelOf(opened.gateId, entry))) return { code: "label-differs" };
  const epoch = epochs.get(sealedEntry.epoch);
  if (epoch === undefined) return { code: "epoch-key-missing" };
  const found = reopen(opened, sealedEntry, epoch);
  if ("code" in found) return found;
  const identity = attempt(() => parseIdentityText(opened.text));
  if (identity === undefined) return { code: "text-malformed" };
  return {
    gateId: opened.gateId,
    sequence: entry.sequence,
    accessPointId,
    earliest: entry.earliest,
    latest: entry.latest,
    granted: entry.body.granted,
    kind: identity.kind,
    credentialKey: identity.credentialKey,
    openedBy: found.openedBy,
    ...(opened.holder === undefined ? {} : { holder: opened.holder }),
  };
}

/** Opens the entry once more from the custodians' answers; each of them must be good. */
function reopen(
  opened: OpenedEntry,
  entry: SealedEntry,
  { key, set }: KnownEpoch,
): { readonly openedBy: readonly string[] } | Omit<PackageFault, "part"> {
  if (!verifySealedEntry(key, entry)) return { code: "entry-proof" };
  const partials: PartialDecryption[] = [];
  for (const encoded of opened.partials) {
    const partial = attempt(() => parsePartial(encoded));
    if (partial === undefined) return { code: "partial-malformed" };
    partials.push(partial);
  }
  const result = combinePartials({ key, entry, partials });
  const [rejected] = result.rejected;
  if (rejected !== undefined) return { code: "partial-rejected", detail: rejected.fault };
  if (!result.opened) {
    return result.reason === "too-few" ? { code: "too-few-partials" } : { code: "text-differs" };
  }
  if (!equalBytes(result.plaintext, opened.text)) return { code: "text-differs" };
  return { openedBy: partials.map(({ index }) => set.members[index - 1]?.body ?? "") };
}

/** The label under which a gate seals this entry. */
export function labelOf(gateId: string, entry: AccessEntry): EntryLabel {
  return {
    gate: uuidBytes(gateId),
    sequence: entry.sequence,
    accessPoint: uuidBytes(entry.body.accessPointId),
    timeMs: entry.earliest,
  };
}

function readEntry(journal: Uint8Array): AccessEntry | undefined {
  try {
    const entry = decodeJournalEntry(journal);
    return entry.kind === "access" ? entry : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}
