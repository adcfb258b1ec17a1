import { sha256, toHex } from "@menshen/crypto/node";
import {
  type CaseRecord,
  type EvidenceKeys,
  makeEvidencePackage,
  parseCaseRecord,
  parsePackageKeys,
  readStoredZip,
  verifyEvidencePackage,
} from "@menshen/custody";
import type { EvidenceLog } from "@menshen/evidence/node";
import type { Logger } from "@menshen/service-kit";
import { canonicalJson, type OpeningKeys } from "@menshen/wire";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";
import { proveStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { PackageKey } from "../opening/index.ts";
import {
  forgetPackages,
  insertCustody,
  selectCertificates,
  selectWaiting,
  updateSealed,
} from "./case-evidence.store.ts";
import { README } from "./readme-text.ts";
import { renderReport } from "./report/render-report.ts";
import type { TimeStamper } from "./time-stamper.ts";

type Waiting = Awaited<ReturnType<typeof selectWaiting>>[number];

/** Puts around the content of packages what shows its time and place, once the log has published them. */
export function makeSealing(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly log: Pick<EvidenceLog, "proofOf">;
  /** DER. */
  readonly authority: Uint8Array;
  readonly keys: () => Promise<OpeningKeys>;
  readonly packageKey: PackageKey;
  readonly stamp: TimeStamper;
}) {
  const { db, clock, logger, change, storageKey, log, authority, keys, packageKey, stamp } = dependencies;
  let sealing: Promise<void> | undefined;

  async function sealOne(row: Waiting): Promise<void> {
    if (row.content === null) return;
    const [logged] = (await proveStatements(db, storageKey, log, [row.leaf_id])) ?? [];
    if (logged === undefined) return;
    const content = readStoredZip(Uint8Array.from(row.content));
    const record = recordOf(content);
    const gates = await proveGates(record);
    if (gates === undefined) return;
    const digest = Uint8Array.from(row.content_sha256);
    const stamped = await stamp(digest, clock.now());
    const { custodianSets: _unused, ...pins } = await keys();
    const keysText = canonicalJson({ ...pins, custodianSets: [] });
    const bytes = makeEvidencePackage(
      content,
      {
        logged,
        gates,
        ca: authority,
        keys: keysText,
        communityKey: packageKey.key.publicKey,
        time: stamped.time,
        report: await renderReport({
          record,
          events: content.filter(({ name }) => name.endsWith(".cbor")).map((file) => file.bytes),
          contentSha256: toHex(digest),
          communityKey: packageKey.key.publicKey,
          ...optional("stampedAt", stamped.at),
        }),
        readme: README,
      },
      packageKey.secretKey,
    );
    await demandGood(bytes, parsePackageKeys(JSON.parse(keysText)));
    await change({ actor: undefined, reason: { code: "routine" } }, async ({ trx, at, record: note }) => {
      const packageSha256 = sha256(bytes);
      const sealed = { at, bytes, sha256: packageSha256, ...optional("stampedAt", stamped.at) };
      if (!(await updateSealed(trx, row.id, sealed))) return;
      await insertCustody(trx, { packageId: row.id, at, what: "sealed" });
      await note({
        action: "case.evidence-sealed",
        entity: "case",
        entityId: row.case_id,
        after: { packageId: row.id, packageSha256: toHex(packageSha256) },
      });
    });
  }

  async function proveGates(record: CaseRecord) {
    const certificates = await selectCertificates(
      db,
      record.gates.map(({ id }) => id),
    );
    const rows = record.gates.flatMap(({ id }) => certificates.get(id) ?? []);
    const proven = await proveStatements(
      db,
      storageKey,
      log,
      rows.map(({ leaf_id }) => leaf_id),
    );
    return proven?.map((logged, index) => ({
      logged,
      certificate: Uint8Array.from(rows[index]?.certificate ?? []),
      deviceKey: Uint8Array.from(rows[index]?.device_key ?? []),
    }));
  }

  async function sealAll(): Promise<void> {
    for (const row of await selectWaiting(db)) {
      try {
        await sealOne(row);
      } catch (error) {
        logger.error({ error }, "an evidence package could not be sealed; it is tried again");
      }
    }
  }

  return {
    /** Seals what the log has published. */
    seal(): Promise<void> {
      sealing ??= sealAll().finally(() => {
        sealing = undefined;
      });
      return sealing;
    },

    /** What is in packages goes with their cases. */
    async forget(): Promise<void> {
      await db.transaction().execute(async (trx) => {
        const at = clock.now();
        for (const packageId of await forgetPackages(trx, at)) {
          await insertCustody(trx, { packageId, at, what: "forgotten" });
        }
      });
    },
  };
}

function recordOf(content: ReturnType<typeof readStoredZip>): CaseRecord {
  const file = content.find(({ name }) => name === "case.json");
  return parseCaseRecord(new TextDecoder().decode(file?.bytes));
}

/** What would not verify is never handed to anybody. */
async function demandGood(bytes: Uint8Array, keys: EvidenceKeys): Promise<void> {
  const verdict = await verifyEvidencePackage(bytes, keys);
  if (verdict.verified) return;
  const codes = verdict.faults.map(({ code, part }) => `${code} ${part}`).join(", ");
  throw new CommunityError("internal", `an evidence package does not verify: ${codes}`);
}
