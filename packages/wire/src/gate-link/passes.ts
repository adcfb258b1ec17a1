import {
  AccessPointId,
  CommunityId,
  canonicalJson,
  DomainError,
  GateId,
  parseCanonicalJson,
} from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bool, bytes, instant, list, map, uint, uuid, version } from "../schema.ts";
import { leafEvidenceSchema } from "./trail.ts";

/** As many passes a gate is told of at once, revoked ones and those of the desk apart. */
export const MAX_TOLD_PASSES = 20_000;
/** As many issuing keys of one-time tokens: some days of each door group. */
export const MAX_TOKEN_KEYS = 64;
/** As many access points of one gate a desk's pass is for. */
const MAX_PASS_ACCESS_POINTS = 64;
const PASSES_MAX_BYTES = 32 * 1024 * 1024;

/** Topic of the public statement by which an issuing key of tokens stands in the evidence log. */
export const TOKEN_KEY_TOPIC = "token-key-issued";

const passId = () => bytes(8);

const tokenKeySchema = map({
  /** DER SubjectPublicKeyInfo, RSA. */
  publicKey: [0, bytes(1, 600)],
  /** The one door group whose gates take its tokens. */
  doorGroup: [1, uint(13, 1)],
  from: [2, instant()],
  /** Exclusive. */
  until: [3, instant()],
  /** As many of its tokens a gate takes, at most. */
  quota: [4, uint(0xffff_ffff, 1)],
  /** That {@link TOKEN_KEY_TOPIC} of just this key, group, time and quota stands in the log. */
  evidence: [5, leafEvidenceSchema],
});

/**
 * Signed by the community policy key: whose visitors and which tokens a gate lets in. Without this document it takes no
 * visitor's pass and no token; phone passes need none, their keys stand in the keyring.
 */
export const passesSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  passesVersion: [2, uint(Number.MAX_SAFE_INTEGER, 1)],
  issuedAt: [3, instant()],
  communityId: [4, uuid(CommunityId)],
  /** Ed25519: what visitor passes of the desk are signed with. */
  communityKey: [5, bytes(32)],
  /** Passes that residents sign. */
  visits: [
    6,
    map({
      on: [0, bool()],
      /** Seconds from the first to the last of the longest pass. */
      longestS: [1, uint(0xffff_ffff)],
    }),
  ],
  /** Each until its pass would be over anyway. */
  revoked: [
    7,
    list(
      map({
        passId: [0, passId()],
        until: [1, instant()],
        /** Credential key of the phone pass that took it back: it means passes that this one signed, and no others. */
        delegate: [2, bytes(16)],
      }),
      MAX_TOLD_PASSES,
    ),
  ],
  /** Passes that the desk signed and that are not over: gates ask for the log's proof of each. */
  deskPasses: [
    8,
    list(
      map({
        passId: [0, passId()],
        until: [1, instant()],
        /** Of this gate: where the pass opens, and its home's registration has to say so. */
        accessPointIds: [2, list(uuid(AccessPointId), MAX_PASS_ACCESS_POINTS, 1)],
      }),
      MAX_TOLD_PASSES,
    ),
  ],
  tokenKeys: [9, list(tokenKeySchema, MAX_TOKEN_KEYS)],
});

/** What the log says of an issuing key. */
export interface TokenKeyIssue {
  /** First 8 bytes of SHA-256 over its SubjectPublicKeyInfo, lower-case hexadecimal. */
  readonly keyId: string;
  readonly doorGroup: number;
  /** Unix milliseconds; `until` is exclusive. */
  readonly from: number;
  readonly until: number;
  readonly quota: number;
}

/** The statement of topic {@link TOKEN_KEY_TOPIC}: canonical JSON of just these names, `at` and `topic`. Public. */
export function tokenKeyStatement(issue: TokenKeyIssue, at: number): string {
  const { keyId, doorGroup, from, until, quota } = issue;
  return canonicalJson({ topic: TOKEN_KEY_TOPIC, at, keyId, doorGroup, from, until, quota });
}

/** Whether a statement is the one of this key, group, time and quota, made at whatever moment. */
export function isTokenKeyStatement(text: string, issue: TokenKeyIssue): boolean {
  try {
    const value = parseCanonicalJson(text);
    if (typeof value !== "object" || !("at" in value)) return false;
    return typeof value.at === "number" && tokenKeyStatement(issue, value.at) === text;
  } catch (fault) {
    if (fault instanceof DomainError) return false;
    throw fault;
  }
}

export type PassesMessage = Static<typeof passesSchema>;
export type PassesTokenKey = Static<typeof tokenKeySchema>;

export const passesMessage = makeCodec(passesSchema, PASSES_MAX_BYTES);
