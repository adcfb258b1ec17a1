import type { Text } from "../command-line/language.ts";

/** What one look found; `what` says the fact, `remedy` what to do about it. */
export interface Finding {
  /** Stable name, e.g. `disk.sync`. */
  readonly check: string;
  readonly state: "ok" | "note" | "problem";
  readonly what: Text;
  readonly remedy?: Text;
  /** Numbers and names behind the text. */
  readonly values?: Readonly<Record<string, string | number | boolean>>;
}
