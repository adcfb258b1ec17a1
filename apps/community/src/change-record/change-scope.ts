import type { Instant } from "@menshen/domain";
import type { ChangeReason, ViewReason } from "@menshen/wire";
import { type Actor, mayName } from "../authority/authorise.ts";
import type { Clock } from "../clock.ts";
import { type Database, moment, type Trx } from "../database/database.ts";
import { type ModelPart, touchModelPart } from "../database/model-parts.ts";
import { refusal } from "../errors.ts";
import { type LeafRecorder, type NewLeaf, recordLines } from "../evidence-record/index.ts";
import { changedFields, type Fields } from "./changed-fields.ts";

/** One thing that a use case did. */
export interface RecordedChange {
  /** `entity.verb-in-the-past`, e.g. `credential.blocked`. */
  readonly action: string;
  readonly entity: string;
  readonly entityId: string;
  readonly before?: Fields | undefined;
  readonly after?: Fields | undefined;
  /** Fields whose values are not kept. */
  readonly personal?: readonly string[];
}

/** What a use case works with inside its one transaction. */
export interface ChangeScope {
  readonly trx: Trx;
  /** When the change happens, the same for all that it writes. */
  readonly at: Instant;
  readonly record: (change: RecordedChange) => Promise<void>;
  /** Records a leaf of the evidence log in this transaction, at its time; returns the leaf's id. */
  readonly leaf: (leaf: Omit<NewLeaf, "at">) => Promise<string>;
  /** Notes that gates must hear of this; returns the part's new version. */
  readonly touch: (part: ModelPart) => Promise<number>;
}

/** Who changes something and why. The server itself, at its first start or by the clock, has no staff account. */
export interface ChangeAuthor {
  readonly actor: Actor | undefined;
  readonly reason: ChangeReason;
  readonly viewReason?: ViewReason;
}

export interface ChangeOptions {
  /** Checks the rule of paths and persons before the commit; refused with `way-in-lost` if the change breaks it. */
  readonly guarded?: boolean;
}

/**
 * Runs a use case in one transaction with its records, the leaf that holds them, and its outgoing messages.
 */
export type ChangeRunner = <T>(
  author: ChangeAuthor,
  work: (scope: ChangeScope) => Promise<T>,
  options?: ChangeOptions,
) => Promise<T>;

/** What the change runner needs of the publishing slice. */
export interface PolicyWatch {
  /**
   * Prepares a check inside the transaction before the change; the returned function checks after it. A refusal names
   * the persons concerned only with `showNames`.
   */
  readonly guard: (trx: Trx, at: Instant, showNames: boolean) => Promise<() => Promise<void>>;
  /** Marks gates in the transaction; returns what to do after the commit. */
  readonly changed: (trx: Trx) => Promise<() => void>;
}

/** What the change runner needs of the transparency slice. */
export interface CredentialFollower {
  /** Puts into the evidence log which credentials began and ended by a change to these records. */
  readonly follow: (
    trx: Trx,
    at: Instant,
    about: ConcernedRecords,
    staffId: string | undefined,
  ) => Promise<void>;
}

/** Ids of records that a change was about, of the kinds that decide who holds which credential. */
export interface ConcernedRecords {
  readonly credentials: readonly string[];
  readonly persons: readonly string[];
  readonly residencies: readonly string[];
  readonly dwellings: readonly string[];
}

export function makeChangeRunner(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly policy: PolicyWatch;
  readonly leaves: LeafRecorder;
  readonly credentials: CredentialFollower;
}): ChangeRunner {
  const { db, clock, policy, leaves, credentials } = dependencies;
  return async (author, work, options = {}) => {
    let afterCommit = () => {};
    const result = await db.transaction().execute(async (trx) => {
      const at = clock.now();
      const touched = new Set<ModelPart>();
      const lines: string[] = [];
      const recorded: RecordedChange[] = [];
      const showNames = author.actor !== undefined && mayName(author.actor, author.viewReason);
      const check = options.guarded ? await policy.guard(trx, at, showNames) : undefined;
      const scope: ChangeScope = {
        trx,
        at,
        touch: async (part) => {
          touched.add(part);
          return touchModelPart(trx, part);
        },
        leaf: (leaf) => leaves.record(trx, { ...leaf, at }),
        record: async (change) => {
          recorded.push(change);
          lines.push(await insertChange(trx, at, author, change));
        },
      };
      const value = await work(scope);
      if (touched.size > 0) {
        const about = concerned(recorded);
        await credentials.follow(trx, at, about, author.actor?.staffId);
      }
      await recordLines(leaves, trx, at, "change", lines);
      if (touched.size > 0) {
        await check?.();
        afterCommit = await policy.changed(trx);
      }
      return value;
    });
    afterCommit();
    return result;
  };
}

function concerned(recorded: readonly RecordedChange[]): ConcernedRecords {
  const idsOf = (entity: string) =>
    recorded.filter((change) => change.entity === entity).map(({ entityId }) => entityId);
  return {
    credentials: idsOf("credential"),
    persons: idsOf("person"),
    residencies: idsOf("residency"),
    dwellings: idsOf("dwelling"),
  };
}

/** Throws `reason-required` if nothing but `routine` was said where a reason is due. */
export function demandReason(reason: ChangeReason): void {
  if (reason.code === "routine") {
    throw refusal("reason-required", "say why: this change needs a reason");
  }
}

async function insertChange(
  trx: Trx,
  at: Instant,
  { actor, reason }: ChangeAuthor,
  change: RecordedChange,
): Promise<string> {
  const { before, after } = changedFields(change.before, change.after, change.personal);
  const { id } = await trx
    .insertInto("change")
    .values({
      at: moment(at),
      staff_id: actor?.staffId ?? null,
      duty: actor?.duty ?? null,
      action: change.action,
      entity: change.entity,
      entity_id: change.entityId,
      reason_code: reason.code,
      reason_text: reason.text ?? null,
      before: before === undefined ? null : JSON.stringify(before),
      after: after === undefined ? null : JSON.stringify(after),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return String(id);
}
