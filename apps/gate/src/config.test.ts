import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadGateConfig } from "./config.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gate-config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const READER = "dddddddd-0000-4000-8000-000000000001";
const UNIT = "dddddddd-0000-4000-8000-000000000002";
const PORTAL = "bbbbbbbb-0000-4000-8000-000000000001";
const ACCESS_POINT = "cccccccc-0000-4000-8000-000000000001";

const reader = {
  readerId: READER,
  address: 0,
  role: "reader",
  accessPointId: ACCESS_POINT,
  secureChannel: "required",
};
const unit = { readerId: UNIT, address: 1, role: "io", secureChannel: "install" };
const whole = {
  stateDir: "/var/lib/menshen",
  community: { enrolUrl: "https://server:8443" },
  statusPage: { host: "127.0.0.1", port: 8080 },
  doorGroup: 2,
  buses: [{ id: "b", transport: "/dev/ttyS1", baud: 38_400, readers: [reader, unit] }],
  pcsc: [],
  portals: [
    {
      portalId: PORTAL,
      lock: { kind: "osdp-output", readerId: UNIT, output: 0 },
      contact: { kind: "osdp-input", readerId: UNIT, input: 0, normallyClosed: true },
    },
  ],
};

const SCREEN = "dddddddd-0000-4000-8000-000000000003";
/** Screens on the gate's own box, each as the first but for what is told. */
const kiosk = (...places: readonly object[]) => ({
  kiosk: {
    host: "127.0.0.1",
    port: 8486,
    places: places.map((place) => ({
      readerId: SCREEN,
      accessPointId: ACCESS_POINT,
      tokenSha256: "0a".repeat(32),
      ...place,
    })),
  },
});

function load(changes: object) {
  const file = join(folder, "gate.json");
  writeFileSync(file, JSON.stringify({ ...whole, ...changes }));
  return loadGateConfig(file);
}

test("a whole configuration, with what may be left out", () => {
  const config = load({});
  expect(config.buses[0]?.readers.map(({ channel }) => channel)).toEqual(["apdu", "apdu"]);
  expect(config.clock).toEqual({ source: "system" });
  expect(config.portals[0]).toMatchObject({ portalId: PORTAL, exitButton: undefined });
  expect(config.kiosk).toBeUndefined();
  expect(load(kiosk({ doorName: "North gate" })).kiosk?.places[0]).toMatchObject({ doorName: "North gate" });
});

describe("refused", () => {
  const bus = (readers: readonly object[]) => ({ buses: [{ id: "b", transport: "/dev/ttyS1", readers }] });

  test.each([
    ["no door group", { doorGroup: undefined }, "doorGroup"],
    ["a door group that no card has", { doorGroup: 14 }, "doorGroup"],
    ["enrolment without TLS", { community: { enrolUrl: "http://server" } }, "enrolUrl"],
    ["a setting nobody knows", { insecure: true }, "insecure"],
    [
      "a reader whose secure channel is not said",
      bus([{ ...reader, secureChannel: undefined }]),
      "secureChannel",
    ],
    ["a reader without a secure channel", bus([{ ...reader, secureChannel: "none" }]), "secureChannel"],
    ["an identifier that is none", bus([{ ...reader, readerId: "x" }]), "readerId"],
    ["a kiosk that others can reach", { kiosk: { ...kiosk({}).kiosk, host: "0.0.0.0" } }, "host"],
    ["a kiosk's token instead of its hash", kiosk({ tokenSha256: "n".repeat(43) }), "tokenSha256"],
    [
      "a fingerprint that is none",
      { community: { enrolUrl: "https://s", caFingerprint: "ab" } },
      "caFingerprint",
    ],
  ])("%s", (_name, changes, named) => {
    expect(() => load(changes)).toThrow(
      expect.objectContaining({ code: "config-invalid", message: expect.stringContaining(named) }),
    );
  });

  test.each([
    ["a TPM that this version does not use", { hardware: { tpm: true } }, "hardware.tpm"],
    ["a reader that stands twice", bus([reader, { ...reader, address: 1 }]), "readerId"],
    ["an address that stands twice", bus([reader, { ...unit, address: 0 }]), "address on bus b"],
    ["a lock on a reader of no bus", bus([reader]), "stands on no bus"],
    ["a screen that is another reader too", kiosk({ readerId: reader.readerId }), "readerId"],
    [
      "two screens of one token",
      kiosk({}, { readerId: "dddddddd-0000-4000-8000-000000000004" }),
      "kiosk token",
    ],
    ["a portal that stands twice", { portals: [whole.portals[0], whole.portals[0]] }, "portalId"],
  ])("%s", (_name, changes, named) => {
    expect(() => load(changes)).toThrow(
      expect.objectContaining({ code: "config-invalid", message: expect.stringContaining(named) }),
    );
  });

  test("a file that is not there, or no JSON", () => {
    expect(() => loadGateConfig(join(folder, "missing.json"))).toThrow(
      expect.objectContaining({ code: "config-unreadable" }),
    );
    writeFileSync(join(folder, "bad.json"), "{");
    expect(() => loadGateConfig(join(folder, "bad.json"))).toThrow(
      expect.objectContaining({ code: "config-unreadable" }),
    );
  });
});
