import { type CardChannel, CredentialError } from "@menshen/credentials";
import {
  connectApduSocket,
  listPcscReaders,
  openApduStream,
  openPcscCard,
  type PcscOptions,
  waitForPcscCard,
} from "@menshen/credentials/node";
import { CliError } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";
import { type CardPlace, listenForSockets, socketAddress } from "./apdu-place.ts";

/**
 * Waits for a card at a place and opens a channel to it.
 *
 * Throws `CliError("unavailable")` when there is no reader, no card in time, or nobody at the socket; the message says
 * what to do.
 */
export async function openCardAt(
  place: CardPlace,
  waitMs: number,
  call: Pick<Call, "stop" | "env">,
): Promise<CardChannel> {
  const signal = AbortSignal.any([call.stop, AbortSignal.timeout(waitMs)]);
  try {
    if (place.kind === "pcsc") return await openAtReader(place.readerName, signal, pcscOptions(call.env));
    if (place.kind === "tcp-listen" || place.kind === "unix-listen") return await acceptCard(place, signal);
    return await connectApduSocket(await openApduStream(socketAddress(place), waitMs), { timeoutMs: waitMs });
  } catch (error) {
    throw error instanceof CredentialError ? unavailable(error) : error;
  }
}

/** pcsc-lite's own variable for a daemon that listens elsewhere (pcsc-lite `src/utils.c`). */
function pcscOptions(env: Call["env"]): PcscOptions {
  const socketPath = env.PCSCLITE_CSOCK_NAME;
  return socketPath === undefined || socketPath === "" ? {} : { socketPath };
}

async function openAtReader(
  readerName: string,
  signal: AbortSignal,
  options: PcscOptions,
): Promise<CardChannel> {
  const readers = await listPcscReaders(options);
  if (!readers.some(({ name }) => name === readerName)) {
    const names = readers.map(({ name }) => `\`${name}\``).join(", ");
    throw new CliError(
      "unavailable",
      { en: `there is no PC/SC reader \`${readerName}\``, zh: `没有 PC/SC 读卡器 \`${readerName}\`` },
      names === ""
        ? { en: "pcscd knows no reader: plug one in", zh: "pcscd 未发现任何读卡器，请插入" }
        : { en: `pcscd knows ${names}`, zh: `pcscd 已发现 ${names}` },
    );
  }
  const found = await waitForPcscCard(readerName, signal, options);
  if (found === undefined) throw noCard();
  return openPcscCard(readerName, options);
}

function acceptCard(place: Exclude<CardPlace, { kind: "pcsc" }>, signal: AbortSignal): Promise<CardChannel> {
  return new Promise((resolve, reject) => {
    let taken = false;
    const listening = listenForSockets(place, (socket) => {
      if (taken) {
        socket.destroy();
        return;
      }
      taken = true;
      void listening.then(({ close }) => close());
      connectApduSocket(socket).then(resolve, reject);
    });
    listening.catch(reject);
    signal.addEventListener("abort", () => {
      void listening.then(({ close }) => close()).catch(() => undefined);
      if (!taken) reject(noCard());
    });
  });
}

function noCard(): CliError {
  return new CliError(
    "unavailable",
    { en: "no card came in time", zh: "等待超时，没有卡" },
    {
      en: "lay the card on the reader, or wait longer: --wait SECONDS",
      zh: "请放上卡，或用 --wait 秒数 延长等待",
    },
  );
}

function unavailable(error: CredentialError): CliError {
  const options = { cause: error };
  switch (error.code) {
    case "pcsc-absent":
      return new CliError(
        "unavailable",
        { en: "the PC/SC service (pcscd) does not run", zh: "PC/SC 服务（pcscd）未运行" },
        {
          en: "install and start it: `apt-get install pcscd && systemctl start pcscd`",
          zh: "请安装并启动：`apt-get install pcscd && systemctl start pcscd`",
        },
        options,
      );
    case "reader-busy":
      return new CliError(
        "unavailable",
        { en: "another program holds the reader", zh: "读卡器被其他程序占用" },
        { en: "end it, then try again", zh: "请结束该程序后重试" },
        options,
      );
    case "transport":
      return new CliError(
        "unavailable",
        { en: "nobody answers at that socket", zh: "该套接字无人应答" },
        {
          en: "start the other side first, or listen here with tcp-listen: or unix-listen:",
          zh: "请先启动对方，或用 tcp-listen:、unix-listen: 在此监听",
        },
        options,
      );
    default:
      return new CliError(
        "unavailable",
        { en: `the card did not answer: ${error.message}`, zh: `卡没有应答：${error.message}` },
        { en: "lay it on the reader again and leave it there", zh: "请重新放卡并保持不动" },
        options,
      );
  }
}
