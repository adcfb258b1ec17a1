import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { signingKeyToPem } from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import { certificateToPem } from "@menshen/trust";
import { type SitePeer, siteFrame } from "@menshen/wire";
import { afterEach, expect, test, vi } from "vitest";
import { makeTestAuthority, makeTestIdentity, type TestGateIdentity } from "../testing/test-authority.ts";
import { encodeFrame } from "./frames.ts";
import { type SiteNetwork, startSiteNetwork } from "./site-network.ts";

const A = GateId("aaaaaaaa-0000-4000-8000-000000000001");
const B = GateId("aaaaaaaa-0000-4000-8000-000000000002");
const STRANGER = GateId("aaaaaaaa-0000-4000-8000-000000000003");

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const until = <T>(check: () => T) => vi.waitFor(check, { timeout: 8_000, interval: 10 });
const heartbeat = siteFrame.encode({ version: 1, siteTime: Instant(1), whereabouts: [], corrections: [] });

interface TestNode {
  readonly network: SiteNetwork;
  readonly received: string[];
  peers: SitePeer[];
}

async function node(
  identity: TestGateIdentity,
  everything: () => readonly Uint8Array[] = () => [],
): Promise<TestNode> {
  const received: string[] = [];
  const made: { peers: SitePeer[] } = { peers: [] };
  const network = await startSiteNetwork({
    identity: () => identity,
    listen: { host: "127.0.0.1", port: 0 },
    peers: () => made.peers,
    everything,
    heartbeat: () => heartbeat,
    received: (from, frame) => received.push(`${from.slice(-1)} ${Buffer.from(frame).toString("latin1")}`),
    hearingChanged: () => undefined,
    listenFailed: () => undefined,
  });
  stops.push(() => network.stop());
  return Object.assign(made, { network, received });
}

const peerAt = ({ gateId, keySha256 }: TestGateIdentity, { network }: TestNode): SitePeer => ({
  gateId,
  host: "127.0.0.1",
  port: network.port ?? 0,
  keySha256,
});

const authority = await makeTestAuthority();
const [a, b] = await Promise.all([makeTestIdentity(authority, A), makeTestIdentity(authority, B)]);

/** A TLS client as `identity`, on its own. */
async function intrude(identity: TestGateIdentity, at: TestNode): Promise<TLSSocket> {
  const socket = connect({
    host: "127.0.0.1",
    port: at.network.port ?? 0,
    rejectUnauthorized: false,
    cert: certificateToPem(identity.certificate),
    key: signingKeyToPem(identity.deviceKey),
  });
  socket.on("error", () => undefined);
  stops.push(() => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

test("two gates tell each other everything first, then what is new", async () => {
  const one = await node(a, () => [Buffer.from("all of A")]);
  const other = await node(b, () => [Buffer.from("all of B")]);
  one.peers = [peerAt(b, other)];
  other.peers = [peerAt(a, one)];
  one.network.review();
  other.network.review();
  await until(() => expect(other.received[0]).toBe("1 all of A"));
  await until(() => expect(one.received[0]).toBe("2 all of B"));
  one.network.tell(Buffer.from("news"));
  await until(() => expect(other.received).toContain("1 news"));
  expect(one.network.hears(B)).toBe(true);
});

test("a peer that goes and comes back is told everything again", async () => {
  let known = "first";
  const one = await node(a, () => [Buffer.from(known)]);
  const other = await node(b);
  one.peers = [peerAt(b, other)];
  other.peers = [peerAt(a, one)];
  one.network.review();
  other.network.review();
  await until(() => expect(other.received).toContain("1 first"));
  known = "second";
  other.peers = [];
  other.network.review();
  other.peers = [peerAt(a, one)];
  other.network.review();
  await until(() => expect(other.received).toContain("1 second"));
});

test("whoever is not among the peers, has another key or another authority is not heard", async () => {
  const at = await node(a);
  const sameName = await makeTestIdentity(authority, B);
  const otherAuthority = await makeTestAuthority();
  const selfMade = { ...(await makeTestIdentity(otherAuthority, B)) };
  const stranger = await makeTestIdentity(authority, STRANGER);
  at.peers = [peerAt(b, at)];
  for (const identity of [stranger, sameName, selfMade]) {
    const socket = await intrude(identity, at);
    socket.write(encodeFrame(heartbeat));
    await once(socket, "close");
  }
  // The very key, but a certificate that the community did not issue.
  at.peers = [{ ...peerAt(selfMade, at) }];
  const socket = await intrude(selfMade, at);
  await once(socket, "close");
  expect(at.received).toEqual([]);
  expect(at.network.hears(B)).toBe(false);
});

test("a certificate that is over still tells who it is: no server may be there to renew it", async () => {
  const old = await makeTestIdentity(authority, B, Date.UTC(2020, 0, 1));
  const at = await node(a);
  at.peers = [peerAt(old, at)];
  const socket = await intrude(old, at);
  socket.write(encodeFrame(heartbeat));
  await until(() => expect(at.network.hears(B)).toBe(true));
  socket.destroy();
});

test("a frame too long ends the connection", async () => {
  const at = await node(a);
  at.peers = [peerAt(b, at)];
  const socket = await intrude(b, at);
  socket.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  await once(socket, "close");
});

test("somebody else at its address keeps a gate from nothing but hearing, until they are gone", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const failed: unknown[] = [];
  const network = await startSiteNetwork({
    identity: () => a,
    listen: { host: "127.0.0.1", port },
    peers: () => [],
    everything: () => [],
    heartbeat: () => heartbeat,
    received: () => undefined,
    hearingChanged: () => undefined,
    listenFailed: (error) => failed.push(error),
  });
  stops.push(() => network.stop());
  expect(failed).toMatchObject([{ code: "EADDRINUSE" }]);
  expect(network.port).toBeUndefined();
  other.close();
  await until(() => expect(network.port).toBe(port));
});
