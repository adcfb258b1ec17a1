import { ReaderId } from "@menshen/domain";
import { expect, test } from "vitest";
import type { GateView } from "../gate-view.ts";
import { configOf } from "../testing/test-config.ts";
import { GATE, READER, UNIT } from "../testing/test-site.ts";
import { diagnosisOf } from "./diagnosis.ts";
import { makeInputHistory } from "./input-history.ts";

/** What must never leave with a diagnosis; planted wherever a gate's own state has room for it. */
const PLANTED = [
  "ENROL-CODE-4711",
  "wang-xiaoming",
  "13800138000",
  "community.example",
  "/srv/wang-xiaoming",
  "6f1c0a93d47e25b8815d3cf0a2479be6",
  "Unit 3, room 1102",
  "10.20.30.40",
];

test("says what is wired and how it is, and nothing of persons, keys and the site's addresses", () => {
  const config = configOf(
    "/srv/wang-xiaoming",
    { enrolUrl: "https://community.example:8443", enrolmentCode: "ENROL-CODE-4711" },
    {
      kiosk: {
        host: "127.0.0.1",
        port: 0,
        places: [
          {
            readerId: "dddddddd-0000-4000-8000-000000000009",
            accessPointId: "cccccccc-0000-4000-8000-000000000001",
            tokenSha256: "6f1c0a93d47e25b8815d3cf0a2479be66f1c0a93d47e25b8815d3cf0a2479be6",
            doorName: "Unit 3, room 1102",
          },
        ],
      },
      site: { host: "10.20.30.40", port: 1 },
      aliro: { identityFile: "/srv/wang-xiaoming/aliro.json" },
    },
  );
  const view: GateView = {
    gateId: GATE,
    softwareVersion: "1.2.3",
    timeZone: "Asia/Shanghai",
    clock: {
      earliestMs: 1,
      latestMs: 2,
      systemMs: 3,
      start: "continued",
      sinceServerMs: 4,
      injected: false,
    },
    snapshot: { version: 7, untilMs: 8, credentials: 3_000 },
    keyring: { version: 9, cards: 2_999 },
    modesGeneration: 1,
    journal: { lastSequence: 10, acknowledged: 9, waiting: 0, degraded: false },
    link: { connected: true, server: "community.example:8883", certificateUntilMs: 11 },
    readers: [
      {
        readerId: READER,
        online: true,
        secureChannel: "own-key",
        tamper: false,
        powerFault: false,
        accessPointId: "cccccccc-0000-4000-8000-000000000001",
        how: "PC/SC of wang-xiaoming 13800138000",
      },
    ],
    portals: [],
    findings: [{ code: "no-tpm", severity: "notice" }],
  };
  const history = makeInputHistory();
  history.observed(ReaderId(UNIT), [1, 0, 0, 0]);
  const bundle = JSON.stringify(diagnosisOf({ config, view: () => view, history }));
  for (const secret of PLANTED) expect(bundle).not.toContain(secret);
  // How many live here says something of the site, and nothing of a fault.
  expect(bundle).not.toContain("3000");
  expect(JSON.parse(bundle)).toMatchObject({
    version: 1,
    gateId: GATE,
    softwareVersion: "1.2.3",
    readers: [{ readerId: READER, online: true, secureChannel: "own-key" }],
    findings: [{ code: "no-tpm", severity: "notice" }],
    wiring: {
      lines: [{ id: "bus-0", kind: "unix", readers: [{ address: 0 }, { address: 1 }] }],
      portals: [{ contact: { input: 0, isClosed: true }, exitButton: { input: 1, isClosed: false } }],
    },
  });
});
