import {
  concatBytes,
  hmacSha256,
  p256Generate,
  p256Sign,
  primitives,
  randomBytes,
  x25519PublicKey,
} from "@menshen/crypto/node";
import { encodeIdentityText, type PreparedSeal, prepareSeal, wrapTrail } from "@menshen/custody";
import { CredentialKey } from "@menshen/domain";
import { holdCeremony } from "@menshen/testkit/ceremony";
import {
  type AccessEntry,
  accessEntryToSign,
  encodeJournalEntry,
  reasonNumber,
  uuidBytes,
} from "@menshen/wire";

/** As many as the gate keeps ready. */
const PREPARED_SEALS = 128;
const EPOCH = 1;
const KEY_ID_BYTES = 8;
const PSEUDONYM_BYTES = 16;

/** Makes of an entry and whose it is what stands in the journal: as the gate's own sealer, with keys of a real ceremony. */
export interface TapSealer {
  /** Encoded. */
  seal(entry: AccessEntry, credentialKey: Uint8Array): Uint8Array;
  /** Computes ahead for one entry; false when there is nothing to do. */
  prepare(): boolean;
}

export function makeTapSealer(): TapSealer {
  const [key] = holdCeremony({ threshold: { k: 2, n: 3 }, firstEpoch: EPOCH, epochCount: 1 }).keys;
  if (key === undefined) throw new Error("the ceremony made no key");
  const deviceKey = p256Generate();
  const pseudonymKey = randomBytes(32);
  const trailKey = x25519PublicKey(randomBytes(32));
  const gate = randomBytes(16);
  const prepared: PreparedSeal[] = [];
  const pseudonymLabel = new TextEncoder().encode("pseudonym");
  return {
    seal(entry, credentialKey) {
      const { sequence, earliest, body } = entry;
      const accessPoint = uuidBytes(body.accessPointId);
      const kind = body.kind ?? "uid";
      const wrap = wrapTrail(primitives, trailKey, {
        kind,
        granted: body.granted,
        reason: reasonNumber(body.reasons[0]?.code ?? "rule-allows"),
        timeMs: earliest,
        accessPoint,
        sequence,
        credential: credentialKey.slice(0, 8),
      });
      const sealed = (prepared.pop() ?? prepareSeal(key, randomBytes))({
        label: { gate, sequence, accessPoint, timeMs: earliest },
        plaintext: encodeIdentityText({ kind, credentialKey: CredentialKey(credentialKey), counter: 0 }),
      });
      const unsigned: AccessEntry = {
        ...entry,
        body: {
          ...body,
          pseudonym: hmacSha256(pseudonymKey, concatBytes(pseudonymLabel, credentialKey)).slice(
            0,
            PSEUDONYM_BYTES,
          ),
          epoch: EPOCH,
          pseudonymKeyId: pseudonymKey.slice(0, KEY_ID_BYTES),
          sealed,
          wrap,
        },
      };
      const signature = p256Sign(deviceKey.secretKey, accessEntryToSign(unsigned));
      return encodeJournalEntry({ ...unsigned, body: { ...unsigned.body, signature } });
    },
    prepare() {
      if (prepared.length >= PREPARED_SEALS) return false;
      prepared.push(prepareSeal(key, randomBytes));
      return true;
    },
  };
}
