import { randomUUID } from "node:crypto";
import { toHex } from "@menshen/crypto/node";
import { contentDigest, contentFiles, storedZip } from "@menshen/custody";
import type { GateState } from "@menshen/detection";
import {
  type BodyOf,
  type caseEvidenceEndpoints,
  EVIDENCE_ACTS,
  type EvidencePackageItem,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { known } from "../../view-record/index.ts";
import { selectCase } from "../detection/index.ts";
import type { Directory } from "../directory/index.ts";
import {
  insertCustody,
  insertPackage,
  selectCustody,
  selectPackages,
  selectSealed,
  selectStaffName,
} from "./case-evidence.store.ts";
import { collectEvidence } from "./collect.ts";

type Fetched = BodyOf<typeof caseEvidenceEndpoints.fetch>;

export type CaseEvidenceService = ReturnType<typeof makeCaseEvidenceService>;

/** Evidence of cases: made, listed, and taken out to be handed over. Each of these is noted. */
export function makeCaseEvidenceService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly directory: () => Promise<Directory>;
  readonly clocks: () => readonly GateState[];
  readonly timeZone: string;
  readonly community: { readonly id: string; readonly name: () => Promise<string> };
  readonly stamps: boolean;
}) {
  const { db, change, directory, clocks, timeZone, community, stamps } = dependencies;

  async function items(reader: Reader, caseId: string): Promise<EvidencePackageItem[]> {
    const rows = await selectPackages(reader, caseId);
    const custody = await selectCustody(
      reader,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => ({
      id: row.id,
      madeAt: row.made_at,
      madeBy: row.made_by_name,
      reason: row.reason,
      state: row.forgotten_at !== null ? "forgotten" : row.sealed_at === null ? "waiting" : "ready",
      contentSha256: toHex(row.content_sha256),
      ...(row.package_sha256 === null ? {} : { packageSha256: toHex(row.package_sha256) }),
      ...optional("sizeBytes", row.size),
      ...optional("stampedAt", row.stamped_at),
      custody: custody
        .filter(({ package_id }) => package_id === row.id)
        .map(({ at, what, by, recipient, reason }) => ({
          at,
          what: known(EVIDENCE_ACTS, what),
          ...optional("by", by),
          ...optional("recipient", recipient),
          ...optional("reason", reason),
        })),
    }));
  }

  return {
    async list(actor: Actor, caseId: string) {
      authorise(actor, "cases.read");
      found(await selectCase(db, caseId), "case");
      return { items: await items(db, caseId), stamps };
    },

    /** Throws `conflict` if the case's records went with their epoch. */
    async make(author: StaffAuthor, caseId: string, reason: string): Promise<EvidencePackageItem> {
      authorise(author.actor, "cases.handle");
      const { staffId } = author.actor;
      const names = await directory();
      const communityName = await community.name();
      return change(author, async ({ trx, at, leaf, record }) => {
        const row = found(await selectCase(trx, caseId), "case");
        const id = randomUUID();
        const evidence = await collectEvidence({ db: trx, directory: names, clocks: clocks() }, row, {
          packageId: id,
          communityId: community.id,
          communityName,
          timeZone,
          madeAt: at,
          madeBy: await selectStaffName(trx, staffId),
          reason: reason.trim(),
        });
        const files = contentFiles(evidence);
        const contentSha256 = contentDigest(files);
        const leafId = await leaf({
          topic: "evidence-package-made",
          subject: { kind: "community" },
          public: true,
          statement: { packageId: id, contentSha256: toHex(contentSha256) },
        });
        const content = storedZip(files);
        await insertPackage(trx, {
          ...{ id, caseId, at, staffId, content, contentSha256, leafId },
          reason: reason.trim(),
        });
        await insertCustody(trx, { packageId: id, at, what: "made", staffId, reason: reason.trim() });
        await record({
          action: "case.evidence-made",
          entity: "case",
          entityId: caseId,
          after: { packageId: id, contentSha256: toHex(contentSha256) },
        });
        return found(
          (await items(trx, caseId)).find((item) => item.id === id),
          "package",
        );
      });
    },

    /** Throws `conflict` while the log has not published it, and once it went with its epoch. */
    async fetch(author: StaffAuthor, caseId: string, packageId: string, { recipient, reason }: Fetched) {
      authorise(author.actor, "cases.handle");
      const { staffId } = author.actor;
      return change(author, async ({ trx, at, record }) => {
        const row = found(await selectSealed(trx, caseId, packageId), "package");
        if (row.forgotten_at !== null)
          throw refusal("conflict", "this package was deleted with its epoch: no hold kept it");
        if (row.package === null || row.package_sha256 === null)
          throw refusal("conflict", "the log has not published this package yet: try again in a minute");
        const line = { recipient: recipient.trim(), reason: reason.trim() };
        await insertCustody(trx, { packageId, at, what: "fetched", staffId, ...line });
        const digest = toHex(row.package_sha256);
        await record({
          action: "case.evidence-fetched",
          entity: "case",
          entityId: caseId,
          after: { packageId, packageSha256: digest, ...line },
        });
        return {
          name: `evidence-${packageId.slice(0, 8)}.zip`,
          sha256: digest,
          file: Buffer.from(row.package).toString("base64"),
        };
      });
    },
  };
}
