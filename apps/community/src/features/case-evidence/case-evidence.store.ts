import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { EVENT_KIND_NUMBERS } from "../../gate-link/index.ts";

const LISTED = 100;

/** Of a case, the newest first, without what is in them. */
export async function selectPackages(db: Reader, caseId: string) {
  return db
    .selectFrom("evidence_package")
    .innerJoin("staff", "staff.id", "made_by")
    .select(["evidence_package.id", "made_at", "reason", "content_sha256", "package_sha256", "sealed_at"])
    .select(["stamped_at", "forgotten_at", "staff.display_name as made_by_name"])
    .select(sql<number | null>`length(package)`.as("size"))
    .where("case_id", "=", caseId)
    .orderBy("made_at", "desc")
    .limit(LISTED)
    .execute();
}

/** Of several packages, the oldest line first. */
export async function selectCustody(db: Reader, packageIds: readonly string[]) {
  if (packageIds.length === 0) return [];
  return db
    .selectFrom("evidence_custody")
    .leftJoin("staff", "staff.id", "staff_id")
    .select(["package_id", "at", "what", "recipient", "reason", "staff.display_name as by"])
    .where("package_id", "in", packageIds)
    .orderBy("evidence_custody.id")
    .execute();
}

export async function insertPackage(
  trx: Trx,
  made: {
    readonly id: string;
    readonly caseId: string;
    readonly at: number;
    readonly staffId: string;
    readonly reason: string;
    readonly content: Uint8Array;
    readonly contentSha256: Uint8Array;
    readonly leafId: string;
  },
): Promise<void> {
  await trx
    .insertInto("evidence_package")
    .values({
      id: made.id,
      case_id: made.caseId,
      made_at: moment(made.at),
      made_by: made.staffId,
      reason: made.reason,
      content: made.content,
      content_sha256: made.contentSha256,
      leaf_id: made.leafId,
    })
    .execute();
}

export async function insertCustody(
  trx: Trx,
  line: {
    readonly packageId: string;
    readonly at: number;
    readonly what: "made" | "sealed" | "fetched" | "forgotten";
    readonly staffId?: string;
    readonly recipient?: string;
    readonly reason?: string;
  },
): Promise<void> {
  await trx
    .insertInto("evidence_custody")
    .values({
      package_id: line.packageId,
      at: moment(line.at),
      what: line.what,
      staff_id: line.staffId ?? null,
      recipient: line.recipient ?? null,
      reason: line.reason ?? null,
    })
    .execute();
}

/** Packages whose content waits for the log. */
export async function selectWaiting(db: Reader) {
  return db
    .selectFrom("evidence_package")
    .select(["id", "case_id", "content", "content_sha256", "leaf_id"])
    .where("sealed_at", "is", null)
    .where("forgotten_at", "is", null)
    .orderBy("made_at")
    .limit(LISTED)
    .execute();
}

/** False if another server was first. */
export async function updateSealed(
  trx: Trx,
  id: string,
  sealed: {
    readonly at: number;
    readonly bytes: Uint8Array;
    readonly sha256: Uint8Array;
    readonly stampedAt?: number;
  },
): Promise<boolean> {
  const { numUpdatedRows: changed } = await trx
    .updateTable("evidence_package")
    .set({
      package: sealed.bytes,
      package_sha256: sealed.sha256,
      sealed_at: moment(sealed.at),
      stamped_at: sealed.stampedAt === undefined ? null : moment(sealed.stampedAt),
    })
    .where("id", "=", id)
    .where("sealed_at", "is", null)
    .where("forgotten_at", "is", null)
    .executeTakeFirst();
  return changed === 1n;
}

export async function selectSealed(db: Reader, caseId: string, id: string) {
  return db
    .selectFrom("evidence_package")
    .select(["package", "package_sha256", "forgotten_at"])
    .where("id", "=", id)
    .where("case_id", "=", caseId)
    .executeTakeFirst();
}

