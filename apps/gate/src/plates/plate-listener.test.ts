import { once } from "node:events";
import { type RequestOptions, request } from "node:https";
import { TLSSocket } from "node:tls";
import { GateId, Instant, ReaderId, TimeInterval } from "@menshen/domain";
import { makeLogger } from "@menshen/service-kit";
import { makePlateCamera, type PlateRequest } from "@menshen/virtual-devices";
import { PLATE_EVENT_MAX_BYTES } from "@menshen/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTestAuthority, makeTestIdentity, type TestGateIdentity } from "../testing/test-authority.ts";
import { makePlateEvents } from "./plate-events.ts";
import { type PlateListener, startPlateListener } from "./plate-listener.ts";

const AT = 1_800_057_600_000;
const GATE = GateId("aaaaaaaa-0000-4000-8000-000000000001");
const CAMERA = ReaderId("dddddddd-0000-4000-8000-000000000001");
const SECRET = new Uint8Array(32).fill(1);

const authority = await makeTestAuthority();
const first = await makeTestIdentity(authority, GATE);
const renewed = await makeTestIdentity(authority, GATE);
let identity: TestGateIdentity;
let listener: PlateListener;
let decided: string[];
let heard: boolean[];
let canDecide: boolean;
let camera: ReturnType<typeof makePlateCamera>;
/** The gate's certificate, as the last camera saw it. */
let shown: string | undefined;

beforeEach(async () => {
  [identity, decided, heard, canDecide] = [first, [], [], true];
  camera = makePlateCamera(CAMERA, SECRET);
  listener = await startPlateListener({
    host: "127.0.0.1",
    port: 0,
    identity: () => identity,
    events: makePlateEvents({
      cameras: [{ readerId: CAMERA, secret: SECRET }],
      minimumConfidence: 85,
      now: () => TimeInterval(Instant(AT), Instant(AT)),
      monotonicMs: () => 0,
    }),
    async decide(readerId, plate) {
      decided.push(`${readerId === CAMERA} ${plate}`);
      return canDecide;
    },
    heard: (_readerId, isHeard) => void heard.push(isHeard),
    logger: makeLogger({ app: "gate", level: "error" }),
  });
});
afterEach(() => listener.close());

/** What a camera is answered, over TLS; it knows the gate by the certificate it was told of. */
async function send(
  { path, headers, body }: PlateRequest,
  changed: RequestOptions = {},
): Promise<readonly [number | undefined, string]> {
  const sent = request({
    host: "127.0.0.1",
    port: listener.port,
    path,
    method: "POST",
    // A gate's certificate says that it is a gate, not where it stands.
    rejectUnauthorized: false,
    agent: false,
    headers,
    ...changed,
  });
  sent.on("error", () => undefined);
  sent.on("socket", (socket) => {
    socket.on("secureConnect", () => {
      if (!(socket instanceof TLSSocket)) throw new Error("expected TLS");
      shown = socket.getPeerX509Certificate()?.raw.toString("hex");
    });
  });
  sent.end(body);
  const [response] = await once(sent, "response");
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return [response.statusCode, Buffer.concat(parts).toString()];
}

test("a camera's event is decided, and its heartbeat only heard", async () => {
  expect(await send(camera.read("沪A12345", AT))).toEqual([204, ""]);
  expect(await send(camera.heartbeat(AT))).toEqual([204, ""]);
  expect(decided).toEqual(["true 沪A12345"]);
  expect(heard).toEqual([true, true]);
});

test("what nobody can decide is told so", async () => {
  canDecide = false;
  expect(await send(camera.read("沪A12345", AT))).toEqual([503, '{"code":"unavailable"}']);
});

test("an event that comes twice opens once", async () => {
  const event = camera.read("沪A12345", AT);
  expect(await send(event)).toEqual([204, ""]);
  expect(await send(event)).toEqual([409, '{"code":"replayed"}']);
  expect(decided).toHaveLength(1);
});

test("a picture, a form, something packed and something long are refused unread", async () => {
  const event = camera.read("沪A12345", AT);
  const typed = (type: string) => ({ headers: { ...event.headers, "content-type": type } });
  expect(await send(event, typed("image/jpeg"))).toEqual([415, '{"code":"not-json"}']);
  expect(await send(event, typed("multipart/form-data; boundary=x"))).toEqual([415, '{"code":"not-json"}']);
  const packed = { headers: { ...event.headers, "content-encoding": "gzip" } };
  expect(await send(event, packed)).toEqual([415, '{"code":"not-json"}']);
  const long = camera.signed(new Uint8Array(PLATE_EVENT_MAX_BYTES + 1).fill(0x20));
  expect(await send(long)).toEqual([413, '{"code":"too-large"}']);
  const { "content-length": _, ...chunked } = long.headers;
  expect(await send(long, { headers: { ...chunked, "transfer-encoding": "chunked" } })).toEqual([
    413,
    '{"code":"too-large"}',
  ]);
  expect(decided).toEqual([]);
});

test("without the secret nothing is said of what a body holds", async () => {
  const stranger = makePlateCamera(CAMERA, new Uint8Array(32).fill(2));
  expect(await send(stranger.signed(new TextEncoder().encode("{")))).toEqual([
    401,
    '{"code":"secret-refused"}',
  ]);
  expect(await send(stranger.read("沪A12345", AT))).toEqual([401, '{"code":"secret-refused"}']);
  expect(heard).toEqual([]);
});

test("there is nothing else to ask for", async () => {
  const event = camera.read("沪A12345", AT);
  expect(await send(event, { method: "GET" })).toEqual([404, '{"code":"not-found"}']);
  expect(await send({ ...event, path: "/" })).toEqual([404, '{"code":"not-found"}']);
});

test("a certificate that was renewed serves the next connection", async () => {
  await send(camera.heartbeat(AT));
  expect(shown).toBe(Buffer.from(first.certificate).toString("hex"));
  identity = renewed;
  await send(camera.heartbeat(AT));
  expect(shown).toBe(Buffer.from(renewed.certificate).toString("hex"));
});
