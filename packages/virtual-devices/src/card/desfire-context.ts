import type { CardKey, DesfireApplication, DesfireState } from "./desfire-state.ts";

/** What a command group works on. */
export interface DesfireContext {
  readonly state: DesfireState;
  /** Undefined while the card itself is selected. */
  readonly selected: DesfireApplication | undefined;
  select(application: DesfireApplication | undefined): void;
  /** Keys of what is selected. */
  readonly keys: readonly CardKey[];
  /** What of the running transaction the transaction MAC will cover: parts, each filled up to whole blocks. */
  readonly transaction: {
    note(...parts: readonly Uint8Array[]): void;
    /** Everything noted since the last call. */
    take(): Uint8Array;
  };
}

/** Bit 2 of the key settings: creating files without the application's master key. */
export function mayCreateFile(application: DesfireApplication, key: number | undefined): boolean {
  return key === 0 || (application.keySettings & 0x04) !== 0;
}
