import { concatBytes, ed25519Sign, primitives, toHex } from "@menshen/crypto";
import { type CanonicalJson, canonicalJson } from "@menshen/domain";
import { ascii, malformed } from "./bytes.ts";
import { CustodyError } from "./errors.ts";
import { bytes, fields, isObject, line, list, parseJson, text, uuid, whole } from "./package-fields.ts";

const VERSION = 1;
const SIGNATURE_TAG = ascii("menshen/opening-package/v1\n");
/** UTF-16 code units of a whole file. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
const MAX_GATES = 64;
const MAX_CEREMONIES = 8;
const MAX_ENTRIES = 500;
const MAX_CUSTODIANS = 32;

/** Why an entry in scope was not opened. `not-sealed`: nothing that identifies anybody was sealed in it. */
export const UNOPENED_REASONS = ["not-sealed", "no-key", "invalid-entry", "undecipherable"] as const;
export type UnopenedReason = (typeof UNOPENED_REASONS)[number];

/** A statement of the evidence log with all that shows that it stands there. */
export interface LoggedStatement {
  /** Canonical JSON: what the leaf commits to. */
  readonly statement: string;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  /** C2SP tlog-proof. */
  readonly proof: string;
}

/** Who held the credential when the entry was written, as the community's records say. */
export interface StatedHolder {
  readonly name: string;
  readonly dwelling?: string;
}

export interface OpenedEntry {
  readonly gateId: string;
  /** The journal entry as the gate wrote it, sealed identity inside. */
  readonly journal: Uint8Array;
  /** Encoded answers of the custodians that were counted. */
  readonly partials: readonly Uint8Array[];
  /** What the entry says of the credential, 32 bytes. */
  readonly text: Uint8Array;
  /** Absent: the records know nobody. Not proven by anything but the community's signature. */
  readonly holder?: StatedHolder;
}

/** All that is handed over about one lawful opening. */
export interface OpeningPackage {
  readonly communityId: string;
  readonly communityName: string;
  /** Unix milliseconds. */
  readonly madeAt: number;
  /** The leaf `opening-requested`. */
  readonly request: LoggedStatement;
  /** Leaves `gate-certificate-issued` of the gates that wrote the entries. */
  readonly gates: readonly LoggedStatement[];
  readonly ceremonies: readonly {
    /** Encoded. */
    readonly certificate: Uint8Array;
    /** One of each custodian, 64 bytes each. */
    readonly vouches: readonly Uint8Array[];
  }[];
  readonly entries: readonly OpenedEntry[];
  /** Entries in scope that could not be opened. */
  readonly unopened: readonly {
    readonly gateId: string;
    readonly sequence: number;
    readonly reason: UnopenedReason;
  }[];
}

