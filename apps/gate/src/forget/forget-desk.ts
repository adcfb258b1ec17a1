import { credentialKeyOf } from "@menshen/credentials";
import { primitives, sha256, toHex } from "@menshen/crypto/node";
import { epochAt, epochDeath, Instant } from "@menshen/domain";
import { knowsCredential } from "@menshen/policy";
import type { Logger } from "@menshen/service-kit";
import { type ForgetMessage, forgetList, forgetMessage, forgottenMessage } from "@menshen/wire";
import type { GateClock } from "../clock/gate-clock.ts";
import type { GateHabits } from "../gate-habits.ts";
import type { HeldDocuments } from "../held/held-documents.ts";
import type { GateIdentity } from "../keys/identity.ts";
import type { Seal } from "../keys/seal.ts";
import { SOFTWARE_VERSION } from "../software-version.ts";
import type { JournalKeeper } from "../store/journal-keeper.ts";
import type { Remote } from "../store/store-thread.ts";
import type { PhoneMemory } from "../tap/phone-memory.ts";
import { ALIRO_KIND } from "../tap/phone-reader.ts";

/** Lets go of what this gate has of somebody who was deleted, and gives a receipt when nothing is left. */
export interface ForgetDesk {
  /**
   * Takes the verified payload of a `forget`. Resolves when its receipt was handed on, or at once while a document in force
   * still has one of the credentials: the receipt follows with the document that has none.
   *
   * @throws {WireError} for what is no such message
   */
  receive(payload: Uint8Array): Promise<void>;
  /** Another document is in force: what waited for it is tried again. */
  documentsChanged(): void;
  /** `send` takes an encoded receipt, to be signed. */
  connected(send: (receipt: Uint8Array) => Promise<void>): void;
  disconnected(): void;
}

export interface ForgetDeskOptions {
  readonly identity: Pick<GateIdentity, "gateId">;
  readonly clock: Pick<GateClock, "now">;
  readonly seal: Pick<Seal, "nameOf">;
  readonly held: () => Pick<HeldDocuments, "snapshot" | "cardKeys" | "passes" | "trail"> | undefined;
  readonly journal: Pick<Remote<JournalKeeper>, "forgetCounters">;
  readonly phones: () => Pick<PhoneMemory, "forget">;
  readonly habits?: Pick<GateHabits, "forget"> | undefined;
  readonly logger: Logger;
}

/** What counts of a credential are kept under, and the numbers of cards without keys. */
export const COUNTERS = "menshen gate counters v1";
export const SEQUENCES = "menshen gate card sequences v1";

type Held = NonNullable<ReturnType<ForgetDeskOptions["held"]>>;

/** As many deletions wait at most; the server says the others again at the next connection. */
const MOST_WAITING = 10_000;

export function makeForgetDesk(options: ForgetDeskOptions): ForgetDesk {
  const { identity, clock, journal, logger, seal } = options;
  /** Deletions whose credentials stand in a document yet. */
  const waiting = new Map<string, ForgetMessage>();
  let send: ((receipt: Uint8Array) => Promise<void>) | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** INVARIANT: no receipt is given while any document in force has one of them. */
  function isHeld(held: Held, credentialKeys: readonly Uint8Array[]): boolean {
    const names = new Set(credentialKeys.map(toHex));
    const among = (key: Uint8Array) => names.has(toHex(key));
    const [snapshot, keys, passes] = [held.snapshot(), held.cardKeys(), held.passes()];
    return (
      (snapshot !== undefined && credentialKeys.some((key) => knowsCredential(snapshot, key))) ||
      keys?.holdsAny(names) === true ||
      passes?.revoked.some(({ delegate }) => among(delegate)) === true
    );
  }

  /** Nobody's entry of this gate that was made until now lives longer. */
  function sealedUntil(held: Held, now: number): number | undefined {
    const trail = held.trail();
    if (trail?.retentionDays === undefined) return undefined;
    return epochDeath(trail.grid, epochAt(trail.grid, now) ?? 1, trail.retentionDays);
  }

  async function forget(message: ForgetMessage): Promise<void> {
    const { deletionId, credentialKeys } = message;
    const name = toHex(deletionId);
    const held = options.held();
    if (held === undefined || isHeld(held, credentialKeys)) {
      if (waiting.size < MOST_WAITING) waiting.set(name, message);
      return;
    }
    const names = new Set(credentialKeys.map(toHex));
    const counters = await journal.forgetCounters(
      credentialKeys.flatMap((key) => [seal.nameOf(COUNTERS, key), seal.nameOf(SEQUENCES, key)]),
    );
    await options.habits?.forget(credentialKeys);
    const telephones = await options
      .phones()
      .forget((publicKey) => names.has(toHex(credentialKeyOf(primitives, ALIRO_KIND, publicKey))));
    const { earliest, latest } = clock.now();
    const dead = sealedUntil(held, latest);
    const receipt = forgottenMessage.encode({
      version: 1,
      gateId: identity.gateId,
      deletionId,
      listHash: sha256(forgetList(deletionId, credentialKeys)),
      earliest,
      latest,
      snapshotVersion: held.snapshot()?.version ?? 0,
      keyringVersion: held.cardKeys()?.version ?? 0,
      passDocument: held.passes()?.passesVersion ?? 0,
      counters,
      telephones,
      ...(dead === undefined ? {} : { sealedUntil: Instant(dead) }),
      softwareVersion: SOFTWARE_VERSION,
    });
    await send?.(receipt);
    waiting.delete(name);
  }

  /** One after the other; what fails is asked for by the server again at the next connection. */
  function inTurn(message: ForgetMessage): Promise<void> {
    const done = turn
      .then(() => forget(message))
      .catch((error: unknown) => logger.warn({ error }, "a deletion could not be finished yet"));
    turn = done;
    return done;
  }

  return {
    async receive(payload) {
      const message = forgetMessage.decode(payload);
      if (message.gateId === identity.gateId) await inTurn(message);
    },
    documentsChanged() {
      for (const message of waiting.values()) void inTurn(message);
    },
    connected(through) {
      send = through;
    },
    disconnected() {
      send = undefined;
    },
  };
}
