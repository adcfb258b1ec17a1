import { createDecipheriv, createHmac } from "node:crypto";
import type { SystemCall } from "./system-calls.ts";

/** Application data of a TLS stream with the line of the trace at which its record began to be moved. */
export interface Plaintext {
  readonly line: number;
  readonly bytes: Uint8Array;
}

const APPLICATION_DATA = 0x17;
const HEADER_BYTES = 5;
const TAG_BYTES = 16;

/** Secrets of one kind in a key log (the format of NSS), e.g. `SERVER_TRAFFIC_SECRET_0`. */
export function keyLogSecrets(keyLog: string, label: string): readonly Uint8Array[] {
  return keyLog
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([name]) => name === label)
    .map(([, , secret]) => new Uint8Array(Buffer.from(secret ?? "", "hex")));
}

/**
 * Decrypts one direction of a TLS 1.3 connection with TLS_AES_256_GCM_SHA384 (RFC 8446 §5.2), given the calls that
 * moved its bytes in their order. Records before the first that `secret` opens belong to the handshake.
 * Returns an empty list if `secret` opens none: it is another connection's.
 */
export function decryptStream(calls: readonly SystemCall[], secret: Uint8Array): readonly Plaintext[] {
  const key = expandLabel(secret, "key", 32);
  const iv = expandLabel(secret, "iv", 12);
  const plaintexts: Plaintext[] = [];
  let sequence = 0;
  for (const { line, record } of recordsOf(calls)) {
    const inner = open(record, key, iv, sequence);
    if (inner === undefined) continue;
    sequence += 1;
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end -= 1;
    // RFC 8446 §5.2: the last byte that is not zero is the content's type.
    if (inner[end - 1] === APPLICATION_DATA) plaintexts.push({ line, bytes: inner.subarray(0, end - 1) });
  }
  return plaintexts;
}

function recordsOf(calls: readonly SystemCall[]): readonly { line: number; record: Buffer }[] {
  const records: { line: number; record: Buffer }[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for (const call of calls) {
    if (call.result === undefined || call.result <= 0) continue;
    if (rest.length === 0) line = call.beganLine;
    rest = Buffer.concat([rest, call.data.subarray(0, call.result)]);
    for (;;) {
      if (rest.length < HEADER_BYTES) break;
      const length = HEADER_BYTES + rest.readUInt16BE(3);
      if (rest.length < length) break;
      records.push({ line, record: rest.subarray(0, length) });
      rest = rest.subarray(length);
      line = call.beganLine;
    }
  }
  return records;
}

function open(record: Buffer, key: Uint8Array, iv: Uint8Array, sequence: number): Buffer | undefined {
  if (record[0] !== APPLICATION_DATA || record.length < HEADER_BYTES + TAG_BYTES) return undefined;
  const nonce = Buffer.from(iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce);
  decipher.setAAD(record.subarray(0, HEADER_BYTES));
  decipher.setAuthTag(record.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(record.subarray(HEADER_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** HKDF-Expand-Label with SHA-384 and no context (RFC 8446 §7.1); both lengths fit one block. */
function expandLabel(secret: Uint8Array, label: string, lengthBytes: number): Uint8Array {
  const full = `tls13 ${label}`;
  const info = Buffer.concat([
    Buffer.from([0, lengthBytes, full.length]),
    Buffer.from(full, "latin1"),
    Buffer.from([0, 1]),
  ]);
  return new Uint8Array(createHmac("sha384", secret).update(info).digest().subarray(0, lengthBytes));
}

/** An MQTT 3.1.1 control packet, as far as these tests look at it. */
export interface MqttPacket {
  readonly line: number;
  readonly kind: "publish" | "puback" | "other";
  readonly packetId: number;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** Cuts a decrypted stream into MQTT packets (MQTT 3.1.1 §2.2, §3.3, §3.4); all publications here have QoS 1. */
export function mqttPackets(stream: readonly Plaintext[]): readonly MqttPacket[] {
  const packets: MqttPacket[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for (const piece of stream) {
    if (rest.length === 0) line = piece.line;
    rest = Buffer.concat([rest, piece.bytes]);
    for (let packet = takePacket(rest); packet !== undefined; packet = takePacket(rest)) {
      packets.push({ line, ...readPacket(packet.type, packet.body) });
      rest = packet.rest;
      line = piece.line;
    }
  }
  return packets;
}

function takePacket(bytes: Buffer): { type: number; body: Buffer; rest: Buffer } | undefined {
  let length = 0;
  for (let index = 1; index <= 4; index++) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** (index - 1);
    if (byte >= 0x80) continue;
    const begin = index + 1;
    if (bytes.length < begin + length) return undefined;
    const type = (bytes[0] ?? 0) >> 4;
    return { type, body: bytes.subarray(begin, begin + length), rest: bytes.subarray(begin + length) };
  }
  throw new Error("not an MQTT packet");
}

function readPacket(type: number, body: Buffer): Omit<MqttPacket, "line"> {
  if (type === 4)
    return { kind: "puback", packetId: body.readUInt16BE(0), topic: "", payload: new Uint8Array() };
  if (type !== 3) return { kind: "other", packetId: 0, topic: "", payload: new Uint8Array() };
  const topicEnd = 2 + body.readUInt16BE(0);
  return {
    kind: "publish",
    packetId: body.readUInt16BE(topicEnd),
    topic: body.toString("utf8", 2, topicEnd),
    payload: body.subarray(topicEnd + 2),
  };
}
