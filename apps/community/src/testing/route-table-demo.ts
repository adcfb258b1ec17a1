import type { RouteRow } from "./route-row.ts";

/** Routes that exist where a demonstration runs, and nowhere else; see `ROUTE_TABLE`. */
export const DEMO_ROUTES: Readonly<Record<string, RouteRow>> = {
  "POST /api/demo/clone": "staff demo.control",
  "POST /api/demo/exit": "staff demo.control",
  "POST /api/demo/fire": "staff demo.control",
  "POST /api/demo/force": "staff demo.control",
  "POST /api/demo/hold": "staff demo.control",
  "POST /api/demo/network": "staff demo.control",
  "POST /api/demo/pace": "staff demo.control",
  "POST /api/demo/present": "staff demo.control",
  "POST /api/demo/reader": "staff demo.control",
  "GET /api/demo/state": "staff demo.control",
};
