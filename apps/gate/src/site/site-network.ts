import { once } from "node:events";
import { type AddressInfo, isIP } from "node:net";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import { signingKeyToPem } from "@menshen/crypto/node";
import type { GateId } from "@menshen/domain";
import { certificateToPem } from "@menshen/trust";
import type { SitePeer } from "@menshen/wire";
import type { GateIdentity } from "../keys/identity.ts";
import { makeBackoff } from "../link/backoff.ts";
import { encodeFrame, makeFrameReader } from "./frames.ts";
import { peerOf } from "./peer-check.ts";

export interface SiteNetworkOptions {
  readonly identity: () => Pick<GateIdentity, "gateId" | "certificate" | "deviceKey" | "ca">;
  /** Where this gate listens; a gate that does not hears nobody. */
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  /** The other gates, as the door rules say now. */
  readonly peers: () => readonly SitePeer[];
  /** Everything this gate knows, as frames: what a peer is told first. */
  readonly everything: () => readonly Uint8Array[];
  /** What says only that this gate is there. */
  readonly heartbeat: () => Uint8Array;
  /** @throws for a frame that is none: the connection that brought it ends */
  readonly received: (from: GateId, frame: Uint8Array) => void;
  /** A peer was heard after a silence, or fell silent. */
  readonly hearingChanged: () => void;
  /** It cannot listen where it should, and tries again; until then it hears nobody, and doors follow what it knows. */
  readonly listenFailed: (error: unknown) => void;
  readonly stopwatchMs?: () => number;
}

/**
 * The connections to the other gates of the site (docs/protocol/site-network.md). Each gate tells by the connections that
 * it made, and hears by those that were made to it.
 */
export interface SiteNetwork {
  /** Port that it listens on, if it does by now. */
  readonly port: number | undefined;
  /** Says something to every peer that is reached now; the others are told everything when they are. */
  tell(frame: Uint8Array): void;
  /** Whether something came from this peer within {@link SILENCE_MS}. */
  hears(gateId: GateId): boolean;
  /** The peers may be others now. */
  review(): void;
  stop(): Promise<void>;
}

export const HEARTBEAT_MS = 1_000;
/** A peer that was not heard for so long is apart. */
export const SILENCE_MS = 5_000;
const LISTEN_AGAIN_MS = 5_000;
const RECONNECT_MIN_MS = 200;
const RECONNECT_MAX_MS = 3_000;
const HANDSHAKE_LIMIT_MS = 5_000;
/** A peer that does not read so much is told everything anew, on another connection. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;
/** Connections of anybody beside those of peers. */
const SPARE_CONNECTIONS = 16;

/** What a hearing gate sends back for whatever it read: the line is alive. ASCII ACK. */
const ALIVE = Uint8Array.of(0x06);

/** One way to one peer, made again and again until it is stopped. */
interface Way {
  readonly peer: SitePeer;
  tell(frame: Uint8Array): void;
  stop(): void;
}