/** A package as it was read: form only, nothing is verified. */
export interface ParsedPackage {
  readonly content: OpeningPackage;
  /** Names of parts whose SHA-256 is not the one stated, e.g. `entries/3`. */
  readonly wrongDigests: readonly string[];
  /** What the signature covers. */
  readonly signed: Uint8Array;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

type Parts = {
  readonly [Name in "request" | "gates" | "ceremonies" | "entries" | "unopened"]: CanonicalJson;
};

/**
 * The file of a package: canonical JSON with the SHA-256 of each part and the community's signature over all of it.
 *
 * @param secretKey seed of the community's package key, 32 bytes
 * @throws {CustodyError} `invalid-argument` for a content that {@link parsePackage} would refuse
 */
export function makePackage(content: OpeningPackage, secretKey: Uint8Array): string {
  const parts = partsOf(content);
  const body: CanonicalJson = {
    version: VERSION,
    communityId: content.communityId,
    communityName: content.communityName,
    madeAt: content.madeAt,
    ...parts,
    digests: digestsOf(parts),
  };
  const signature = ed25519Sign(secretKey, signedBytes(body));
  const text = canonicalJson({ package: body, signature: toHex(signature) });
  try {
    parsePackage(text);
  } catch (cause) {
    throw new CustodyError("invalid-argument", "expected a package within its limits", { cause });
  }
  return text;
}

/**
 * Reads the form of a package, strictly: one spelling, no field more, everything within bounds.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parsePackage(text: string): ParsedPackage {
  if (text.length > MAX_CHARACTERS) {
    throw new CustodyError("too-large", `expected at most ${MAX_CHARACTERS} characters, got ${text.length}`);
  }
  const file = fields(parseJson(text, MAX_CHARACTERS), ["package", "signature"]);
  const versioned = file.package;
  if (!isObject(versioned)) throw malformed("no object where one belongs");
  if (typeof versioned.version === "number" && versioned.version !== VERSION) {
    throw new CustodyError("unknown-version", `expected version ${VERSION}, got ${versioned.version}`);
  }
  const body = fields(versioned, [
    "version",
    "communityId",
    "communityName",
    "madeAt",
    "request",
    "gates",
    "ceremonies",
    "entries",
    "unopened",
    "digests",
  ]);
  if (body.version !== VERSION) throw malformed("no version");
  const content: OpeningPackage = {
    communityId: uuid(body.communityId),
    communityName: line(body.communityName, 80),
    madeAt: whole(body.madeAt),
    request: logged(body.request),
    gates: list(body.gates, MAX_GATES).map(logged),
    ceremonies: list(body.ceremonies, MAX_CEREMONIES).map((item) => {
      const { certificate, vouches } = fields(item, ["certificate", "vouches"]);
      return {
        certificate: bytes(certificate, 1, 64 * 1024),
        vouches: list(vouches, MAX_CUSTODIANS).map((vouch) => bytes(vouch, 64, 64)),
      };
    }),
    entries: list(body.entries, MAX_ENTRIES).map(entryOf),
    unopened: list(body.unopened, MAX_ENTRIES).map((item) => {
      const { gateId, sequence, reason } = fields(item, ["gateId", "sequence", "reason"]);
      const known = UNOPENED_REASONS.find((candidate) => candidate === reason);
      if (known === undefined) throw malformed("an unknown reason");
      return { gateId: uuid(gateId), sequence: whole(sequence), reason: known };
    }),
  };
  return {
    content,
    wrongDigests: wrongDigests(body, partsOf(content)),
    signed: signedBytes(versioned),
    signature: bytes(file.signature, 64, 64),
  };
}

function partsOf({ request, gates, ceremonies, entries, unopened }: OpeningPackage): Parts {
  const statement = (one: LoggedStatement) => ({
    statement: one.statement,
    salt: toHex(one.salt),
    proof: one.proof,
  });
  return {
    request: statement(request),
    gates: gates.map(statement),
    ceremonies: ceremonies.map(({ certificate, vouches }) => ({
      certificate: toHex(certificate),
      vouches: vouches.map(toHex),
    })),
    entries: entries.map(({ gateId, journal, partials, text, holder }) => ({
      gateId,
      journal: toHex(journal),
      partials: partials.map(toHex),
      text: toHex(text),
      ...(holder === undefined ? {} : { holder: { ...holder } }),
    })),
    unopened: unopened.map((one) => ({ ...one })),
  };
}

/** Each part's SHA-256: of its canonical JSON, and in lists of each item's. */
function digestsOf(parts: Parts): { readonly [name: string]: CanonicalJson } {
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [
      name,
      Array.isArray(part) ? part.map(digest) : digest(part),
    ]),
  );
}

function wrongDigests(body: Readonly<Record<string, CanonicalJson>>, parts: Parts): string[] {
  const stated = fields(body.digests, Object.keys(parts));
  return Object.entries(digestsOf(parts)).flatMap(([name, expected]) => {
    const found = stated[name];
    if (!Array.isArray(expected)) return found === expected ? [] : [name];
    const items = list(found, MAX_ENTRIES);
    const wrong = expected.flatMap((item, i) => (items[i] === item ? [] : [`${name}/${i + 1}`]));
    return items.length === expected.length ? wrong : [...wrong, name];
  });
}

function digest(part: CanonicalJson): string {
  return toHex(primitives.sha256(new TextEncoder().encode(canonicalJson(part))));
}

function signedBytes(body: CanonicalJson): Uint8Array {
  return concatBytes(SIGNATURE_TAG, new TextEncoder().encode(canonicalJson(body)));
}

function logged(value: CanonicalJson | undefined): LoggedStatement {
  const { statement, salt, proof } = fields(value, ["statement", "salt", "proof"]);
  return { statement: text(statement, 8_192), salt: bytes(salt, 32, 32), proof: text(proof, 64 * 1024) };
}

function entryOf(value: CanonicalJson): OpenedEntry {
  const {
    gateId,
    journal,
    partials,
    text: opened,
    holder,
  } = fields(value, ["gateId", "journal", "partials", "text"], ["holder"]);
  return {
    gateId: uuid(gateId),
    journal: bytes(journal, 1, 4_096),
    partials: list(partials, MAX_CUSTODIANS).map((partial) => bytes(partial, 1, 256)),
    text: bytes(opened, 32, 32),
    ...(holder === undefined ? {} : { holder: holderOf(holder) }),
  };
}

function holderOf(value: CanonicalJson): StatedHolder {
  const { name, dwelling } = fields(value, ["name"], ["dwelling"]);
  return { name: line(name, 80), ...(dwelling === undefined ? {} : { dwelling: line(dwelling, 200) }) };
}
