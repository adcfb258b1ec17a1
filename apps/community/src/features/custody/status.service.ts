import { toHex } from "@menshen/crypto/node";
import { type CustodianSet, DEFAULT_EPOCH_COUNT, parseWitnessPolicy } from "@menshen/custody";
import { type EpochGrid, epochAt, epochDeath, epochEnd, epochStart } from "@menshen/domain";
import type { CustodianStandingView, CustodyStatus, EpochView, HealthFinding } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { endorsedPolicy, selectEpochGrid, selectPolicies } from "../trail/index.ts";
import { presentOf } from "./appointments.service.ts";
import {
  type CeremonyRow,
  type StoredCeremony,
  selectFinished,
  selectLastEnded,
  selectUnderWay,
} from "./ceremonies.store.ts";
import {
  type StoredReceipt,
  type StoredSet,
  selectReceipts,
  selectSets,
  selectSettings,
} from "./custody.store.ts";
import { viewOfCeremony, viewOfSet } from "./custody-views.ts";
import type { PoliciesService } from "./policies.service.ts";

/** A receipt is awaited this long after an epoch's death: programs need not run all the time. */
const RECEIPT_GRACE_MS = 86_400_000;
/** Fewer epochs ahead than this with keys: somebody should call the custodians. */
const ENOUGH_EPOCHS = 2;
/** Epochs that are shown after everything of them is destroyed. */
const SHOWN_AFTER_DEATH = 3;

export type CustodyStatusService = ReturnType<typeof makeCustodyStatusService>;

interface Loaded {
  readonly now: number;
  readonly grid: EpochGrid;
  readonly current: number;
  readonly retentionDays: number;
  readonly revision: number;
  readonly sets: readonly StoredSet[];
  readonly finished: readonly CeremonyRow[];
  readonly receipts: readonly StoredReceipt[];
}

/** Where custody stands: for screens, for custodians' programs, and what somebody should look at. */
export function makeCustodyStatusService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly community: () => Promise<{ readonly id: string; readonly name: string }>;
  readonly giveUpLate: () => Promise<void>;
  readonly waitingPolicy: PoliciesService["waitingFor"];
}) {
  const { db, clock, community, giveUpLate, waitingPolicy } = dependencies;

  async function load(scope: Reader): Promise<Loaded> {
    const grid = await selectEpochGrid(scope);
    const now = clock.now();
    return {
      now,
      grid,
      current: epochAt(grid, now) ?? 1,
      ...(await selectSettings(scope)),
      sets: await selectSets(scope),
      finished: await selectFinished(scope),
      receipts: await selectReceipts(scope),
    };
  }

  function view(ceremony: StoredCeremony | undefined, sets: readonly StoredSet[]) {
    const set = sets.find((one) => one.set.version === ceremony?.row.set_version)?.set;
    return ceremony === undefined || set === undefined ? undefined : viewOfCeremony(ceremony, set);
  }

  return {
    /** For anybody: nothing in it is about a resident. */
    async status(): Promise<CustodyStatus> {
      await giveUpLate();
      const loaded = await load(db);
      const { sets, current, retentionDays, revision } = loaded;
      const present = presentOf(sets);
      const waiting = sets.find(({ inForceSince }) => inForceSince === undefined);
      return {
        settings: { retentionDays, revision },
        grid: { anchorMs: loaded.grid.anchorMs, epochMs: loaded.grid.epochMs },
        currentEpoch: current,
        epochsLeft: epochsLeft(loaded),
        ...optional("custodians", present && viewOfSet(present)),
        ...optional("waiting", waiting && viewOfSet(waiting)),
        ...optional("ceremony", view(await selectUnderWay(db), sets)),
        ...optional("lastCeremony", view(await selectLastEnded(db), sets)),
        epochs: epochsOf(loaded),
      };
    },

    /** For custodians' programs. */
    async standing(): Promise<CustodianStandingView> {
      await giveUpLate();
      const loaded = await load(db);
      const { id, name } = await community();
      const signed = ({ set, encoded, endorsements }: StoredSet) => ({
        version: set.version,
        encoded: toHex(encoded),
        endorsements: endorsements.map(({ index, signature }) => ({ index, signature: toHex(signature) })),
      });
      const waiting = loaded.sets.find(({ inForceSince }) => inForceSince === undefined);
      const endorsed = endorsedPolicy(await selectPolicies(db));
      return {
        communityId: id,
        communityName: name,
        nowMs: loaded.now,
        grid: { anchorMs: loaded.grid.anchorMs, epochMs: loaded.grid.epochMs },
        retentionDays: loaded.retentionDays,
        sets: loaded.sets.filter(({ inForceSince }) => inForceSince !== undefined).map(signed),
        ...optional("waiting", waiting && signed(waiting)),
        ...optional("witnessPolicy", endorsed && signedPolicy(endorsed)),
        ...optional("waitingPolicy", await waitingPolicy(db, loaded.sets)),
        ...optional("ceremony", view(await selectUnderWay(db), loaded.sets)),
        ...optional("lastCeremony", view(await selectLastEnded(db), loaded.sets)),
        epochsLeft: epochsLeft(loaded),
      };
    },

    /** Nothing before the first custodians are appointed: then a community has not chosen custody yet. */
    async findings(): Promise<readonly HealthFinding[]> {
      const loaded = await load(db);
      if (presentOf(loaded.sets) === undefined) return [];
      const left = epochsLeft(loaded);
      const low: readonly HealthFinding[] =
        left < ENOUGH_EPOCHS
          ? [
              {
                code: "custody-keys-low",
                severity: left === 0 ? "fault" : "warning",
                values: { epochs: left },
              },
            ]
          : [];
      const overdue = epochsOf(loaded).flatMap(({ epoch, diesAt, receipts }) =>
        receipts
          .filter((receipt) => receipt.overdue)
          .map(
            ({ body }): HealthFinding => ({
              code: "custody-receipt-overdue",
              severity: "warning",
              subject: body,
              since: diesAt,
              values: { epoch },
            }),
          ),
      );
      return [...low, ...overdue];
    },
  };
}

