import { ed25519Sign, prepareCoseSign1, primitives, toHex } from "@menshen/crypto";
import { ecdsaToDer } from "@menshen/evidence";
import { accessEntrySigningInput, externalAad } from "@menshen/wire";
import { CustodyError } from "../errors.ts";
import type { LoggedStatement } from "../opening-package.ts";
import { type CaseRecord, formatCaseRecord } from "./case-record.ts";
import { digestList } from "./digest-list.ts";
import { ed25519Spki, publicKeyPem } from "./pem.ts";
import { type ArchivedFile, storedZip } from "./stored-zip.ts";

/** Names of files that every package has. */
export const FILES = {
  manifest: "MANIFEST.sha256",
  signature: "MANIFEST.sig",
  content: "CONTENT.sha256",
  record: "case.json",
  ca: "gates/ca.cer",
  communityKey: "keys/community.pem",
  keys: "keys/keys.json",
  logged: "log/content",
  readme: "README.txt",
  report: "report.pdf",
  request: "time/content.tsq",
  response: "time/content.tsr",
  noTime: "time/none.txt",
} as const;

const number = (position: number) => String(position).padStart(4, "0");
/** Names of the files of one event, batch or gate, counted from 1, without their endings. */
export const eventFile = (position: number) => `events/${number(position)}`;
export const batchFile = (position: number) => `journal/${number(position)}`;
export const gateFile = (position: number) => `gates/${number(position)}`;

/** A batch of a gate's journal, and its COSE signature over it (ES256, 64 bytes). */
export interface SignedBatch {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** What of a package is fixed before it goes into the log. */
export interface EvidenceContent {
  readonly record: CaseRecord;
  /** Journal entries in the order of `record.events`. */
  readonly events: readonly Uint8Array[];
  /** In the order that `record.events` names them. */
  readonly batches: readonly SignedBatch[];
}

/** What is put around the content once its digest stands in the log. */
export interface EvidenceFrame {
  /** Leaf `evidence-package-made`. */
  readonly logged: LoggedStatement;
  /** In the order of `record.gates`. */
  readonly gates: readonly {
    /** DER. */
    readonly certificate: Uint8Array;
    /** P-256, 65 bytes. */
    readonly deviceKey: Uint8Array;
    /** Leaf `gate-certificate-issued`. */
    readonly logged: LoggedStatement;
  }[];
  /** DER. */
  readonly ca: Uint8Array;
  /** The keys that a verifier pins, as the community says them: canonical JSON. */
  readonly keys: string;
  /** The community's package key, 32 bytes. */
  readonly communityKey: Uint8Array;
  readonly time: EvidenceTime;
  /** PDF. */
  readonly report: Uint8Array;
  /** How to verify, in words. */
  readonly readme: string;
}

/** An RFC 3161 time stamp of {@link FILES.content}, or one line that says why there is none. */
export type EvidenceTime =
  | { readonly request: Uint8Array; readonly response: Uint8Array }
  | { readonly none: string };

const utf8 = (text: string) => new TextEncoder().encode(text);

/**
 * The files that the log holds, and their list behind them.
 *
 * @throws {CustodyError} `invalid-argument` for events without their gate's signature, or a record out of its limits
 */
export function contentFiles({ record, events, batches }: EvidenceContent): readonly ArchivedFile[] {
  const files = [
    { name: FILES.record, bytes: formatCaseRecord(record) },
    ...events.flatMap((entry, index) => eventFiles(index + 1, entry)),
    ...batches.flatMap((batch, index) => batchFiles(index + 1, batch)),
  ];
  return [...files, { name: FILES.content, bytes: digestList(files) }];
}

/** SHA-256 of {@link FILES.content}: what the log and the time-stamping authority are told. */
export function contentDigest(files: readonly ArchivedFile[]): Uint8Array {
  const list = files.find(({ name }) => name === FILES.content);
  if (list === undefined) throw new CustodyError("invalid-argument", "expected the list of the content");
  return primitives.sha256(list.bytes);
}

/** SHA-256 of a community's key as OpenSSL writes it in DER, hexadecimal digits: what is posted in the community. */
export function communityKeySha256(publicKey: Uint8Array): string {
  return toHex(primitives.sha256(ed25519Spki(publicKey)));
}

/** An event as it stands in the journal, what its gate signed of it, and the signature as OpenSSL takes it. */
export function eventFiles(position: number, entry: Uint8Array): readonly ArchivedFile[] {
  const signing = accessEntrySigningInput(entry);
  if (signing === undefined) throw new CustodyError("invalid-argument", "expected an entry with a signature");
  const name = eventFile(position);
  return [
    { name: `${name}.cbor`, bytes: entry },
    { name: `${name}.signed`, bytes: signing.signed },
    { name: `${name}.sig`, bytes: ecdsaToDer(signing.signature) },
  ];
}

/** What the gate signed of a batch (RFC 9052 §4.4), and the signature as OpenSSL takes it. */
export function batchFiles(position: number, { payload, signature }: SignedBatch): readonly ArchivedFile[] {
  const name = batchFile(position);
  return [
    { name: `${name}.signed`, bytes: batchToBeSigned(payload) },
    { name: `${name}.sig`, bytes: ecdsaToDer(signature) },
  ];
}

/** What a gate's signature over a batch covers. */
export function batchToBeSigned(payload: Uint8Array): Uint8Array {
  return prepareCoseSign1({ payload, alg: "ES256", externalAad: externalAad("journal") }).toBeSigned;
}

/**
 * The package: an archive of {@link storedZip} that begins with the list of all its files and the community's signature over
 * that list.
 *
 * @param secretKey seed of the community's package key, 32 bytes
 */
export function makeEvidencePackage(
  content: readonly ArchivedFile[],
  frame: EvidenceFrame,
  secretKey: Uint8Array,
): Uint8Array {
  const files = [...content, ...frameFiles(frame)];
  const manifest = digestList(files);
  return storedZip([
    { name: FILES.manifest, bytes: manifest },
    { name: FILES.signature, bytes: ed25519Sign(secretKey, manifest) },
    ...files,
  ]);
}

function frameFiles(frame: EvidenceFrame): readonly ArchivedFile[] {
  const { gates, time } = frame;
  return [
    ...loggedFiles(FILES.logged, frame.logged),
    { name: FILES.ca, bytes: frame.ca },
    ...gates.flatMap(({ certificate, deviceKey, logged }, index) => [
      { name: `${gateFile(index + 1)}.cer`, bytes: certificate },
      { name: `${gateFile(index + 1)}.pem`, bytes: publicKeyPem("p256", deviceKey) },
      ...loggedFiles(gateFile(index + 1), logged),
    ]),
    { name: FILES.communityKey, bytes: publicKeyPem("ed25519", frame.communityKey) },
    { name: FILES.keys, bytes: utf8(frame.keys) },
    ...("none" in time
      ? [{ name: FILES.noTime, bytes: utf8(`${time.none}\n`) }]
      : [
          { name: FILES.request, bytes: time.request },
          { name: FILES.response, bytes: time.response },
        ]),
    { name: FILES.readme, bytes: utf8(frame.readme) },
    { name: FILES.report, bytes: frame.report },
  ];
}

function loggedFiles(name: string, { statement, salt, proof }: LoggedStatement): readonly ArchivedFile[] {
  return [
    { name: `${name}.json`, bytes: utf8(statement) },
    { name: `${name}.salt`, bytes: utf8(`${toHex(salt)}\n`) },
    { name: `${name}.tlog-proof`, bytes: utf8(proof) },
  ];
}
