import { formatVerifierKey } from "@menshen/evidence";
import type { EvidenceLog } from "@menshen/evidence/node";
import {
  EVIDENCE_TOPICS,
  type evidenceEndpoints,
  type HealthFinding,
  type LogDescription,
  type LogState,
  type PublicStatement,
  type QueryOf,
  WITNESS_BODIES,
} from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { Clock } from "../../clock.ts";
import { cutPage } from "../../database/cursor.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { openStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { known } from "../../view-record/index.ts";
import { selectLogSizes, selectPublicStatements } from "./evidence.store.ts";
import type { LogRunner } from "./log-runner.ts";
import type { WitnessPolicy } from "./witness-policy.ts";

const DEFAULT_LIMIT = 100;
/** A quorum that is missing for longer is somebody's business. */
const UNWITNESSED_MS = 3_600_000;

export interface EvidenceDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly storageKey: StorageKey;
  readonly origin: string;
  readonly log: EvidenceLog;
  /** As it stands now. */
  readonly policy: () => WitnessPolicy;
  readonly runner: Pick<LogRunner, "alarm" | "lastResults">;
}

export type EvidenceService = ReturnType<typeof makeEvidenceService>;

/** The evidence log: what everybody may read of it, and how it is. */
export function makeEvidenceService(dependencies: EvidenceDependencies) {
  const { db, clock, storageKey, origin, log, policy, runner } = dependencies;
  return {
    /** For anybody: what it takes to follow the log. */
    async describe(): Promise<LogDescription> {
      const { publishedSize: size, publishedAt } = await selectLogSizes(db);
      const { witnesses, quorum } = policy();
      return {
        origin,
        logKey: log.verifierKey,
        witnesses: witnesses.map(({ body, key, extra }) => ({
          body: known(WITNESS_BODIES, body),
          name: key.name,
          key: formatVerifierKey(key),
          ...(extra === true ? { extra } : {}),
        })),
        quorum,
        size,
        ...optional("publishedAt", publishedAt),
      };
    },

    /** For anybody: public statements with what opens their leaves. */
    async statements(query: NonNullable<QueryOf<typeof evidenceEndpoints.statements>>) {
      const limit = query.limit ?? DEFAULT_LIMIT;
      const rows = await selectPublicStatements(db, query, limit);
      const page = cutPage(rows, limit, (row) => [row.at, row.leaf_id]);
      const opened = await openStatements(
        db,
        storageKey,
        page.rows.map((row) => row.leaf_id),
      );
      const byLeaf = new Map(opened.map((statement) => [statement.leafId, statement]));
      const items = page.rows.flatMap((row): PublicStatement[] => {
        const statement = byLeaf.get(row.leaf_id);
        if (statement?.salt === undefined) return [];
        return [
          {
            leafId: row.leaf_id,
            at: row.at,
            topic: known(EVIDENCE_TOPICS, row.topic),
            statement: statement.statement,
            salt: Buffer.from(statement.salt).toString("hex"),
            ...optional("index", statement.index),
          },
        ];
      });
      return { items, ...optional("nextCursor", page.nextCursor) };
    },

    async state(actor: Actor): Promise<LogState> {
      authorise(actor, "changes.read");
      const sizes = await selectLogSizes(db);
      const { witnesses, quorum } = policy();
      const cosignedAt = await cosignatureTimes(log);
      const results = runner.lastResults();
      return {
        signedSize: sizes.signedSize,
        publishedSize: sizes.publishedSize,
        ...optional("publishedAt", sizes.publishedAt),
        waiting: sizes.waiting,
        quorum,
        witnesses: witnesses.map(({ body, key }) => {
          return {
            body: known(WITNESS_BODIES, body),
            name: key.name,
            ...optional("cosignedAt", cosignedAt.get(formatVerifierKey(key))),
            ...optional("trouble", results.get(key.name)?.trouble),
          };
        }),
        ...optional("alarm", runner.alarm()),
      };
    },

    /** What somebody should look at; without a permission of its own, as it goes out with other findings. */
    async findings(): Promise<readonly HealthFinding[]> {
      const alarm = runner.alarm();
      if (alarm !== undefined && alarm !== "witnesses-silent") {
        return [{ code: "log-behind-witness", severity: "fault" }];
      }
      const { unpublishedSince: since } = await selectLogSizes(db);
      if (since === undefined || clock.now() - since < UNWITNESSED_MS) return [];
      return [{ code: "log-not-witnessed", severity: "warning", since }];
    },
  };
}

/** When each witness signed the published checkpoint, in Unix milliseconds, by its verifier key. */
export async function cosignatureTimes(
  log: Pick<EvidenceLog, "published">,
): Promise<ReadonlyMap<string, number>> {
  const cosignatures = (await log.published())?.cosignatures ?? [];
  return new Map(
    cosignatures.flatMap(({ key, timeSeconds }) =>
      timeSeconds === undefined ? [] : [[formatVerifierKey(key), Math.round(timeSeconds * 1_000)] as const],
    ),
  );
}
