import { once } from "node:events";
import { request } from "node:https";
import { connect as connectTls } from "node:tls";
import {
  coseSign1,
  hpkeGenerate,
  p256Generate,
  type SigningKey,
  sha256,
  signingKeyToPem,
} from "@menshen/crypto/node";
import { AccessPointId, GateId } from "@menshen/domain";
import type { CommunityServer } from "@menshen/testkit/system";
import { certificateToPem, keyIdentifier, makeCertificateRequest, NEW_GATE_NAME } from "@menshen/trust";
import {
  downFilter,
  enrolRequest,
  enrolResponse,
  externalAad,
  JOURNAL_BATCH_MAX_ENTRIES,
  journalBatch,
  journalGenesisHash,
  journalHashAfter,
  upTopic,
} from "@menshen/wire";
import { MqttClient } from "mqtt";
import { accessEntry, wrongKeyEntry } from "./access-entry.ts";

/** Batches on their way at once, as a gate has them. */
const WINDOW = 4;

/** A gate without doors: enrols with a key of its own, then sends signed batches as fast as they are taken. */
export interface BatchSender {
  /** Signs the next `count` full batches of this gate's journal; they are sent by `send`. */
  prepare(count: number): void;
  /** Sends what was prepared; resolves when the server has acknowledged all of it. */
  send(): Promise<void>;
  /** Sends one entry for each access point, as of now, in one batch; resolves when the server has it. */
  sendNow(accessPointIds: readonly AccessPointId[]): Promise<void>;
  /** Sends that a card of this name came twice with a wrong key; resolves when the server has it. */
  sendCopy(card: string): Promise<void>;
  close(): void;
}

/** The server here is our own child on the loopback, so its certificate is not looked at; it looks at ours. */
async function enrol(server: CommunityServer, code: string, deviceKey: SigningKey) {
  const sealingKey = await hpkeGenerate();
  const csr = await makeCertificateRequest(deviceKey, NEW_GATE_NAME);
  const body = enrolRequest.encode({ version: 1, code, csr, sealingKey: sealingKey.publicKey });
  const outgoing = request(`https://${server.gateTls}/gate/v1/enrol`, {
    method: "POST",
    headers: { "content-type": "application/cbor", "content-length": body.length },
    rejectUnauthorized: false,
    agent: false,
  });
  outgoing.end(body);
  const [answer] = await once(outgoing, "response");
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part);
  if (answer.statusCode !== 200) throw new Error(`the enrolment was answered with ${answer.statusCode}`);
  return enrolResponse.decode(new Uint8Array(Buffer.concat(parts)));
}

export async function makeBatchSender(options: {
  server: CommunityServer;
  gateId: string;
  enrolmentCode: string;
  accessPointId: string;
}): Promise<BatchSender> {
  const gateId = GateId(options.gateId);
  const accessPointId = AccessPointId(options.accessPointId);
  const deviceKey = p256Generate();
  const { certificate, mqtt } = await enrol(options.server, options.enrolmentCode, deviceKey);
  const [host, port] = mqtt.split(":");
  const socket = connectTls({
    host,
    port: Number(port),
    cert: certificateToPem(certificate),
    key: signingKeyToPem(deviceKey),
    rejectUnauthorized: false,
    minVersion: "TLSv1.3",
  });
  await once(socket, "secureConnect");
  const client = new MqttClient(() => socket, {
    protocolId: "MQTT",
    protocolVersion: 4,
    clientId: gateId,
    clean: true,
    keepalive: 20,
    reconnectPeriod: 0,
  });
  client.on("error", (error) => {
    throw error;
  });
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  await client.subscribeAsync(downFilter(gateId), { qos: 1 });

  let sequence = 0;
  let hash = journalGenesisHash();
  let prepared: Buffer[] = [];
  const topic = upTopic(gateId, "journal");

  /** The next batch of the journal, signed. */
  function batchOf(
    accessPoints: readonly AccessPointId[],
    entryOf: (sequence: number, id: AccessPointId) => Uint8Array = accessEntry,
  ): Buffer {
    const entries = accessPoints.map((id, index) => entryOf(sequence + 1 + index, id));
    const payload = journalBatch.encode({
      version: 1,
      gateId,
      firstSequence: sequence + 1,
      previousHash: hash,
      entries,
    });
    sequence += entries.length;
    hash = journalHashAfter(sha256, hash, entries);
    const kid = keyIdentifier(deviceKey);
    return Buffer.from(coseSign1({ payload, key: deviceKey, kid, externalAad: externalAad("journal") }));
  }

  return {
    prepare(count) {
      const full = Array.from({ length: JOURNAL_BATCH_MAX_ENTRIES }, () => accessPointId);
      prepared = Array.from({ length: count }, () => batchOf(full));
    },
    sendNow: async (accessPointIds) => {
      await client.publishAsync(topic, batchOf(accessPointIds), { qos: 1 });
    },
    sendCopy: async (card) => {
      const batch = batchOf([accessPointId, accessPointId], (number, id) => wrongKeyEntry(number, id, card));
      await client.publishAsync(topic, batch, { qos: 1 });
    },
    async send() {
      const waiting = prepared.values();
      prepared = [];
      const sendOn = async () => {
        for (const message of waiting) await client.publishAsync(topic, message, { qos: 1 });
      };
      await Promise.all(Array.from({ length: WINDOW }, sendOn));
    },
    close() {
      client.end(true);
      socket.destroy();
    },
  };
}
