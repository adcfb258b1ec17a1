/** Names of the elements that documents of a community hold, as its gates ask for them. */
export const ALIRO_ELEMENTS = {
  /** What a document allows at one door; @param portalId UUID */
  door: (portalId: string): string => `door/${portalId}`,
  /** That the credential stands in the evidence log: bytes, `document-proof` of the gate link. */
  log: "menshen/log",
  /** Of revocation documents. */
  revocations: "menshen/revoked",
} as const;
