import { randomUUID } from "node:crypto";
import { sha256 } from "@menshen/crypto/node";
import { formatVerifierKey, parseVerifierKey } from "@menshen/evidence";
import type { EvidenceLog, WitnessResult, WitnessTrouble } from "@menshen/evidence/node";
import type { WitnessCreate, WitnessList, WitnessSettings, WitnessView } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { demandFresh, found, optional, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { cosignatureTimes } from "./evidence.service.ts";
import type { LogRunner } from "./log-runner.ts";
import { cosigningKey, isExtra } from "./witness-policy.ts";
import {
  deleteWitness,
  insertWitness,
  lockWitnesses,
  type StoredWitness,
  selectWitnesses,
  selectWitnessSettings,
  updateWitnessSettings,
} from "./witnesses.store.ts";

/** More keys than this fit no document for gates. */
const MOST_WITNESSES = 16;

export type WitnessesService = ReturnType<typeof makeWitnessesService>;

/** Who witnesses the evidence log, and how many bodies must have signed before anything is shown. */
export function makeWitnessesService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly log: Pick<EvidenceLog, "tryWitness" | "published" | "verifierKey">;
  readonly runner: Pick<LogRunner, "lastResults">;
  /** Proposes to gates and custodians what is registered now, within the change. */
  readonly propose: (trx: Trx, at: number) => Promise<void>;
  /** What waits for custodians. */
  readonly waiting: () => Promise<WitnessList["waiting"]>;
  /** After a change that the log and the gates must hear of. */
  readonly witnessesChanged: () => Promise<void>;
}) {
  const { db, change, log, runner, propose, waiting, witnessesChanged } = dependencies;

  async function viewOf(reader: Reader): Promise<(witness: StoredWitness) => WitnessView> {
    const { residentsCount } = await selectWitnessSettings(reader);
    const cosignedAt = await cosignatureTimes(log);
    const results = runner.lastResults();
    return ({ id, body, name, key, url, addedAt }) => ({
      id,
      body,
      name,
      key,
      url,
      extra: isExtra(body, residentsCount),
      addedAt,
      ...optional("cosignedAt", cosignedAt.get(key)),
      ...optional("trouble", results.get(name)?.trouble),
    });
  }

  return {
    async list(actor: Actor): Promise<WitnessList> {
      authorise(actor, "witnesses.write");
      const settings = await selectWitnessSettings(db);
      const items = (await selectWitnesses(db)).map(await viewOf(db));
      return { settings, logKey: log.verifierKey, items, ...optional("waiting", await waiting()) };
    },

    /**
     * Asks the witness to cosign the log first. Throws `invalid-request` for a key that is none, `conflict` for one that
     * is registered, and for a witness that does not answer, does not know this log, or signs with another key.
     */
    async add(author: StaffAuthor, input: WitnessCreate): Promise<WitnessView> {
      authorise(author.actor, "witnesses.write");
      demandReason(author.reason);
      const key = cosigningKey(input.key);
      if (key === undefined || isLogKey(key.publicKey, log.verifierKey)) {
        throw refusal("invalid-request", "expected a witness's key as `menshen witness` prints it", {
          fields: [{ path: "body/key", message: "expected a verifier key that cosigns" }],
        });
      }
      const url = input.url.replace(/\/$/, "");
      demandCosigned(await log.tryWitness({ body: input.body, url, key }), log.verifierKey);
      const added = await change(author, async ({ trx, at, record, leaf }) => {
        await lockWitnesses(trx);
        const before = await selectWitnesses(trx);
        if (before.length >= MOST_WITNESSES) {
          throw refusal("conflict", `there are ${MOST_WITNESSES} witnesses already`);
        }
        const witness = {
          id: randomUUID(),
          name: key.name,
          body: input.body,
          url,
          key: formatVerifierKey(key),
          addedAt: at,
        };
        await unlessTaken(
          insertWitness(trx, witness),
          "a witness with this name or key is registered already",
        );
        const { name, body } = witness;
        await leaf({
          topic: "settings-changed",
          subject: { kind: "community" },
          statement: { setting: "witness-added", name, body, key: witness.key },
          public: true,
        });
        await record({
          action: "witness.added",
          entity: "witness",
          entityId: witness.id,
          after: { name, body, url, key: witness.key },
        });
        await propose(trx, at);
        return witness;
      });
      await witnessesChanged();
      return (await viewOf(db))(added);
    },

    /** Throws `not-found`, and `conflict` while the quorum needs it. */
    async remove(author: StaffAuthor, id: string): Promise<void> {
      authorise(author.actor, "witnesses.write");
      demandReason(author.reason);
      await change(author, async ({ trx, at, record, leaf }) => {
        await lockWitnesses(trx);
        const before = await selectWitnesses(trx);
        const witness = found(
          before.find((one) => one.id === id),
          "witness",
        );
        demandBodies(
          before.filter((one) => one !== witness),
          await selectWitnessSettings(trx),
        );
        await deleteWitness(trx, id);
        const { name, body, url, key } = witness;
        await leaf({
          topic: "settings-changed",
          subject: { kind: "community" },
          statement: { setting: "witness-removed", name, body, key },
          public: true,
        });
        await record({
          action: "witness.removed",
          entity: "witness",
          entityId: id,
          before: { name, body, url, key },
        });
        await propose(trx, at);
      });
      await witnessesChanged();
    },

    /** Throws `stale-revision`, and `conflict` for a quorum of more bodies than have a witness that counts. */
    async changeSettings(author: StaffAuthor, input: WitnessSettings): Promise<WitnessSettings> {
      authorise(author.actor, "witnesses.write");
      demandReason(author.reason);
      const settings = await change(author, async ({ trx, at, record, leaf }) => {
        await lockWitnesses(trx);
        const { revision, ...before } = await selectWitnessSettings(trx);
        demandFresh({ revision }, input.revision);
        const after = { quorum: input.quorum, residentsCount: input.residentsCount };
        demandBodies(await selectWitnesses(trx), after);
        await updateWitnessSettings(trx, after);
        await leaf({
          topic: "settings-changed",
          subject: { kind: "community" },
          statement: { setting: "witness-quorum", before, after },
          public: true,
        });
        await record({
          action: "witness.settings-changed",
          entity: "witness",
          entityId: "settings",
          before,
          after,
        });
        await propose(trx, at);
        return selectWitnessSettings(trx);
      });
      await witnessesChanged();
      return settings;
    },
  };
}

