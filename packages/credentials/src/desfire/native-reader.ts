import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import { parseResponse } from "../apdu/apdu.ts";
import { mayMeanLrp, type SecureMessaging } from "../card/authenticate-application.ts";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import {
  answerEv2Challenge,
  type Ev2Secret,
  ev2FirstRequest,
  ev2NonFirstRequest,
  finishEv2First,
  finishEv2NonFirst,
} from "../ev2/authentication.ts";
import type { CommunicationMode, SecureSession } from "../ev2/secure-session.ts";
import type { Ev2Primitives } from "../ev2/session-cipher.ts";
import { answerLrpChallenge, finishLrpFirst, lrpFirstRequest } from "../lrp/lrp-authentication.ts";
import {
  encodeNativeCommand,
  NATIVE_SW1,
  NativeCommand,
  NativeStatus,
  nativeRefusal,
} from "./native-framing.ts";

/** One native command as a desk sends it. */
export interface NativeRequest {
  readonly command: number;
  /** Never enciphered: file number, offset, key number. Empty unless told. */
  readonly header?: Uint8Array;
  readonly data?: Uint8Array;
  /** How the payload travels under a session; without one everything is plain. */
  readonly mode: CommunicationMode;
  /** Of the answer, where it differs. `none`: the command ends the session and its answer is bare. */
  readonly answerMode?: CommunicationMode | "none";
}

/** A desk's end of one card: plain and protected native commands, chained either way. */
export interface NativeReader {
  readonly session: SecureSession | undefined;
  /** Of the session. */
  readonly secureMessaging: SecureMessaging | undefined;
  /**
   * AuthenticateEV2First, or AuthenticateLRPFirst with a card that refuses it; NonFirst inside a session of AES.
   *
   * @throws {CredentialError} `integrity` when the card does not prove the key, `card-status` when it refuses ours
   */
  authenticate(keyNumber: number, key: Uint8Array): Promise<void>;
  /** Ends the session at this end: another application was selected, or the card was reset. */
  forgetSession(): void;
  /** @throws {CredentialError} the channel's; `card-status`, which ends the session; `integrity`, `malformed` */
  command(request: NativeRequest): Promise<Uint8Array>;
}

/** Longest data field of one frame (MF3ICDx21 data sheet §9.2: 60 bytes with the command byte, less the header's). */
const FRAME_BYTES = 54;
/** Longest chained answer: a file of 8 kB, its MAC and padding. */
const MAX_ANSWER_BYTES = 8_300;
const NOTHING = new Uint8Array();

/** @param random as many fresh bytes as asked for: 16 for each authentication */
export function makeNativeReader(
  channel: CardChannel,
  primitives: Ev2Primitives,
  random: Primitives["randomBytes"],
): NativeReader {
  let session: SecureSession | undefined;

  let secureMessaging: SecureMessaging | undefined;

  const forgetSession = () => {
    session?.end();
    session = undefined;
    secureMessaging = undefined;
  };

  const authenticateLrp = async (keyNumber: number, key: Uint8Array) => {
    const { answer: challenge } = await exchange(
      NativeCommand.authenticateEv2First,
      lrpFirstRequest(keyNumber),
    );
    const secret: Ev2Secret = { primitives, key };
    const { answer, state } = answerLrpChallenge(secret, challenge, random(16));
    const { answer: proof } = await exchange(NativeCommand.additionalFrame, answer);
    session = finishLrpFirst(secret, state, proof);
    secureMessaging = "lrp";
  };

  /** The challenge of a first authentication; `undefined` from a card that may be in LRP mode. */
  const challengeOf = async (keyNumber: number) => {
    try {
      return (await exchange(NativeCommand.authenticateEv2First, ev2FirstRequest(keyNumber))).answer;
    } catch (error) {
      const isRefusal = error instanceof CredentialError && error.code === "card-status";
      if (!isRefusal || !mayMeanLrp((error.status ?? 0) & 0xff)) throw error;
      return undefined;
    }
  };

  const exchange = async (command: number, data: Uint8Array) => {
    const response = parseResponse(await channel.transceive(encodeNativeCommand(command, data)));
    const { sw, data: answer } = response;
    const status = sw & 0xff;
    if (sw >> 8 === NATIVE_SW1 && (status === NativeStatus.ok || status === NativeStatus.additionalFrame)) {
      return { status, answer };
    }
    // Every error ends the authentication on the card (NT4H2421Gx §9.1.1).
    forgetSession();
    throw sw >> 8 === NATIVE_SW1
      ? nativeRefusal(status)
      : new CredentialError("card-status", "expected a native answer", { status: sw });
  };

  const gather = async (command: number, body: Uint8Array): Promise<Uint8Array> => {
    let last = await exchange(command, body.subarray(0, FRAME_BYTES));
    for (let sent = FRAME_BYTES; sent < body.length; sent += FRAME_BYTES) {
      last = await exchange(NativeCommand.additionalFrame, body.subarray(sent, sent + FRAME_BYTES));
    }
    const parts = [last.answer];
    let lengthBytes = last.answer.length;
    while (last.status === NativeStatus.additionalFrame) {
      last = await exchange(NativeCommand.additionalFrame, NOTHING);
      parts.push(last.answer);
      lengthBytes += last.answer.length;
      if (parts.length > 256 || lengthBytes > MAX_ANSWER_BYTES) {
        throw new CredentialError("malformed", `expected at most ${MAX_ANSWER_BYTES} chained bytes`);
      }
    }
    return concatBytes(...parts);
  };

  return {
    get session() {
      return session;
    },
    get secureMessaging() {
      return secureMessaging;
    },
    forgetSession,
    async authenticate(keyNumber, key) {
      const previous = session;
      const secret: Ev2Secret = { primitives, key };
      const first = previous === undefined;
      const challenge = first
        ? await challengeOf(keyNumber)
        : (await exchange(NativeCommand.authenticateEv2NonFirst, ev2NonFirstRequest(keyNumber))).answer;
      if (challenge === undefined) {
        await authenticateLrp(keyNumber, key);
        if (session === undefined) throw new CredentialError("integrity", "the card does not prove the key");
        return;
      }
      const { answer, state } = answerEv2Challenge(secret, challenge, random(16));
      const { answer: proof } = await exchange(NativeCommand.additionalFrame, answer);
      session = first
        ? finishEv2First(secret, state, proof)
        : finishEv2NonFirst(secret, state, proof, previous);
      secureMessaging = "aes";
      if (session === undefined) throw new CredentialError("integrity", "the card does not prove the key");
    },
    async command({ command, header = NOTHING, data = NOTHING, mode, answerMode = mode }) {
      if (session === undefined) return gather(command, concatBytes(header, data));
      const wrapped = session.wrapCommand({ command, header, data, mode });
      const answer = await gather(command, wrapped);
      if (answerMode === "none") {
        forgetSession();
        return answer;
      }
      return session.unwrapResponse(NativeStatus.ok, answer, answerMode);
    },
  };
}
