import { ed25519Verify, equalBytes, fromHex, p256Verify, primitives, toHex } from "@menshen/crypto";
import {
  certificateParts,
  ecdsaFromDer,
  isSignedBy,
  type TimestampVerdict,
  verifyTimestamp,
} from "@menshen/evidence";
import {
  type AccessEntry,
  decodeJournalEntry,
  type JournalBatch,
  journalBatch,
  journalHashAfter,
  WireError,
} from "@menshen/wire";
import { CustodyError } from "../errors.ts";
import { provenIndex, readGateStatement, readJson } from "../logged-statement.ts";
import type { LoggedStatement } from "../opening-package.ts";
import { parsePackageKeys } from "../opening-package-keys.ts";
import type { PackageKeys } from "../opening-package-verify.ts";
import { fields } from "../package-fields.ts";
import { type CaseRecord, type EvidenceEvent, parseCaseRecord } from "./case-record.ts";
import { digestList, listedNames } from "./digest-list.ts";
import {
  batchFile,
  batchToBeSigned,
  communityKeySha256,
  eventFile,
  eventFiles,
  FILES,
  gateFile,
} from "./evidence-package.ts";
import { p256Spki, publicKeyPem } from "./pem.ts";
import { type ArchivedFile, readStoredZip } from "./stored-zip.ts";

/** What a verifier knows from elsewhere than the package. */
export type EvidenceKeys = Pick<PackageKeys, "log" | "policy" | "communityKey">;

/** What is wrong with a package. Words for each stand in `evidence-texts.ts`. */
export type EvidenceFaultCode =
  | "malformed"
  | "too-large"
  | "unknown-version"
  | "file-missing"
  | "file-unknown"
  | "manifest-differs"
  | "bad-signature"
  | "keys-malformed"
  | "content-differs"
  | "record-malformed"
  | "content-not-logged"
  | "gate-invalid"
  | "gate-not-logged"
  | "gate-certificate"
  | "event-malformed"
  | "event-differs"
  | "event-signature"
  | "event-twice"
  | "batch-malformed"
  | "batch-signature"
  | "batch-differs"
  | "chain-broken"
  | "sign-without-event"
  | "time-stamp";

export interface EvidenceFault {
  readonly code: EvidenceFaultCode;
  /** The file that is at fault, or `package`. */
  readonly part: string;
  readonly detail?: string;
}

/** One event as its gate signed it. */
export interface VerifiedEvent {
  readonly stated: EvidenceEvent;
  readonly entry: AccessEntry;
}

/** Everything that was proven, and what the community says beside. */
export interface VerifiedEvidence {
  readonly verified: true;
  readonly record: CaseRecord;
  readonly events: readonly VerifiedEvent[];
  /** How many of the gates' signed batches stand in it. */
  readonly batches: number;
  /** Place of the content's digest in the log. */
  readonly leafIndex: number;
  /** When the log was told, by the community's clock. */
  readonly loggedAt: number;
  /** SHA-256 of the key that signed it, as OpenSSL writes it in DER; hexadecimal digits. */
  readonly keySha256: string;
  /** Whether that key and the log's were pinned, or came with the package. */
  readonly pinned: boolean;
  readonly time:
    | Extract<TimestampVerdict, { stamped: true }>
    | { readonly stamped: false; readonly why: string };
  readonly report: Uint8Array;
}

export type EvidenceVerdict =
  | VerifiedEvidence
  /** Every fault that was found. */
  | { readonly verified: false; readonly faults: readonly EvidenceFault[] };

type Files = ReadonlyMap<string, Uint8Array>;
const MOST_FILES_OF_A_KIND = 1_000;
const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/**
 * Verifies an evidence package offline. With `keys` known from elsewhere it shows whose it is; without, only that it is whole
 * in itself, under the keys that it brings along. Never throws for hostile bytes.
 *
 * @throws {EvidenceError} as `openCheckpoint`, for pinned keys that cannot be used
 */
