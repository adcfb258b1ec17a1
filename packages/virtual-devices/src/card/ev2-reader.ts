import {
  answerEv2Challenge,
  type CardChannel,
  type CommunicationMode,
  CredentialError,
  type Ev2Secret,
  encodeNativeCommand,
  ev2FirstRequest,
  ev2NonFirstRequest,
  finishEv2First,
  finishEv2NonFirst,
  NativeCommand,
  NativeStatus,
  nativeRefusal,
  parseResponse,
  type SecureSession,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";

/** A desk reader talking to one card: plain and protected native commands, chained either way. */
export interface Ev2Reader {
  readonly session: SecureSession | undefined;
  /** AuthenticateEV2First, or NonFirst inside a session. Throws `CredentialError` if card or reader has another key. */
  authenticate(keyNumber: number, key: Uint8Array): Promise<void>;
  /** Begins anew on the next command: another application was selected. */
  forgetSession(): void;
  /**
   * One command under the session, if there is one.
   *
   * @param mode how payload and answer travel
   * @param answerMode of the answer, where it differs
   */
  command(request: {
    readonly command: number;
    readonly header?: Uint8Array;
    readonly data?: Uint8Array;
    readonly mode: CommunicationMode;
    readonly answerMode?: CommunicationMode;
  }): Promise<Uint8Array>;
}

/** Longest data field of one frame (MF3ICDx21 datasheet §9.2: 60 bytes with the command byte, less the header's). */
const FRAME_BYTES = 54;
const NOTHING = new Uint8Array();

/** @param random 16 bytes of chance for each authentication */
export function makeEv2Reader(
  channel: CardChannel,
  random: (lengthBytes: number) => Uint8Array = primitives.randomBytes,
): Ev2Reader {
  let session: SecureSession | undefined;

  const exchange = async (command: number, data: Uint8Array) => {
    const { sw, data: answer } = parseResponse(await channel.transceive(encodeNativeCommand(command, data)));
    const status = sw & 0xff;
    if (sw >> 8 === 0x91 && (status === NativeStatus.ok || status === NativeStatus.additionalFrame)) {
      return { status, answer };
    }
    session = undefined;
    throw sw >> 8 === 0x91
      ? nativeRefusal(status)
      : new CredentialError("card-status", "expected a native answer", { status: sw });
  };

  const gather = async (command: number, body: Uint8Array): Promise<Uint8Array> => {
    let last = await exchange(command, body.subarray(0, FRAME_BYTES));
    for (let sent = FRAME_BYTES; sent < body.length; sent += FRAME_BYTES) {
      last = await exchange(NativeCommand.additionalFrame, body.subarray(sent, sent + FRAME_BYTES));
    }
    const parts = [last.answer];
    while (last.status === NativeStatus.additionalFrame) {
      last = await exchange(NativeCommand.additionalFrame, NOTHING);
      parts.push(last.answer);
    }
    return primitives.concatBytes(...parts);
  };

  return {
    get session() {
      return session;
    },
    forgetSession() {
      session = undefined;
    },
    async authenticate(keyNumber, key) {
      const previous = session;
      const secret: Ev2Secret = { primitives, key };
      const first = previous === undefined;
      const { answer: challenge } = first
        ? await exchange(NativeCommand.authenticateEv2First, ev2FirstRequest(keyNumber))
        : await exchange(NativeCommand.authenticateEv2NonFirst, ev2NonFirstRequest(keyNumber));
      const { answer, state } = answerEv2Challenge(secret, challenge, random(16));
      const { answer: proof } = await exchange(NativeCommand.additionalFrame, answer);
      session = first
        ? finishEv2First(secret, state, proof)
        : finishEv2NonFirst(secret, state, proof, previous);
      if (session === undefined) {
        throw new CredentialError("integrity", "the card does not prove the key");
      }
    },
    async command({ command, header = NOTHING, data = NOTHING, mode, answerMode = mode }) {
      if (session === undefined) return gather(command, primitives.concatBytes(header, data));
      const wrapped = session.wrapCommand({ command, header, data, mode });
      const answer = await gather(command, wrapped);
      // Another application or a changed key of one's own ends the session on the card, which then answers bare.
      return session === undefined ? answer : session.unwrapResponse(NativeStatus.ok, answer, answerMode);
    },
  };
}
