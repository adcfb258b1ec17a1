import type { VerifyKey } from "@menshen/crypto/node";
import type { GateId, Instant } from "@menshen/domain";
import { type AppliedError, type DocumentKind, type GateAlarm, statusReport, WireError } from "@menshen/wire";
import type { ClientBase, Pool } from "pg";
import { dateOf, optionalInstant, transaction } from "./database.ts";
import type { DocumentState, GateEnrolment, GateState } from "./types.ts";

/** Statement of `GateLink.markStale`; `$1` is a list of gates or null for all. */
export const MARK_STALE =
  "update gate_device set wanted = wanted + 1 where $1::uuid[] is null or gate_id = any($1::uuid[])";

/** A pool, or a connection inside a transaction. */
export type Queryable = Pick<ClientBase, "query">;

interface DeviceRow {
  readonly gate_id: GateId;
  readonly enrolment: GateEnrolment;
  readonly online: boolean;
  readonly link_since: Date | null;
  readonly last_seen_at: Date | null;
  readonly software_version: string | null;
  readonly status: Buffer | null;
  readonly status_at: Date | null;
  readonly not_after: Date | null;
  readonly last_sequence: string | null;
  readonly gaps: readonly { readonly first: number; readonly last: number }[] | null;
  readonly documents:
    | readonly {
        readonly what: DocumentKind;
        readonly desired: number;
        readonly applied: number;
        readonly error: AppliedError | null;
      }[]
    | null;
  readonly reread_since: Date | null;
  readonly stale: boolean;
  readonly alarms: readonly GateAlarm[] | null;
}

/** State of every gate that was ever invited, or of those named. */
export async function readGateStates(
  db: Queryable | Pool,
  gateIds?: readonly GateId[],
): Promise<readonly GateState[]> {
  const { rows } = await db.query<DeviceRow>(
    `select d.gate_id, d.enrolment, d.online, d.link_since, d.last_seen_at, d.software_version, d.status,
       d.status_at, d.made < d.wanted as stale, j.last_sequence,
       (select max(not_after) from gate_certificate c where c.gate_id = d.gate_id) as not_after,
       (select json_agg(json_build_object('first', first_sequence, 'last', last_sequence) order by first_sequence)
          from gate_gap g where g.gate_id = d.gate_id and closed_at is null) as gaps,
       (select json_agg(json_build_object('what', what, 'desired', desired, 'applied', applied, 'error', error))
          from gate_document_state s where s.gate_id = d.gate_id) as documents,
       j.reread_since,
       (select json_agg(json_build_object('id', id, 'kind', kind, 'sequence', sequence, 'times', times,
            'firstAt', floor(extract(epoch from first_at) * 1000)::bigint,
            'lastAt', floor(extract(epoch from last_at) * 1000)::bigint) order by id)
          from gate_alarm a where a.gate_id = d.gate_id and cleared_at is null) as alarms
     from gate_device d left join gate_journal j using (gate_id)
     where $1::uuid[] is null or d.gate_id = any($1) order by d.gate_id`,
    [gateIds ?? null],
  );
  return rows.map(stateOf);
}

/** State of a gate that was never here. */
export function unknownGate(gateId: GateId): GateState {
  return {
    gateId,
    enrolment: "new",
    online: false,
    documents: documentStates([]),
    stale: false,
    journal: { lastSequence: 0, gaps: [], forked: false, rereading: false },
    alarms: [],
  };
}

