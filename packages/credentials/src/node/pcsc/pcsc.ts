import type { CardChannel } from "../../channel/card-channel.ts";
import { CredentialError } from "../../credential-error.ts";
import type { PcscReaderState } from "./messages.ts";
import {
  ANSWER_BYTES,
  connectBody,
  disconnectBody,
  establishContextBody,
  MAX_RESPONSE_BYTES,
  PCSC_SOCKET_PATH,
  PcscCommand,
  parseConnectAnswer,
  parseReadersState,
  parseTransmitAnswer,
  releaseContextBody,
  transmitBody,
  wordAt,
} from "./messages.ts";
import { PcscConnection } from "./pcsc-connection.ts";
import { PCSC_SUCCESS, requirePcscSuccess } from "./result-codes.ts";

/** How to reach pcscd. */
export interface PcscOptions {
  /** `/run/pcscd/pcscd.comm` unless told. */
  readonly socketPath?: string;
  /** Longest wait for one answer of daemon or card in milliseconds, 5000 unless told. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * The readers that pcscd knows now.
 *
 * @throws {CredentialError} `pcsc-absent`, `pcsc-protocol`, `timeout`, `transport`
 */
export async function listPcscReaders(options: PcscOptions = {}): Promise<readonly PcscReaderState[]> {
  const { connection, timeoutMs } = await open(options);
  try {
    connection.send(PcscCommand.getReadersState, new Uint8Array());
    return parseReadersState(await connection.receive(ANSWER_BYTES.readersState, timeoutMs));
  } finally {
    connection.close();
  }
}

/**
 * Reader states, first as they are, then after every change (a reader plugged or pulled, a card inserted or removed),
 * until `signal` aborts, which ends the iteration without an error.
 *
 * Changes in quick succession may be seen as one; `eventCounter` then tells.
 *
 * @throws {CredentialError} `pcsc-absent`, `pcsc-protocol`, `timeout`; `transport` when the daemon goes away
 */
export async function* watchPcscReaders(
  signal: AbortSignal,
  options: PcscOptions = {},
): AsyncGenerator<readonly PcscReaderState[], void, undefined> {
  const { connection, timeoutMs } = await open(options);
  const stop = () => connection.close();
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      // The daemon notes this client as waiting and answers with the states as of that moment, so nothing that
      // happens between two rounds is lost.
      connection.send(PcscCommand.waitReaderStateChange, new Uint8Array());
      yield parseReadersState(await connection.receive(ANSWER_BYTES.readersState, timeoutMs));
      await connection.receive(ANSWER_BYTES.stateChange, undefined);
    }
  } catch (error) {
    if (signal.aborted && error instanceof CredentialError && error.code === "closed") return;
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    connection.close();
  }
}

/**
 * Waits until a card lies on a reader. A card that is there already counts, unless its insertion is the one that
 * `afterEvent` names: so one card is not read twice without having been taken away.
 *
 * @param readerName as {@link listPcscReaders} gives it; the reader may be plugged later
 * @returns the reader's state, or `undefined` when `signal` aborted
 * @throws {CredentialError} as {@link watchPcscReaders}
 */
export async function waitForPcscCard(
  readerName: string,
  signal: AbortSignal,
  options: PcscOptions & { readonly afterEvent?: number } = {},
): Promise<PcscReaderState | undefined> {
  for await (const readers of watchPcscReaders(signal, options)) {
    const reader = readers.find(({ name }) => name === readerName);
    if (reader?.cardPresent && reader.eventCounter !== options.afterEvent) return reader;
  }
  return undefined;
}

/**
 * Opens a channel of kind `pcsc` to the card on a reader, exclusively. Closing it takes the card's power.
 *
 * @throws {CredentialError} `card-removed` when no card is there, `reader-busy`, `reader-unknown`, and as
 *   {@link listPcscReaders}
 */
export async function openPcscCard(readerName: string, options: PcscOptions = {}): Promise<CardChannel> {
  const { connection, timeoutMs } = await open(options);
  try {
    connection.send(PcscCommand.establishContext, establishContextBody());
    const established = await connection.receive(ANSWER_BYTES.context, timeoutMs);
    requirePcscSuccess(wordAt(established, 2), "establishing a context");
    const context = wordAt(established, 1);

    connection.send(PcscCommand.connect, connectBody(context, readerName));
    const { card, protocol, result } = parseConnectAnswer(
      await connection.receive(ANSWER_BYTES.connect, timeoutMs),
    );
    requirePcscSuccess(result, "connecting to the card");

    connection.send(PcscCommand.getReadersState, new Uint8Array());
    const readers = parseReadersState(await connection.receive(ANSWER_BYTES.readersState, timeoutMs));
    const atr = readers.find(({ name }) => name === readerName)?.atr;
    return channelOf({
      connection,
      context,
      card,
      protocol,
      timeoutMs,
      ...(atr === undefined ? {} : { atr }),
    });
  } catch (error) {
    connection.close();
    throw error;
  }
}

interface OpenCard {
  readonly connection: PcscConnection;
  readonly context: number;
  readonly card: number;
  readonly protocol: number;
  readonly timeoutMs: number;
  readonly atr?: Uint8Array;
}

function channelOf({ connection, context, card, protocol, timeoutMs, atr }: OpenCard): CardChannel {
  let closing: Promise<void> | undefined;
  let cardIsGone = false;

  async function letGo(): Promise<void> {
    try {
      connection.send(PcscCommand.disconnect, disconnectBody(card, cardIsGone));
      await connection.receive(ANSWER_BYTES.disconnect, timeoutMs);
    } catch {
      // Best effort: pcscd disconnects the cards of a client that is gone.
    }
    const release = releaseContextBody(context);
    await connection.closeAfter(PcscCommand.releaseContext, release, ANSWER_BYTES.release, timeoutMs);
  }

  return {
    kind: "pcsc",
    ...(atr === undefined ? {} : { atr }),
    async transceive(command) {
      if (closing !== undefined) throw new CredentialError("closed", "the channel is closed");
      connection.send(PcscCommand.transmit, transmitBody(card, protocol, command.length), command);
      const answer = await connection.receive(ANSWER_BYTES.transmit, timeoutMs);
      const { responseBytes, result } = parseTransmitAnswer(answer);
      cardIsGone = result !== PCSC_SUCCESS || responseBytes === 0;
      requirePcscSuccess(result, "transmitting");
      // A driver whose card goes in the middle of an exchange may report success and an answer of nothing.
      if (responseBytes === 0) throw new CredentialError("card-removed", "the card gave no answer");
      if (responseBytes < 2 || responseBytes > MAX_RESPONSE_BYTES) {
        connection.close();
        throw new CredentialError("pcsc-protocol", `expected a response APDU, got ${responseBytes} bytes`);
      }
      return connection.receive(responseBytes, timeoutMs);
    },
    close() {
      closing ??= letGo();
      return closing;
    },
  };
}

async function open(options: PcscOptions) {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return {
    connection: await PcscConnection.open(options.socketPath ?? PCSC_SOCKET_PATH, timeoutMs),
    timeoutMs,
  };
}
