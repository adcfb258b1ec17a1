import { type CardChannel, CredentialError, type CredentialErrorCode } from "@menshen/credentials";
import { type OsdpCardChannel, OsdpError, type OsdpErrorCode } from "@menshen/osdp";

/** What an error of the reader link means to a card dialogue. */
const MEANING: Partial<Record<OsdpErrorCode, CredentialErrorCode>> = {
  "card-gone": "card-removed",
  "card-timeout": "timeout",
  "card-refused": "card-removed",
  "apdu-too-long": "malformed",
  "reader-offline": "transport",
  stopped: "closed",
};

/** A card behind an OSDP reader as the credentials package talks to cards: the same APDUs, its own errors. */
export function cardChannelOf(channel: OsdpCardChannel): CardChannel {
  return {
    kind: "osdp-xwr",
    async transceive(command) {
      try {
        return await channel.transceive(command);
      } catch (cause) {
        if (!(cause instanceof OsdpError)) throw cause;
        throw new CredentialError(
          MEANING[cause.code] ?? "transport",
          "the dialogue through the reader ended",
          {
            cause,
          },
        );
      }
    },
    close: () => channel.close(),
  };
}
