import type { CityReport } from "@menshen/wire";

/** What two reports may have in common. A text of its own: the same text is the same thing. */
export type Pattern =
  | { readonly kind: "batch"; readonly chip: string; readonly batchPrefix: string }
  | {
      readonly kind: "issue";
      readonly chip: string;
      readonly issuer: string;
      readonly keyVersion: number | undefined;
    }
  | { readonly kind: "number"; readonly tag: string };

/** Patterns of a report. Without any it could never be compared with another. */
export function patternsOf(report: CityReport): readonly string[] {
  const { chip, issuer, keyVersion, batchPrefix, numberTag } = report;
  return [
    ...(batchPrefix === undefined ? [] : [`batch:${chip}:${batchPrefix}`]),
    ...(issuer === undefined ? [] : [`issue:${chip}:${issuer}:${keyVersion ?? ""}`]),
    ...(numberTag === undefined ? [] : [`number:${numberTag}`]),
  ];
}

/** The opposite of {@link patternsOf}; `undefined` for a text that it would not write. */
export function readPattern(text: string): Pattern | undefined {
  const [kind, first, second, third, ...more] = text.split(":");
  if (more.length > 0 || first === undefined) return undefined;
  if (kind === "number" && second === undefined) return { kind, tag: first };
  if (second === undefined) return undefined;
  if (kind === "batch" && third === undefined) return { kind, chip: first, batchPrefix: second };
  if (kind !== "issue" || third === undefined) return undefined;
  return { kind, chip: first, issuer: second, keyVersion: third === "" ? undefined : Number(third) };
}