export async function verifyEvidencePackage(
  archive: Uint8Array,
  pinned?: EvidenceKeys,
): Promise<EvidenceVerdict> {
  const list = attempt(() => readStoredZip(archive));
  if ("code" in list) return { verified: false, faults: [{ code: list.code, part: "package" }] };
  const faults: EvidenceFault[] = [];
  const files: Files = new Map(list.value.map(({ name, bytes }) => [name, bytes]));
  const [manifest, signature, ...rest] = list.value;
  if (manifest?.name !== FILES.manifest || signature?.name !== FILES.signature) {
    return { verified: false, faults: [{ code: "file-missing", part: FILES.manifest }] };
  }
  if (!equalBytes(digestList(rest), manifest.bytes)) {
    return {
      verified: false,
      faults: [{ code: "manifest-differs", part: differing(rest, manifest.bytes) }],
    };
  }
  const keys = pinned ?? keysInside(files.get(FILES.keys));
  if (keys === undefined) {
    return { verified: false, faults: [{ code: "keys-malformed", part: FILES.keys }] };
  }
  const { publicKey } = keys.communityKey;
  if (!ed25519Verify(publicKey, manifest.bytes, signature.bytes)) {
    faults.push({ code: "bad-signature", part: FILES.signature });
  }
  if (!equalBytes(files.get(FILES.communityKey) ?? new Uint8Array(), publicKeyPem("ed25519", publicKey))) {
    faults.push({ code: "keys-malformed", part: FILES.communityKey });
  }
  // What follows reads files by their names; nothing of a package whose list or signature is wrong is worth telling.
  if (faults.length > 0) return { verified: false, faults };
  return verifyContent(rest, files, keys, pinned !== undefined);
}

async function verifyContent(
  list: readonly ArchivedFile[],
  files: Files,
  keys: EvidenceKeys,
  isPinned: boolean,
): Promise<EvidenceVerdict> {
  const faults: EvidenceFault[] = [];
  const parsed = attempt(() => parseCaseRecord(textOf(files.get(FILES.record))));
  if ("code" in parsed) {
    const code = parsed.code === "unknown-version" ? "unknown-version" : "record-malformed";
    return { verified: false, faults: [{ code, part: FILES.record }] };
  }
  const record = parsed.value;
  const batchCount = Math.max(0, ...record.events.map(({ batch = 0 }) => batch));
  const named = namesOf(record, batchCount, files.has(FILES.noTime));
  for (const name of named.filter((one) => !files.has(one)))
    faults.push({ code: "file-missing", part: name });
  for (const { name } of list.filter((one) => !named.includes(one.name)))
    faults.push({ code: "file-unknown", part: name });
  if (faults.length > 0) return { verified: false, faults };

  const contentNames = named.slice(0, named.indexOf(FILES.content));
  const content = files.get(FILES.content) ?? new Uint8Array();
  const listed = contentNames.map((name) => ({ name, bytes: files.get(name) ?? new Uint8Array() }));
  if (!equalBytes(digestList(listed), content)) faults.push({ code: "content-differs", part: FILES.content });
  const digest = primitives.sha256(content);
  const logged = verifyLogged(files, digest, record, keys, faults);
  const deviceKeys = await verifyGates(files, record, keys, faults);
  const events = verifyEvents(files, record, deviceKeys, faults);
  verifyBatches(files, record, deviceKeys, batchCount, faults);
  const told = new Set(record.events.map(nameOf));
  for (const sign of record.signs) {
    const { gateId, sequence } = sign;
    if (sequence !== undefined && !told.has(nameOf({ gateId, sequence }))) {
      faults.push({ code: "sign-without-event", part: FILES.record, detail: sign.rule });
    }
  }
  const time = await verifyTime(files, digest, faults);
  if (faults.length > 0 || logged === undefined || time === undefined) return { verified: false, faults };
  return {
    verified: true,
    record,
    events,
    batches: batchCount,
    leafIndex: logged.index,
    loggedAt: logged.at,
    keySha256: communityKeySha256(keys.communityKey.publicKey),
    pinned: isPinned,
    time,
    report: files.get(FILES.report) ?? new Uint8Array(),
  };
}

/** Every file that a package with this record has, those of the content first, then {@link FILES.content}. */
function namesOf(record: CaseRecord, batches: number, hasNoTime: boolean): readonly string[] {
  const times = <T>(count: number, name: (position: number) => readonly T[]) =>
    Array.from({ length: Math.min(count, MOST_FILES_OF_A_KIND) }, (_, index) => name(index + 1)).flat();
  const logged = (name: string) => [`${name}.json`, `${name}.salt`, `${name}.tlog-proof`];
  return [
    FILES.record,
    ...times(record.events.length, (n) => ["cbor", "signed", "sig"].map((end) => `${eventFile(n)}.${end}`)),
    ...times(batches, (n) => ["signed", "sig"].map((end) => `${batchFile(n)}.${end}`)),
    FILES.content,
    ...logged(FILES.logged),
    FILES.ca,
    ...times(record.gates.length, (n) => [
      `${gateFile(n)}.cer`,
      `${gateFile(n)}.pem`,
      ...logged(gateFile(n)),
    ]),
    ...[FILES.communityKey, FILES.keys],
    ...(hasNoTime ? [FILES.noTime] : [FILES.request, FILES.response]),
    ...[FILES.readme, FILES.report],
  ];
}

