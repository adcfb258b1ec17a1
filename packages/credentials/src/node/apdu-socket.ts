import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { StatusWord } from "../apdu/apdu.ts";
import {
  ApduSocketControl,
  ApduSocketDecoder,
  encodeApduSocketMessage,
} from "../channel/apdu-socket-frame.ts";
import type { CardChannel } from "../channel/card-channel.ts";
import type { SoftwareCard } from "../channel/software-card.ts";
import { CredentialError } from "../credential-error.ts";

/** Where an APDU socket's other side listens. */
export type ApduSocketAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** A software card being served on a stream. */
export interface ServedCard {
  /** Ends when the reader side went away or {@link close} was called; never rejects. */
  readonly ended: Promise<void>;
  /** Takes the card away: ends the stream. */
  readonly close: () => void;
}

/**
 * Connects to an APDU socket; the stream then goes to {@link serveApduSocket} or {@link connectApduSocket}.
 *
 * @throws {CredentialError} `transport` when nobody listens there; `timeout` after `timeoutMs`
 */
export async function openApduStream(address: ApduSocketAddress, timeoutMs = 5_000): Promise<Socket> {
  const socket = connect(address);
  // The driver sends length and body in two writes; waiting to gather ours would add a delayed acknowledgement.
  socket.setNoDelay(true);
  socket.setTimeout(timeoutMs);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
      socket.once("timeout", () => reject(new CredentialError("timeout", "no answer from the APDU socket")));
    });
  } catch (cause) {
    socket.destroy();
    if (cause instanceof CredentialError) throw cause;
    throw new CredentialError("transport", "expected an APDU socket to listen there", { cause });
  }
  socket.setTimeout(0);
  socket.removeAllListeners("timeout");
  socket.removeAllListeners("error");
  // Between here and the caller's own listeners an error must not end the process; `close` still tells.
  socket.on("error", () => {});
  return socket;
}

/**
 * The card's side of an APDU socket: answers power, reset, ATR and APDUs for `card` until the stream ends.
 * `stream` is connected already, by {@link openApduStream} (towards vpcd) or by a listening server.
 *
 * One APDU is answered at a time, in order. A fault inside the card is answered with 6F00; a stream out of form
 * is closed.
 */
export function serveApduSocket(stream: Duplex, card: SoftwareCard): ServedCard {
  const decoder = new ApduSocketDecoder();
  let work = Promise.resolve();

  async function answer(message: Uint8Array): Promise<void> {
    const reply = message.length === 1 ? control(card, message[0] ?? 0) : await answerApdu(card, message);
    if (reply !== undefined && stream.writable) stream.write(encodeApduSocketMessage(reply));
  }

  const ended = new Promise<void>((resolve) => {
    stream.once("close", () => {
      card.powerOff();
      resolve();
    });
  });
  // A stream that stays half open (not every transport closes both ways) ends when the reader's half does.
  stream.once("end", () => stream.end());
  // An error is followed by `close`, which is all that matters: the reader is gone.
  stream.on("error", () => {});
  stream.on("data", (bytes: Uint8Array) => {
    try {
      for (const message of decoder.push(bytes)) {
        work = work.then(() => answer(message));
        work.catch(() => stream.destroy());
      }
    } catch {
      stream.destroy();
    }
  });
  return { ended, close: () => stream.destroy() };
}

/**
 * The reader's side of an APDU socket: powers the card on, asks for its ATR and gives a channel of kind
 * `apdu-socket`. `stream` is connected already.
 *
 * @param options.timeoutMs longest wait for one answer, 5000 unless told
 * @throws {CredentialError} `timeout`, `card-removed` when the card's side does not answer or hangs up
 */
export async function connectApduSocket(
  stream: Duplex,
  options: { readonly timeoutMs?: number } = {},
): Promise<CardChannel> {
  const messages = new MessageStream(stream, options.timeoutMs ?? 5_000);
  messages.send(Uint8Array.of(ApduSocketControl.powerOn));
  messages.send(Uint8Array.of(ApduSocketControl.getAtr));
  const atr = await messages.receive();
  return {
    kind: "apdu-socket",
    atr,
    async transceive(command) {
      if (command.length < 2) {
        throw new CredentialError("bad-argument", "expected a command APDU, got a control");
      }
      messages.send(command);
      const response = await messages.receive();
      if (response.length >= 2) return response;
      throw new CredentialError("malformed", "expected a response of at least 2 bytes");
    },
    async close() {
      messages.close();
    },
  };
}

/** Request and answer over a stream of messages. */
class MessageStream {
  readonly #stream: Duplex;
  readonly #timeoutMs: number;
  readonly #decoder = new ApduSocketDecoder();
  readonly #received: Uint8Array[] = [];
  #waiting: ((outcome: Uint8Array | CredentialError) => void) | undefined;
  #failure: CredentialError | undefined;

  constructor(stream: Duplex, timeoutMs: number) {
    this.#stream = stream;
    this.#timeoutMs = timeoutMs;
    stream.on("data", (bytes: Uint8Array) => this.#take(bytes));
    stream.on("error", (cause) => {
      this.#fail(new CredentialError("transport", "the APDU socket failed", { cause }));
    });
    for (const event of ["end", "close"]) {
      stream.once(event, () => this.#fail(new CredentialError("card-removed", "the card's side hung up")));
    }
  }

  send(message: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#stream.write(encodeApduSocketMessage(message));
  }

  async receive(): Promise<Uint8Array> {
    const next = this.#received.shift();
    if (next !== undefined) return next;
    if (this.#failure !== undefined) throw this.#failure;
    const outcome = await new Promise<Uint8Array | CredentialError>((resolve) => {
      const timer = setTimeout(() => {
        // A late answer would be taken for the next command's, so the stream is of no more use.
        this.#fail(new CredentialError("timeout", `no answer from the card within ${this.#timeoutMs} ms`));
        this.#stream.destroy();
      }, this.#timeoutMs);
      this.#waiting = (value) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        resolve(value);
      };
    });
    if (outcome instanceof CredentialError) throw outcome;
    return outcome;
  }

  close(): void {
    if (this.#failure !== undefined) return;
    this.#fail(new CredentialError("closed", "the channel is closed"));
    if (this.#stream.writable) {
      this.#stream.end(encodeApduSocketMessage(Uint8Array.of(ApduSocketControl.powerOff)));
    }
  }

  #take(bytes: Uint8Array): void {
    try {
      this.#received.push(...this.#decoder.push(bytes));
    } catch (cause) {
      this.#fail(new CredentialError("malformed", "expected framed messages", { cause }));
      this.#stream.destroy();
      return;
    }
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const next = this.#received.shift();
    if (next !== undefined) waiting(next);
  }

  #fail(failure: CredentialError): void {
    this.#failure ??= failure;
    this.#waiting?.(this.#failure);
  }
}

function control(card: SoftwareCard, code: number): Uint8Array | undefined {
  switch (code) {
    case ApduSocketControl.powerOff:
      card.powerOff();
      return undefined;
    case ApduSocketControl.powerOn:
    case ApduSocketControl.reset:
      card.reset();
      return undefined;
    case ApduSocketControl.getAtr:
      return card.atr;
    default:
      throw new CredentialError("malformed", `expected a control of 00, 01, 02 or 04, got ${code}`);
  }
}

async function answerApdu(card: SoftwareCard, command: Uint8Array): Promise<Uint8Array> {
  try {
    return await card.transceive(command);
  } catch {
    // What went wrong inside a software card is its owner's to log; the reader gets what a broken card gives.
    return Uint8Array.of(StatusWord.unspecified >> 8, StatusWord.unspecified & 0xff);
  }
}
