import fc from "fast-check";

/** A UUID that names nothing. */
export const NOBODY = "00000000-0000-4000-8000-000000000000";

const UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
const HEX_PATTERN = "^([0-9a-f]{2})*$";

/**
 * A value that a JSON schema accepts, always the same: the fields that must be there, each as small as it may be. For
 * requests that must get past parsing; ids name nothing.
 */
export function sampleOf(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return undefined;
  const read = (name: string): unknown => Reflect.get(schema, name);
  if (read("const") !== undefined) return read("const");
  const [first] = listOf(read("enum"));
  if (first !== undefined) return first;
  const [choice] = listOf(read("anyOf"));
  if (choice !== undefined) return sampleOf(choice);
  const parts = listOf(read("allOf"));
  if (parts.length > 0) return Object.assign({}, ...parts.map((part) => Object(sampleOf(part))));
  switch (read("type")) {
    case "object": {
      const properties = Object(read("properties"));
      const names = listOf(read("required")).map(String);
      return Object.fromEntries(names.map((name) => [name, sampleOf(Reflect.get(properties, name))]));
    }
    case "array": {
      const items = read("items");
      if (Array.isArray(items)) return items.map((item) => sampleOf(item));
      return Array.from({ length: Number(read("minItems") ?? 0) }, () => sampleOf(items));
    }
    case "integer":
    case "number":
      return Math.max(Number(read("minimum") ?? 0), 0);
    case "boolean":
      return false;
    case "null":
      return null;
    case "string":
      return sampleOfText(read);
    default:
      return {};
  }
}

function sampleOfText(read: (name: string) => unknown): string {
  const least = Number(read("minLength") ?? 1);
  const most = Number(read("maxLength") ?? Math.max(least, 64));
  const plain = "x".repeat(Math.min(Math.max(least, 1), most));
  const pattern = read("pattern");
  if (typeof pattern !== "string") return plain;
  if (pattern === UUID_PATTERN) return NOBODY;
  if (pattern === HEX_PATTERN) return "ab".repeat(Math.ceil(least / 2));
  const regex = new RegExp(pattern);
  if (regex.test(plain)) return plain;
  const fitting = fc
    .stringMatching(regex, { maxLength: most })
    .filter((text) => text.length >= least && text.length <= most);
  const [text] = fc.sample(fitting, { numRuns: 1, seed: 1 });
  if (text === undefined) throw new RangeError(`no text for \`${pattern}\``);
  return text;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
