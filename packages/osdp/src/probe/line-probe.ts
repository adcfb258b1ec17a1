import { equalBytes } from "@menshen/crypto/node";
import { BROADCAST_ADDRESS, ReplyCode } from "../codes.ts";
import { beginExchange, readReply } from "../cp/exchange.ts";
import { abandonHandshake, challengeWith, challengeWithDefaultKey, stepHandshake } from "../cp/handshake.ts";
import type { PdSettings } from "../cp/settings.ts";
import { type Frame, SOM } from "../frame/frame.ts";
import type { Command } from "../message/command.ts";
import type { Scbk } from "../secure/scbk.ts";
import type { Timers } from "../timers.ts";
import type { ByteStream } from "../transport/byte-stream.ts";
import { type Ear, type Heard, openEar } from "./ear.ts";
import { invertedWave, WAVE_FACTOR } from "./inverted-wave.ts";

/** Speeds that OSDP devices are set to (SIA OSDP v2.2 §5.1). */
export const LINE_SPEEDS: readonly number[] = [9_600, 19_200, 38_400, 57_600, 115_200, 230_400];

/** A peripheral that should be on the line, and the keys that it may hold. */
export interface ProbedPd {
  readonly address: number;
  readonly keys: readonly Scbk[];
}

/**
 * What the wire showed of a peripheral. `silent`: not a byte, at no speed and with neither polarity; `damaged`: bytes, but
 * no frame that says more; `no-key`: it answers, and nothing was known to ask for its key with.
 */
export type PdVerdict =
  | {
      readonly kind: "well" | "no-key" | "silent" | "pair-swapped" | "wrong-key" | "install-mode" | "damaged";
    }
  | { readonly kind: "address-twice"; readonly atLeast: number }
  | { readonly kind: "wrong-baud"; readonly baudRate: number }
  | { readonly kind: "wrong-address"; readonly address: number };

export interface LineVerdict {
  /** `noisy`: bytes came while nobody was asked; `absent`: the port itself is not there */
  readonly line: "quiet" | "noisy" | "absent";
  readonly pds: readonly { readonly address: number; readonly verdict: PdVerdict }[];
}

export interface LineProbeOptions {
  /** Opens the line's port at a speed; whoever probes closes it. */
  readonly open: (baudRate: number) => Promise<ByteStream>;
  readonly baudRate: number;
  /** A socket has no speed: other speeds and the other polarity are not tried then. */
  readonly hasSpeed: boolean;
  readonly pds: readonly ProbedPd[];
  readonly timers: Timers;
  readonly random: (lengthBytes: number) => Uint8Array;
}

const REPLY_MS = 200;
/** Long enough to hear a line that talks by itself. */
const IDLE_MS = 150;
const ASKED_TIMES = 4;
/** A device at another speed or address is given less time: there are many to try. */
const SCAN_REPLY_MS = 60;

/**
 * Finds out what is wrong with a line from what it answers, with nothing else using it meanwhile. Asks who is there and
 * for a proof of keys; gives no key and changes nothing, but ends the secure channels that stood.
 */
export async function probeLine(options: LineProbeOptions): Promise<LineVerdict> {
  const { baudRate, pds } = options;
  const ear = await earAt(options, baudRate);
  if (ear === undefined) {
    return { line: "absent", pds: pds.map(({ address }) => ({ address, verdict: { kind: "silent" } })) };
  }
  // The answer to what the line's owner asked last may be on its way.
  await ear.listen(replyMs(options, baudRate, REPLY_MS));
  const idle = await ear.listen(IDLE_MS);
  const isNoisy = idle.bytes.length > 0;
  const verdicts = new Map<number, PdVerdict>();
  for (const pd of pds) verdicts.set(pd.address, await askedAtItsPlace(options, ear, pd));
  await ear.close();

  const silent = () => pds.filter(({ address }) => verdicts.get(address)?.kind === "silent");
  if (options.hasSpeed && silent().length > 0) {
    for (const other of LINE_SPEEDS) {
      if (other === baudRate || silent().length === 0) continue;
      for (const address of await answeringAt(options, other, silent())) {
        verdicts.set(address, { kind: "wrong-baud", baudRate: other });
      }
    }
    if (!isNoisy) {
      for (const address of await answeringInverted(options, silent())) {
        verdicts.set(address, { kind: "pair-swapped" });
      }
    }
  }
  const [lost, ...others] = silent();
  if (lost !== undefined && others.length === 0) {
    const address = await strayAddress(options);
    if (address !== undefined) verdicts.set(lost.address, { kind: "wrong-address", address });
  }
  return {
    line: isNoisy ? "noisy" : "quiet",
    pds: pds.map(({ address }) => ({ address, verdict: verdicts.get(address) ?? { kind: "silent" } })),
  };
}

async function earAt({ open, timers }: LineProbeOptions, baudRate: number): Promise<Ear | undefined> {
  return openEar(await open(baudRate), timers);
}

/** The time that a frame of up to 32 bytes takes, there and back. */
function replyMs(options: LineProbeOptions, baudRate: number, thinkMs: number): number {
  return options.hasSpeed ? thinkMs + (2 * 32 * 10_000) / baudRate : thinkMs;
}