function stateOf(row: DeviceRow): GateState {
  const alarms = row.alarms ?? [];
  const linkSince = optionalInstant(row.link_since);
  const lastSeenAt = optionalInstant(row.last_seen_at);
  const certificateUntil = optionalInstant(row.not_after);
  const statusAt = optionalInstant(row.status_at);
  const status = row.status === null ? undefined : readStatus(row.status);
  return {
    gateId: row.gate_id,
    enrolment: row.enrolment,
    online: row.online,
    ...(linkSince === undefined ? {} : { linkSince }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
    ...(certificateUntil === undefined ? {} : { certificateUntil }),
    ...(row.software_version === null ? {} : { softwareVersion: row.software_version }),
    documents: documentStates(row.documents ?? []),
    stale: row.stale,
    journal: {
      lastSequence: Number(row.last_sequence ?? 0),
      gaps: row.gaps ?? [],
      forked: alarms.some(({ kind }) => kind === "fork"),
      rereading: row.reread_since !== null,
    },
    alarms,
    ...(status === undefined || statusAt === undefined ? {} : { status, statusAt }),
  };
}

/** A report that an earlier version of this server stored may not be readable any more. */
function readStatus(bytes: Uint8Array) {
  try {
    return statusReport.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function documentStates(
  rows: NonNullable<DeviceRow["documents"]>,
): Readonly<Record<DocumentKind, DocumentState>> {
  const stateOfKind = (what: DocumentKind): DocumentState => {
    const row = rows.find((candidate) => candidate.what === what);
    return {
      desired: row?.desired ?? 0,
      applied: row?.applied ?? 0,
      ...(row?.error ? { error: row.error } : {}),
    };
  };
  return {
    snapshot: stateOfKind("snapshot"),
    keyring: stateOfKind("keyring"),
    modes: stateOfKind("modes"),
    trail: stateOfKind("trail"),
    passes: stateOfKind("passes"),
    "door-rules": stateOfKind("door-rules"),
  };
}

/** What is needed to talk to an enrolled gate. */
export interface EnrolledGate {
  readonly gateId: GateId;
  readonly deviceKey: VerifyKey;
  readonly sealingKey: Uint8Array;
}

/** `undefined` unless the gate is enrolled and not revoked. */
export async function readEnrolledGate(
  db: Queryable | Pool,
  by: { readonly gateId: GateId } | { readonly keyId: Uint8Array },
): Promise<EnrolledGate | undefined> {
  const [column, value] = "gateId" in by ? ["gate_id", by.gateId] : ["key_id", by.keyId];
  const { rows } = await db.query<{ gate_id: GateId; device_key: Buffer; sealing_key: Buffer }>(
    `select gate_id, device_key, sealing_key from gate_device where enrolment = 'enrolled' and ${column} = $1`,
    [value],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    gateId: row.gate_id,
    deviceKey: { alg: "ES256", publicKey: row.device_key },
    sealingKey: row.sealing_key,
  };
}

/** Those of `gateIds` that are revoked. */
export async function readRevoked(db: Pool, gateIds: readonly GateId[]): Promise<readonly GateId[]> {
  if (gateIds.length === 0) return [];
  const { rows } = await db.query<{ gate_id: GateId }>(
    "select gate_id from gate_device where enrolment = 'revoked' and gate_id = any($1)",
    [gateIds],
  );
  return rows.map((row) => row.gate_id);
}

export async function readRevokedCertificates(
  db: Pool,
): Promise<readonly { readonly serial: Uint8Array; readonly at: Date }[]> {
  const { rows } = await db.query<{ serial: Buffer; revoked_at: Date }>(
    `select serial, revoked_at from gate_certificate join gate_device using (gate_id)
     where enrolment = 'revoked' and not_after > now()`,
  );
  return rows.map((row) => ({ serial: row.serial, at: row.revoked_at }));
}

/**
 * True if it changed anything: the gate was here and not revoked yet. Then the others have to hear of it, and what it
 * told them about its pseudonym key is forgotten.
 */
export async function markRevoked(db: Pool, gateId: GateId, at: Instant): Promise<boolean> {
  return await transaction(db, async (client) => {
    const { rowCount } = await client.query(
      `update gate_device set enrolment = 'revoked', revoked_at = $2, online = false, link_since = $2
       where gate_id = $1 and enrolment <> 'revoked'`,
      [gateId, dateOf(at)],
    );
    if (rowCount !== 1) return false;
    await client.query("delete from gate_pseudonym where gate_id = $1", [gateId]);
    await client.query(MARK_STALE, [null]);
    return true;
  });
}

/** True if the state changed. */
export async function markOnline(db: Pool, gateId: GateId, online: boolean, at: Instant): Promise<boolean> {
  const { rowCount } = await db.query(
    `update gate_device set online = $2, link_since = $3 where gate_id = $1 and online <> $2
     and (enrolment = 'enrolled' or not $2)`,
    [gateId, online, dateOf(at)],
  );
  return rowCount === 1;
}

export async function readOnlineGates(db: Pool): Promise<readonly GateId[]> {
  const { rows } = await db.query<{ gate_id: GateId }>("select gate_id from gate_device where online");
  return rows.map((row) => row.gate_id);
}

export async function writeLastSeen(db: Pool, seen: ReadonlyMap<GateId, Instant>): Promise<void> {
  await db.query(
    `update gate_device set last_seen_at = seen.at
     from unnest($1::uuid[], $2::timestamptz[]) as seen (gate_id, at) where gate_device.gate_id = seen.gate_id`,
    [[...seen.keys()], [...seen.values()].map(dateOf)],
  );
}

export async function writeStatus(db: Pool, gateId: GateId, status: Uint8Array, at: Instant): Promise<void> {
  await db.query("update gate_device set status = $2, status_at = $3, last_seen_at = $3 where gate_id = $1", [
    gateId,
    status,
    dateOf(at),
  ]);
}

export async function writeSoftwareVersion(db: Pool, gateId: GateId, version: string): Promise<void> {
  await db.query("update gate_device set software_version = $2 where gate_id = $1", [gateId, version]);
}

export interface JournalHead {
  readonly sequence: number;
  readonly hash: Uint8Array;
  /** The gate's journal is to be read again from its first entry. */
  readonly rereading: boolean;
}

/** End of the stored journal; sequence 0 and 32 zero bytes before the first entry. */
export async function readJournalHead(
  db: Queryable | Pool,
  gateId: GateId,
): Promise<JournalHead | undefined> {
  const { rows } = await db.query<{ last_sequence: string; last_hash: Buffer; rereading: boolean }>(
    `select last_sequence, last_hash, reread_since is not null as rereading
     from gate_journal where gate_id = $1`,
    [gateId],
  );
  const [row] = rows;
  return row && { sequence: Number(row.last_sequence), hash: row.last_hash, rereading: row.rereading };
}
