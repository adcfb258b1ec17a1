import {
  type CardChannel,
  CredentialError,
  type KeyedCardKind,
  personaliseCard as personaliseAtDesk,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { VirtualDeviceError } from "../virtual-device-error.ts";

/** What an enrolment gives for one card: its own diversified keys, number 0 being the application's master. */
export interface CardPersonalisation {
  readonly kind: KeyedCardKind;
  readonly uid: Uint8Array;
  /** 3 bytes as SelectApplication takes them; the layout's unless told. DESFire only. */
  readonly applicationId?: Uint8Array;
  /** All of one version. Without number 0 the card gets a master that nobody knows. */
  readonly keys: readonly { readonly number: number; readonly version: number; readonly value: Uint8Array }[];
}

/**
 * Makes a blank virtual card one of ours, as a desk does. For demonstrations and tests.
 *
 * @param random the operating system's generator unless told
 * @throws {VirtualDeviceError} `card-refused` when the card is not blank, or took none or only a part
 */
export async function personaliseCard(
  channel: CardChannel,
  { kind, uid, applicationId, keys }: CardPersonalisation,
  random: (lengthBytes: number) => Uint8Array = primitives.randomBytes,
): Promise<void> {
  const master = keys.find(({ number }) => number === 0)?.value ?? random(16);
  const groups = new Map(
    keys.filter(({ number }) => number !== 0).map(({ number, value }) => [number, value]),
  );
  const version = keys[0]?.version ?? 1;
  try {
    const order = {
      kind,
      uid,
      keys: { version, master, groups },
      ...(applicationId === undefined ? {} : { applicationId }),
    };
    const { outcome } = await personaliseAtDesk(channel, order, { primitives, random });
    if (outcome === "personalised") return;
  } catch (cause) {
    if (!(cause instanceof CredentialError)) throw cause;
    const message = `the card was not written to the end: ${cause.message}`;
    throw new VirtualDeviceError("card-refused", message, { cause });
  }
  throw new VirtualDeviceError("card-refused", "expected a blank card of that identifier");
}
