import { CredentialError } from "@menshen/credentials";
import { openPcscCard, type PcscOptions, watchPcscReaders } from "@menshen/credentials/node";
import type { Logger } from "@menshen/service-kit";
import type { PcscConfig } from "../config.ts";
import { faultName } from "../errors.ts";
import type { ReaderHost } from "./reader-host.ts";

const RETRY_MS = 5_000;

/** A PC/SC reader of this gate. */
export interface PcscReader {
  stop(): Promise<void>;
}

/**
 * Serves one PC/SC reader through pcscd for as long as the gate runs. Without pcscd, or without the reader, the gate
 * runs on and says so.
 */
export function startPcscReader(options: {
  readonly config: PcscConfig;
  readonly host: ReaderHost;
  readonly logger: Logger;
  /** Where pcscd is, if not at its usual place. */
  readonly pcsc?: PcscOptions;
}): PcscReader {
  const { config, host, logger, pcsc } = options;
  const { readerId, readerName } = config;
  const stopping = new AbortController();

  function present(isPresent: boolean): void {
    host.findings.set("pcsc-reader-missing", !isPresent, readerId);
    if (!host.states.change(readerId, { online: isPresent })) return;
    host.record(readerId, isPresent ? "online" : "offline");
    if (isPresent) host.available(readerId);
  }

  async function watch(): Promise<void> {
    let handledEvent: number | undefined;
    for await (const readers of watchPcscReaders(stopping.signal, pcsc)) {
      host.findings.clear("pcsc-unavailable", readerId);
      const reader = readers.find(({ name }) => name === readerName);
      present(reader !== undefined);
      // A reader that is plugged again counts its insertions from the beginning.
      if (reader === undefined) handledEvent = undefined;
      if (reader?.cardPresent !== true || reader.eventCounter === handledEvent) continue;
      handledEvent = reader.eventCounter;
      await host.cardPresent(readerId, () => openPcscCard(readerName, pcsc));
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await watch();
      } catch (fault) {
        if (!(fault instanceof CredentialError)) throw fault;
        if (!host.findings.has("pcsc-unavailable", readerId)) {
          logger.warn({ readerId, code: faultName(fault) }, "pcscd is not there; the gate runs without it");
        }
        if (host.states.change(readerId, { online: false })) host.record(readerId, "offline");
        host.findings.raise("pcsc-unavailable", readerId);
      }
      await pause();
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      if (stopping.signal.aborted) return resolve();
      const timer = setTimeout(resolve, RETRY_MS);
      stopping.signal.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }

  const running = run();
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}
