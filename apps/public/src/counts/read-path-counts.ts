import { evidenceEndpoints, type PathCounts } from "@menshen/wire";

/** Rejects where the server cannot be reached. */
export async function readPathCounts(): Promise<PathCounts> {
  const response = await fetch(evidenceEndpoints.pathCounts.path);
  if (!response.ok) throw new Error("no counts by path");
  return response.json();
}
