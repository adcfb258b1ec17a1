import type { Language } from "@menshen/ui";

/** What the address of the page says behind its `#`; browsers send that part to no server. */
export interface Place {
  /** Absent where the page was opened without one: it is not set up. */
  readonly token: string | undefined;
  /** The language that stands large until somebody chooses the other. */
  readonly language: Language;
}

/** Reads `#token=…&lang=en`. */
export function readPlace(hash: string): Place {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    token: parts.get("token") || undefined,
    language: parts.get("lang") === "en" ? "en" : "zh-CN",
  };
}
