import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { announceReady, exitCodeOf, makeLogger, runService } from "@menshen/service-kit";
import { makeDemoControls } from "./controls.ts";
import { openDemoEndpoint } from "./endpoint.ts";
import { buildHardware } from "./hardware.ts";
import { openKeyStore } from "./key-store.ts";
import { type DoorPeople, makeDoorPeople } from "./passing.ts";
import { makeVillage } from "./village.ts";

// The devices' process of the demonstration: readers, locks, cards and people, driven through a loopback endpoint.
const { values } = parseArgs({
  options: {
    state: { type: "string" },
    lines: { type: "string" },
    pace: { type: "string", default: "20" },
  },
});
const token = process.env.MENSHEN_DEMO_TOKEN ?? "";
delete process.env.MENSHEN_DEMO_TOKEN;

const logger = makeLogger({ app: "demo-devices" });
await runService({
  logger,
  exitCode: exitCodeOf,
  async start(stopOrder) {
    const { state, lines } = values;
    if (state === undefined || lines === undefined) throw new Error("expected --state DIR and --lines DIR");
    if (token.length < 16) throw new Error("expected a token in MENSHEN_DEMO_TOKEN");
    mkdirSync(lines, { recursive: true, mode: 0o700 });
    const hardware = await buildHardware(lines, openKeyStore(join(state, "reader-keys.json")));
    stopOrder.add("lines", async () => {
      await hardware.stop();
      rmSync(lines, { recursive: true, force: true });
    });
    const people = new Map<string, DoorPeople>(
      hardware.gates.flatMap((gate) => gate.doors.map((door) => [door.key, makeDoorPeople(door)])),
    );
    const village = makeVillage(people, Number(values.pace));
    stopOrder.add("people", () => village.stop());
    const controls = makeDemoControls({ stateDir: state, gates: hardware.gates, people, village });
    const endpoint = await openDemoEndpoint(controls, token);
    stopOrder.add("endpoint", () => endpoint.close());
    const ports = Object.fromEntries(
      hardware.gates.flatMap((gate) => [
        [`${gate.key} enrolment`, gate.enrolment.port],
        [`${gate.key} mqtt`, gate.mqtt.port],
      ]),
    );
    announceReady({ url: endpoint.url, ...ports });
  },
});
