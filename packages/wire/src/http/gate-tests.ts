import Type, { type Static } from "typebox";
import { Uuid } from "./common.ts";

const closed = { additionalProperties: false };

/** What an installer can try one by one; `led`, `sound` and `tamper` are a reader's, the others a door's. */
export const TEST_WIRES = ["led", "sound", "lock", "contact", "exit", "tamper"] as const;
export type TestWire = (typeof TEST_WIRES)[number];

/**
 * How the test of a wire stands. `told`: the reader took it, a person must see or hear; `followed`, `stuck`: the relay
 * was read back and switched, or did not; `watching`: now open and close the door, press the button, lift the cover;
 * `seen`: it left its rest and came back; `wrong-way`: so it did, the wrong way round; `not-seen`: nothing changed in
 * time.
 */
export const WIRE_STATES = [
  "told",
  "followed",
  "stuck",
  "watching",
  "seen",
  "wrong-way",
  "not-seen",
] as const;
export type WireState = (typeof WIRE_STATES)[number];

/**
 * What a self-test may find, each from what it saw on the wire; docs/protocol/self-test.md says from what. It wants doors
 * closed and nobody at a button.
 */
export const SELF_TEST_FAULTS = [
  "cable-cut",
  "pair-swapped",
  "address-twice",
  "wrong-baud",
  "wrong-key",
  "reader-install-mode",
  "relay-stuck",
  "contact-inverted",
  "exit-shorted",
  "no-fire-input",
  "clock-wrong",
  "certificate-expired",
  "line-absent",
  "line-noisy",
  "wrong-address",
  "contact-open",
  "exit-cut",
  "fire-input-on",
  "lock-not-answering",
  "input-missing",
  "tampered",
  "not-tested",
  "passage-blocked",
] as const;
export type SelfTestFault = (typeof SELF_TEST_FAULTS)[number];

export const SelfTestFaultItem = Type.Object({
  code: Type.Enum([...SELF_TEST_FAULTS]),
  /** Reader or portal; none: the gate itself. */
  subject: Type.Optional(Uuid),
  /**
   * `wrong-baud`: the speed at which it answers; `wrong-address`: its address; `address-twice`: how many answer at least;
   * `clock-wrong`: milliseconds that the machine's clock is ahead; `certificate-expired`: since when, Unix milliseconds.
   */
  value: Type.Optional(Type.Integer()),
});
export type SelfTestFaultItem = Static<typeof SelfTestFaultItem>;

export const SelfTestReport = Type.Object({
  isRunning: Type.Boolean(),
  /** How many readers, wires and settings were looked at. */
  tested: Type.Integer({ minimum: 0 }),
  faults: Type.Array(SelfTestFaultItem, { maxItems: 64 }),
});
export type SelfTestReport = Static<typeof SelfTestReport>;

/** Kinds of commands by which an installer's phone reaches a gate, beside `relay-test`. */
export const INSTALLER_COMMAND_KINDS = ["self-test", "find", "wire-test", "install-window"] as const;
export type InstallerCommandKind = (typeof INSTALLER_COMMAND_KINDS)[number];

/** The longest that a window may stand open. */
export const INSTALL_WINDOW_LONGEST_MS = 15 * 60_000;

/** What an installer asks of a gate, each as a command. */
export const InstallerCommand = Type.Union([
  Type.Object({ kind: Type.Literal("self-test"), gateId: Uuid }, closed),
  /** The reader blinks and sounds for ten seconds; without one, all of the gate do. */
  Type.Object({ kind: Type.Literal("find"), gateId: Uuid, readerId: Type.Optional(Uuid) }, closed),
  Type.Object(
    {
      kind: Type.Literal("wire-test"),
      wire: Type.Enum(["led", "sound", "tamper"]),
      gateId: Uuid,
      readerId: Uuid,
    },
    closed,
  ),
  Type.Object(
    { kind: Type.Literal("wire-test"), wire: Type.Enum(["lock", "contact", "exit"]), portalId: Uuid },
    closed,
  ),
  /** A new reader may take its key by the published install key; only where the gate's configuration allows it. */
  Type.Object(
    {
      kind: Type.Literal("install-window"),
      gateId: Uuid,
      readerId: Uuid,
      forMs: Type.Integer({ minimum: 60_000, maximum: INSTALL_WINDOW_LONGEST_MS }),
    },
    closed,
  ),
]);
export type InstallerCommand = Static<typeof InstallerCommand>;