function signedPolicy({ encoded, setVersion, endorsements }: NonNullable<ReturnType<typeof endorsedPolicy>>) {
  return {
    version: parseWitnessPolicy(encoded).version,
    encoded: toHex(encoded),
    setVersion,
    endorsements: endorsements.map(({ index, signature }) => ({ index, signature: toHex(signature) })),
  };
}

function ceremoniesOf(finished: readonly CeremonyRow[], epoch: number): readonly CeremonyRow[] {
  return finished.filter((row) => row.first_epoch <= epoch && epoch < row.first_epoch + row.epoch_count);
}

/** Epochs after the current one with keys, without a gap. */
function epochsLeft({ finished, current }: Loaded): number {
  let left = 0;
  while (ceremoniesOf(finished, current + left + 1).length > 0) left += 1;
  return left;
}

function epochsOf(loaded: Loaded): EpochView[] {
  const { finished, current } = loaded;
  const last = Math.max(current, ...finished.map((row) => row.first_epoch + row.epoch_count - 1));
  const first = Math.min(current, ...finished.map((row) => row.first_epoch));
  const views: EpochView[] = [];
  for (let epoch = first; epoch <= Math.min(last, current + 4 * DEFAULT_EPOCH_COUNT); epoch += 1) {
    const view = viewOfEpoch(loaded, epoch);
    const over = view.receipts.every(({ destroyedAt }) => destroyedAt !== undefined);
    if (epoch >= current - SHOWN_AFTER_DEATH || !over) views.push(view);
  }
  return views;
}

function viewOfEpoch(loaded: Loaded, epoch: number): EpochView {
  const { grid, now, sets, receipts, retentionDays } = loaded;
  const diesAt = epochDeath(grid, epoch, retentionDays);
  const ceremonies = ceremoniesOf(loaded.finished, epoch);
  return {
    epoch,
    from: epochStart(grid, epoch),
    until: epochEnd(grid, epoch),
    diesAt,
    ...optional("setVersion", ceremonies.at(-1)?.set_version),
    receipts: ceremonies.flatMap(({ id, set_version: setVersion }) =>
      setOf(sets, setVersion).members.map(({ body }, position) => {
        const receipt = receipts.find(
          (one) => one.ceremony === id && one.epoch === epoch && one.index === position + 1,
        );
        return {
          body,
          setVersion,
          ...optional("destroyedAt", receipt?.destroyedAt),
          overdue: receipt === undefined && now > diesAt + RECEIPT_GRACE_MS,
          ...optional("leafId", receipt?.leafId),
        };
      }),
    ),
  };
}

function setOf(sets: readonly StoredSet[], version: number): CustodianSet {
  return found(
    sets.find(({ set }) => set.version === version),
    "set of custodians",
  ).set;
}
