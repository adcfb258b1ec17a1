import { coseSign1, equalBytes } from "@menshen/crypto/node";
import type { GateId, TimeInterval } from "@menshen/domain";
import { keyIdentifier } from "@menshen/trust";
import {
  externalAad,
  type HandoverResponse,
  handoverRequest,
  handoverResponse,
  JOURNAL_BATCH_MAX_BYTES,
  JOURNAL_BATCH_MAX_ENTRIES,
  journalBatch,
} from "@menshen/wire";
import { GateError } from "../errors.ts";
import type { GateIdentity } from "../keys/identity.ts";
import { gateEndpoint } from "../link/enrolment.ts";
import { postCbor } from "../link/post-cbor.ts";
import { BATCH_OVERHEAD_BYTES } from "../link/uploader.ts";
import { connectVerified } from "../link/verified-socket.ts";
import type { JournalFile } from "../store/journal-file.ts";

/** What became of the journal on an old disk. */
export interface HandedOver {
  /** How many entries the server did not have. */
  readonly sent: number;
  /** Where the server's copy ends now. */
  readonly lastSequence: number;
}

/**
 * Gives the server what it lacks of a replaced gate's journal, batch by batch, signed by that gate's own key; the server
 * takes each entry once. Broken off anywhere, it goes on there when it is called again.
 *
 * @param options.old whose journal it is
 * @param options.successor the gate in its place, which sends it
 * @param options.post sends one signed request and answers the server's bytes; over HTTPS unless told
 * @throws {GateError} `enrolment-failed` if the server refuses or does not speak this protocol's version, `link-failed`;
 *   `request-invalid` if the server holds another journal of that gate
 */
export async function handOver(options: {
  readonly old: Pick<GateIdentity, "gateId" | "deviceKey" | "ca">;
  readonly journal: Pick<JournalFile, "head" | "read">;
  readonly successor: GateId;
  readonly enrolUrl: string;
  readonly now: () => TimeInterval;
  readonly post?: (message: Uint8Array) => Promise<Uint8Array>;
}): Promise<HandedOver> {
  const { old, journal, successor, now } = options;
  const { host, port } = gateEndpoint(options.enrolUrl);
  const post =
    options.post ??
    (async (message) => {
      const { socket } = await connectVerified({ host, port, trust: { ca: old.ca }, now: now() });
      return postCbor(socket, host, "/gate/v1/handover", message, handoverResponse.maxBytes);
    });

  async function ask(batch?: Uint8Array): Promise<HandoverResponse> {
    const payload = handoverRequest.encode({
      version: 1,
      gateId: old.gateId,
      successor,
      at: now().earliest,
      ...(batch === undefined ? {} : { batch }),
    });
    const answer = await post(
      coseSign1({
        payload,
        key: old.deviceKey,
        kid: keyIdentifier(old.deviceKey),
        externalAad: externalAad("handover"),
      }),
    );
    try {
      return handoverResponse.decode(answer);
    } catch (cause) {
      throw new GateError("enrolment-failed", "expected an answer of this protocol's version", { cause });
    }
  }

  const begins = await ask();
  let { nextSequence, previousHash } = begins;
  while (nextSequence <= journal.head().sequence) {
    const slice = journal.read(
      nextSequence,
      JOURNAL_BATCH_MAX_ENTRIES,
      JOURNAL_BATCH_MAX_BYTES - BATCH_OVERHEAD_BYTES,
    );
    if (slice === undefined || !equalBytes(slice.previousHash, previousHash)) {
      throw new GateError("request-invalid", "the server holds another journal of this gate");
    }
    const stored = await ask(
      journalBatch.encode({ version: 1, gateId: old.gateId, ...slice, entries: [...slice.entries] }),
    );
    if (stored.nextSequence <= nextSequence) {
      throw new GateError("enrolment-failed", "expected the server to store what it asked for");
    }
    ({ nextSequence, previousHash } = stored);
  }
  return { sent: nextSequence - begins.nextSequence, lastSequence: nextSequence - 1 };
}
