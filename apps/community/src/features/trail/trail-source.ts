import { createHash } from "node:crypto";
import { ed25519Verify, sha256 } from "@menshen/crypto/node";
import type { WitnessPolicy } from "@menshen/custody";
import { epochStart, Instant } from "@menshen/domain";
import {
  EvidenceError,
  meetsQuorum,
  type NoteKey,
  openCheckpoint,
  parseVerifierKey,
} from "@menshen/evidence";
import { type LeafEvidence, MAX_CUSTODIAN_SETS, type TrailNaming } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { type LeafRecorder, openStatements } from "../../evidence-record/index.ts";
import type { CertificateIssue, TrailContent, TrailSource } from "../../gate-link/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { selectCustodians, selectFinishedCeremonies } from "./custodians.store.ts";
import { selectEpochGrid, selectRetentionDays } from "./epoch-grid.store.ts";
import { endorsedPolicy, policyInForce, selectPolicies } from "./witness-policy.store.ts";

/** The evidence log, as far as gates check it. */
export interface CheckedLog {
  readonly origin: string;
  /** Way from a leaf to the root of a published checkpoint; `undefined` until one covers it. */
  readonly inclusionOf: (index: number) => Promise<
    | {
        readonly hashes: readonly Uint8Array[];
        readonly size: number;
        readonly checkpoint: Uint8Array;
      }
    | undefined
  >;
}

/** A document carries this many ceremonies at most; each makes the keys of a year. */
const MAX_CEREMONIES = 16;

/** What gates are told about sealing their entries: grid, custodians, ceremonies, the log that vouches for gates. */
export function makeTrailSource(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly storageKey: StorageKey;
  readonly leaves: LeafRecorder;
  /** Absent: this community keeps no log, and gates agree on no pseudonyms. */
  readonly log?: CheckedLog;
  /** Whom entries are named to the duty desk of; absent: nobody. */
  readonly naming?: (db: Reader, now: number) => Promise<readonly TrailNaming[]>;
}): Omit<TrailSource, "proveCredentials"> {
  const { db, clock, storageKey, leaves, log } = dependencies;
  return {
    read: () =>
      db
        .transaction()
        .setIsolationLevel("repeatable read")
        .setAccessMode("read only")
        .execute(async (trx): Promise<TrailContent> => {
          const grid = await selectEpochGrid(trx);
          const custodians = await selectCustodians(trx, MAX_CUSTODIAN_SETS);
          const now = clock.now();
          const policies = log === undefined ? [] : await selectPolicies(trx);
          const policy = policyInForce(policies)?.policy;
          const witnessPolicy = endorsedPolicy(policies);
          const ceremonies = (await selectFinishedCeremonies(trx)).filter(
            // Keys of epochs that are over seal nothing any more.
            ({ firstEpoch, epochCount }) => epochStart(grid, firstEpoch + epochCount) > now,
          );
          const naming = (await dependencies.naming?.(trx, now)) ?? [];
          return {
            grid: { anchor: Instant(grid.anchorMs), epochMs: grid.epochMs },
            custodians: custodians.map(({ encoded, endorsements }) => ({
              encoded,
              endorsements: [...endorsements],
            })),
            ceremonies: ceremonies.slice(-MAX_CEREMONIES).map(({ certificate, vouches, setVersion }) => ({
              certificate,
              vouches: [...vouches],
              setVersion,
            })),
            ...(policy === undefined ? {} : { logKey: policy.logKey }),
            witnesses: policy?.witnesses.map(({ key }) => key) ?? [],
            quorum: policy?.quorum ?? 0,
            ...(witnessPolicy === undefined ? {} : { witnessPolicy }),
            ...(naming.length === 0 ? {} : { naming: [...naming] }),
            retentionDays: await selectRetentionDays(trx),
          };
        }),

    recordIssue: (client, issue: CertificateIssue) =>
      leaves.record(client, {
        at: issue.at,
        topic: "gate-certificate-issued",
        subject: { kind: "community" },
        statement: {
          gateId: issue.gateId,
          deviceKey: base64url(issue.deviceKey),
          sealingKey: base64url(issue.sealingKey),
          certificateSha256: createHash("sha256").update(issue.certificate).digest("hex"),
        },
        public: true,
      }),

    async proveIssue(leafId): Promise<LeafEvidence | undefined> {
      const [leaf] = await openStatements(db, storageKey, [leafId]);
      if (leaf?.index === undefined || leaf.salt === undefined) return undefined;
      const inclusion = await log?.inclusionOf(leaf.index);
      if (inclusion === undefined) return undefined;
      return {
        statement: leaf.statement,
        salt: leaf.salt,
        leafIndex: leaf.index,
        treeSize: inclusion.size,
        proof: [...inclusion.hashes],
        checkpoint: new TextDecoder().decode(inclusion.checkpoint),
      };
    },

    async fallingShort(checkpoints): Promise<ReadonlySet<string>> {
      const told = checkpoints.length === 0 ? undefined : policyInForce(await selectPolicies(db))?.policy;
      if (log === undefined || told === undefined) return new Set();
      const vouched = vouchesBy(log.origin, told);
      return new Set([...new Set(checkpoints)].filter((checkpoint) => !vouched(checkpoint)));
    },
  };
}

/** Whether the log of a policy and enough bodies of its witnesses signed a checkpoint. */
function vouchesBy(origin: string, { logKey, witnesses, quorum }: WitnessPolicy) {
  const keyOf = (text: string): NoteKey[] => {
    const parsed = parseVerifierKey(sha256, text);
    return parsed.parsed ? [parsed.key] : [];
  };
  const known = witnesses.flatMap(({ body, key: text }) => keyOf(text).map((key) => ({ body, key })));
  const logKeys = keyOf(logKey);
  return (checkpoint: string): boolean => {
    try {
      const opened = openCheckpoint({ sha256, ed25519Verify }, new TextEncoder().encode(checkpoint), {
        origin,
        logKeys,
        witnessKeys: known.map(({ key }) => key),
      });
      return opened.opened && meetsQuorum({ witnesses: known, quorum }, opened.cosignatures);
    } catch (fault) {
      // Keys of the wrong kind, or one twice: gates make nothing of such a policy.
      if (fault instanceof EvidenceError) return false;
      throw fault;
    }
  };
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