function verifyLogged(
  files: Files,
  digest: Uint8Array,
  record: CaseRecord,
  keys: EvidenceKeys,
  faults: EvidenceFault[],
): { readonly index: number; readonly at: number } | undefined {
  const logged = loggedOf(files, FILES.logged);
  const said = attempt(() =>
    fields(readJson(logged?.statement ?? ""), ["topic", "at", "packageId", "contentSha256"]),
  );
  const refuse = (detail: string) => {
    faults.push({ code: "content-not-logged", part: FILES.logged, detail });
    return undefined;
  };
  if (logged === undefined || "code" in said || typeof said.value.at !== "number") return refuse("malformed");
  const { at, packageId, contentSha256 } = said.value;
  if (packageId !== record.packageId || contentSha256 !== toHex(digest)) return refuse("other-content");
  const proven = provenIndex(logged, "evidence-package-made", keys);
  return "index" in proven ? { index: proven.index, at } : refuse(proven.refusal);
}

/** The key of each gate whose certificate is the one that the log was told of. */
async function verifyGates(
  files: Files,
  record: CaseRecord,
  keys: EvidenceKeys,
  faults: EvidenceFault[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const deviceKeys = new Map<string, Uint8Array>();
  const ca = certificateParts(files.get(FILES.ca) ?? new Uint8Array());
  for (const [index, { id }] of record.gates.entries()) {
    const part = gateFile(index + 1);
    const refuse = (code: EvidenceFaultCode, detail?: string) =>
      faults.push({ code, part, ...(detail === undefined ? {} : { detail }) });
    const logged = loggedOf(files, part);
    const said = logged === undefined ? undefined : readGateStatement(logged.statement);
    if (logged === undefined || said?.gateId !== id || deviceKeys.has(id)) {
      refuse("gate-invalid");
      continue;
    }
    const proven = provenIndex(logged, "gate-certificate-issued", keys);
    if ("refusal" in proven) refuse("gate-not-logged", proven.refusal);
    const der = files.get(`${part}.cer`) ?? new Uint8Array();
    const certificate = certificateParts(der);
    const isLoggedOne = toHex(primitives.sha256(der)) === said.certificateSha256;
    const isOfKey = certificate !== undefined && equalBytes(certificate.spki, p256Spki(said.deviceKey));
    const isIssued = certificate !== undefined && ca !== undefined && (await isSignedBy(certificate, ca));
    const pem = files.get(`${part}.pem`) ?? new Uint8Array();
    if (!isLoggedOne || !isOfKey || !isIssued || !equalBytes(pem, publicKeyPem("p256", said.deviceKey))) {
      refuse("gate-certificate");
    }
    deviceKeys.set(id, said.deviceKey);
  }
  return deviceKeys;
}

function verifyEvents(
  files: Files,
  record: CaseRecord,
  deviceKeys: ReadonlyMap<string, Uint8Array>,
  faults: EvidenceFault[],
): readonly VerifiedEvent[] {
  const seen = new Set<string>();
  return record.events.flatMap((stated, index) => {
    const part = eventFile(index + 1);
    const refuse = (code: EvidenceFaultCode) => {
      faults.push({ code, part });
      return [];
    };
    const bytes = files.get(`${part}.cbor`) ?? new Uint8Array();
    const entry = attempt(() => decodeJournalEntry(bytes));
    const written = attempt(() => eventFiles(index + 1, bytes));
    if ("code" in entry || entry.value.kind !== "access" || "code" in written)
      return refuse("event-malformed");
    const isSame = written.value.every((file) =>
      equalBytes(file.bytes, files.get(file.name) ?? new Uint8Array()),
    );
    if (!isSame || entry.value.sequence !== stated.sequence) return refuse("event-differs");
    const { signature } = entry.value.body;
    const deviceKey = deviceKeys.get(stated.gateId);
    const signed = files.get(`${part}.signed`) ?? new Uint8Array();
    if (deviceKey === undefined || signature === undefined || !p256Verify(deviceKey, signed, signature))
      return refuse("event-signature");
    if (seen.has(nameOf(stated))) return refuse("event-twice");
    seen.add(nameOf(stated));
    return [{ stated, entry: entry.value }];
  });
}

/** Each batch is its gate's, holds the events that name it, and goes on where one before it in the package ends. */
function verifyBatches(
  files: Files,
  record: CaseRecord,
  deviceKeys: ReadonlyMap<string, Uint8Array>,
  count: number,
  faults: EvidenceFault[],
): void {
  const ends = new Map<string, Uint8Array>();
  const batches: JournalBatch[] = [];
  for (let position = 1; position <= count; position += 1) {
    const part = batchFile(position);
    const signed = files.get(`${part}.signed`) ?? new Uint8Array();
    const batch = readBatch(signed);
    if (batch === undefined) {
      faults.push({ code: "batch-malformed", part });
      return;
    }
    batches.push(batch);
    const deviceKey = deviceKeys.get(batch.gateId);
    const signature = files.get(`${part}.sig`) ?? new Uint8Array();
    if (deviceKey === undefined || !verifyP256Der(deviceKey, signed, signature)) {
      faults.push({ code: "batch-signature", part });
    }
    const last = batch.firstSequence + batch.entries.length - 1;
    ends.set(
      nameOf({ gateId: batch.gateId, sequence: last }),
      journalHashAfter(primitives.sha256, batch.previousHash, batch.entries),
    );
  }
  for (const [index, batch] of batches.entries()) {
    const before = ends.get(nameOf({ gateId: batch.gateId, sequence: batch.firstSequence - 1 }));
    if (before !== undefined && !equalBytes(before, batch.previousHash)) {
      faults.push({ code: "chain-broken", part: batchFile(index + 1) });
    }
  }
  const used = new Set<number>();
  for (const [index, { batch, gateId, sequence }] of record.events.entries()) {
    if (batch === undefined) continue;
    used.add(batch);
    const found = batches[batch - 1];
    const entry = found?.gateId === gateId ? found.entries[sequence - found.firstSequence] : undefined;
    const bytes = files.get(`${eventFile(index + 1)}.cbor`) ?? new Uint8Array();
    if (entry === undefined || !equalBytes(entry, bytes)) {
      faults.push({ code: "batch-differs", part: eventFile(index + 1) });
    }
  }
  if (used.size !== count) faults.push({ code: "batch-differs", part: FILES.record });
}

/** The batch inside of what its gate signed (RFC 9052 §4.4): the last item of the four, whose length is tried. */
function readBatch(signed: Uint8Array): JournalBatch | undefined {
  const before = batchToBeSigned(new Uint8Array()).length - 1;
  for (const head of [1, 2, 3, 5]) {
    const payload = signed.subarray(before + head);
    if (!equalBytes(batchToBeSigned(payload), signed)) continue;
    const batch = attempt(() => journalBatch.decode(payload));
    return "code" in batch ? undefined : batch.value;
  }
  return undefined;
}

async function verifyTime(
  files: Files,
  digest: Uint8Array,
  faults: EvidenceFault[],
): Promise<VerifiedEvidence["time"] | undefined> {
  const none = files.get(FILES.noTime);
  if (none !== undefined) return { stamped: false, why: textOf(none).trim() };
  const response = files.get(FILES.response) ?? new Uint8Array();
  const verdict = await verifyTimestamp(response, digest, undefined);
  if (verdict.stamped) return verdict;
  // Signed in a way that is checked elsewhere: what it is about is right.
  if (verdict.fault === "unknown-algorithm") return { stamped: false, why: verdict.fault };
  faults.push({ code: "time-stamp", part: FILES.response, detail: verdict.fault });
  return undefined;
}

function keysInside(file: Uint8Array | undefined): EvidenceKeys | undefined {
  const value = readJson(textOf(file));
  const keys = value === undefined ? undefined : attempt(() => parsePackageKeys(value));
  return keys === undefined || "code" in keys ? undefined : keys.value;
}

function loggedOf(files: Files, name: string): LoggedStatement | undefined {
  const salt = /^([0-9a-f]{64})\n$/.exec(textOf(files.get(`${name}.salt`)))?.[1];
  if (salt === undefined) return undefined;
  return {
    statement: textOf(files.get(`${name}.json`)),
    salt: fromHex(salt),
    proof: textOf(files.get(`${name}.tlog-proof`)),
  };
}

/** The first file that is not what the list says of it. */
function differing(files: readonly ArchivedFile[], list: Uint8Array): string {
  const lines = new Set(textOf(list).split("\n"));
  const names = listedNames(list);
  const wrong = files.find((file) => !lines.has(textOf(digestList([file])).trimEnd()));
  return wrong?.name ?? names.find((name) => !files.some((file) => file.name === name)) ?? FILES.manifest;
}

function nameOf({ gateId, sequence }: { readonly gateId: string; readonly sequence: number }): string {
  return `${gateId}/${sequence}`;
}

function verifyP256Der(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const raw = ecdsaFromDer(signature, 32);
  return raw !== undefined && p256Verify(publicKey, message, raw);
}

/** What a parser gives, or the code of its refusal. */
function attempt<T>(
  parse: () => T,
): { readonly value: T } | { readonly code: "malformed" | "too-large" | "unknown-version" } {
  try {
    return { value: parse() };
  } catch (error) {
    if (error instanceof WireError) return { code: "malformed" };
    if (!(error instanceof CustodyError)) throw error;
    const { code } = error;
    return { code: code === "invalid-argument" ? "malformed" : code };
  }
}
