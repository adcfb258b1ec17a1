import { CommunityError } from "../../errors.ts";

/** What k custodians opened, until it is handed over. Bytes are hexadecimal. */
export interface OpenedResult {
  readonly entries: readonly {
    /** In the request's scope. */
    readonly position: number;
    readonly partials: readonly string[];
    readonly text: string;
    readonly holder?: { readonly name: string; readonly dwelling?: string };
  }[];
}

/** Persons to be told at the end of the seal, with how many of their entries were opened. */
export type Concerned = readonly { readonly personId: string; readonly count: number }[];

export const partialContext = (id: string, position: number, custodian: number) =>
  `opening-partial:${id}:${position}:${custodian}`;
export const heldPartialContext = (id: string, position: number, held: number, custodian: number) =>
  `opening-held-partial:${id}:${position}:${held}:${custodian}`;
export const resultContext = (id: string) => `opening-result:${id}`;
export const concernedContext = (id: string) => `opening-concerned:${id}`;

/** What is sealed under the storage key: JSON of our own making. */
export function encodeSealed(value: OpenedResult | Concerned): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Reads what {@link encodeSealed} wrote, opened by the storage key, which only we hold. */
export function decodeResult(bytes: Uint8Array): OpenedResult {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof value !== "object" || value === null || !("entries" in value) || !Array.isArray(value.entries)) {
    throw new CommunityError("internal", "a sealed result of an opening has another form");
  }
  return { entries: value.entries };
}

/** As {@link decodeResult}. */
export function decodeConcerned(bytes: Uint8Array): Concerned {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!Array.isArray(value)) {
    throw new CommunityError("internal", "the sealed list of persons of an opening has another form");
  }
  return value;
}
