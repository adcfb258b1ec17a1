import type { RouteRow } from "./route-table.ts";

/** Routes of cases about copied cards; see `ROUTE_TABLE`. */
export const CASE_ROUTES: Readonly<Record<string, RouteRow>> = {
  "GET /api/v1/case-counts": "staff cases.read",
  "GET /api/v1/cases": "staff cases.read",
  "GET /api/v1/cases/:id": "staff cases.read",
  "POST /api/v1/cases/:id/appeals": "staff cases.handle",
  "POST /api/v1/cases/:id/appeals/:appealId/answer": "staff cases.handle",
  "POST /api/v1/cases/:id/assign": "staff cases.handle",
  "POST /api/v1/cases/:id/close": "staff cases.handle",
  "GET /api/v1/cases/:id/evidence": "staff cases.read",
  "POST /api/v1/cases/:id/evidence": "staff cases.handle",
  "POST /api/v1/cases/:id/evidence/:packageId/fetch": "staff cases.handle",
  "POST /api/v1/cases/:id/hold": "staff cases.handle",
  "POST /api/v1/cases/:id/measures": "staff cases.handle",
  "POST /api/v1/cases/:id/measures/:measureId/end": "staff cases.handle",
  "POST /api/v1/cases/:id/merge": "staff cases.handle",
  "POST /api/v1/cases/:id/reopen": "staff cases.handle",
  "GET /api/v1/detection-settings": "staff cases.read",
  "PUT /api/v1/detection-settings": "staff cases.settings",
  "POST /api/v1/detection-settings/try": "staff cases.settings",
  "GET /api/v1/detection-state": "staff cases.read",
  "GET /api/v1/resident/cases": "resident",
  "POST /api/v1/resident/cases/:id/answer": "resident own",
  "POST /api/v1/resident/cases/:id/appeals": "resident own",
};
