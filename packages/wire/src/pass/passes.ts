import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bytes, choice, list, map, optional, uint, version } from "../schema.ts";
import { VISIT_PURPOSES } from "./visit-purposes.ts";

// What stands in the QR codes and links of docs/protocol/passes.md. Each byte makes a code harder to scan, so names are
// short: four bytes for the community (the signature covers its whole ID), five for a door.

/** Unix seconds, until the year 2106. */
const unixSeconds = () => uint(0xffff_ffff);
const community = () => bytes(4);
const door = () => bytes(5);

/** Signed by the phone's key: the code that turns over on its screen. */
export const phonePassSchema = map({
  version: [0, version(1)],
  community: [1, community()],
  /** The credential key: which public key to check with. */
  credential: [2, bytes(16)],
  /** 0 is any, else the number of one door group. */
  doorGroup: [3, uint(13)],
  issuedAtS: [4, unixSeconds()],
  /** Random: tells two codes of one second apart. */
  nonce: [5, bytes(4)],
});

/** Not signed: what a gate's screen shows, for the phone to sign. */
export const doorChallengeSchema = map({
  version: [0, version(1)],
  community: [1, community()],
  /** Random, and outstanding at one door only. */
  challenge: [2, bytes(5)],
  /** So that the phone can say which door its holder is about to open. */
  door: [3, door()],
});

/** Signed by the phone's key: the answer to a challenge. */
export const doorAnswerSchema = map({
  version: [0, version(1)],
  community: [1, community()],
  credential: [2, bytes(16)],
  challenge: [3, bytes(5)],
  /** The door that the phone was told; absent where the challenge was typed from the screen. */
  door: [4, optional(door())],
});

/** Signed by the community, or by a resident under a delegation that is in the evidence log. */
export const visitorPassSchema = map({
  version: [0, version(1)],
  community: [1, community()],
  /** What it is revoked by; random. */
  passId: [2, bytes(8)],
  purpose: [3, choice(VISIT_PURPOSES)],
  doors: [4, list(door(), 16, 1)],
  notBeforeS: [5, unixSeconds()],
  /** The last second in which it holds. */
  notAfterS: [6, unixSeconds()],
  /** Bit 0 is Monday, bit 6 Sunday; absent means every day. */
  weekdays: [7, optional(uint(127, 1))],
  /** Local time of the community; absent means all day. */
  windows: [8, optional(list(map({ startMinute: [0, uint(1439)], endMinute: [1, uint(1440, 1)] }), 4, 1))],
  /** How often it opens, all doors together; absent means as often as its time allows. */
  uses: [9, optional(uint(255, 1))],
  /** Credential key of the resident who signed; absent means the community did. */
  delegate: [10, optional(bytes(16))],
});

/** Bears an unblinded signature (RFC 9474) of a key that stands for one door group and one day. */
export const visitTokenSchema = map({
  version: [0, version(1)],
  community: [1, community()],
  /** First 8 bytes of SHA-256 over the issuing key's SubjectPublicKeyInfo. */
  keyId: [2, bytes(8)],
  /** Random, 16 bytes: what is written down when the token is spent. */
  serial: [3, bytes(16)],
  /** The random prefix of the message (RFC 9474 §4.1). */
  prefix: [4, bytes(32)],
  signature: [5, bytes(256, 512)],
});

export type PhonePass = Static<typeof phonePassSchema>;
export type DoorChallenge = Static<typeof doorChallengeSchema>;
export type DoorAnswer = Static<typeof doorAnswerSchema>;
export type VisitorPass = Static<typeof visitorPassSchema>;
export type VisitToken = Static<typeof visitTokenSchema>;

/** Bounds a whole signed pass; a reader refuses longer texts before it decodes them. */
export const PASS_MAX_BYTES = 640;

export const phonePass = makeCodec(phonePassSchema, PASS_MAX_BYTES);
export const doorChallenge = makeCodec(doorChallengeSchema, PASS_MAX_BYTES);
export const doorAnswer = makeCodec(doorAnswerSchema, PASS_MAX_BYTES);
export const visitorPass = makeCodec(visitorPassSchema, PASS_MAX_BYTES);
export const visitToken = makeCodec(visitTokenSchema, PASS_MAX_BYTES);

/** Bytes that a signature covers beside the payload, before the community's ID: one kind never passes for another. */
export const PASS_DOMAINS = {
  phonePass: "menshen phone pass v1",
  doorAnswer: "menshen door answer v1",
  visitorPass: "menshen visitor pass v1",
  visitToken: "menshen visit token v1",
} as const;
export type PassDomain = keyof typeof PASS_DOMAINS;
