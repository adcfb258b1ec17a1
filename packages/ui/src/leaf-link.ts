const PAGE = "/public/";

/** Where the public page shows one entry of the evidence log; from any page of the same server. */
export function leafLink(index: number): string {
  return `${PAGE}#leaf=${index}`;
}

/** The entry that the address of the public page asks for, by what stands behind its `#`; undefined for none. */
export function readLeafLink(hash: string): number | undefined {
  const [, digits] = /^#leaf=(0|[1-9]\d{0,14})$/.exec(hash) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