async function askedAtItsPlace(options: LineProbeOptions, ear: Ear, pd: ProbedPd): Promise<PdVerdict> {
  const waitMs = replyMs(options, options.baudRate, REPLY_MS);
  const identities: Uint8Array[] = [];
  let most = 0;
  let collided = 0;
  let heardBytes = 0;
  for (let turn = 0; turn < ASKED_TIMES; turn++) {
    const heard = await ear.ask(frameOf(pd.address, { kind: "id" }), waitMs);
    const answers = answersOf(heard, pd.address, ReplyCode.pdid);
    heardBytes += heard.bytes.length;
    most = Math.max(most, answers.length);
    if (answers.length === 0 && beginsLike(heard.bytes, pd.address, ReplyCode.pdid)) collided += 1;
    for (const { payload } of answers) {
      if (!identities.some((known) => equalBytes(known, payload))) identities.push(payload);
    }
  }
  const atLeast = Math.max(most, identities.length);
  if (atLeast > 1) return { kind: "address-twice", atLeast };
  // Two that begin to answer in the same moment: what is common to both comes through, their serial numbers do not.
  if (collided >= ASKED_TIMES - 1) return { kind: "address-twice", atLeast: 2 };
  if (identities.length === 0) return { kind: heardBytes > 0 ? "damaged" : "silent" };
  return keyHeld(options, ear, pd, waitMs);
}

async function keyHeld(
  options: LineProbeOptions,
  ear: Ear,
  pd: ProbedPd,
  waitMs: number,
): Promise<PdVerdict> {
  const { random } = options;
  const byDefault = await proves(ear, pd.address, challengeWithDefaultKey(random), waitMs);
  if (byDefault !== "no") return { kind: byDefault === "yes" ? "install-mode" : byDefault };
  for (const key of pd.keys) {
    const own = await proves(ear, pd.address, challengeWith([key], random), waitMs);
    if (own !== "no") return own === "yes" ? { kind: "well" } : { kind: own };
  }
  return { kind: pd.keys.length === 0 ? "no-key" : "wrong-key" };
}

/** Whether the peripheral answers a challenge with the cryptogram that only the key's holder can make. */
async function proves(
  ear: Ear,
  address: number,
  handshake: ReturnType<typeof challengeWith>,
  waitMs: number,
): Promise<"yes" | "no" | "damaged"> {
  const isDefault = handshake.key.name === "scbk-d";
  if (handshake.at !== "challenge") return "no";
  const bytes = frameOf(address, { kind: "chlng", cpRandom: handshake.cpRandom }, isDefault);
  const heard = await ear.ask(bytes, waitMs);
  const [answer] = heard.frames.filter((frame) => frame.reply && frame.address === address);
  if (answer === undefined) return "damaged";
  if (answer.code !== ReplyCode.ccrypt) return "no";
  const reply = readReply(answer.code, answer.payload);
  if (reply.kind === "opaque") return "damaged";
  const step = stepHandshake(handshake, reply, answer.security?.data ?? new Uint8Array(0));
  if (step.kind !== "go-on") return "no";
  abandonHandshake(step.handshake);
  return "yes";
}

async function answeringAt(
  options: LineProbeOptions,
  baudRate: number,
  pds: readonly ProbedPd[],
): Promise<readonly number[]> {
  const ear = await earAt(options, baudRate);
  if (ear === undefined) return [];
  const found: number[] = [];
  for (const { address } of pds) {
    const waitMs = replyMs(options, baudRate, REPLY_MS);
    const heard = await ear.ask(frameOf(address, { kind: "id" }), waitMs);
    if (answersOf(heard, address, ReplyCode.pdid).length > 0) found.push(address);
  }
  await ear.close();
  return found;
}

/** Who makes any sound when spoken to with the wires the other way round; what they say cannot be read by this port. */
async function answeringInverted(
  options: LineProbeOptions,
  pds: readonly ProbedPd[],
): Promise<readonly number[]> {
  if (pds.length === 0) return [];
  const ear = await earAt(options, options.baudRate * WAVE_FACTOR);
  if (ear === undefined) return [];
  const found: number[] = [];
  for (const { address } of pds) {
    const waitMs = replyMs(options, options.baudRate, REPLY_MS) + (40 * 10_000) / options.baudRate;
    const heard = await ear.ask(invertedWave(frameOf(address, { kind: "id" })), waitMs);
    if (heard.bytes.length > 0) found.push(address);
  }
  await ear.close();
  return found;
}

/** The address of a peripheral that is none of those expected, if every device may be asked at once and one answers. */
async function strayAddress(options: LineProbeOptions): Promise<number | undefined> {
  if (options.pds.length > 1) return undefined;
  const ear = await earAt(options, options.baudRate);
  if (ear === undefined) return undefined;
  try {
    const everybody = await ear.ask(
      frameOf(BROADCAST_ADDRESS, { kind: "id" }),
      replyMs(options, options.baudRate, REPLY_MS),
    );
    if (everybody.bytes.length === 0) return undefined;
    for (let address = 0; address < BROADCAST_ADDRESS; address++) {
      const waitMs = replyMs(options, options.baudRate, SCAN_REPLY_MS);
      const heard = await ear.ask(frameOf(address, { kind: "id" }), waitMs);
      if (answersOf(heard, address, ReplyCode.pdid).length > 0) return address;
    }
    return undefined;
  } finally {
    await ear.close();
  }
}

function frameOf(address: number, command: Command, keyIsScbkD = false): Uint8Array {
  const settings: PdSettings = { address, security: { kind: "plain" } };
  return beginExchange(settings, command, 0, undefined, keyIsScbkD, 0).bytes;
}

function answersOf(heard: Heard, address: number, code: number): readonly Frame[] {
  return heard.frames.filter((frame) => frame.reply && frame.address === address && frame.code === code);
}

/** Whether bytes begin as this peripheral's answer does, whatever became of the rest. */
function beginsLike(bytes: Uint8Array, address: number, code: number): boolean {
  return bytes.some(
    (byte, at) =>
      byte === SOM && bytes[at + 1] === (address | 0x80) && bytes[at + 3] === 0 && bytes[at + 5] === code,
  );
}
