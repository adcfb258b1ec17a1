/**
 * external_aad of each signed message (ASCII), so that none passes for one of another type. The sealed keyring's
 * and the sealed proofs' types are also the HPKE `info`, the pseudonym message's begins it; the access entry's begins what its own signature
 * covers, which is no COSE.
 */
export const MESSAGE_TYPES = {
  journal: "menshen/journal/v1",
  hello: "menshen/hello/v1",
  applied: "menshen/applied/v1",
  renew: "menshen/renew/v1",
  snapshot: "menshen/snapshot/v1",
  delta: "menshen/delta/v1",
  keyring: "menshen/keyring/v1",
  modes: "menshen/modes/v1",
  trail: "menshen/trail/v1",
  pseudonym: "menshen/pseudonym/v1",
  time: "menshen/time/v1",
  resume: "menshen/resume/v1",
  proofs: "menshen/proofs/v1",
  passes: "menshen/passes/v1",
  "door-rules": "menshen/door-rules/v1",
  command: "menshen/command/v1",
  result: "menshen/result/v1",
  forget: "menshen/forget/v1",
  forgotten: "menshen/forgotten/v1",
  handover: "menshen/handover/v1",
  accessEntry: "menshen/access-entry/v1",
} as const;

export type SignedMessageType = keyof typeof MESSAGE_TYPES;

const encoder = new TextEncoder();

/** The bytes of a message type, as `coseSign1` and `coseVerify1` take them. */
export function externalAad(type: SignedMessageType): Uint8Array {
  return encoder.encode(MESSAGE_TYPES[type]);
}
