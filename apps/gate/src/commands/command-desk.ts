import { toHex } from "@menshen/crypto/node";
import { AreaId, Holder } from "@menshen/domain";
import {
  COMMAND_DOUBT_MS,
  COMMAND_LONGEST_MS,
  type CommandMessage,
  type CommandRefusal,
  type CommandResult,
  commandMessage,
  commandResult,
  uuidText,
} from "@menshen/wire";
import type { GateClock } from "../clock/gate-clock.ts";
import type { Portal } from "../door/portal.ts";
import { carryOutForInstaller, isInstallers, isUnderWay } from "../installer/installer-commands.ts";
import type { InstallerDesk } from "../installer/installer-desk.ts";
import type { GateIdentity } from "../keys/identity.ts";
import type { AtDoor } from "../presence/at-door.ts";
import type { PresenceRoom } from "../presence/presence-room.ts";
import type { StateKeeper } from "../store/state-keeper.ts";
import type { Remote } from "../store/store-thread.ts";

/** What a gate does on command of the community server, once and in time or not at all. */
export interface CommandDesk {
  /**
   * Takes the verified payload of a command; resolves when its first result is known and handed on.
   *
   * @throws {WireError} for what is no command
   */
  receive(payload: Uint8Array): Promise<void>;
  /** The server hears: what it may not have heard is said again. `send` takes an encoded result, to be signed. */
  connected(send: (result: Uint8Array) => Promise<void>): void;
  disconnected(): void;
}

export interface CommandDeskOptions {
  readonly identity: Pick<GateIdentity, "gateId">;
  readonly clock: Pick<GateClock, "now">;
  readonly state: Pick<Remote<StateKeeper>, "commands" | "saveCommand">;
  readonly portals: () => readonly Portal[];
  readonly presence: Pick<PresenceRoom, "forgive" | "setCount">;
  readonly atDoor: Pick<AtDoor, "holderOf">;
  /** A guard took the call at a screen; false if nobody called there lately. */
  readonly callHeard: (readerId: string) => boolean;
  /** Absent: an installer's commands are refused. */
  readonly installer?: InstallerDesk;
}

type Outcome = Omit<CommandResult, "version" | "gateId" | "commandId">;

interface Taken {
  readonly id: Uint8Array;
  readonly untilMs: number;
  result: Uint8Array | undefined;
  told: boolean;
}

/** Results are said again after each connect until so long behind the end of their commands. */
const REMEMBER_MS = 3_600_000;
/** How far ahead of this gate's clock the server's may stand. */
const AHEAD_MS = 2_000;
/** Long enough for a relay to be heard, too short to walk in unseen. */
const RELAY_TEST_MS = 1_000;

/**
 * INVARIANT: a command is written down before it is carried out, so that one which comes again, also after a restart in
 * the middle, is never carried out twice.
 */
