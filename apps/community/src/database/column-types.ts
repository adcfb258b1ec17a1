import type { ColumnType } from "kysely";
import type { SealedText } from "../keys/person-keys.ts";

/** Unix milliseconds; written through `moment`. */
export type Timestamp = number;
export type OptionalTimestamp = ColumnType<number | null, number | null | undefined, number | null>;
/** Parsed when read, JSON text when written. */
/** A varchar: opened when read, sealed under its person's key when written. */
export type PersonText = ColumnType<string, SealedText, SealedText>;
export type OptionalPersonText = ColumnType<string | null, SealedText | null | undefined, SealedText | null>;
export type Json<T> = ColumnType<T, string, string>;
