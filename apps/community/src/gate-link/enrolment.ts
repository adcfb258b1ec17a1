import { coseVerify1, equalBytes, randomBytes, sha256 } from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import {
  formatEnrolmentCode,
  issueGateCertificate,
  keyIdentifier,
  parseEnrolmentCode,
  TrustError,
} from "@menshen/trust";
import {
  type EnrolResponse,
  enrolRequest,
  externalAad,
  type RefusalCode,
  type RenewResponse,
  renewRequest,
  WireError,
} from "@menshen/wire";
import { dateOf, transaction } from "./database.ts";
import { GateLinkError } from "./errors.ts";
import { type EnrolledGate, MARK_STALE, type Queryable, readEnrolledGate } from "./gate-store.ts";
import type { GateEnrolment, GateLinkDependencies } from "./types.ts";

const CODE_LIFE_MS = 24 * 3_600_000;
const CODE_SECRET_BYTES = 10;

/** `refused` carries what the gate is told. */
export type Answer<T> = { readonly response: T } | { readonly refused: RefusalCode };

export interface Enrolment {
  readonly makeCode: (gateId: GateId) => Promise<{ readonly code: string; readonly expiresAt: Instant }>;
  /** `message` is the body of `POST /gate/v1/enrol`. */
  readonly enrol: (message: Uint8Array, mqtt: string) => Promise<Answer<EnrolResponse>>;
  /** `message` is the body of `POST /gate/v1/renew`. */
  readonly renew: (message: Uint8Array) => Promise<Answer<RenewResponse>>;
}

type Dependencies = Pick<GateLinkDependencies, "pool" | "clock" | "keys" | "community" | "trail"> & {
  /** Told after the commit. */
  readonly onEnrolled: (gateId: GateId) => void;
};

export function makeEnrolment(dependencies: Dependencies): Enrolment {
  const { pool, clock, keys } = dependencies;
  return {
    async makeCode(gateId) {
      const secret = randomBytes(CODE_SECRET_BYTES);
      const expiresAt = Instant(clock.now() + CODE_LIFE_MS);
      await transaction(pool, async (client) => {
        await client.query("insert into gate_device (gate_id) values ($1) on conflict do nothing", [gateId]);
        const { rows } = await client.query<{ enrolment: GateEnrolment }>(
          "select enrolment from gate_device where gate_id = $1 for update",
          [gateId],
        );
        const enrolment = rows[0]?.enrolment;
        if (enrolment === "revoked")
          throw new GateLinkError("revoked", "expected a gate that is not revoked");
        if (enrolment === "enrolled") {
          throw new GateLinkError("already-enrolled", "expected a gate without a device: add a new gate");
        }
        await client.query("delete from gate_enrolment_code where gate_id = $1", [gateId]);
        await client.query(
          "insert into gate_enrolment_code (secret_hash, gate_id, expires_at) values ($1, $2, $3)",
          [sha256(secret), gateId, dateOf(expiresAt)],
        );
      });
      return { code: formatEnrolmentCode(secret, keys.ca.certificate), expiresAt };
    },
    enrol: async (message, mqtt) => await refusing(() => enrol(dependencies, message, mqtt)),
    renew: async (message) => await refusing(() => renew(dependencies, message)),
  };
}

/** Turns the errors of parsers, which blame the sender, into a refusal. */
export async function refusing<T>(run: () => Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof WireError) return { refused: "invalid" };
    if (error instanceof TrustError)
      return { refused: error.code === "bad-code" ? "code-refused" : "invalid" };
    throw error;
  }
}

