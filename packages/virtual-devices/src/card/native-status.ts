/** Status bytes of the native DESFire command set, behind `91` in a wrapped response. */
export const STATUS = {
  ok: 0x00,
  illegalCommand: 0x1c,
  integrityError: 0x1e,
  noSuchKey: 0x40,
  lengthError: 0x7e,
  permissionDenied: 0x9d,
  parameterError: 0x9e,
  applicationNotFound: 0xa0,
  authenticationError: 0xae,
  additionalFrame: 0xaf,
  boundaryError: 0xbe,
  commandAborted: 0xca,
  countError: 0xce,
  duplicateError: 0xde,
  fileNotFound: 0xf0,
} as const;

export type Status = (typeof STATUS)[keyof typeof STATUS];
export type Refusal = Exclude<Status, 0x00 | 0xaf>;

/** How the payload of a command or of its answer travels under a session. */
export type CommMode = "plain" | "mac" | "full";
