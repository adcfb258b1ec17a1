import {
  CredentialError,
  parseResponse,
  pkocAuthenticateCommand,
  pkocSelectCommand,
  readPkocProof,
  readPkocVersions,
  StatusWord,
} from "@menshen/credentials";
import {
  decodePkocMessage,
  encodePkocMessage,
  NakReason,
  OsdpError,
  PKOC_VENDOR,
  PkocErrorCode,
  type PkocMessage,
  type PkocReaderError,
  pkocParts,
  type Reply,
} from "@menshen/osdp";

/** One APDU to the card; rejects when it is gone. */
type Transceive = (apdu: Uint8Array) => Promise<Uint8Array>;

/** Longest data of an osdp_MFGREP in a frame of 128 bytes, which every panel takes. */
const PART_BYTES = 100;

/** The PKOC half of a reader: it talks to the card itself and reports to the panel in osdp_MFGREP. */
export interface PkocSide {
  /** A card was put to the reader: selects the application, and reports the card if it has it. */
  readonly insert: (transceive: Transceive) => Promise<boolean>;
  readonly remove: () => void;
  /** What osdp_MFG is answered with; `undefined` for other vendors. */
  readonly answer: (vendor: number, data: Uint8Array) => Reply | undefined;
}

/** `report` puts a reply behind those that wait for a poll. */
export function makePkocSide(report: (reply: Reply) => void): PkocSide {
  let card: Transceive | undefined;

  function send(message: PkocMessage): void {
    const parts =
      message.kind === "auth-response" ? pkocParts(message, PART_BYTES) : [encodePkocMessage(message)];
    for (const data of parts) report({ kind: "mfgrep", vendor: PKOC_VENDOR, data });
  }

  async function authenticate(request: Extract<PkocMessage, { kind: "auth-request" }>): Promise<void> {
    const mine = card;
    const error = await attempt(async () => {
      if (mine === undefined) throw new CredentialError("card-removed", "no card is there");
      const command = pkocAuthenticateCommand(request.transactionId, request.readerIdentifier);
      const { data, sw } = parseResponse(await mine(command));
      if (sw !== StatusWord.ok) return { code: PkocErrorCode.cardStatus, status: sw };
      const { sequence } = request;
      send({
        kind: "auth-response",
        ...readPkocProof(data),
        ...(sequence === undefined ? {} : { sequence }),
      });
      return undefined;
    });
    if (error !== undefined) send({ kind: "reader-error", error });
  }

  return {
    async insert(transceive) {
      card = transceive;
      let present = false;
      const error = await attempt(async () => {
        const { data, sw } = parseResponse(await transceive(pkocSelectCommand()));
        if (sw !== StatusWord.ok) return undefined;
        const [first = new Uint8Array(2)] = readPkocVersions(data);
        present = true;
        send({ kind: "card-present", versions: first });
        return undefined;
      });
      if (error !== undefined) send({ kind: "reader-error", error });
      return present;
    },
    remove() {
      card = undefined;
    },
    answer(vendor, data) {
      if (vendor !== PKOC_VENDOR) return undefined;
      let message: PkocMessage;
      try {
        message = decodePkocMessage(data);
      } catch (error) {
        if (!(error instanceof OsdpError)) throw error;
        return { kind: "nak", reason: NakReason.cannotProcess };
      }
      if (message.kind !== "auth-request") return { kind: "nak", reason: NakReason.cannotProcess };
      void authenticate(message);
      return { kind: "ack" };
    },
  };
}

/** What a step found wrong with the card; a card that left is one that gave no answer. */
async function attempt(
  step: () => Promise<PkocReaderError | undefined>,
): Promise<PkocReaderError | undefined> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof CredentialError && error.code === "malformed")
      return { code: PkocErrorCode.invalidData };
    if (error instanceof CredentialError && error.code === "bad-argument")
      return { code: PkocErrorCode.invalidData };
    return { code: PkocErrorCode.cardTimeout };
  }
}