async function enrol(
  { pool, clock, keys, community, trail, onEnrolled }: Dependencies,
  message: Uint8Array,
  mqtt: string,
): Promise<Answer<EnrolResponse>> {
  const request = enrolRequest.decode(message);
  const code = parseEnrolmentCode(request.code);
  const now = clock.now();
  const answer = await transaction(pool, async (client): Promise<Answer<EnrolResponse>> => {
    const { rows } = await client.query<{
      gate_id: string;
      enrolment: GateEnrolment;
      used_by: Buffer | null;
    }>(
      `select gate_id, enrolment, used_by from gate_enrolment_code join gate_device using (gate_id)
       where secret_hash = $1 and (expires_at > $2 or used_by is not null) for update`,
      [sha256(code.secret), dateOf(now)],
    );
    const [row] = rows;
    if (row === undefined || row.enrolment === "revoked") return { refused: "code-refused" };
    const gateId = GateId(row.gate_id);
    const issued = await issueGateCertificate(keys.ca, { request: request.csr, gateId, now });
    // The answer to the first request may have been lost: the same device may ask again, after the code's end too,
    // for nobody else gets an answer to it any more.
    const again = row.used_by !== null && equalBytes(row.used_by, issued.publicKey.publicKey);
    if (row.used_by !== null && !again) return { refused: "code-refused" };
    if (!again) {
      await client.query("update gate_enrolment_code set used_by = $2 where secret_hash = $1", [
        sha256(code.secret),
        issued.publicKey.publicKey,
      ]);
    }
    await client.query(
      `update gate_device set enrolment = 'enrolled', device_key = $2, key_id = $3, sealing_key = $4,
       enrolled_at = coalesce(enrolled_at, $5) where gate_id = $1`,
      [gateId, issued.publicKey.publicKey, keyIdentifier(issued.publicKey), request.sealingKey, dateOf(now)],
    );
    await client.query("insert into gate_journal (gate_id) values ($1) on conflict do nothing", [gateId]);
    // Whoever asks again may have made another sealing key meanwhile.
    await client.query("delete from gate_evidence where gate_id = $1", [gateId]);
    await recordCertificate(client, trail, { gateId, sealingKey: request.sealingKey }, issued, now);
    // Every other gate has a new peer.
    await client.query(MARK_STALE, [null]);
    return {
      response: {
        version: 1,
        gateId,
        communityId: community.id,
        certificate: issued.certificate,
        ca: keys.ca.certificate,
        policyKey: keys.policy.publicKey,
        mqtt,
        timeZone: community.timeZone,
      },
    };
  });
  if ("response" in answer) onEnrolled(answer.response.gateId);
  return answer;
}

async function renew(
  { pool, clock, keys, trail }: Dependencies,
  message: Uint8Array,
): Promise<Answer<RenewResponse>> {
  const keyId = readKeyId(message);
  const gate = keyId === undefined ? undefined : await readEnrolledGate(pool, { keyId });
  if (gate === undefined) return { refused: "not-enrolled" };
  const verified = coseVerify1({ message, key: gate.deviceKey, externalAad: externalAad("renew") });
  if (!verified.verified) return { refused: "invalid" };
  const request = renewRequest.decode(verified.payload);
  if (request.gateId !== gate.gateId) return { refused: "invalid" };
  const now = clock.now();
  const issued = await issueGateCertificate(keys.ca, { request: request.csr, gateId: gate.gateId, now });
  // The journal's chain of trust hangs on the device key: another key is another device.
  if (!equalBytes(issued.publicKey.publicKey, gate.deviceKey.publicKey)) return { refused: "invalid" };
  await transaction(pool, async (client) => await recordCertificate(client, trail, gate, issued, now));
  return { response: { version: 1, certificate: issued.certificate, ca: keys.ca.certificate } };
}

/** The key identifier that a message names, before anything is believed of it. */
export function readKeyId(message: Uint8Array): Uint8Array | undefined {
  let keyId: Uint8Array | undefined;
  coseVerify1({
    message,
    key(kid) {
      keyId = kid;
      return undefined;
    },
  });
  return keyId;
}

async function recordCertificate(
  client: Queryable,
  trail: GateLinkDependencies["trail"],
  { gateId, sealingKey }: Pick<EnrolledGate, "gateId" | "sealingKey">,
  issued: Awaited<ReturnType<typeof issueGateCertificate>>,
  now: Instant,
): Promise<void> {
  const leafId = await trail.recordIssue(client, {
    at: now,
    gateId,
    deviceKey: issued.publicKey.publicKey,
    sealingKey,
    certificate: issued.certificate,
  });
  await client.query(
    `insert into gate_certificate (serial, gate_id, certificate, not_after, issued_at, leaf_id)
     values ($1, $2, $3, $4, $5, $6)`,
    [issued.serial, gateId, issued.certificate, dateOf(issued.notAfter), dateOf(now), leafId],
  );
}
