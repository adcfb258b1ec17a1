/** A rule of law with what this software does about it, and where that is tested. */
export interface ConformityRow {
  /** As in the titles of its tests: a letter and a number. */
  readonly id: string;
  /** Articles as they are cited. */
  readonly articles: string;
  readonly behaviour: { readonly "zh-CN": string; readonly en: string };
  /** `person`: software cannot decide it, a person must; `open`: not built yet. */
  readonly evidence: "test" | "person" | "open";
  /** Paths in the repository; some title in them names the row. */
  readonly tests: readonly string[];
}
