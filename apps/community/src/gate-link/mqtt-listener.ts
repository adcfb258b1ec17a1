import type { AddressInfo } from "node:net";
import { Duplex } from "node:stream";
import { createServer, type TLSSocket } from "node:tls";
import type { Logger } from "@menshen/service-kit";
import { type DownKind, downFilter, downTopic, parseUpTopic, type UpKind } from "@menshen/wire";
import { Aedes, type Client } from "aedes";
import { FrameMeter } from "./frame-meter.ts";
import type { EnrolledGate } from "./gate-store.ts";

/** A batch of 256 kB with its signature and topic; all else that gates send is smaller. */
const MAX_PACKET_BYTES = 300 * 1024;
/** Catching up at full batches this is 100,000 entries a second; a gate in daily life sends a few messages. */
const PACKETS_PER_SECOND = 200;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** MQTT allows one and a half of it between two packets. */
const KEEP_ALIVE_LIMIT_S = 60;
/** Slow enough for a full snapshot over a poor line. */
const DRAIN_TIMEOUT_MS = 120_000;
const MAX_CONNECTIONS = 4_096;

/** One gate that is connected now. */
export interface GateConnection {
  readonly gate: EnrolledGate;
  /** Resolves when the message was handed to the connection; delivery shows in the gate's `applied`. */
  readonly send: (kind: DownKind, message: Uint8Array) => Promise<void>;
  readonly close: () => void;
}

export interface MqttHandlers {
  /** Who may connect: `undefined` refuses. `certificate` is DER and passed the TLS checks. */
  readonly admit: (certificate: Uint8Array) => Promise<EnrolledGate | undefined>;
  readonly onConnected: (connection: GateConnection) => void;
  /** The gate has subscribed and can hear. */
  readonly onSubscribed: (connection: GateConnection) => void;
  readonly onClosed: (connection: GateConnection) => void;
  /** PUBACK goes out when it resolves; when it rejects the connection ends. */
  readonly onMessage: (connection: GateConnection, kind: UpKind, payload: Uint8Array) => Promise<void>;
}

export interface ServerIdentity {
  /** PEM. */
  readonly key: string;
  /** The whole chain, its own first. */
  readonly certificate: string;
  readonly ca: string;
  /** Certificates that were revoked. */
  readonly revocationList: string;
}

export interface MqttListener {
  readonly address: string;
  /** New handshakes use it; open connections stay. */
  readonly setIdentity: (identity: ServerIdentity) => void;
  readonly close: () => Promise<void>;
}

/** Why aedes is told to end a connection; the text stays inside. */
const refusal = (what: string) => new Error(what);

/**
 * MQTT 3.1.1 over TLS 1.3 with client certificates. A connection may use one client id, its gate's; publish to its
 * gate's `up` topics with QoS 1, not retained; and subscribe to its gate's `down` topics. Anything else ends it.
 */
