import type { RouteRow } from "./route-row.ts";

/** Routes about deletions of persons, and about vendors that go; see `ROUTE_TABLE`. */
export const DELETION_ROUTES: Readonly<Record<string, RouteRow>> = {
  "POST /api/v1/deletion-progress": "secret",
  "GET /api/v1/deletions": "staff homes.read",
  "GET /api/v1/deletions/:id": "staff homes.read",
  "POST /api/v1/deletions/:id/code": "staff homes.write",
  "GET /api/v1/public/vendor-exits": "anyone",
  "POST /api/v1/resident/deletion": "resident",
  "POST /api/v1/resident/deletion-code": "resident",
  "POST /api/v1/vendor-exits/:id/close": "staff vendor-pages.write",
  "PUT /api/v1/vendor-exits/:id/items/:itemId": "staff vendor-pages.write",
  "POST /api/v1/vendors/:id/exit": "staff vendor-pages.write",
};
