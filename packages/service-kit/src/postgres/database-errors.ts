/** PostgreSQL says it goes down or is not up yet (class 57), or the connection broke (class 08, the socket itself). */
const GONE = new Set([
  "57P01",
  "57P02",
  "57P03",
  "08000",
  "08001",
  "08003",
  "08006",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
]);

/** True if `error` says that the database cannot be reached now, so that asking again later makes sense. */
export function isDatabaseGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && GONE.has(error.code)) return true;
  // The driver has no code for a connection that ends in the middle of a query, or that none was free in time.
  return /^(Connection terminated|timeout exceeded when trying to connect)/.test(error.message);
}

/** True if `error` is PostgreSQL's refusal of a second row with the same key. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}
