import {
  type CanonicalJson,
  CREDENTIAL_KINDS,
  type CredentialKind,
  DomainError,
  parseCanonicalJson,
} from "@menshen/domain";
import { isHomeNumber } from "./home-key.ts";

/** Topics of credentials that need two persons: their holders live nowhere here, so nobody at home looks for them. */
export const TWO_PERSON_TOPICS = [
  "credential-of-staff",
  "credential-of-service",
  "credential-of-empty-dwelling",
] as const;
export type TwoPersonTopic = (typeof TWO_PERSON_TOPICS)[number];

/** Topics of statements that a gate asks for. */
export const CREDENTIAL_TOPICS = [
  "dwelling-registered",
  "credential-of-dwelling",
  ...TWO_PERSON_TOPICS,
] as const;
export type CredentialTopic = (typeof CREDENTIAL_TOPICS)[number];

/** A home with its key and the access points that its credentials may open. Public. */
export interface DwellingRegistered {
  readonly topic: "dwelling-registered";
  /** Unix milliseconds. */
  readonly at: number;
  /** 16 bytes, hexadecimal, random: names the home in the log, and nowhere else. */
  readonly dwellingTag: string;
  /** See `homeKeyCommitment`; hexadecimal. */
  readonly keyCommitment: string;
  /** UUIDs, rising, none twice. */
  readonly accessPointIds: readonly string[];
}

/** A credential of somebody who lives in a home. */
export interface CredentialOfDwelling {
  readonly topic: "credential-of-dwelling";
  readonly at: number;
  readonly dwellingTag: string;
  /** Its leaf's tag follows from it and the home key. */
  readonly number: number;
  /** 16 bytes, hexadecimal. */
  readonly credentialKey: string;
  readonly kind: CredentialKind;
}

/** A credential that two members of staff answer for. */
export interface CredentialOfTwo {
  readonly topic: TwoPersonTopic;
  readonly at: number;
  /** 16 bytes, hexadecimal, random: its leaf's tag, by which its end is found. */
  readonly tag: string;
  readonly credentialKey: string;
  readonly kind: CredentialKind;
  /** Two different accounts of staff: who issued it, who confirmed it. */
  readonly approvedBy: readonly [string, string];
}

export type CredentialStatement = DwellingRegistered | CredentialOfDwelling | CredentialOfTwo;

/** As many access points as one home leads through; more is no home. */
export const MAX_HOME_ACCESS_POINTS = 256;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TAG = /^[0-9a-f]{32}$/;
const COMMITMENT = /^[0-9a-f]{64}$/;

type Fields = { readonly [name: string]: CanonicalJson };

/**
 * Parses what a leaf of a credential topic says: canonical JSON with exactly the fields of its form. `undefined` for
 * anything else, also for a number that no home gives and one person who approved twice.
 */
export function parseCredentialStatement(text: string): CredentialStatement | undefined {
  const fields = objectIn(text);
  if (fields === undefined || !isInstant(fields.at)) return undefined;
  const { at } = fields;
  switch (fields.topic) {
    case "dwelling-registered":
      return registration(fields, at);
    case "credential-of-dwelling":
      return ofDwelling(fields, at);
    case "credential-of-staff":
    case "credential-of-service":
    case "credential-of-empty-dwelling":
      return ofTwo(fields, fields.topic, at);
    default:
      return undefined;
  }
}

function registration(fields: Fields, at: number): DwellingRegistered | undefined {
  const { dwellingTag, keyCommitment, accessPointIds } = fields;
  if (!hasExactly(fields, 5) || !matches(TAG, dwellingTag) || !matches(COMMITMENT, keyCommitment)) {
    return undefined;
  }
  if (!Array.isArray(accessPointIds) || accessPointIds.length > MAX_HOME_ACCESS_POINTS) return undefined;
  const ids: string[] = [];
  for (const id of accessPointIds as readonly CanonicalJson[]) {
    const last = ids.at(-1);
    if (!matches(UUID, id) || (last !== undefined && last >= id)) return undefined;
    ids.push(id);
  }
  return { topic: "dwelling-registered", at, dwellingTag, keyCommitment, accessPointIds: ids };
}

function ofDwelling(fields: Fields, at: number): CredentialOfDwelling | undefined {
  const { dwellingTag, number, credentialKey } = fields;
  const kind = kindIn(fields.kind);
  if (!hasExactly(fields, 6) || !matches(TAG, dwellingTag) || !matches(TAG, credentialKey)) return undefined;
  if (typeof number !== "number" || !isHomeNumber(number) || kind === undefined) return undefined;
  return { topic: "credential-of-dwelling", at, dwellingTag, number, credentialKey, kind };
}

function ofTwo(fields: Fields, topic: TwoPersonTopic, at: number): CredentialOfTwo | undefined {
  const { tag, credentialKey, approvedBy } = fields;
  const kind = kindIn(fields.kind);
  if (!hasExactly(fields, 6) || !matches(TAG, tag) || !matches(TAG, credentialKey)) return undefined;
  if (kind === undefined || !Array.isArray(approvedBy) || approvedBy.length !== 2) return undefined;
  const [issuer, confirmer] = approvedBy as readonly CanonicalJson[];
  if (!matches(UUID, issuer) || !matches(UUID, confirmer) || issuer === confirmer) return undefined;
  return { topic, at, tag, credentialKey, kind, approvedBy: [issuer, confirmer] };
}

function objectIn(text: string): Fields | undefined {
  try {
    const value = parseCanonicalJson(text);
    return typeof value === "object" && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch (fault) {
    if (fault instanceof DomainError) return undefined;
    throw fault;
  }
}

function hasExactly(fields: Fields, count: number): boolean {
  return Object.keys(fields).length === count;
}

function matches(form: RegExp, value: CanonicalJson | undefined): value is string {
  return typeof value === "string" && form.test(value);
}

function isInstant(value: CanonicalJson | undefined): value is number {
  return typeof value === "number" && value >= 0;
}

function kindIn(value: CanonicalJson | undefined): CredentialKind | undefined {
  return CREDENTIAL_KINDS.find((kind) => kind === value);
}
