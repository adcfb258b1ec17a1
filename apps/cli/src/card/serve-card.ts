import { setTimeout as sleep } from "node:timers/promises";
import { CredentialError, type SoftwareCard } from "@menshen/credentials";
import { openApduStream, serveApduSocket } from "@menshen/credentials/node";
import { toHex } from "@menshen/crypto/node";
import { CliError } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";
import { type CardPlace, listenForSockets, parseCardPlace, socketAddress } from "./apdu-place.ts";

const FIRST_CONNECTION_MS = 5_000;
const RETRY_MS = 500;

type SocketPlace = Exclude<CardPlace, { kind: "pcsc" }>;

/** The socket that a card is emulated behind; throws `CliError("usage")` for a PC/SC reader's name. */
export function parseEmulationPlace(where: string): SocketPlace {
  const place = parseCardPlace(where);
  if (place.kind !== "pcsc") return place;
  throw new CliError("usage", {
    en: "WHERE: a card is emulated behind an APDU socket, not on a PC/SC reader",
    zh: "WHERE：只能在 APDU 套接字上模拟卡，不能用 PC/SC 读卡器",
  });
}

/**
 * Serves a card until the call is stopped: waits for readers, or connects to the reader's side again and again.
 *
 * Throws `CliError("unavailable")` when the place cannot be listened on, or nobody listens there.
 *
 * @param on.ready called once a reader finds the card, or the card begins to look for the reader's side
 * @param on.left called whenever a reader has gone: time to keep what the card remembers
 */
export async function serveCard(
  call: Call,
  place: SocketPlace,
  card: SoftwareCard,
  on: { readonly ready: () => void; readonly left?: () => void },
): Promise<void> {
  const shown = call.flag("trace") ? traced(call, card) : card;
  const { ready, left = () => {} } = on;
  if (place.kind === "tcp-listen" || place.kind === "unix-listen") {
    await serveListening(call, place, shown, { ready, left });
  } else {
    ready();
    await serveConnecting(call, place, shown, left);
  }
}

/** Waits for readers; a new one takes the place of the one before. */
async function serveListening(
  call: Call,
  place: SocketPlace,
  card: SoftwareCard,
  { ready, left }: { readonly ready: () => void; readonly left: () => void },
): Promise<void> {
  let current: { close(): void } | undefined;
  const listening = await listenForSockets(place, (socket) => {
    current?.close();
    const served = serveApduSocket(socket, card);
    current = served;
    call.output.say({ event: "connected" }, "CONNECTED");
    void served.ended.then(() => {
      left();
      call.output.say({ event: "disconnected" }, "DISCONNECTED");
    });
  });
  ready();
  await stopped(call.stop);
  current?.close();
  await listening.close();
}

/** Connects to the reader's side, and again whenever it goes away. */
async function serveConnecting(
  call: Call,
  place: SocketPlace,
  card: SoftwareCard,
  left: () => void,
): Promise<void> {
  const giveUpMs = performance.now() + FIRST_CONNECTION_MS;
  let wasConnected = false;
  while (!call.stop.aborted) {
    try {
      const served = serveApduSocket(await openApduStream(socketAddress(place)), card);
      wasConnected = true;
      call.output.say({ event: "connected" }, "CONNECTED");
      await Promise.race([served.ended, stopped(call.stop)]);
      served.close();
      left();
      call.output.say({ event: "disconnected" }, "DISCONNECTED");
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error;
      if (!wasConnected && performance.now() > giveUpMs) throw nobodyThere(error);
    }
    await sleep(RETRY_MS, undefined, { signal: call.stop }).catch(() => undefined);
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
}

function nobodyThere(cause: CredentialError): CliError {
  return new CliError(
    "unavailable",
    { en: "nobody listens at that socket", zh: "该套接字无人监听" },
    {
      en: "start vpcd's pcscd (`apt-get install pcscd vsmartcard-vpcd`), or wait here with tcp-listen:",
      zh: "请启动带 vpcd 的 pcscd（`apt-get install pcscd vsmartcard-vpcd`），或用 tcp-listen: 在此等待",
    },
    { cause },
  );
}

function traced(call: Call, card: SoftwareCard): SoftwareCard {
  return {
    ...card,
    async transceive(command) {
      call.output.say({ event: "command", bytes: toHex(command) }, `> ${toHex(command)}`);
      const answer = await card.transceive(command);
      call.output.say({ event: "answer", bytes: toHex(answer) }, `< ${toHex(answer)}`);
      return answer;
    },
  };
}
