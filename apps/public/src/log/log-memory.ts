import type { CredentialCounts } from "@menshen/evidence";
import type { LogDescription } from "@menshen/wire";

/** What this browser remembers of the log; plain data in its local storage. */
export interface LogMemory {
  /** The log as it was described at the first visit: its key is not taken from the server again. */
  readonly log: LogDescription;
  /** What the last audit left, as `formatAuditState` writes it. */
  readonly audit?: string;
  /** Entries verified so far, by topic. */
  readonly topics: Readonly<Record<string, number>>;
  /** Unix milliseconds. */
  readonly auditedAt?: number;
  /** Homes and credentials, as they were counted when the whole log was verified last. */
  readonly credentials?: {
    readonly counts: CredentialCounts;
    /** Entries that were counted. */
    readonly size: number;
    readonly at: number;
  };
}

const NAME = "menshen.public-log";

export function readMemory(): LogMemory | undefined {
  const text = localStorage.getItem(NAME);
  if (text === null) return undefined;
  try {
    // Written by the function below; an older form or a broken one is forgotten.
    const memory = JSON.parse(text) as LogMemory;
    return typeof memory.log.logKey === "string" && typeof memory.topics === "object" ? memory : undefined;
  } catch {
    return undefined;
  }
}

export function writeMemory(memory: LogMemory): void {
  localStorage.setItem(NAME, JSON.stringify(memory));
}

export function forgetMemory(): void {
  localStorage.removeItem(NAME);
}

/** Whether a server describes another log than the one this browser knows: another name or another key. */
export function isOtherLog(known: LogDescription, shown: LogDescription): boolean {
  return known.origin !== shown.origin || known.logKey !== shown.logKey;
}
