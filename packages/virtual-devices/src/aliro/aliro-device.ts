import {
  AliroAid,
  AliroCommand,
  AliroStatusWord,
  type AnyCommandApdu,
  CLA_CHAINING,
  CredentialError,
  encodeSelectAnswer,
  parseAnyCommand,
  type SoftwareCard,
} from "@menshen/credentials";
import { concatBytes, equalBytes } from "@menshen/crypto";
import { respond } from "../card/apdu.ts";
import { contactlessAtr } from "../card/virtual-card.ts";
import type { AliroDeviceOptions } from "./aliro-device-options.ts";
import { AliroDeviceSession, AliroRefusal } from "./aliro-device-session.ts";

const DEFAULT_SELECT_ANSWER = encodeSelectAnswer({
  aid: AliroAid.expedited,
  versions: [0x0100],
  maxCommandBytes: 514,
  maxResponseBytes: 512,
});
/** Longest command that is put together from parts, in bytes. */
const MAX_CHAINED_BYTES = 4_096;
const HISTORICAL_BYTES = Uint8Array.of(0x80);
const SHORT_ANSWER_BYTES = 256;
const EXTENDED_ANSWER_BYTES = 512;

/**
 * A device that answers Aliro commands over any APDU channel. It never throws on any bytes; whatever fails destroys the
 * session, and its identity is not told before the reader has proved itself.
 */
export function makeAliroDevice(options: AliroDeviceOptions): SoftwareCard {
  const selectAnswer = options.selectAnswer ?? DEFAULT_SELECT_ANSWER;
  let session: AliroDeviceSession | undefined;
  let chained: { readonly cla: number; readonly ins: number; readonly data: Uint8Array } | undefined;
  let rest: Uint8Array = new Uint8Array();

  const forget = () => {
    session?.end();
    session = undefined;
    chained = undefined;
    rest = new Uint8Array();
  };

  const select = (command: AnyCommandApdu): Uint8Array => {
    if (command.p1 !== 0x04 || command.p2 !== 0) throw new AliroRefusal(AliroStatusWord.wrongParameters);
    if (equalBytes(command.data, AliroAid.expedited)) {
      forget();
      session = new AliroDeviceSession(options, selectAnswer);
      return selectAnswer;
    }
    if (!equalBytes(command.data, AliroAid.stepUp))
      throw new AliroRefusal(AliroStatusWord.applicationUnknown);
    if (session === undefined) throw new AliroRefusal(AliroStatusWord.conditions);
    session.selectStepUp();
    return selectAnswer;
  };

  /** The whole command once its last part is there; `undefined` for a part before it. */
  const assembled = (command: AnyCommandApdu): AnyCommandApdu | undefined => {
    const cla = command.cla & ~CLA_CHAINING;
    if (chained !== undefined && (chained.cla !== cla || chained.ins !== command.ins)) {
      throw new AliroRefusal(AliroStatusWord.chainingBroken);
    }
    const data = concatBytes(chained?.data ?? new Uint8Array(), command.data);
    if (data.length > MAX_CHAINED_BYTES) throw new AliroRefusal(AliroStatusWord.wrongLength);
    const isLast = (command.cla & CLA_CHAINING) === 0;
    if (!isLast && session === undefined) throw new AliroRefusal(AliroStatusWord.wrongState);
    chained = isLast ? undefined : { cla, ins: command.ins, data };
    return isLast ? { ...command, cla, data } : undefined;
  };

  const run = (command: AnyCommandApdu): Uint8Array => {
    if (is(command, AliroCommand.select)) return select(command);
    if (command.p1 !== 0 || command.p2 !== 0) throw new AliroRefusal(AliroStatusWord.wrongParameters);
    if (is(command, AliroCommand.controlFlow)) {
      forget();
      return new Uint8Array();
    }
    if (session === undefined) throw new AliroRefusal(AliroStatusWord.wrongState);
    if (is(command, AliroCommand.auth0)) return session.auth0(command.data);
    if (is(command, AliroCommand.loadCert)) return session.loadCert(command.data);
    if (is(command, AliroCommand.auth1)) return session.auth1(command.data);
    if (is(command, AliroCommand.exchange)) return session.exchange(command.data);
    if (is(command, AliroCommand.envelope)) return session.envelope(command.data);
    throw new AliroRefusal(AliroStatusWord.wrongState);
  };

  /** As much of an answer as fits; what is left waits for GET RESPONSE. */
  const part = (answer: Uint8Array, command: AnyCommandApdu): Uint8Array => {
    const fits = command.extended
      ? Math.min(command.le ?? EXTENDED_ANSWER_BYTES, EXTENDED_ANSWER_BYTES)
      : Math.min(command.le ?? SHORT_ANSWER_BYTES, options.answerPartBytes ?? SHORT_ANSWER_BYTES);
    rest = answer.slice(fits);
    const sw = rest.length === 0 ? AliroStatusWord.ok : 0x6100 | (rest.length > 255 ? 0 : rest.length);
    return respond(sw, answer.slice(0, fits));
  };

  return {
    atr: contactlessAtr(HISTORICAL_BYTES),
    reset: forget,
    powerOff: forget,
    transceive(bytes) {
      try {
        const command = parseAnyCommand(bytes);
        if (is(command, AliroCommand.getResponse)) {
          if (rest.length === 0) throw new AliroRefusal(AliroStatusWord.wrongState);
          return part(rest, command);
        }
        rest = new Uint8Array();
        const whole = assembled(command);
        return whole === undefined ? respond(AliroStatusWord.ok) : part(run(whole), whole);
      } catch (error) {
        forget();
        if (error instanceof AliroRefusal) return respond(error.statusWord);
        if (error instanceof CredentialError) {
          const isSecurity = error.code === "integrity" || error.code === "exhausted";
          return respond(isSecurity ? AliroStatusWord.security : AliroStatusWord.malformed);
        }
        throw error;
      }
    },
  };
}

function is(command: AnyCommandApdu, kind: { readonly cla: number; readonly ins: number }): boolean {
  return command.cla === kind.cla && command.ins === kind.ins;
}
