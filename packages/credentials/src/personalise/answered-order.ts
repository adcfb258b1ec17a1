import { fromHex } from "@menshen/crypto";
import type { CardPersonalisation } from "@menshen/wire";
import { CredentialError } from "../credential-error.ts";
import type { CardKeySet } from "./card-key-set.ts";
import type { PersonalisationOrder } from "./personalisation-order.ts";

/**
 * The order for one card from what the server answered to its enrolment, or to the renewal of its keys.
 *
 * @param uid 7 bytes
 * @param earlier what the card may carry now, from a renewal
 * @throws {CredentialError} `bad-argument` unless there are key 0 and door groups' keys, all of one version
 */
export function orderFromAnswer(
  uid: Uint8Array,
  personalisation: CardPersonalisation,
  earlier: readonly CardPersonalisation[] = [],
): PersonalisationOrder {
  const { kind, applicationId, privacyKey, transactionKey } = personalisation;
  return {
    kind,
    uid,
    keys: keySetOf(personalisation),
    earlier: earlier.map(keySetOf),
    ...(applicationId === undefined ? {} : { applicationId: fromHex(applicationId) }),
    ...(privacyKey === undefined
      ? {}
      : { privacyKey: { version: privacyKey.version, value: fromHex(privacyKey.value) } }),
    ...(transactionKey === undefined
      ? {}
      : { transactionMac: { version: transactionKey.version, value: fromHex(transactionKey.value) } }),
  };
}

function keySetOf({ keys }: CardPersonalisation): CardKeySet {
  const master = keys.find(({ number }) => number === 0);
  if (master === undefined || keys.some(({ version }) => version !== master.version)) {
    throw new CredentialError("bad-argument", "expected key 0 and door groups' keys, all of one version");
  }
  const groups = keys.filter(({ number }) => number !== 0);
  return {
    version: master.version,
    master: fromHex(master.value),
    groups: new Map(groups.map(({ number, value }) => [number, fromHex(value)])),
  };
}
