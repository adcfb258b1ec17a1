import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startGate, waitForGate } from "@menshen/testkit/system";
import { gateEndpoints, portalEndpoints, readerEndpoints } from "@menshen/wire";
import type { World } from "./world.ts";

/** A gate process with many doors and no wire to any of them: what it adopts is what it would hold its locks to. */
export async function startBareGate(
  { api, server, runId, folder }: World,
  index: number,
  doorCount: number,
): Promise<string> {
  const name = `控制器 ${index + 1}`;
  const { id: gateId } = await api.call(gateEndpoints.create, { body: { name, doorGroup: 1 } });
  const { id: unitId } = await api.call(readerEndpoints.create, {
    body: { gateId, name: `${name} 单元`, kind: "io" },
  });
  const portals: object[] = [];
  for (let output = 0; output < doorCount; output++) {
    const { id: portalId } = await api.call(portalEndpoints.create, {
      body: { gateId, name: `${name} 门 ${output + 1}`, unlockMs: 1_000, heldOpenLimitMs: 10_000 },
    });
    portals.push({ portalId, lock: { kind: "osdp-output", readerId: unitId, output } });
  }
  const { code } = await api.call(gateEndpoints.enrolmentCode, { params: { id: gateId } });
  const stateDir = folder(`gate-${index}`);
  const configFile = join(stateDir, "gate.json");
  writeFileSync(
    configFile,
    JSON.stringify({
      stateDir: join(stateDir, "state"),
      community: { enrolUrl: `https://${server.gateTls}`, enrolmentCode: code },
      statusPage: { host: "127.0.0.1", port: 0 },
      doorGroup: 1,
      buses: [
        {
          id: "bus",
          transport: `unix:${join(stateDir, "no-bus.sock")}`,
          readers: [{ readerId: unitId, address: 1, role: "io", secureChannel: "install" }],
        },
      ],
      portals,
    }),
  );
  await startGate({ runId, configFile });
  await waitForGate(api, gateId);
  return gateId;
}
