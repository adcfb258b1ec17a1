import { randomUUID } from "node:crypto";
import { primitives } from "@menshen/crypto/node";
import type { Instant } from "@menshen/domain";
import { commitLeaf, encodeLeaf, leafSalt } from "@menshen/evidence";
import { type CanonicalJson, canonicalJson, type EvidenceTopic, uuidBytes } from "@menshen/wire";
import type { StorageKey } from "../keys/storage-key.ts";
import { type LeafSubject, subjectIdOf } from "./leaf-subject.ts";
import { runSql, type SqlScope } from "./sql-runner.ts";
import { ensureSaltKeys, subjectName } from "./subject-salts.ts";

/** What is to stand in the evidence log. */
export interface NewLeaf {
  readonly at: Instant;
  readonly topic: EvidenceTopic;
  readonly subject: LeafSubject;
  /** What is said, beside `at` and `topic`, which every statement has. */
  readonly statement: { readonly [name: string]: CanonicalJson };
  /** 16 bytes: in the log itself, for those who know what to look for. */
  readonly tag?: Uint8Array;
  /** Shown to everybody with its salt: then it must not name a person. Kept to the subject if absent. */
  readonly public?: boolean;
}

/** Puts leaves on their way into the evidence log, in the transaction of what they tell of. */
export interface LeafRecorder {
  /**
   * Records a leaf: its statement is kept, its entry waits for the log. Both stand or fall with the transaction.
   *
   * @returns the leaf's id; throws `keys-unreadable` if the subject's salt key does not open
   * @throws {WireError} `invalid` for a statement without canonical text
   */
  readonly record: (trx: SqlScope, leaf: NewLeaf) => Promise<string>;
  /** The same for many, in their order. */
  readonly recordAll: (trx: SqlScope, leaves: readonly NewLeaf[]) => Promise<readonly string[]>;
}

export function makeLeafRecorder(dependencies: {
  readonly storageKey: StorageKey;
  /** Told in the transaction, before its commit: the log should look soon. */
  readonly onRecorded?: () => void;
}): LeafRecorder {
  const { storageKey, onRecorded } = dependencies;
  const text = new TextEncoder();

  async function recordAll(trx: SqlScope, leaves: readonly NewLeaf[]): Promise<readonly string[]> {
    if (leaves.length === 0) return [];
    const saltKeys = await ensureSaltKeys(
      trx,
      storageKey,
      leaves.map(({ subject }) => subject),
    );
    const rows = leaves.map(({ at, topic, subject, statement, tag, public: shown = false }) => {
      const subjectId = subjectIdOf(subject);
      const saltKey = saltKeys.get(subjectName(subject.kind, subjectId)) ?? new Uint8Array();
      const leafId = randomUUID();
      const said = canonicalJson({ ...statement, at, topic });
      const salt = leafSalt(primitives, saltKey, uuidBytes(leafId));
      const committed = commitLeaf(primitives, salt, topic, text.encode(said));
      const entry = encodeLeaf(tag === undefined ? committed : { ...committed, tag });
      return { leafId, topic, kind: subject.kind, subjectId, said, shown, at: new Date(at), entry };
    });
    const ids = rows.map(({ leafId }) => leafId);
    await runSql(
      trx,
      `insert into evidence_statement (leaf_id, topic, subject_kind, subject_id, statement, public, at)
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::boolean[], $7::timestamptz[])`,
      [
        ids,
        rows.map(({ topic }) => topic),
        rows.map(({ kind }) => kind),
        rows.map(({ subjectId }) => subjectId),
        rows.map(({ said }) => said),
        rows.map(({ shown }) => shown),
        rows.map(({ at }) => at),
      ],
    );
    await runSql(
      trx,
      `insert into evidence_pending (leaf_id, entry)
       select leaf_id, entry from unnest($1::uuid[], $2::bytea[]) with ordinality as new (leaf_id, entry, n) order by n`,
      [ids, rows.map(({ entry }) => entry)],
    );
    onRecorded?.();
    return ids;
  }

  return {
    recordAll,
    async record(trx, leaf) {
      const [id] = await recordAll(trx, [leaf]);
      if (id === undefined) throw new RangeError("one leaf in, no id out");
      return id;
    },
  };
}
