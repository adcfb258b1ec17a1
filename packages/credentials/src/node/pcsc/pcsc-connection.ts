import { connect, type Socket } from "node:net";
import { CredentialError } from "../../credential-error.ts";
import {
  ANSWER_BYTES,
  encodeRequest,
  PcscCommand,
  PROTOCOL_MAJOR,
  PROTOCOL_MINOR,
  PROTOCOL_MINORS,
  versionBody,
  wordAt,
} from "./messages.ts";
import { PCSC_SUCCESS } from "./result-codes.ts";

/**
 * One connection to pcscd. The daemon answers requests of a connection one by one and in order, and a request may
 * wait for a card; so each card and each waiting has a connection of its own.
 */
export class PcscConnection {
  readonly #socket: Socket;
  readonly #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  #failure: CredentialError | undefined;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#bufferedBytes += chunk.length;
      this.#wake?.();
    });
    socket.on("error", (cause) =>
      this.#fail(new CredentialError("transport", "the PC/SC socket failed", { cause })),
    );
    socket.on("close", () => this.#fail(new CredentialError("transport", "the PC/SC daemon hung up")));
  }

  /**
   * Connects and agrees on a protocol version.
   *
   * @throws {CredentialError} `pcsc-absent` when nothing listens at `socketPath`; `pcsc-protocol` when the daemon
   *   speaks another version; `timeout`, `transport`
   */
  static async open(socketPath: string, timeoutMs: number): Promise<PcscConnection> {
    let minor = PROTOCOL_MINOR;
    for (;;) {
      const connection = new PcscConnection(await connectSocket(socketPath));
      connection.send(PcscCommand.version, versionBody(minor));
      const answer = await connection.receiveOrClose(ANSWER_BYTES.version, timeoutMs);
      if (wordAt(answer, 2) === PCSC_SUCCESS) return connection;
      connection.close();
      const [serverMajor, serverMinor] = [wordAt(answer, 0), wordAt(answer, 1)];
      const canFollow = serverMajor === PROTOCOL_MAJOR && PROTOCOL_MINORS.includes(serverMinor);
      if (!canFollow || serverMinor === minor) {
        throw new CredentialError(
          "pcsc-protocol",
          `expected PC/SC protocol ${PROTOCOL_MAJOR}.${PROTOCOL_MINORS.join(" or 4.")}, ` +
            `the daemon speaks ${serverMajor}.${serverMinor}`,
        );
      }
      minor = serverMinor;
    }
  }

  /** @throws {CredentialError} why the connection ended, when it has */
  send(command: number, body: Uint8Array, more: Uint8Array = new Uint8Array()): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#socket.write(encodeRequest(command, body));
    if (more.length > 0) this.#socket.write(more);
  }

  /**
   * The next `lengthBytes` bytes of answers.
   *
   * @param timeoutMs longest wait, `undefined` for no end
   * @throws {CredentialError} `timeout`, `closed`, `transport`; after a timeout the connection is of no more use
   */
  async receive(lengthBytes: number, timeoutMs: number | undefined): Promise<Uint8Array> {
    const deadline =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            this.#fail(new CredentialError("timeout", `no answer from PC/SC within ${timeoutMs} ms`));
            this.#socket.destroy();
          }, timeoutMs);
    try {
      while (this.#bufferedBytes < lengthBytes) {
        if (this.#failure !== undefined) throw this.#failure;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(deadline);
      this.#wake = undefined;
    }
    const all = Buffer.concat(this.#chunks.splice(0));
    this.#bufferedBytes -= lengthBytes;
    if (this.#bufferedBytes > 0) this.#chunks.push(all.subarray(lengthBytes));
    return new Uint8Array(all.subarray(0, lengthBytes));
  }

  /** As {@link receive}, for the time before anybody else could close the connection. */
  async receiveOrClose(lengthBytes: number, timeoutMs: number): Promise<Uint8Array> {
    try {
      return await this.receive(lengthBytes, timeoutMs);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Ends the connection; pcscd then releases its context and cards. May be called more than once. */
  close(): void {
    this.#fail(new CredentialError("closed", "the PC/SC connection is closed"));
    this.#socket.destroy();
  }

  /**
   * Sends what is still to be said and ends the connection in order.
   *
   * @param answerBytes length of the answer to wait for before the end
   */
  async closeAfter(command: number, body: Uint8Array, answerBytes: number, timeoutMs: number): Promise<void> {
    try {
      this.send(command, body);
      await this.receive(answerBytes, timeoutMs);
    } catch {
      // Closing is best effort: pcscd cleans up after a client that is gone.
    }
    this.close();
  }

  #fail(failure: CredentialError): void {
    this.#failure ??= failure;
    this.#wake?.();
  }
}

async function connectSocket(path: string): Promise<Socket> {
  const socket = connect({ path });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
  } catch (cause) {
    socket.destroy();
    throw new CredentialError("pcsc-absent", "no PC/SC daemon (pcscd) listens here; card readers need one", {
      cause,
    });
  }
  socket.removeAllListeners("error");
  return socket;
}
