import {
  acceptEv2First,
  acceptEv2NonFirst,
  acceptIso,
  acceptLrpFirst,
  CredentialError,
  challengeEv2,
  challengeIso,
  challengeLrp,
  type Ev2CardState,
  type Ev2Secret,
  NativeCommand,
  type SecureSession,
  takenOver,
  type VersionedKey,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { respond } from "./apdu.ts";
import { type CommMode, type Refusal, STATUS } from "./native-status.ts";

/** What a card does about one command, decided before its protection is checked. */
export interface Plan {
  /** Leading bytes of the body that are never enciphered. */
  readonly headerBytes: number;
  /** How the payload travels: that of the command, or of the answer if the command has none. */
  readonly mode: CommMode;
  /** How many payload bytes the header announces; the reader may send them in several frames. */
  readonly payloadBytes: number | "any";
  /** Carries the command out. Changes nothing if it refuses. */
  run(payload: Uint8Array): Outcome;
}

export type Outcome =
  | { readonly refused: Refusal }
  | {
      readonly data?: Uint8Array;
      /** Of the answer; that of the plan if absent. */
      readonly mode?: CommMode;
      /** Where the answer breaks into frames, if not where a frame is full. */
      readonly frameBytes?: readonly number[];
      /** The answer goes out unprotected and the session is over: the key in use was changed, another application. */
      readonly endsSession?: boolean;
    };

/** Carried out, nothing to say. */
export const DONE: Outcome = {};

export interface NativeApplet {
  /** `keyNumber`: whose holder is authenticated, if anybody. */
  plan(ins: number, body: Uint8Array, keyNumber: number | undefined): Plan | { readonly refused: Refusal };
  /** The AES key of that number; undefined too for a key of another kind. */
  key(number: number): Uint8Array | undefined;
  /** The DES key that the card has from its factory, where it has one. */
  readonly factoryKey?: {
    isAt(number: number): boolean;
    replace(key: VersionedKey): void;
  };
  /** Whether the card was switched to LRP, and refuses AES. */
  isLrp?(): boolean;
  /** Longest answer in one frame, without status. */
  frameBytes(ins: number): number;
}

/** The native command set of DESFire and NTAG 424 in its ISO/IEC 7816-4 wrapping (class 90). */
export interface NativeEngine {
  readonly keyNumber: number | undefined;
  /** Answers a wrapped command: instruction byte and data field. */
  command(ins: number, data: Uint8Array): Uint8Array;
  /** Forgets session and unfinished commands. */
  reset(): void;
}

/** Chance for the card's challenges: as many bytes as asked for. */
export type CardRandom = (lengthBytes: number) => Uint8Array;

/** What surely fits into one native frame is never waited for in a second one. */
const ONE_FRAME_BYTES = 52;
const MAC_BYTES = 8;
const BLOCK_BYTES = 16;
const CHALLENGE_BYTES = 16;
const TRANSACTION_ID_BYTES = 4;
/** PCDcap2.1: the reader speaks LRP. */
const LRP_CAPABILITY = 0x02;
const NOTHING = new Uint8Array();

type Pending =
  | {
      readonly kind: "handshake";
      readonly keyNumber: number;
      readonly secret: Ev2Secret;
      readonly state: Ev2CardState;
      /** The session that goes on under new keys, in a non-first authentication. */
      readonly previous: SecureSession | undefined;
      readonly isLrp: boolean;
    }
  | { readonly kind: "factory-handshake"; readonly rndB: Uint8Array }
  | { readonly kind: "collecting"; readonly ins: number; readonly plan: Plan; readonly body: Uint8Array }
  | { readonly kind: "sending"; readonly frames: readonly Uint8Array[] };

export function makeNativeEngine(applet: NativeApplet, random: CardRandom): NativeEngine {
  let session: { readonly keyNumber: number; readonly channel: SecureSession } | undefined;
  let pending: Pending | undefined;
  /** Under the factory's key nothing is done but replacing it. */
  let factorySessionKey: Uint8Array | undefined;

  const endSession = () => {
    factorySessionKey = undefined;
    session?.channel.end();
    session = undefined;
    pending = undefined;
  };
  const refuse = (status: Refusal) => {
    // Every error ends the authentication (NT4H2421Gx §9.1.1: the PICC goes back to not authenticated).
    endSession();
    return wrapped(status);
  };

  const begin = (first: boolean, data: Uint8Array): Uint8Array => {
    const [keyNumber, capabilityBytes] = data;
    const capabilities = data.subarray(2);
    if (keyNumber === undefined) return refuse(STATUS.lengthError);
    if (first ? capabilityBytes !== capabilities.length || capabilities.length > 6 : data.length !== 1) {
      return refuse(STATUS.lengthError);
    }
    if (!first && session === undefined) return refuse(STATUS.illegalCommand);
    const key = applet.key(keyNumber & 0x3f);
    if (key === undefined) return refuse(STATUS.noSuchKey);
    const isLrp = applet.isLrp?.() === true;
    if (isLrp && (!first || ((capabilities[0] ?? 0) & LRP_CAPABILITY) === 0)) {
      return refuse(STATUS.permissionDenied);
    }
    if (first) endSession();
    const secret = { primitives, key: key.slice() };
    const rndB = random(CHALLENGE_BYTES);
    const { challenge, state } = isLrp ? challengeLrp(rndB) : challengeEv2(secret, rndB);
    const previous = session?.channel;
    pending = { kind: "handshake", keyNumber: keyNumber & 0x3f, secret, state, previous, isLrp };
    return wrapped(STATUS.additionalFrame, challenge);
  };

  const beginFactory = (data: Uint8Array): Uint8Array => {
    endSession();
    if (data.length !== 1) return refuse(STATUS.lengthError);
    if (applet.factoryKey?.isAt(data[0] ?? 0) !== true) return refuse(STATUS.authenticationError);
    const rndB = random(8);
    pending = { kind: "factory-handshake", rndB };
    return wrapped(STATUS.additionalFrame, challengeIso(primitives, rndB));
  };

  const finishFactory = (rndB: Uint8Array, answer: Uint8Array): Uint8Array => {
    const accepted = acceptIso(primitives, rndB, answer);
    if (accepted === undefined) return refuse(STATUS.authenticationError);
    factorySessionKey = accepted.sessionKey;
    return wrapped(STATUS.ok, accepted.proof);
  };

  const replaceFactoryKey = (sessionKey: Uint8Array, data: Uint8Array): Uint8Array => {
    const next = takenOver(primitives, sessionKey, data);
    if (next === undefined || applet.factoryKey === undefined) return refuse(STATUS.integrityError);
    applet.factoryKey.replace(next);
    endSession();
    return wrapped(STATUS.ok);
  };

  const finishHandshake = (state: Pending & { kind: "handshake" }, answer: Uint8Array): Uint8Array => {
    if (answer.length !== 2 * CHALLENGE_BYTES) return refuse(STATUS.lengthError);
    const acceptFirst = state.isLrp ? acceptLrpFirst : acceptEv2First;
    const accepted =
      state.previous === undefined
        ? acceptFirst(state.secret, state.state, answer, random(TRANSACTION_ID_BYTES))
        : acceptEv2NonFirst(state.secret, state.state, answer, state.previous);
    if (accepted === undefined) return refuse(STATUS.authenticationError);
    session = { keyNumber: state.keyNumber, channel: accepted.session };
    return wrapped(STATUS.ok, accepted.proof);
  };

  const collect = (ins: number, plan: Plan, body: Uint8Array): Uint8Array => {
    const wanted = protectedBytes(plan, session !== undefined);
    if (wanted !== undefined && body.length < wanted && wanted > ONE_FRAME_BYTES) {
      pending = { kind: "collecting", ins, plan, body };
      return wrapped(STATUS.additionalFrame);
    }
    if (wanted !== undefined && body.length !== wanted) return refuse(STATUS.lengthError);
    return carryOut(ins, plan, body);
  };

  const carryOut = (ins: number, plan: Plan, body: Uint8Array): Uint8Array => {
    const payload =
      session === undefined ? body.subarray(plan.headerBytes) : unprotected(session.channel, ins, plan, body);
    if (payload === undefined) return refuse(STATUS.integrityError);
    const outcome = plan.run(payload);
    if ("refused" in outcome) return refuse(outcome.refused);
    const data = outcome.data ?? NOTHING;
    if (outcome.endsSession === true || session === undefined) {
      if (outcome.endsSession === true) endSession();
      return send(ins, data, outcome.frameBytes);
    }
    // A mode "full" without data is a MAC alone (AN12196 §5.4, response of WriteData).
    return send(
      ins,
      session.channel.wrapResponse(STATUS.ok, data, outcome.mode ?? plan.mode),
      outcome.frameBytes,
    );
  };

  const send = (ins: number, data: Uint8Array, lengths: readonly number[] = []): Uint8Array => {
    const frames: Uint8Array[] = [];
    let rest = data;
    for (const length of lengths) {
      frames.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    const full = applet.frameBytes(ins);
    while (rest.length > full) {
      frames.push(rest.subarray(0, full));
      rest = rest.subarray(full);
    }
    frames.push(rest);
    return sendNext(frames);
  };

  const sendNext = ([frame = NOTHING, ...frames]: readonly Uint8Array[]): Uint8Array => {
    if (frames.length === 0) return wrapped(STATUS.ok, frame);
    pending = { kind: "sending", frames };
    return wrapped(STATUS.additionalFrame, frame);
  };

  const goOn = (state: Pending, data: Uint8Array): Uint8Array => {
    switch (state.kind) {
      case "handshake":
        return finishHandshake(state, data);
      case "factory-handshake":
        return finishFactory(state.rndB, data);
      case "collecting":
        return data.length === 0
          ? refuse(STATUS.lengthError)
          : collect(state.ins, state.plan, Uint8Array.of(...state.body, ...data));
      case "sending":
        return data.length > 0 ? refuse(STATUS.lengthError) : sendNext(state.frames);
    }
  };

  return {
    get keyNumber() {
      return session?.keyNumber;
    },
    command(ins, data) {
      const before = pending;
      pending = undefined;
      if (ins === STATUS.additionalFrame) {
        return before === undefined ? refuse(STATUS.illegalCommand) : goOn(before, data);
      }
      if (before !== undefined) return refuse(STATUS.commandAborted);
      if (ins === NativeCommand.authenticateEv2First) return begin(true, data);
      if (ins === NativeCommand.authenticateEv2NonFirst) return begin(false, data);
      if (ins === NativeCommand.authenticateIso) return beginFactory(data);
      if (factorySessionKey !== undefined && ins === NativeCommand.changeKey) {
        return replaceFactoryKey(factorySessionKey, data);
      }
      const plan = applet.plan(ins, data, session?.keyNumber);
      return "refused" in plan ? refuse(plan.refused) : collect(ins, plan, data);
    },
    reset: endSession,
  };
}

/** The payload of a protected body, or undefined if MAC, padding or counter are wrong. */
function unprotected(
  channel: SecureSession,
  ins: number,
  plan: Plan,
  body: Uint8Array,
): Uint8Array | undefined {
  try {
    return channel.unwrapCommand(ins, body, plan.headerBytes, plan.mode).data;
  } catch (error) {
    if (error instanceof CredentialError) return undefined;
    throw error;
  }
}

/** Bytes of a whole command body; undefined where any length will do. */
function protectedBytes(plan: Plan, secured: boolean): number | undefined {
  if (plan.payloadBytes === "any") return undefined;
  if (!secured || plan.mode === "plain") return plan.headerBytes + plan.payloadBytes;
  const payload =
    plan.mode === "full" && plan.payloadBytes > 0
      ? (Math.floor(plan.payloadBytes / BLOCK_BYTES) + 1) * BLOCK_BYTES
      : plan.payloadBytes;
  return plan.headerBytes + payload + MAC_BYTES;
}

function wrapped(status: number, data: Uint8Array = NOTHING): Uint8Array {
  return respond(0x9100 | status, data);
}
