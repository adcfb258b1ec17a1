import { Instant, ReaderId, TimeInterval } from "@menshen/domain";
import { makePlateCamera } from "@menshen/virtual-devices";
import { expect, test } from "vitest";
import { makePlateEvents, parsePlateEvent } from "./plate-events.ts";

const AT = 1_800_057_600_000;
const CAMERA = ReaderId("dddddddd-0000-4000-8000-000000000001");
const SECRET = new Uint8Array(32).fill(1);
const text = (value: string) => new TextEncoder().encode(value);
const event = { version: 1, sequence: 1, at: AT, plate: "沪A12345", confidence: 90 };

test.each([
  ["nothing", text("")],
  ["half of it", text(JSON.stringify(event).slice(0, 30))],
  ["more behind it", text(`${JSON.stringify(event)}x`)],
  ["no text", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)],
  ["a list", text(JSON.stringify([event]))],
  ["another version", text(JSON.stringify({ ...event, version: 2 }))],
  ["a picture beside it", text(JSON.stringify({ ...event, image: "/9j/4AAQ" }))],
  ["a plate without confidence", text(JSON.stringify({ ...event, confidence: undefined }))],
  ["confidence without a plate", text(JSON.stringify({ ...event, plate: undefined }))],
  ["confidence beyond 100", text(JSON.stringify({ ...event, confidence: 101 }))],
  ["half a percent", text(JSON.stringify({ ...event, confidence: 90.5 }))],
  ["sequence 0", text(JSON.stringify({ ...event, sequence: 0 }))],
  ["a sequence beyond what counts exactly", text('{"version":1,"sequence":9007199254740993,"at":1}')],
  ["a plate that is a number", text(JSON.stringify({ ...event, plate: 12345 }))],
  ["a long plate", text(JSON.stringify({ ...event, plate: "1".repeat(33) }))],
  ["a time before 1970", text(JSON.stringify({ ...event, at: -1 }))],
])("no event: %s", (_name, body) => {
  expect(parsePlateEvent(body)).toBeUndefined();
});

test.each([
  ["none", () => undefined],
  ["another scheme", (header: string) => header.replace("Camera", "Bearer")],
  ["another camera", (header: string) => header.replace("000000000001", "000000000009")],
  ["half a code", (header: string) => header.slice(0, -2)],
  ["one more digit", (header: string) => `${header}0`],
  ["capitals", (header: string) => header.toUpperCase()],
  ["one bit less", (header: string) => header.slice(0, -1) + (header.endsWith("0") ? "1" : "0")],
] as const)("no camera: %s", (_name, changed) => {
  const events = makePlateEvents({
    cameras: [{ readerId: CAMERA, secret: SECRET }],
    minimumConfidence: 85,
    now: () => TimeInterval(Instant(AT), Instant(AT)),
    monotonicMs: () => 0,
  });
  const { headers, body } = makePlateCamera(CAMERA, SECRET).read("沪A12345", AT);
  expect(events.cameraOf(headers.authorization, body)?.readerId).toBe(CAMERA);
  expect(events.cameraOf(changed(headers.authorization ?? ""), body)).toBeUndefined();
});
