import type { Primitives } from "@menshen/crypto";
import { wipe } from "@menshen/crypto";
import { authenticateApplication } from "../card/authenticate-application.ts";
import {
  desfirePrivacyLayout,
  type KeyedCardKind,
  layoutOf,
  PRIVACY_KEY_NUMBER,
} from "../card/card-layout.ts";
import { selectIsoApplication } from "../card/identify-card.ts";
import type { CardChannel } from "../channel/card-channel.ts";
import { CredentialError } from "../credential-error.ts";
import { exchangeNative, NativeCommand, NativeStatus, requireNativeOk } from "../desfire/native-framing.ts";
import type { Ev2Primitives } from "../ev2/session-cipher.ts";

/**
 * Asks a card with a random identifier for its true one, which it tells, enciphered, to whoever proves the privacy key.
 * Leaves the card's application of that key selected.
 *
 * @param key 16 bytes
 * @returns 7 bytes, or `undefined` when the card has no such application or another key there
 * @throws {CredentialError} the channel's; `integrity`, `malformed` for an answer out of form
 */
export async function readHiddenUid(
  channel: CardChannel,
  kind: KeyedCardKind,
  key: Uint8Array,
  dependencies: { readonly primitives: Ev2Primitives; readonly random: Primitives["randomBytes"] },
): Promise<Uint8Array | undefined> {
  if (!(await select(channel, kind))) return undefined;
  const secret = { primitives: dependencies.primitives, key: key.slice() };
  try {
    const session = await authenticateApplication(channel, secret, {
      keyNumber: PRIVACY_KEY_NUMBER[kind],
      secureMessaging: "card",
      rndA: dependencies.random(16),
    });
    if (session === undefined) return undefined;
    try {
      const command = NativeCommand.getCardUid;
      const nothing = new Uint8Array();
      const payload = session.wrapCommand({ command, header: nothing, data: nothing, mode: "full" });
      const response = await exchangeNative(channel, command, payload);
      requireNativeOk(response.status);
      const uid = session.unwrapResponse(response.status, response.data, "full");
      if (uid.length !== 7)
        throw new CredentialError("malformed", `expected a UID of 7 bytes, got ${uid.length}`);
      return uid;
    } finally {
      session.end();
    }
  } catch (error) {
    if (error instanceof CredentialError && error.code === "card-status") return undefined;
    throw error;
  } finally {
    wipe(secret.key);
  }
}

async function select(channel: CardChannel, kind: KeyedCardKind): Promise<boolean> {
  if (kind === "ntag424") return selectIsoApplication(channel, layoutOf(kind).applicationId);
  const { status } = await exchangeNative(
    channel,
    NativeCommand.selectApplication,
    desfirePrivacyLayout.applicationId,
  );
  return status === NativeStatus.ok;
}
