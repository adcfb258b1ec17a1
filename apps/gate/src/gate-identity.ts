import type { Logger } from "@menshen/service-kit";
import type { GateClock } from "./clock/gate-clock.ts";
import type { GateConfig } from "./config.ts";
import { faultName } from "./errors.ts";
import { dropEnrolmentKeys, keepEnrolmentKeys } from "./keys/enrolment-keys.ts";
import { type GateIdentity, readIdentity, writeIdentity } from "./keys/identity.ts";
import type { Seal } from "./keys/seal.ts";
import { makeBackoff } from "./link/backoff.ts";
import { enrol } from "./link/enrolment.ts";

/** Who this gate is, now or after enrolment. */
export interface IdentityKeeper {
  current(): GateIdentity | undefined;
  /** Resolves when the gate is enrolled, at once if it is; never while it has no usable code. */
  enrolled(): Promise<GateIdentity>;
  /** Enrols with a code that a person brings. Rejects with the reason; does nothing for a gate that is enrolled. */
  enrolWith(code: string): Promise<void>;
  /** Stores a renewed certificate. @throws {GateError} `disk-full`, `disk-failed` */
  replace(identity: GateIdentity): void;
  stop(): void;
}

const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;

/**
 * Reads the identity, or enrols with the configured code, trying again while the server does not answer.
 *
 * @throws {GateError} `seal-broken`, `disk-failed`
 */
export function makeIdentityKeeper(options: {
  readonly config: GateConfig;
  readonly seal: Seal;
  readonly clock: GateClock;
  readonly logger: Logger;
}): IdentityKeeper {
  const { config, seal, clock, logger } = options;
  const { enrolUrl, enrolmentCode, caFingerprint } = config.community;
  let identity = readIdentity(config.stateDir, seal);
  let arrived: (identity: GateIdentity) => void = () => undefined;
  const enrolled = new Promise<GateIdentity>((resolve) => {
    arrived = resolve;
  });
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;
  const backoff = makeBackoff(RETRY_MIN_MS, RETRY_MAX_MS);

  async function enrolWith(code: string): Promise<void> {
    if (identity !== undefined) return;
    const keys = await keepEnrolmentKeys(config.stateDir, seal, code);
    const made = await enrol({ enrolUrl, code, keys, pinnedFingerprint: caFingerprint, now: clock.now() });
    writeIdentity(config.stateDir, seal, made);
    dropEnrolmentKeys(config.stateDir);
    identity = made;
    clearTimeout(retry);
    logger.info({ gateId: made.gateId }, "enrolled");
    arrived(made);
  }

  async function tryConfigured(code: string): Promise<void> {
    try {
      await enrolWith(code);
    } catch (fault) {
      logger.error({ code: faultName(fault), error: fault }, "enrolment failed; it is tried again");
      if (!stopped) retry = setTimeout(() => void tryConfigured(code), backoff.next());
    }
  }

  if (identity !== undefined) arrived(identity);
  else if (enrolmentCode !== undefined) void tryConfigured(enrolmentCode);
  else logger.warn({}, "not enrolled, and the configuration names no enrolment code");

  return {
    current: () => identity,
    enrolled: () => enrolled,
    enrolWith,
    replace(renewed) {
      writeIdentity(config.stateDir, seal, renewed);
      identity = renewed;
    },
    stop() {
      stopped = true;
      clearTimeout(retry);
    },
  };
}
