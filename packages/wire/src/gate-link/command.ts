import { GateId } from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { COMMAND_KINDS, COMMAND_REFUSALS } from "../http/commands.ts";
import { INSTALL_WINDOW_LONGEST_MS, SELF_TEST_FAULTS, TEST_WIRES, WIRE_STATES } from "../http/gate-tests.ts";
import { bool, bytes, choice, instant, int, list, map, optional, uint, uuid, version } from "../schema.ts";

/** A command lives at most so long; a gate refuses one that says otherwise. */
export const COMMAND_LONGEST_MS = 30_000;
/** With more doubt about the time than this a gate carries out no command (DESIGN.md §5). */
export const COMMAND_DOUBT_MS = 15_000;

/**
 * Signed by the community policy key: something to do in this moment or never. A gate does it once, whatever is
 * delivered twice and whenever it restarts.
 */
export const commandSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  commandId: [2, bytes(16)],
  issuedAt: [3, instant()],
  expiresAt: [4, instant()],
  kind: [5, choice(COMMAND_KINDS)],
  /**
   * UUID of the portal, area or reader: of the reader for `find` (none: all), `install-window` and the wires `led`,
   * `sound` and `tamper`; none for `forgive` and `self-test`.
   */
  subject: [6, optional(bytes(16))],
  /** For `unlock`; absent: as long as the door's rules say. */
  unlockMs: [7, optional(uint(60_000, 500))],
  /** For `forgive`: the person's token of the keyring, unless `sequence` says who is meant. */
  holder: [8, optional(bytes(8))],
  /** For `set-count`. */
  count: [9, optional(uint(100_000))],
  /** For `wire-test`. */
  wire: [10, optional(choice(TEST_WIRES))],
  /** For `install-window`. */
  forMs: [11, optional(uint(INSTALL_WINDOW_LONGEST_MS, 60_000))],
  /** For `forgive`: whoever this gate refused under that journal entry, which it remembers for ten minutes. */
  sequence: [12, optional(uint())],
});

/**
 * `done`: carried out and, where a lock was driven, it took the command; `no-effect`: the lock did not answer;
 * `interrupted`: the gate stopped in the middle, and does not know what the lock did; `late`, `refused`: nothing was done.
 */
export const COMMAND_OUTCOMES = ["done", "no-effect", "refused", "late", "interrupted"] as const;
export type CommandOutcome = (typeof COMMAND_OUTCOMES)[number];

/** Signed by the gate: what became of a command, said again when more is known and after each connect. */
export const commandResultSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  commandId: [2, bytes(16)],
  outcome: [3, choice(COMMAND_OUTCOMES)],
  refusal: [4, optional(choice(COMMAND_REFUSALS))],
  /** How the lock stood just after. */
  lock: [5, optional(choice(["locked", "unlocked", "fault"]))],
  /** Whether the door was opened while it was released; absent while it may still be, or where no contact tells. */
  opened: [6, optional(bool())],
  /** For `wire-test`; more than one result where a person has something to do. */
  wire: [7, optional(choice(WIRE_STATES))],
  /** For `self-test`: at once that it runs, and its findings when it is through. */
  report: [
    8,
    optional(
      map({
        isRunning: [0, bool()],
        tested: [1, uint(10_000)],
        faults: [
          2,
          list(
            map({
              code: [0, choice(SELF_TEST_FAULTS)],
              /** UUID of the reader or portal. */
              subject: [1, optional(bytes(16))],
              value: [2, optional(int())],
            }),
            64,
          ),
        ],
      }),
    ),
  ],
});

export type CommandMessage = Static<typeof commandSchema>;
export type CommandResult = Static<typeof commandResultSchema>;

export const commandMessage = makeCodec(commandSchema, 256);
export const commandResult = makeCodec(commandResultSchema, 3_072);
