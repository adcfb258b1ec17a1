import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concatBytes, fromHex } from "@menshen/crypto/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ANSWER_BYTES, connectBody, PcscCommand } from "./messages.ts";
import { listPcscReaders, openPcscCard, watchPcscReaders } from "./pcsc.ts";

// A daemon that answers as a test tells it: for each request, by command, bytes or silence or a hang-up.
type Answer = Uint8Array | "silence" | "hang-up";

const ok = fromHex("040000000400000000000000");
const noReaders = new Uint8Array(ANSWER_BYTES.readersState);
const context = fromHex("020000007700000000000000");
const connected = () => {
  const answer = connectBody(0x77, "Reader");
  answer.set(fromHex("110000000200000000000000"), 140);
  return answer;
};
const transmitted = (responseBytes: number) => {
  const answer = new Uint8Array(ANSWER_BYTES.transmit);
  new DataView(answer.buffer).setUint32(24, responseBytes, true);
  return answer;
};

let directory = "";
let server: Server;
let answers: (command: number, minor: number) => Answer;
const sockets: Socket[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pcsc-daemon-"));
  server = createServer((socket) => {
    sockets.push(socket);
    let pending = new Uint8Array();
    socket.on("error", () => {});
    socket.on("data", (chunk: Uint8Array) => {
      pending = concatBytes(pending, chunk);
      while (pending.length >= 8) {
        const view = new DataView(pending.buffer);
        const command = view.getUint32(4, true);
        const commandBytes = command === PcscCommand.transmit ? 4 : 0;
        const end = 8 + view.getUint32(0, true) + commandBytes;
        if (pending.length < end) return;
        const minor = command === PcscCommand.version ? view.getUint32(12, true) : 0;
        pending = pending.slice(end);
        const answer = answers(command, minor);
        if (answer === "hang-up") socket.destroy();
        else if (answer !== "silence") socket.write(answer);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(join(directory, "pcscd.comm"), resolve));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

const options = () => ({ socketPath: join(directory, "pcscd.comm"), timeoutMs: 50 });

describe("a PC/SC daemon of another version", () => {
  const serverAt = (minor: number) => (command: number, announced: number) => {
    if (command !== PcscCommand.version) return noReaders;
    const answer = ok.slice();
    answer[4] = minor;
    if (announced !== minor) answer.set(fromHex("1e001080"), 8);
    return answer;
  };

  it.each([4, 5])("4.%i is followed", async (minor) => {
    answers = serverAt(minor);
    expect(await listPcscReaders(options())).toEqual([]);
  });

  it.each([2, 3, 7])("4.%i is named", async (minor) => {
    answers = serverAt(minor);
    await expect(listPcscReaders(options())).rejects.toMatchObject({
      code: "pcsc-protocol",
      message: `expected PC/SC protocol 4.4 or 4.5, the daemon speaks 4.${minor}`,
    });
  });

  it("that refuses its own version is not asked for ever", async () => {
    answers = () => concatBytes(ok.subarray(0, 8), fromHex("1e001080"));
    await expect(listPcscReaders(options())).rejects.toMatchObject({ code: "pcsc-protocol" });
  });

  it("5.4 is named", async () => {
    answers = () => fromHex("05000000040000001e001080");
    await expect(listPcscReaders(options())).rejects.toMatchObject({ code: "pcsc-protocol" });
  });
});

describe("a PC/SC daemon out of form", () => {
  const upTo = (command: number, answer: Answer) => {
    const regular = new Map<number, Answer>([
      [PcscCommand.version, ok],
      [PcscCommand.getReadersState, noReaders],
      [PcscCommand.waitReaderStateChange, noReaders],
      [PcscCommand.establishContext, context],
      [PcscCommand.connect, connected()],
      [PcscCommand.transmit, concatBytes(transmitted(2), fromHex("9000"))],
      [command, answer],
    ]);
    answers = (asked) => regular.get(asked) ?? "silence";
  };

  it.each([PcscCommand.version, PcscCommand.getReadersState])("is silent to command %i", async (command) => {
    upTo(command, "silence");
    await expect(listPcscReaders(options())).rejects.toMatchObject({ code: "timeout" });
  });

  it.each([PcscCommand.version, PcscCommand.getReadersState])("hangs up at command %i", async (command) => {
    upTo(command, "hang-up");
    await expect(listPcscReaders(options())).rejects.toMatchObject({ code: "transport" });
  });

  it.each([PcscCommand.establishContext, PcscCommand.connect])("hangs up at command %i", async (command) => {
    upTo(command, "hang-up");
    await expect(openPcscCard("Reader", options())).rejects.toMatchObject({ code: "transport" });
  });

  it("refuses a context", async () => {
    upTo(PcscCommand.establishContext, fromHex("020000000000000006001080"));
    await expect(openPcscCard("Reader", options())).rejects.toMatchObject({ code: "transport" });
  });

  it.each([
    ["no response at all", 0, "card-removed"],
    ["a response of one byte", 1, "pcsc-protocol"],
    ["a response beyond every APDU", 65_539, "pcsc-protocol"],
  ])("announces %s", async (_name, responseBytes, code) => {
    upTo(PcscCommand.transmit, transmitted(responseBytes));
    const channel = await openPcscCard("Reader", options());
    await expect(channel.transceive(fromHex("00000000"))).rejects.toMatchObject({ code });
    await channel.close();
  });

  it("announces a response that never comes", async () => {
    upTo(PcscCommand.transmit, transmitted(20));
    const channel = await openPcscCard("Reader", options());
    await expect(channel.transceive(fromHex("00000000"))).rejects.toMatchObject({ code: "timeout" });
    await channel.close();
  });

  it("answers a command and is let go, though it does not confirm", async () => {
    upTo(PcscCommand.disconnect, "silence");
    const channel = await openPcscCard("Reader", options());
    expect(await channel.transceive(fromHex("00000000"))).toEqual(fromHex("9000"));
    await channel.close();
  });

  it("goes away while a card is waited for", async () => {
    upTo(PcscCommand.waitReaderStateChange, noReaders);
    const watching = watchPcscReaders(new AbortController().signal, options());
    expect(await watching.next()).toEqual({ done: false, value: [] });
    const pending = watching.next();
    for (const socket of sockets) socket.destroy();
    await expect(pending).rejects.toMatchObject({ code: "transport" });
  });
});