export async function openCommandDesk(options: CommandDeskOptions): Promise<CommandDesk> {
  const { identity, clock, state } = options;
  const { gateId } = identity;
  const taken = new Map<string, Taken>();
  let send: ((result: Uint8Array) => Promise<void>) | undefined;

  // A gate whose disk fails decides all the same; it cannot know then what it did before, and does none of it.
  const startedAt = clock.now().latest;
  const stored = await state.commands().catch(() => undefined);
  for (const { id, untilMs, result } of stored ?? []) {
    taken.set(uuidText(id), {
      id,
      untilMs,
      // Without a result the gate died in the middle: nobody knows what the lock did, or what a test would have found.
      result:
        result === undefined || isUnderWay(commandResult.decode(result))
          ? encode(id, { outcome: "interrupted" })
          : result,
      told: false,
    });
  }

  function encode(commandId: Uint8Array, outcome: Outcome): Uint8Array {
    return commandResult.encode({ version: 1, gateId, commandId, ...outcome });
  }

  function save({ id, untilMs, result }: Taken): Promise<void> {
    const record = { id, untilMs, ...(result === undefined ? {} : { result }) };
    return state.saveCommand(record, clock.now().earliest);
  }

  /** Keeps and says what is known; a disk that fails does not keep the server from hearing it. */
  async function conclude(entry: Taken, outcome: Outcome): Promise<void> {
    entry.result = encode(entry.id, outcome);
    entry.told = false;
    await save(entry).catch(() => undefined);
    await tell(entry);
  }

  async function tell(entry: Taken): Promise<void> {
    const { result } = entry;
    if (send === undefined || result === undefined) return;
    try {
      await send(result);
      if (entry.result === result) entry.told = true;
    } catch {
      // Said again after the next connect.
    }
  }

  function forget(): void {
    const { earliest } = clock.now();
    for (const [id, { untilMs }] of taken) if (untilMs < earliest) taken.delete(id);
  }

  /** Why a command may not be carried out now, by all that this gate can know of the time. */
  function untimely({ issuedAt, expiresAt }: CommandMessage): Outcome | undefined {
    const { earliest, latest } = clock.now();
    if (earliest >= expiresAt || expiresAt - issuedAt > COMMAND_LONGEST_MS) return { outcome: "late" };
    if (stored === undefined && issuedAt <= startedAt) return refused("cannot-store");
    const isDoubtful =
      latest >= expiresAt || latest - earliest > COMMAND_DOUBT_MS || issuedAt > latest + AHEAD_MS;
    return isDoubtful ? refused("clock-in-doubt") : undefined;
  }

  async function carryOut(entry: Taken, command: CommandMessage): Promise<void> {
    const { commandId, kind, subject } = command;
    if (kind === "forgive" || kind === "set-count") return conclude(entry, correct(command));
    const subjectId = subject === undefined ? undefined : uuidText(subject);
    if (kind === "call-heard") {
      const isNews = subjectId !== undefined && options.callHeard(subjectId);
      return conclude(entry, isNews ? { outcome: "done" } : refused("nothing-to-do"));
    }
    if (isInstallers(kind)) {
      if (options.installer === undefined) return conclude(entry, refused("not-supported"));
      return carryOutForInstaller(command, options.installer, (outcome) => conclude(entry, outcome));
    }
    const portal = options.portals().find((candidate) => candidate.portalId === subjectId);
    if (portal === undefined) return conclude(entry, refused("unknown-subject"));
    const given = { commandId, kind };
    switch (kind) {
      case "unlock":
      case "relay-test":
        return release(entry, portal, given, kind === "unlock" ? command.unlockMs : RELAY_TEST_MS);
      case "silence":
        portal.commanded(given);
        portal.silence();
        return conclude(entry, { outcome: "done" });
      case "fire-reset": {
        if (!portal.status().fireRelease) return conclude(entry, refused("nothing-to-do"));
        if (!portal.resetFire()) return conclude(entry, refused("input-still-on"));
        portal.commanded(given);
        return conclude(entry, { outcome: "done", lock: portal.status().lock });
      }
    }
  }

  /** What a guard knows better of where persons are; the other gates hear it from this one. */
  function correct({ kind, subject, holder, sequence, count }: CommandMessage): Outcome {
    if (kind === "forgive") {
      const isAtDoor = holder === undefined && sequence !== undefined;
      const person = isAtDoor ? options.atDoor.holderOf(sequence) : holder && Holder(toHex(holder));
      if (person === undefined) return refused(isAtDoor ? "gone" : "unknown-subject");
      return options.presence.forgive(person) ? { outcome: "done" } : refused("nothing-to-do");
    }
    if (subject === undefined || count === undefined) return refused("unknown-subject");
    const isCounted = options.presence.setCount(AreaId(uuidText(subject)), count);
    return isCounted ? { outcome: "done" } : refused("unknown-subject");
  }

  async function release(
    entry: Taken,
    portal: Portal,
    given: Parameters<Portal["commanded"]>[0],
    forMs = portal.unlockMs(),
  ): Promise<void> {
    const effect = portal.commanded(given, forMs);
    const outcome: Outcome =
      (await effect.answered) === true
        ? { outcome: "done", lock: portal.status().lock }
        : { outcome: "no-effect", lock: "fault" };
    await conclude(entry, outcome);
    // Nobody waits for this: it may take as long as the door is released.
    void effect.opened.then((opened) =>
      opened === undefined ? undefined : conclude(entry, { ...outcome, opened }),
    );
  }

  return {
    async receive(payload) {
      const command = commandMessage.decode(payload);
      if (command.gateId !== gateId) return;
      forget();
      const name = uuidText(command.commandId);
      const known = taken.get(name);
      if (known !== undefined) {
        await tell(known);
        return;
      }
      const entry: Taken = {
        id: command.commandId,
        untilMs: command.expiresAt + REMEMBER_MS,
        result: undefined,
        told: false,
      };
      taken.set(name, entry);
      const early = untimely(command);
      if (early !== undefined) {
        await conclude(entry, early);
        return;
      }
      try {
        await save(entry);
      } catch {
        await conclude(entry, refused("cannot-store"));
        return;
      }
      // A slow disk may have made it late.
      const late = untimely(command);
      if (late === undefined) await carryOut(entry, command);
      else await conclude(entry, late);
    },

    connected(next) {
      send = next;
      forget();
      for (const entry of taken.values()) if (!entry.told) void tell(entry);
    },

    disconnected() {
      send = undefined;
    },
  };
}

function refused(refusal: CommandRefusal): Outcome {
  return { outcome: "refused", refusal };
}