/** What of packages goes with their cases; answers which. */
export async function forgetPackages(trx: Trx, now: number): Promise<readonly string[]> {
  const rows = await trx
    .updateTable("evidence_package")
    .from("detection_case")
    .set({ content: null, package: null, forgotten_at: moment(now) })
    .whereRef("detection_case.id", "=", "evidence_package.case_id")
    .where("detection_case.forgotten_at", "is not", null)
    .where("evidence_package.forgotten_at", "is", null)
    .returning("evidence_package.id")
    .execute();
  return rows.map(({ id }) => id);
}

/** Signatures of batches whose entries went, but of those with an entry that a hold keeps. */
export async function deleteBatches(trx: Trx, before: number): Promise<void> {
  await trx
    .deleteFrom("gate_batch")
    .where("received_at", "<", moment(before))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom("opening_entry")
            .innerJoin("opening", "opening.id", "opening_id")
            .select("opening.id")
            .where("hold_until", "is not", null)
            .where("hold_ended_at", "is", null)
            .where("opening.state", "=", "answered")
            .whereRef("opening_entry.gate_id", "=", "gate_batch.gate_id")
            .whereRef("opening_entry.sequence", ">=", "gate_batch.first_sequence")
            .whereRef("opening_entry.sequence", "<=", "gate_batch.last_sequence"),
        ),
      ),
    )
    .execute();
}

/** The bytes of one entry, and when it came. */
export async function selectEntry(db: Reader, gateId: string, sequence: number) {
  return db
    .selectFrom("event")
    .select(["entry", "received_at as receivedAt"])
    .where("gate_id", "=", gateId)
    .where("sequence", "=", sequence)
    .executeTakeFirst();
}

/** The newest stored batch of a gate with this entry, and the entries of it that are stored; `undefined` if it is longer than `most`. */
export async function selectBatch(db: Reader, gateId: string, sequence: number, most: number) {
  const batch = await db
    .selectFrom("gate_batch")
    .select(["first_sequence", "last_sequence", "previous_hash", "signature"])
    .where("gate_id", "=", gateId)
    .where("first_sequence", "<=", sequence)
    .where("last_sequence", ">=", sequence)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  if (batch === undefined || batch.last_sequence - batch.first_sequence >= most) return undefined;
  const rows = await db
    .selectFrom("event")
    .select(["sequence", "entry"])
    .where("gate_id", "=", gateId)
    .where("sequence", ">=", batch.first_sequence)
    .where("sequence", "<=", batch.last_sequence)
    .orderBy("sequence")
    .execute();
  return { ...batch, entries: rows };
}

/** What gates' journals say of themselves between two moments. */
export async function selectGateEntries(
  db: Reader,
  gateIds: readonly string[],
  span: { readonly from: number; readonly until: number },
) {
  if (gateIds.length === 0) return [];
  return db
    .selectFrom("event")
    .select(["gate_id", "entry"])
    .where("gate_id", "in", gateIds)
    .where("kind", "=", EVENT_KIND_NUMBERS.gate)
    .where("at", ">=", moment(span.from))
    .where("at", "<=", moment(span.until))
    .orderBy("at")
    .limit(1_000)
    .execute();
}

/** The newest certificate of each gate that the log was told of. */
export async function selectCertificates(db: Reader, gateIds: readonly string[]) {
  const { rows } = await sql<{
    gate_id: string;
    certificate: Buffer;
    device_key: Buffer;
    leaf_id: string;
  }>`select distinct on (gate_id) gate_id, certificate, device_key, leaf_id
    from gate_certificate join gate_device using (gate_id)
    where gate_id = any(${[...gateIds]}::uuid[]) and leaf_id is not null and device_key is not null
    order by gate_id, issued_at desc`.execute(db);
  return new Map(rows.map((row) => [row.gate_id, row]));
}

export async function selectSoftware(db: Reader): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ gate_id: string; software_version: string }>`
    select gate_id, software_version from gate_device where software_version is not null`.execute(db);
  return new Map(rows.map(({ gate_id, software_version }) => [gate_id, software_version]));
}

export async function selectStaffName(db: Reader, staffId: string): Promise<string> {
  const row = await db
    .selectFrom("staff")
    .select("display_name")
    .where("id", "=", staffId)
    .executeTakeFirstOrThrow();
  return row.display_name;
}
