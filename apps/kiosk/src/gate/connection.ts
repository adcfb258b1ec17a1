import {
  KIOSK_CALL_PATH,
  KIOSK_HEARTBEAT_S,
  KIOSK_SCAN_PATH,
  KIOSK_STATE_PATH,
  type KioskMessage,
  type KioskResult,
  type KioskState,
} from "@menshen/wire";
import { makeEventReader } from "./event-stream.ts";

/** How a screen stands to its gate; `not-known`: the gate does not take its token. */
export type Link = "connecting" | "connected" | "lost" | "not-known";

/** A gate that says nothing for so long is gone, whatever its socket says. */
const SILENT_MS = 2 * KIOSK_HEARTBEAT_S * 1_000;
const ANSWER_TIMEOUT_MS = 5_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
const TOKEN_REFUSED = 401;
const TOO_MANY = 429;

/** What a gate answered about a code; `too-many`: it was asked about more codes at once than it looks at. */
export type ScanAnswer = KioskResult | "too-many";

export interface GateConnection {
  /** Asks the gate about a code; `undefined` where it gave no answer in time, or none that counts. */
  scan(text: string): Promise<ScanAnswer | undefined>;
  /** Calls for a guard; how far that came, the state tells from then on. `unheard`: this gate gave no answer. */
  call(): Promise<"called" | "too-many" | "unheard">;
  close(): void;
}

/**
 * Follows a gate until it is closed, and connects again by itself: at once after a break, then more and more seldom.
 *
 * @param options.token of the place, from the page's address
 */
export function connectGate(options: {
  readonly token: string;
  readonly onLink: (link: Link) => void;
  readonly onState: (state: KioskState) => void;
  readonly fetch?: typeof globalThis.fetch;
}): GateConnection {
  const { token, onLink, onState } = options;
  const request = options.fetch ?? globalThis.fetch.bind(globalThis);
  const headers = { authorization: `Kiosk ${token}` };
  const closing = new AbortController();

  async function follow(): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    while (!closing.signal.aborted) {
      const end = await listen(() => {
        waitMs = FIRST_WAIT_MS;
      });
      if (closing.signal.aborted) return;
      onLink(end);
      await sleep(waitMs, closing.signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }

  /** One connection, from its beginning to its end. */
  async function listen(heard: () => void): Promise<"lost" | "not-known"> {
    const stopping = new AbortController();
    const signal = AbortSignal.any([closing.signal, stopping.signal]);
    const watch = makeWatch(SILENT_MS, () => stopping.abort());
    try {
      const response = await request(KIOSK_STATE_PATH, { headers, signal, cache: "no-store" });
      if (response.status === TOKEN_REFUSED) return "not-known";
      if (!response.ok || response.body === null) return "lost";
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const take = makeEventReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        watch.alive();
        for (const data of take(part.value)) {
          if (data === "") continue;
          const message: KioskMessage = JSON.parse(data);
          if (!("state" in message)) continue;
          heard();
          onState(message.state);
          onLink("connected");
        }
      }
      return "lost";
    } catch {
      // Whatever ended it: the words on the screen are the same, and it is tried again.
      return "lost";
    } finally {
      watch.stop();
      stopping.abort();
    }
  }

  function ask(path: string, init: RequestInit): Promise<Response> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
    return request(path, { method: "POST", headers, ...init, signal });
  }

  onLink("connecting");
  void follow();
  return {
    async scan(text) {
      try {
        const response = await ask(KIOSK_SCAN_PATH, {
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify({ text }),
        });
        if (response.status === TOO_MANY) return "too-many";
        if (!response.ok) return undefined;
        const result: KioskResult = await response.json();
        return result;
      } catch {
        return undefined;
      }
    },
    async call() {
      try {
        const { ok, status } = await ask(KIOSK_CALL_PATH, {});
        if (status === TOO_MANY) return "too-many";
        return ok ? "called" : "unheard";
      } catch {
        return "unheard";
      }
    },
    close: () => closing.abort(),
  };
}

/** Calls `silent` when nothing was heard for `afterMs`. */
function makeWatch(afterMs: number, silent: () => void) {
  let timer = setTimeout(silent, afterMs);
  return {
    alive() {
      clearTimeout(timer);
      timer = setTimeout(silent, afterMs);
    },
    stop: () => clearTimeout(timer),
  };
}

function sleep(forMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, forMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