/** Resolves once it listens, or could not for the first time. */
export async function startSiteNetwork(options: SiteNetworkOptions): Promise<SiteNetwork> {
  const stopwatchMs = options.stopwatchMs ?? (() => performance.now());
  const ways = new Map<GateId, Way>();
  const heardAt = new Map<GateId, number>();
  const inbound = new Map<TLSSocket, GateId | undefined>();
  let heard = "";
  let stopped = false;
  let server: Server | undefined;
  let listenAgain: NodeJS.Timeout | undefined;

  const hears = (gateId: GateId): boolean => {
    const at = heardAt.get(gateId);
    return at !== undefined && stopwatchMs() - at <= SILENCE_MS;
  };

  function noteHearing(): void {
    const now = options
      .peers()
      .map(({ gateId }) => (hears(gateId) ? gateId : ""))
      .join();
    if (now === heard) return;
    heard = now;
    options.hearingChanged();
  }

  const tlsOf = () => {
    const { certificate, deviceKey } = options.identity();
    return {
      cert: certificateToPem(certificate),
      key: signingKeyToPem(deviceKey),
      minVersion: "TLSv1.3",
      // Checked by `peerOf` before anything is said or believed.
      rejectUnauthorized: false,
    } as const;
  };

  async function accept(socket: TLSSocket): Promise<void> {
    inbound.set(socket, undefined);
    socket.on("close", () => inbound.delete(socket));
    socket.on("error", () => socket.destroy());
    if (inbound.size > options.peers().length + SPARE_CONNECTIONS) return void socket.destroy();
    const gateId = await peerOf(socket, options.identity().ca, options.peers());
    if (gateId === undefined || socket.destroyed) return void socket.destroy();
    inbound.set(socket, gateId);
    const reader = makeFrameReader();
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.on("data", (part: Buffer) => {
      try {
        for (const frame of reader.push(part)) {
          options.received(gateId, frame);
          heardAt.set(gateId, stopwatchMs());
        }
      } catch {
        // A peer that says what this version cannot read is as good as silent.
        socket.destroy();
      }
      if (!socket.destroyed) socket.write(ALIVE);
      noteHearing();
    });
  }

  async function listen(at: { readonly host: string; readonly port: number }): Promise<Server> {
    const made = createServer(
      { ...tlsOf(), requestCert: true, handshakeTimeout: HANDSHAKE_LIMIT_MS },
      (socket) => {
        accept(socket).catch(() => socket.destroy());
      },
    );
    made.listen(at.port, at.host);
    await once(made, "listening");
    return made;
  }

  /** INVARIANT: somebody else at this address never keeps a gate from its doors. */
  async function keepListening(at: { readonly host: string; readonly port: number }): Promise<void> {
    try {
      const made = await listen(at);
      if (stopped) made.close();
      else server = made;
    } catch (error) {
      if (stopped) return;
      options.listenFailed(error);
      listenAgain = setTimeout(() => void keepListening(at), LISTEN_AGAIN_MS);
    }
  }

  function makeWay(peer: SitePeer): Way {
    const backoff = makeBackoff(RECONNECT_MIN_MS, RECONNECT_MAX_MS);
    let isOver = false;
    let socket: TLSSocket | undefined;
    let isTrusted = false;
    let timer: NodeJS.Timeout | undefined;
    let aliveAt = 0;

    function write(frame: Uint8Array): void {
      if (socket === undefined || !isTrusted) return;
      socket.write(encodeFrame(frame));
      if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
    }

    function beat(): void {
      // A line that was cut without a word would hold back what is said for minutes after it is healed.
      if (stopwatchMs() - aliveAt > SILENCE_MS) return void socket?.destroy();
      write(options.heartbeat());
      timer = setTimeout(beat, HEARTBEAT_MS);
    }

    async function greet(made: TLSSocket): Promise<void> {
      const gateId = await peerOf(made, options.identity().ca, [peer]);
      if (gateId === undefined || made.destroyed || isOver) return void made.destroy();
      made.setTimeout(0);
      aliveAt = stopwatchMs();
      made.on("data", () => {
        aliveAt = stopwatchMs();
      });
      isTrusted = true;
      backoff.reset();
      for (const frame of options.everything()) write(frame);
      beat();
    }

    function dial(): void {
      const servername = isIP(peer.host) === 0 ? { servername: peer.host } : {};
      const made = connect({ host: peer.host, port: peer.port, ...servername, ...tlsOf() });
      socket = made;
      isTrusted = false;
      made.setTimeout(HANDSHAKE_LIMIT_MS, () => made.destroy());
      made.on("error", () => made.destroy());
      made.once("secureConnect", () => void greet(made).catch(() => made.destroy()));
      made.once("close", () => {
        clearTimeout(timer);
        isTrusted = false;
        if (!isOver) timer = setTimeout(dial, backoff.next());
      });
    }
    dial();

    return {
      peer,
      tell: write,
      stop() {
        isOver = true;
        clearTimeout(timer);
        socket?.destroy();
      },
    };
  }

  function review(): void {
    if (stopped) return;
    const peers = new Map(options.peers().map((peer) => [peer.gateId, peer]));
    for (const [gateId, way] of ways) {
      if (isSame(way.peer, peers.get(gateId))) continue;
      way.stop();
      ways.delete(gateId);
      // In the rules no longer, or under another key: what it says by the old one counts no longer.
      heardAt.delete(gateId);
      for (const [socket, from] of inbound) if (from === gateId) socket.destroy();
    }
    for (const [gateId, peer] of peers) if (!ways.has(gateId)) ways.set(gateId, makeWay(peer));
    noteHearing();
  }

  if (options.listen !== undefined) await keepListening(options.listen);
  const watching = setInterval(noteHearing, HEARTBEAT_MS / 2);
  review();

  return {
    get port() {
      return (server?.address() as AddressInfo | undefined)?.port;
    },
    tell(frame) {
      for (const way of ways.values()) way.tell(frame);
    },
    hears,
    review,
    async stop() {
      stopped = true;
      clearTimeout(listenAgain);
      clearInterval(watching);
      for (const way of ways.values()) way.stop();
      for (const socket of inbound.keys()) socket.destroy();
      const last = server;
      if (last !== undefined) await new Promise((resolve) => last.close(resolve));
    },
  };
}

function isSame(one: SitePeer, other: SitePeer | undefined): boolean {
  return (
    other !== undefined &&
    one.host === other.host &&
    one.port === other.port &&
    Buffer.compare(one.keySha256, other.keySha256) === 0
  );
}
