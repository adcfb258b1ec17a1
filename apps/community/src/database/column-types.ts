import type { ColumnType } from "kysely";

/** Unix milliseconds; written through `moment`. */
export type Timestamp = number;
export type OptionalTimestamp = ColumnType<number | null, number | null | undefined, number | null>;
/** Parsed when read, JSON text when written. */
export type Json<T> = ColumnType<T, string, string>;
