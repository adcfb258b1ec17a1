import { encodePossession, openInProcessChannel, readAliro } from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import { makeAliroDevice } from "@menshen/virtual-devices";
import type { AliroDeskReader } from "@menshen/wire";

/** A new software telephone is held to a reader of the desk: what the desk passes on to enrol it, hexadecimal. */
export async function tapDesk(reader: AliroDeskReader): Promise<string> {
  const identifier = crypto.fromHex(reader.identifier);
  const issuerPublicKey = crypto.fromHex(reader.groupKey);
  const device = makeAliroDevice({
    primitives: crypto,
    credentials: [
      {
        keyPair: crypto.p256Generate(),
        groups: [{ identifier: identifier.subarray(0, 16), key: issuerPublicKey }],
        documents: [],
        kpersistents: new Map(),
      },
    ],
    random: crypto.randomBytes,
    ephemeral: crypto.p256Generate,
  });
  const { publicKey, secretKey } = crypto.p256FromSecret(crypto.fromHex(reader.secretKey));
  const reading = await readAliro(openInProcessChannel(device), {
    primitives: crypto,
    identity: {
      identifier,
      signer: { publicKey, sign: (message) => crypto.p256Sign(secretKey, message) },
      certificate: { bytes: crypto.fromHex(reader.certificate), issuerPublicKey, sentIn: "load-cert" },
    },
    ephemeral: crypto.p256Generate,
    random: crypto.randomBytes,
    accepts: () => true,
  });
  if (reading.outcome === "refused") throw new Error(`the telephone was refused: ${reading.reason}`);
  const { possession } = reading.session;
  if (possession === undefined) throw new Error("the telephone left no proof");
  return crypto.toHex(encodePossession(possession));
}
