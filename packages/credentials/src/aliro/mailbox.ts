import { CredentialError } from "../credential-error.ts";
import type { MailboxRequest, MailboxRequests } from "./exchange-message.ts";

/** What a mailbox allows a reader. */
export interface MailboxRights {
  readonly readable: boolean;
  readonly writable: boolean;
}

/** Room for notes that readers leave on a credential, as one device keeps it. */
export interface Mailbox {
  /**
   * Carries out one EXCHANGE: reads see the mailbox as it was before, and either everything is done or nothing.
   *
   * @returns what was read, in order; `undefined` when a request lies outside the mailbox or its rights
   */
  readonly apply: (requests: MailboxRequests) => readonly Uint8Array[] | undefined;
  /** Forgets writes that an atomic session holds back: the device left the field. */
  readonly abandon: () => void;
  /** A copy of what is stored for good. */
  readonly content: () => Uint8Array;
}

/**
 * A mailbox over the bytes it begins with.
 *
 * INVARIANT: `stored` changes in one assignment, at the end of an EXCHANGE outside an atomic session or at its commit;
 * a device torn from the field at any moment keeps the old content or the new one.
 *
 * @param onChange called with the new content after each change, to keep it
 * @throws {CredentialError} `bad-argument` for more than 65,535 bytes
 */
export function makeMailbox(
  content: Uint8Array,
  rights: MailboxRights,
  onChange: (content: Uint8Array) => void = () => {},
): Mailbox {
  if (content.length > 0xffff) {
    throw new CredentialError("bad-argument", "expected a mailbox of at most 65535 bytes");
  }
  let stored = content.slice();
  let pending: Uint8Array | undefined;

  const allowed = (request: MailboxRequest): boolean => {
    const lengthBytes = request.kind === "write" ? request.bytes.length : request.lengthBytes;
    const right = request.kind === "read" ? rights.readable : rights.writable;
    return right && request.offset + lengthBytes <= stored.length;
  };

  return {
    apply({ atomic, requests }) {
      if (!requests.every(allowed) || (atomic === "begin" && pending !== undefined)) return undefined;
      const reads = requests.flatMap((request) =>
        request.kind === "read" ? [stored.slice(request.offset, request.offset + request.lengthBytes)] : [],
      );
      const next = (pending ?? stored).slice();
      for (const request of requests) {
        if (request.kind === "write") next.set(request.bytes, request.offset);
        if (request.kind === "set") {
          next.fill(request.value, request.offset, request.offset + request.lengthBytes);
        }
      }
      if (atomic === "begin" || (pending !== undefined && atomic !== "commit")) {
        pending = next;
        return reads;
      }
      pending = undefined;
      if (next.some((byte, index) => byte !== stored[index])) {
        stored = next;
        onChange(next.slice());
      }
      return reads;
    },
    abandon() {
      pending = undefined;
    },
    content: () => stored.slice(),
  };
}
