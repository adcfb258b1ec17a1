import { fromHex } from "@menshen/crypto";

/** Application identifiers of the two phases. */
export const AliroAid = {
  expedited: fromHex("a000000909acce5501"),
  stepUp: fromHex("a000000909acce5502"),
} as const;

/** Class and instruction bytes. */
export const AliroCommand = {
  select: { cla: 0x00, ins: 0xa4 },
  auth0: { cla: 0x80, ins: 0x80 },
  auth1: { cla: 0x80, ins: 0x81 },
  loadCert: { cla: 0x80, ins: 0xd1 },
  exchange: { cla: 0x80, ins: 0xc9 },
  controlFlow: { cla: 0x80, ins: 0x3c },
  envelope: { cla: 0x00, ins: 0xc3 },
  getResponse: { cla: 0x00, ins: 0xc0 },
} as const;

/** Set in the class byte of every part of a chained command but the last (ISO/IEC 7816-4 §5.3.3). */
export const CLA_CHAINING = 0x10;

/** Status words a device answers with; readers look at 9000, 61xx, 6982 and 6985 only. */
export const AliroStatusWord = {
  ok: 0x9000,
  certificateUndecodable: 0x6400,
  malformed: 0x6701,
  wrongLength: 0x6700,
  chainingBroken: 0x6883,
  security: 0x6982,
  conditions: 0x6985,
  applicationUnknown: 0x6a82,
  wrongParameters: 0x6a86,
  wrongState: 0x6d00,
} as const;

/**
 * What the reader tells a device at the end (tag 97), as one number; the first byte 01 is success.
 * `denied` is the one for "authentic, but may not enter".
 */
export const ReaderStatus = {
  keyNotFound: 0x0001,
  expired: 0x0002,
  notTrusted: 0x0003,
  badSignature: 0x0004,
  badFormat: 0x0006,
  badContent: 0x0007,
  statusWord: 0x0020,
  noKeySlot: 0x0021,
  noPublicKey: 0x0022,
  noSignature: 0x0023,
  denied: 0x0025,
  hardware: 0x0026,
  secured: 0x0100,
  unsecured: 0x0101,
  jammed: 0x0102,
  startedSecuring: 0x0180,
  startedUnsecuring: 0x0181,
  unknownState: 0x0182,
} as const;
export type ReaderStatusValue = (typeof ReaderStatus)[keyof typeof ReaderStatus];

/** Tag 42 of CONTROL FLOW: why the reader stops before there are keys. */
export const ControlFlowReason = { unspecified: 0x00, noCommonVersion: 0x27 } as const;

/** Bits of tag 5E: what the device says of itself. */
export const SignalingBit = {
  accessDocument: 1 << 0,
  revocationDocument: 1 << 1,
  stepUpSelect: 1 << 2,
  mailboxHasData: 1 << 3,
  mailboxReadable: 1 << 4,
  mailboxWritable: 1 << 5,
  notifyBackend: 1 << 6,
  notifyApplication: 1 << 7,
  updateDocument: 1 << 9,
  mailboxInStepUp: 1 << 10,
  notifyInStepUp: 1 << 11,
  updateInStepUp: 1 << 12,
} as const;
