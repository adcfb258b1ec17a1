import { join } from "node:path";
import { askGate } from "../admin/admin-socket.ts";
import { type GateConfig, parseGateConfig } from "../config.ts";
import type { TestCommunity } from "./test-community.ts";
import { ACCESS_POINT, PORTAL, READER, UNIT } from "./test-site.ts";

export const CONTACT_INPUT = 0;
export const EXIT_INPUT = 1;
export const FIRE_INPUT = 2;

/** A gate with one reader, one unit with the lock, and one door, on a line in `folder`. */
export function configOf(
  folder: string,
  community: Pick<TestCommunity, "enrolUrl" | "enrolmentCode">,
  extra: object = {},
): GateConfig {
  const input = (number: number, normallyClosed: boolean) => ({
    kind: "osdp-input" as const,
    readerId: UNIT,
    input: number,
    normallyClosed,
  });
  return parseGateConfig({
    stateDir: join(folder, "state"),
    community: { enrolUrl: community.enrolUrl, enrolmentCode: community.enrolmentCode },
    statusPage: { host: "127.0.0.1", port: 0 },
    doorGroup: 1,
    buses: [
      {
        id: "bus-0",
        transport: `unix:${join(folder, "bus.sock")}`,
        readers: [
          {
            readerId: READER,
            address: 0,
            role: "reader",
            accessPointId: ACCESS_POINT,
            secureChannel: "install",
          },
          { readerId: UNIT, address: 1, role: "io", secureChannel: "install" },
        ],
      },
    ],
    portals: [
      {
        portalId: PORTAL,
        lock: { kind: "osdp-output", readerId: UNIT, output: 0 },
        contact: input(CONTACT_INPUT, true),
        exitButton: input(EXIT_INPUT, false),
        fireInput: input(FIRE_INPUT, false),
      },
    ],
    ...extra,
  });
}

/** What the person does who installs the readers of a gate that runs. */
export async function letReadersTakeKeys({ stateDir }: Pick<GateConfig, "stateDir">): Promise<void> {
  await askGate(stateDir, { request: "open-install-window", minutes: 10 });
}
