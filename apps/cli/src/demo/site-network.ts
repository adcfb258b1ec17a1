import { doorRulesEndpoints } from "@menshen/wire";
import type { ApiClient } from "../api/client.ts";
import { LOOPBACK } from "./configs.ts";
import { findFreePort, isFree } from "./ports.ts";
import { idOf } from "./seed/seed-site.ts";
import type { Site } from "./site-file.ts";
import { GATES } from "./site-plan.ts";

/**
 * Chooses where each gate listens for the others and tells the server, which tells the gates as soon as somebody sets a
 * rule of an area. What an interrupted start told is found again at the server.
 */
export async function placeGates(api: ApiClient, site: Site): Promise<void> {
  const ports: Record<string, number> = {};
  const { sites } = await api.call(doorRulesEndpoints.get, {});
  for (const { key } of GATES) {
    const gateId = idOf(site.gates, key);
    const told = sites.find((candidate) => candidate.gateId === gateId);
    // Another demonstration may listen there now.
    const before = told?.port;
    const port = before !== undefined && (await isFree(before)) ? before : await findFreePort();
    ports[key] = port;
    if (told === undefined || port === before) continue;
    await api.call(doorRulesEndpoints.setSite, {
      params: { gateId },
      body: { host: LOOPBACK, port, revision: told.revision },
    });
  }
  site.sitePorts = ports;
}
