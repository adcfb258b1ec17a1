import type { Logger } from "@menshen/service-kit";
import { uuidBytes } from "@menshen/wire";
import type { GateClock } from "./clock/gate-clock.ts";
import { GateError } from "./errors.ts";
import type { HeldDocuments } from "./held/held-documents.ts";
import type { GateIdentity } from "./keys/identity.ts";
import type { Seal } from "./keys/seal.ts";
import type { JournalKeeper } from "./store/journal-keeper.ts";
import type { StateKeeper } from "./store/state-keeper.ts";
import type { Remote, StoreThread } from "./store/store-thread.ts";
import { makeCardSteps, type StepOf } from "./trail/card-steps.ts";
import type { SealingMaterial } from "./trail/entry-sealer.ts";
import { makePseudonymChain, type PseudonymChain } from "./trail/pseudonym-chain.ts";
import type { PseudonymKey } from "./trail/pseudonym-key.ts";
import { restoreChain, storeChain } from "./trail/trail-store.ts";

const SECRET = "pseudonym-chain";
const PURPOSE = "menshen gate pseudonym chain v1";
const STEPS_SECRET = "card-steps";
const STEPS_PURPOSE = "menshen gate card steps v1";

export interface GateSealingOptions {
  readonly identity: Pick<GateIdentity, "gateId" | "deviceKey" | "sealingKey">;
  readonly seal: Seal;
  readonly journal: Pick<StoreThread<JournalKeeper>, "tell">;
  readonly state: Pick<Remote<StateKeeper>, "secret" | "keepSecret">;
  readonly held: Pick<HeldDocuments, "trail" | "cardKeys" | "doorRules">;
  readonly clock: Pick<GateClock, "now">;
  readonly logger: Logger;
  /** The pseudonym key, or who is to have it, may be another one. */
  readonly keyChanged: () => void;
}

/** What a gate seals its entries with, kept up to date on the thread that seals. */
export interface GateSealing {
  readonly chain: PseudonymChain;
  /** What a person decided about a card. */
  readonly stepOf: StepOf;
  /** Documents or the time changed. */
  review(): void;
}

export async function openGateSealing(options: GateSealingOptions): Promise<GateSealing> {
  const { identity, seal, journal, state, held, logger } = options;

  async function readSteps(): Promise<Uint8Array | undefined> {
    try {
      const sealed = await state.secret(STEPS_SECRET);
      return sealed === undefined ? undefined : seal.open(STEPS_PURPOSE, sealed);
    } catch (fault) {
      if (!(fault instanceof GateError)) throw fault;
      logger.error({ code: fault.code }, "steps about cards of past epochs cannot be read");
      return undefined;
    }
  }

  async function readKept(): Promise<PseudonymKey | undefined> {
    try {
      const sealed = await state.secret(SECRET);
      return sealed === undefined ? undefined : restoreChain(seal.open(PURPOSE, sealed));
    } catch (fault) {
      if (!(fault instanceof GateError)) throw fault;
      logger.error({ code: fault.code }, "the pseudonym key cannot be read; a new one is made");
      return undefined;
    }
  }

  /** What the sealer was told last: of a hundred thousand trail keys a copy is made each time. */
  let told: readonly unknown[] = [];

  function tellSealer(): void {
    const trail = held.trail();
    const cardKeys = held.cardKeys();
    const pseudonymKey = chain.key();
    const telling = [trail, cardKeys, pseudonymKey];
    if (told.length > 0 && telling.every((part, i) => part === told[i])) return;
    told = telling;
    const material: SealingMaterial = {
      gateId: uuidBytes(identity.gateId),
      deviceSecret: identity.deviceKey.secretKey,
      ...(trail === undefined ? {} : { grid: trail.grid }),
      epochKeys: trail?.epochKeys ?? [],
      ...(pseudonymKey === undefined ? {} : { pseudonymKey }),
      trailKeys: cardKeys?.trailKeys ?? [],
      deskKeys: trail?.deskKeys ?? [],
      named: cardKeys?.named ?? [],
    };
    journal.tell("useForSealing", material);
  }

  const chain = makePseudonymChain({
    identity,
    trail: () => held.trail(),
    now: () => options.clock.now(),
    kept: await readKept(),
    keep: (key) => state.keepSecret(SECRET, seal.seal(PURPOSE, storeChain(key))),
    changed: () => {
      tellSealer();
      options.keyChanged();
    },
  });

  const stepOf = makeCardSteps({
    listed: () => held.doorRules()?.message.cards,
    chainKey: () => chain.key(),
    ownName: (credentialKey) => seal.nameOf(STEPS_PURPOSE, credentialKey),
    kept: await readSteps(),
    keep(bytes) {
      state.keepSecret(STEPS_SECRET, seal.seal(STEPS_PURPOSE, bytes)).catch((error: unknown) => {
        logger.error({ error }, "a step about a card could not be kept");
      });
    },
  });

  return {
    chain,
    stepOf,
    review() {
      tellSealer();
      chain.review().then(options.keyChanged, (fault: unknown) => {
        logger.error({ error: fault }, "the pseudonym key could not be reviewed");
      });
    },
  };
}
