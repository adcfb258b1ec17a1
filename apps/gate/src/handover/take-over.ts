import { join } from "node:path";
import type { ReaderId } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import type { GateClock } from "../clock/gate-clock.ts";
import type { GateConfig } from "../config.ts";
import { faultName, GateError } from "../errors.ts";
import type { GateReaders } from "../gate-readers.ts";
import type { GateIdentity } from "../keys/identity.ts";
import { type HandedOver, handOver } from "./hand-over.ts";
import { type OldDisk, openOldDisk } from "./old-disk.ts";

/** What a box took from the disk of the one in whose place it stands. */
export interface TakenOver {
  readonly gateId: string;
  /** Readers that are served under the keys they hold. */
  readonly readers: readonly ReaderId[];
  /** Its journal, or why it could not be handed over. */
  readonly journal: HandedOver | { readonly failed: string };
}

/**
 * Takes from the disk of a replaced gate what only it has: the keys of its readers, and the entries that the server lacks.
 * The keys first: for them no server is needed. Called again after a failure it goes on where it was.
 *
 * @throws {GateError} `request-invalid` for a folder that is no such disk, `seal-broken`, `disk-failed`, `disk-full`
 */
export function makeTakeOver(options: {
  readonly config: Pick<GateConfig, "stateDir" | "community">;
  readonly identity: () => GateIdentity | undefined;
  readonly readers: Pick<GateReaders, "adoptKeys">;
  readonly isBusy: () => boolean;
  readonly clock: Pick<GateClock, "now">;
  readonly logger: Logger;
}): (oldStateDir: string) => Promise<TakenOver> {
  const { config, readers, clock, logger } = options;
  let isUnderWay = false;

  async function handOverFrom(disk: OldDisk, { gateId }: GateIdentity): Promise<TakenOver["journal"]> {
    try {
      return await handOver({
        old: disk.identity,
        journal: await disk.openJournal(),
        successor: gateId,
        enrolUrl: config.community.enrolUrl,
        now: () => clock.now(),
      });
    } catch (fault) {
      logger.warn({ code: faultName(fault), error: fault }, "the journal of an old disk was not handed over");
      if (!(fault instanceof GateError)) throw fault;
      return { failed: fault.message };
    }
  }

  async function takeOver(oldStateDir: string, identity: GateIdentity): Promise<TakenOver> {
    const disk = openOldDisk(oldStateDir, join(config.stateDir, "old-journal"));
    try {
      const { gateId, communityId } = disk.identity;
      if (communityId !== identity.communityId || gateId === identity.gateId) {
        throw new GateError("request-invalid", "expected the disk of another gate of this community");
      }
      const adopted = await readers.adoptKeys(disk.readerKeys);
      return { gateId, readers: adopted, journal: await handOverFrom(disk, identity) };
    } finally {
      disk.close();
    }
  }

  return async (oldStateDir) => {
    const identity = options.identity();
    if (identity === undefined) throw new GateError("request-invalid", "expected a gate that is enrolled");
    if (isUnderWay || options.isBusy())
      throw new GateError("request-invalid", "expected a gate at rest: try again soon");
    isUnderWay = true;
    try {
      return await takeOver(oldStateDir, identity);
    } finally {
      isUnderWay = false;
    }
  };
}
