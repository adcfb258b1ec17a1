import type { Logger, StopOrder } from "@menshen/service-kit";
import { GateError } from "./errors.ts";
import type { HeldDocuments } from "./held/held-documents.ts";
import type { Seal } from "./keys/seal.ts";
import type { StateKeeper } from "./store/state-keeper.ts";
import type { Remote } from "./store/store-thread.ts";
import { type CardHabits, makeCardHabits } from "./tap/card-habits.ts";

const SECRET = "card-habits";
const PURPOSE = "menshen gate card habits v1";
/** What was seen since is lost with a power failure; that only makes the gate notice less. */
const KEEP_EVERY_MS = 600_000;

/** What a gate remembers of cards over epochs, sealed on its disk and written now and then. */
export interface GateHabits extends Pick<CardHabits, "noted"> {
  /** Resolves when nothing of them is on the disk any more; answers how many there were. */
  forget(credentialKeys: readonly Uint8Array[]): Promise<number>;
}

export async function openGateHabits(
  options: {
    readonly seal: Seal;
    readonly state: Pick<Remote<StateKeeper>, "secret" | "keepSecret">;
    readonly held: () => Pick<HeldDocuments, "trail"> | undefined;
    readonly logger: Logger;
  },
  stopOrder: StopOrder,
): Promise<GateHabits> {
  const { seal, state, held, logger } = options;

  async function readKept(): Promise<Uint8Array | undefined> {
    try {
      const sealed = await state.secret(SECRET);
      return sealed === undefined ? undefined : seal.open(PURPOSE, sealed);
    } catch (fault) {
      if (!(fault instanceof GateError)) throw fault;
      logger.error({ code: fault.code }, "what was remembered of cards cannot be read; it begins anew");
      return undefined;
    }
  }

  const habits = makeCardHabits({
    kept: await readKept(),
    nameOf: (credentialKey) => seal.nameOf(PURPOSE, credentialKey),
    grid: () => held()?.trail()?.grid,
  });
  const keep = async () => {
    const kept = habits.takeKept();
    if (kept !== undefined) await state.keepSecret(SECRET, seal.seal(PURPOSE, kept));
  };
  const keepQuietly = () =>
    keep().catch((error: unknown) =>
      logger.error({ error }, "what is remembered of cards could not be kept"),
    );
  const timer = setInterval(() => void keepQuietly(), KEEP_EVERY_MS);
  timer.unref();
  stopOrder.add("habits of cards", () => {
    clearInterval(timer);
    return keepQuietly();
  });

  return {
    noted: habits.noted,
    async forget(credentialKeys) {
      const gone = habits.forget(credentialKeys);
      if (gone > 0) await keep();
      return gone;
    },
  };
}
