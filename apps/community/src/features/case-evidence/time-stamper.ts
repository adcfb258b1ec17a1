import { randomBytes } from "@menshen/crypto/node";
import type { EvidenceTime } from "@menshen/custody";
import {
  MAX_TIMESTAMP_BYTES,
  TIMESTAMP_NONCE_BYTES,
  timestampRequest,
  verifyTimestamp,
} from "@menshen/evidence";

const TIMEOUT_MS = 10_000;

/** A stamp, or words that say why there is none. */
export interface Stamped {
  readonly time: EvidenceTime;
  readonly at?: number;
}

/** Asks a time-stamping authority (RFC 3161 §3.4) about a SHA-256. Never rejects: evidence is evidence without a stamp, too. */
export type TimeStamper = (sha256: Uint8Array, now: number) => Promise<Stamped>;

export function makeTimeStamper(url: string | undefined): TimeStamper {
  return async (sha256, now) => {
    const without = (why: string): Stamped => ({
      time: { none: `${new Date(now).toISOString()} ${why}` },
    });
    if (url === undefined) return without("no time-stamping authority is configured / 没有配置时间戳机构");
    const nonce = randomBytes(TIMESTAMP_NONCE_BYTES);
    const request = timestampRequest(sha256, nonce);
    const response = await ask(url, request).catch(() => undefined);
    if (response === undefined) return without(`${url} did not answer / 时间戳机构没有应答`);
    const verdict = await verifyTimestamp(response, sha256, nonce);
    if (verdict.stamped) return { time: { request, response }, at: verdict.at };
    if (verdict.fault === "unknown-algorithm") return { time: { request, response } };
    return without(`${url} answered with no stamp (${verdict.fault}) / 时间戳机构没有给出时间戳`);
  };
}

async function ask(url: string, request: Uint8Array): Promise<Uint8Array> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/timestamp-query", accept: "application/timestamp-reply" },
    body: Uint8Array.from(request),
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok || response.body === null) throw new Error(`expected 200, got ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > MAX_TIMESTAMP_BYTES) throw new Error("expected a shorter answer");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
