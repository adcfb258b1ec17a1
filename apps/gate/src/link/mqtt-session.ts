import type { TLSSocket } from "node:tls";
import type { GateId } from "@menshen/domain";
import { type DownKind, downFilter, parseDownTopic, type UpKind, upTopic } from "@menshen/wire";
import { MqttClient } from "mqtt";
import { GateError } from "../errors.ts";

/** One MQTT connection; it ends once and is never revived. */
export interface MqttSession {
  /** Resolves when the server acknowledged: for the journal, when its database has committed. Rejects with `link-failed`. */
  publish(kind: UpKind, payload: Uint8Array): Promise<void>;
  /** Resolves when the connection is over, whoever ended it. */
  readonly ended: Promise<void>;
  end(): void;
}

const KEEPALIVE_SECONDS = 20;
const CONNECT_LIMIT_MS = 15_000;
const ACKNOWLEDGE_LIMIT_MS = 30_000;

/**
 * MQTT 3.1.1 with a clean session over a connection that was verified before. Nothing is kept or repeated here: what
 * must survive lives in the journal.
 *
 * @throws {GateError} `link-failed` if the server refuses or does not answer
 */
export async function openMqttSession(options: {
  readonly socket: TLSSocket;
  readonly gateId: GateId;
  readonly onMessage: (kind: DownKind, payload: Uint8Array) => void;
}): Promise<MqttSession> {
  const { socket, gateId, onMessage } = options;
  const client = new MqttClient(() => socket, {
    protocolId: "MQTT",
    protocolVersion: 4,
    clientId: gateId,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: CONNECT_LIMIT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    timerVariant: "native",
  });
  const end = (): void => {
    client.end(true);
    socket.destroy();
  };
  const ended = new Promise<void>((resolve) => {
    client.once("close", () => {
      end();
      resolve();
    });
  });
  client.on("error", end);
  client.on("message", (topic, payload) => {
    const parsed = parseDownTopic(topic);
    if (parsed?.gateId === gateId) onMessage(parsed.kind, new Uint8Array(payload));
  });

  try {
    await inTime(
      CONNECT_LIMIT_MS,
      ended,
      new Promise<void>((resolve) => client.once("connect", () => resolve())),
    );
    await inTime(
      ACKNOWLEDGE_LIMIT_MS,
      ended,
      new Promise<void>((resolve, reject) => {
        client.subscribe(downFilter(gateId), { qos: 1 }, (fault) =>
          fault === null ? resolve() : reject(fault),
        );
      }),
    );
  } catch (cause) {
    end();
    throw cause instanceof GateError
      ? cause
      : new GateError("link-failed", "expected the server to take a subscription", { cause });
  }

  return {
    ended,
    end,
    publish(kind, payload) {
      const acknowledged = new Promise<void>((resolve, reject) => {
        client.publish(upTopic(gateId, kind), Buffer.from(payload), { qos: 1 }, (fault) => {
          if (fault === undefined || fault === null) resolve();
          else reject(new GateError("link-failed", `${kind}: expected an acknowledgement`, { cause: fault }));
        });
      });
      return inTime(ACKNOWLEDGE_LIMIT_MS, ended, acknowledged);
    },
  };
}

/** `work`, unless the connection ends first or it takes too long. */
async function inTime(limitMs: number, ended: Promise<void>, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new GateError("link-failed", `expected an answer within ${limitMs} ms`)),
      limitMs,
    );
  });
  const over = ended.then(() => {
    throw new GateError("link-failed", "the connection ended");
  });
  // Whichever loses the race must not be an unhandled rejection.
  over.catch(() => undefined);
  work.catch(() => undefined);
  try {
    await Promise.race([work, late, over]);
  } finally {
    clearTimeout(timer);
  }
}
