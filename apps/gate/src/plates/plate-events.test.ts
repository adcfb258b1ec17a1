import { Instant, ReaderId, TimeInterval } from "@menshen/domain";
import { makePlateCamera } from "@menshen/virtual-devices";
import { PLATE_EVENT_BURST } from "@menshen/wire";
import { expect, test } from "vitest";
import { makePlateEvents } from "./plate-events.ts";

const START_MS = 1_800_057_600_000;
const NORTH = ReaderId("dddddddd-0000-4000-8000-000000000001");
const SOUTH = ReaderId("dddddddd-0000-4000-8000-000000000002");
const secretOf = (byte: number) => new Uint8Array(32).fill(byte);

/** Two cameras; `wait` lets time pass. */
function rig({ spreadMs = 0 } = {}) {
  let nowMs = START_MS;
  const events = makePlateEvents({
    cameras: [
      { readerId: NORTH, secret: secretOf(1) },
      { readerId: SOUTH, secret: secretOf(2) },
    ],
    minimumConfidence: 85,
    now: () => TimeInterval(Instant(nowMs), Instant(nowMs + spreadMs)),
    monotonicMs: () => nowMs - START_MS,
  });
  const north = makePlateCamera(NORTH, secretOf(1));
  const send = ({ headers, body }: ReturnType<typeof north.read>) => {
    const camera = events.cameraOf(headers.authorization, body);
    return camera === undefined ? "secret-refused" : told(events.take(camera, body));
  };
  return {
    events,
    north,
    send,
    now: () => nowMs,
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

const told = (taken: ReturnType<ReturnType<typeof makePlateEvents>["take"]>) =>
  taken.kind === "plate" ? taken.plate : taken.kind === "refused" ? taken.code : "nothing";

test("a plate that was read is decided in the form in which it is compared", () => {
  const { send, north, now } = rig();
  expect(send(north.read("沪a·12345", now()))).toBe("沪A12345");
});

test("a camera that is there has nothing to decide", () => {
  const { send, north, now } = rig();
  expect(send(north.heartbeat(now()))).toBe("nothing");
});

test("an event that comes again, or behind a later one, is not taken", () => {
  const { send, north, now } = rig();
  const first = north.read("沪A11111", now());
  const second = north.read("沪A22222", now());
  const third = north.read("沪A33333", now());
  expect(send(first)).toBe("沪A11111");
  expect(send(third)).toBe("沪A33333");
  expect(send(third)).toBe("replayed");
  expect(send(second)).toBe("replayed");
});

test.each([
  [-10_001, "stale"],
  [-10_000, "沪A12345"],
  [10_000, "沪A12345"],
  [10_001, "stale"],
])("an event %i ms from now: %s", (fromNowMs, outcome) => {
  const { send, north, now, wait } = rig();
  wait(60_000);
  expect(send(north.read("沪A12345", now() + fromNowMs))).toBe(outcome);
});

test("what was read before this start may have been taken before it, and is not taken", () => {
  const { send, north } = rig();
  expect(send(north.read("沪A12345", START_MS - 1))).toBe("stale");
});

test("a gate that does not know the time takes nothing", () => {
  const { send, north, now } = rig({ spreadMs: 10_001 });
  expect(send(north.read("沪A12345", now()))).toBe("unavailable");
});

test("a plate that is not read for sure, or is none, decides nothing", () => {
  const { send, north, now } = rig();
  expect(send(north.read("沪A12345", now(), 84))).toBe("unsure");
  expect(send(north.read("沪A1", now()))).toBe("no-plate");
});

test("a vehicle that waits is one arrival, and comes again when it was away", () => {
  const { send, north, now, wait } = rig();
  expect(send(north.read("沪A12345", now()))).toBe("沪A12345");
  for (let i = 0; i < 5; i++) {
    wait(2_900);
    expect(send(north.read("沪A12345", now()))).toBe("nothing");
  }
  wait(3_000);
  expect(send(north.read("沪A12345", now()))).toBe("沪A12345");
});

test("each camera speaks for itself only", () => {
  const { events, north, now } = rig();
  const { headers, body } = north.read("沪A12345", now());
  const asSouth = (headers.authorization ?? "").replace(NORTH, SOUTH);
  expect(events.cameraOf(asSouth, body)).toBeUndefined();
});

test("a camera that floods is held back, and the other is not", () => {
  const { send, north, events, now } = rig();
  for (let i = 0; i < PLATE_EVENT_BURST; i++) expect(send(north.heartbeat(now()))).toBe("nothing");
  expect(send(north.read("沪A12345", now()))).toBe("rate-limited");
  const { headers, body } = makePlateCamera(SOUTH, secretOf(2)).read("沪A12345", now());
  const camera = events.cameraOf(headers.authorization, body);
  expect(camera && told(events.take(camera, body))).toBe("沪A12345");
});