function demandBodies(
  witnesses: readonly StoredWitness[],
  { quorum, residentsCount }: Omit<WitnessSettings, "revision">,
): void {
  const counted = witnesses.filter(({ body }) => !isExtra(body, residentsCount));
  const bodies = new Set(counted.map(({ body }) => body)).size;
  if (quorum <= bodies) return;
  throw refusal(
    "conflict",
    `signatures of ${quorum} bodies would be needed, and only ${bodies} would have a witness that counts: lower the number first, or register another witness`,
  );
}

function demandCosigned(result: WitnessResult | undefined, logKey: string): void {
  if (result === undefined)
    throw refusal("conflict", "the log has nothing to sign yet: try again in a minute");
  const { trouble } = result;
  if (trouble === undefined) return;
  const why: Record<WitnessTrouble, string> = {
    "witness-silent": "the witness did not answer, or signed with another key than the one given",
    "witness-refuses": `the witness does not watch this log: give it the log's key, ${logKey}`,
    "witness-lost-state": "the witness has forgotten what it signed with this key: it needs a new one",
    "log-behind-witness": "the witness has seen a longer log of this name",
    "log-forked": "the witness has seen another log of this name",
  };
  throw refusal("conflict", why[trouble], { fields: [{ path: "body/url", message: trouble }] });
}

function isLogKey(publicKey: Uint8Array, logKey: string): boolean {
  const parsed = parseVerifierKey(sha256, logKey);
  return parsed.parsed && parsed.key.publicKey.join() === publicKey.join();
}
