/**
 * A stream of bytes in both directions: a serial line, a socket, or a pair in one process. It may lose its other side
 * and find it again; whoever uses it is told.
 */
export interface ByteStream {
  /** Whether the other side is there: writing works exactly then. */
  readonly isOpen: boolean;
  /** Sends bytes in order. While closed they are dropped: a line has no memory. */
  write(bytes: Uint8Array): void;
  /** Installs the one listener. If the stream is open already, `opened` is called before this returns. */
  listen(listener: ByteStreamListener): void;
  /** Releases the port or socket for good; no further call to the listener, no further attempt to reconnect. */
  close(): Promise<void>;
}

export interface ByteStreamListener {
  opened(): void;
  received(bytes: Uint8Array): void;
  closed(): void;
}
