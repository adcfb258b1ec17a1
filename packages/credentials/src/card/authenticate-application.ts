import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import {
  exchangeNative,
  NativeCommand,
  NativeStatus,
  nativeRefusal,
  requireNativeOk,
} from "../desfire/native-framing.ts";
import type { Ev2Secret } from "../ev2/authentication.ts";
import { answerEv2Challenge, ev2FirstRequest, finishEv2First } from "../ev2/authentication.ts";
import type { CommunicationMode, SecureSession } from "../ev2/secure-session.ts";
import { answerLrpChallenge, finishLrpFirst, lrpFirstRequest } from "../lrp/lrp-authentication.ts";

/** Which secure messaging a card was personalised to. A card in LRP mode never goes back to AES. */
export type SecureMessaging = "aes" | "lrp";

/**
 * Runs AuthenticateEV2First or AuthenticateLRPFirst against the selected application. Both prove the same of card and
 * reader, so letting the card choose gives nothing away.
 *
 * @param options.secureMessaging `card`: AES first, and LRP with a card that refuses it
 * @param rndA 16 fresh random bytes
 * @returns the open session, or `undefined` when card and reader do not know the same key
 * @throws {CredentialError} the channel's; `card-status` for other refusals (no such key, delay after failures);
 *   `malformed` for answers out of form
 */
export async function authenticateApplication(
  channel: CardChannel,
  secret: Ev2Secret,
  options: {
    readonly keyNumber: number;
    readonly secureMessaging: SecureMessaging | "card";
    readonly rndA: Uint8Array;
  },
): Promise<SecureSession | undefined> {
  const { keyNumber, rndA } = options;
  let isLrp = options.secureMessaging === "lrp";
  const begin = () =>
    exchangeNative(
      channel,
      NativeCommand.authenticateEv2First,
      isLrp ? lrpFirstRequest(keyNumber) : ev2FirstRequest(keyNumber),
    );
  let challenge = await begin();
  if (options.secureMessaging === "card" && mayMeanLrp(challenge.status)) {
    isLrp = true;
    challenge = await begin();
  }
  if (challenge.status !== NativeStatus.additionalFrame) throw nativeRefusal(challenge.status);

  if (isLrp) {
    const { answer, state } = answerLrpChallenge(secret, challenge.data, rndA);
    const proof = await sendAnswer(channel, answer);
    return proof === undefined ? undefined : finishLrpFirst(secret, state, proof);
  }
  const { answer, state } = answerEv2Challenge(secret, challenge.data, rndA);
  const proof = await sendAnswer(channel, answer);
  return proof === undefined ? undefined : finishEv2First(secret, state, proof);
}

/**
 * Whether a card that answers AuthenticateEV2First so may be one in LRP mode. Data sheets leave the status open; these two
 * are about the key and the delay after failures.
 */
export function mayMeanLrp(status: number): boolean {
  return (
    status !== NativeStatus.ok &&
    status !== NativeStatus.additionalFrame &&
    status !== NativeStatus.noSuchKey &&
    status !== NativeStatus.authenticationDelay
  );
}

/**
 * Reads a part of a file inside a session.
 *
 * @param mode how the file's settings protect it
 * @returns exactly `lengthBytes` bytes
 * @throws {CredentialError} the channel's; `card-status` when the card refuses; `integrity` and `malformed` when its
 *   answer does not verify or is of another length
 */
export async function readFile(
  channel: CardChannel,
  session: SecureSession,
  file: {
    readonly number: number;
    readonly offset: number;
    readonly lengthBytes: number;
    readonly mode: CommunicationMode;
  },
): Promise<Uint8Array> {
  const { number, offset, lengthBytes, mode } = file;
  const header = Uint8Array.of(number, ...littleEndian24(offset), ...littleEndian24(lengthBytes));
  const command = NativeCommand.readData;
  const payload = session.wrapCommand({ command, header, data: new Uint8Array(), mode });
  const response = await exchangeNative(channel, command, payload);
  requireNativeOk(response.status);
  const data = session.unwrapResponse(response.status, response.data, mode);
  if (data.length !== lengthBytes) {
    throw new CredentialError("malformed", `expected ${lengthBytes} bytes of the file, got ${data.length}`);
  }
  return data;
}

async function sendAnswer(channel: CardChannel, answer: Uint8Array): Promise<Uint8Array | undefined> {
  const response = await exchangeNative(channel, NativeCommand.additionalFrame, answer);
  if (response.status === NativeStatus.authenticationError) return undefined;
  requireNativeOk(response.status);
  return response.data;
}

function littleEndian24(value: number): readonly number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff];
}
