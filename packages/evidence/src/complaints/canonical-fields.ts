import { type CanonicalJson, DomainError, parseCanonicalJson } from "@menshen/domain";

type Fields = Readonly<Record<string, CanonicalJson | undefined>>;

/** The fields of an object in canonical JSON; undefined for anything else. */
export function fieldsOf(text: string): Fields | undefined {
  try {
    const value = parseCanonicalJson(text);
    return typeof value === "object" && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}
