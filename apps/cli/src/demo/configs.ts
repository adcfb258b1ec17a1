import { join } from "node:path";
import { sha256, toHex } from "@menshen/crypto/node";
import { CITY_NAME } from "./city.ts";
import { idOf, unitKey } from "./seed/seed-site.ts";
import type { Site } from "./site-file.ts";
import { COMMUNITY_NAME, TIME_ZONE } from "./site-plan.ts";
import { type GateWiring, linePath } from "./wiring.ts";

export const LOOPBACK = "127.0.0.1";

export interface Ports {
  readonly console: number;
  readonly gates: number;
  readonly mqtt: number;
  /** Of the screen at one door. */
  readonly kiosk: number;
  readonly city: number;
}

/** The screen at one door of a gate. */
export interface KioskConfig {
  readonly port: number;
  readonly readerId: string;
  readonly accessPointId: string;
  readonly doorName: string;
  readonly token: string;
}

/** Configuration of the community server: loopback only, with the demo controls. */
export function communityConfig(
  stateDir: string,
  ports: Ports,
  demo: { readonly url: string; readonly token: string },
) {
  const host = "127.0.0.1";
  return {
    stateDir: join(stateDir, "community"),
    http: { host, port: ports.console },
    gateTls: { host, port: ports.gates },
    mqtt: { host, port: ports.mqtt },
    publicHost: "localhost",
    database: { embedded: true },
    community: { name: COMMUNITY_NAME, timeZone: TIME_ZONE },
    demo,
  };
}

/** Configuration of the city's server: loopback only. */
export function cityConfig(stateDir: string, ports: Ports) {
  return {
    stateDir: join(stateDir, "city"),
    http: { host: LOOPBACK, port: ports.city },
    database: { embedded: true },
    name: CITY_NAME,
  };
}

/** Configuration of one gate, whose ways to the server can be cut. */
export function gateConfig(options: {
  readonly stateDir: string;
  readonly lines: string;
  readonly wiring: GateWiring;
  readonly site: Site;
  readonly enrolmentPort: number;
  readonly mqttPort: number;
  readonly enrolmentCode: string | undefined;
  readonly kiosk: KioskConfig | undefined;
  /** Where the other gates find this one; absent: it hears none of them. */
  readonly sitePort: number | undefined;
}) {
  const { stateDir, lines, wiring, site, enrolmentCode, kiosk, sitePort } = options;
  const { gate, doors, unitAddress } = wiring;
  const unitId = idOf(site.readers, unitKey(gate.key));
  const input = (number: number, normallyClosed: boolean) => ({
    kind: "osdp-input",
    readerId: unitId,
    input: number,
    normallyClosed,
  });
  return {
    stateDir: join(stateDir, gate.key),
    community: {
      enrolUrl: `https://localhost:${options.enrolmentPort}`,
      mqtt: `localhost:${options.mqttPort}`,
      ...(enrolmentCode === undefined ? {} : { enrolmentCode }),
    },
    statusPage: { host: "127.0.0.1", port: 0 },
    ...(kiosk === undefined ? {} : { kiosk: kioskConfig(kiosk) }),
    ...(sitePort === undefined ? {} : { site: { host: LOOPBACK, port: sitePort } }),
    doorGroup: gate.doorGroup,
    buses: [
      {
        id: "line-1",
        transport: `unix:${linePath(lines, gate.key)}`,
        readers: [
          ...doors.map(({ door, readerAddress }) => ({
            readerId: idOf(site.readers, door.key),
            address: readerAddress,
            role: "reader",
            accessPointId: idOf(site.accessPoints, door.key),
            secureChannel: "install",
          })),
          { readerId: unitId, address: unitAddress, role: "io", secureChannel: "install" },
        ],
      },
    ],
    portals: doors.map(({ door, strikeOutput, contactInput, exitInput }) => ({
      portalId: idOf(site.portals, door.key),
      lock: { kind: "osdp-output", readerId: unitId, output: strikeOutput },
      contact: input(contactInput, true),
      exitButton: input(exitInput, false),
      fireInput: input(wiring.fireInput, false),
    })),
  };
}

/** The gate keeps the hash of a token only. */
function kioskConfig({ port, token, ...place }: KioskConfig) {
  const tokenSha256 = toHex(sha256(new TextEncoder().encode(token)));
  return { host: "127.0.0.1", port, places: [{ ...place, tokenSha256 }] };
}