export async function listenForGates(options: {
  readonly host: string;
  readonly port: number;
  readonly publicHost: string;
  readonly identity: ServerIdentity;
  readonly handlers: MqttHandlers;
  readonly logger: Logger;
}): Promise<MqttListener> {
  const { handlers, logger } = options;
  /** Whom the certificate of a connection names; written before the broker sees the connection. */
  const gateOf = new WeakMap<object, EnrolledGate>();
  const connectionOf = new WeakMap<Client, GateConnection>();

  const broker = await Aedes.createBroker({
    keepaliveLimit: KEEP_ALIVE_LIMIT_S,
    connectTimeout: HANDSHAKE_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    maxTopicLevels: 8,
    preConnect(client, packet, done) {
      const gate = gateOf.get(client.conn);
      // Whatever must survive lives in the database: no sessions, no wills.
      const fits =
        gate !== undefined &&
        packet.clientId === gate.gateId &&
        packet.clean === true &&
        packet.will === undefined &&
        packet.protocolVersion === 4;
      if (fits) connectionOf.set(client, connectionTo(client, gate));
      done(fits ? null : refusal("not this gate's connection"), fits);
    },
    authorizePublish(client, packet, done) {
      const connection = client === null ? undefined : connectionOf.get(client);
      const topic = parseUpTopic(packet.topic);
      if (connection === undefined || topic === undefined || topic.gateId !== connection.gate.gateId) {
        done(refusal("not this gate's topic"));
      } else if (packet.qos !== 1 || packet.retain || typeof packet.payload === "string") {
        done(refusal("expected QoS 1, not retained"));
      } else {
        handlers.onMessage(connection, topic.kind, packet.payload).then(
          () => done(null),
          (error: unknown) => {
            logger.warn({ gateId: connection.gate.gateId, what: topic.kind, error }, "message refused");
            done(refusal("message refused"));
          },
        );
      }
    },
    authorizeSubscribe(client, subscription, done) {
      const connection = connectionOf.get(client);
      if (connection !== undefined && subscription.topic === downFilter(connection.gate.gateId)) {
        done(null, subscription);
      } else {
        done(refusal("not this gate's topic"));
      }
    },
  });
  broker.on("subscribe", (_subscriptions, client) => {
    const connection = connectionOf.get(client);
    if (connection !== undefined) handlers.onSubscribed(connection);
  });
  broker.on("clientReady", (client) => {
    const connection = connectionOf.get(client);
    if (connection !== undefined) handlers.onConnected(connection);
  });
  broker.on("clientDisconnect", (client) => {
    const connection = connectionOf.get(client);
    if (connection !== undefined) handlers.onClosed(connection);
  });
  // What a device can repeat at will stays at debug.
  broker.on("clientError", (_client, error) => logger.debug({ error }, "gate connection ended"));
  broker.on("connectionError", (_client, error) => logger.debug({ error }, "connection ended"));

  const sockets = new Set<TLSSocket>();
  const server = createServer(
    {
      ...tlsOptions(options.identity),
      minVersion: "TLSv1.3",
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    },
    (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      // Errors before the broker listens to the connection.
      socket.on("error", () => socket.destroy());
      accept(socket).catch((error: unknown) => {
        logger.warn({ error }, "cannot check a gate's certificate");
        socket.destroy();
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on("tlsClientError", (error) => logger.debug({ error }, "TLS handshake failed"));

  async function accept(socket: TLSSocket): Promise<void> {
    const certificate = socket.getPeerX509Certificate();
    const gate = certificate === undefined ? undefined : await handlers.admit(certificate.raw);
    if (gate === undefined || socket.destroyed) {
      socket.destroy();
      return;
    }
    const meter = new FrameMeter(
      { maxPacketBytes: MAX_PACKET_BYTES, packetsPerSecond: PACKETS_PER_SECOND },
      () => performance.now(),
    );
    const metered = Duplex.from({ readable: socket.pipe(meter), writable: socket });
    meter.on("error", () => socket.destroy());
    metered.on("close", () => socket.destroy());
    socket.on("close", () => metered.destroy());
    gateOf.set(metered, gate);
    broker.handle(metered);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    address: `${options.publicHost}:${portOf(server.address())}`,
    setIdentity: (identity) => server.setSecureContext(tlsOptions(identity)),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => broker.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function connectionTo(client: Client, gate: EnrolledGate): GateConnection {
  return {
    gate,
    send: (kind, message) =>
      new Promise((resolve, reject) => {
        client.publish(
          {
            cmd: "publish",
            topic: downTopic(gate.gateId, kind),
            payload: Buffer.from(message.buffer, message.byteOffset, message.byteLength),
            qos: 1,
            retain: false,
            dup: false,
          },
          (error) => (error ? reject(error) : resolve()),
        );
      }),
    close: () => client.close(),
  };
}

function tlsOptions(identity: ServerIdentity) {
  return {
    key: identity.key,
    cert: identity.certificate,
    ca: identity.ca,
    crl: identity.revocationList,
  };
}

export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new TypeError("expected a TCP address");
  return address.port;
}
