import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duplex, duplexPair } from "node:stream";
import { fromHex, toHex } from "@menshen/crypto/node";
import { afterEach, describe, expect, it } from "vitest";
import type { SoftwareCard } from "../channel/software-card.ts";
import { connectApduSocket, openApduStream, serveApduSocket } from "./apdu-socket.ts";

const atr = fromHex("3b80800101");

function countingCard(change: Partial<SoftwareCard> = {}) {
  const happened: string[] = [];
  const card: SoftwareCard = {
    atr,
    reset: () => void happened.push("reset"),
    powerOff: () => void happened.push("off"),
    transceive: (command) => {
      happened.push(toHex(command));
      return Uint8Array.from([...command, 0x90, 0x00]);
    },
    ...change,
  };
  return { card, happened };
}

/** The next bytes of a stream, as hexadecimal text. */
async function read(stream: Duplex, lengthBytes: number): Promise<string> {
  let hex = "";
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    const bytes: Uint8Array = chunk;
    hex += toHex(bytes);
    if (hex.length >= 2 * lengthBytes) return hex;
  }
  throw new Error(`the stream ended after ${hex}`);
}

describe("both ends together", () => {
  it("power on, tell the ATR, exchange APDUs and power off", async () => {
    const [readerEnd, cardEnd] = duplexPair();
    const { card, happened } = countingCard();
    const served = serveApduSocket(cardEnd, card);
    const channel = await connectApduSocket(readerEnd);
    expect(channel.kind).toBe("apdu-socket");
    expect(channel.atr).toEqual(atr);
    expect(toHex(await channel.transceive(fromHex("00a40400")))).toBe("00a404009000");
    const long = new Uint8Array(261).fill(0x90);
    expect(await channel.transceive(long)).toHaveLength(263);
    await channel.close();
    await channel.close();
    await expect(channel.transceive(fromHex("00a40400"))).rejects.toMatchObject({ code: "closed" });
    await served.ended;
    expect(happened).toEqual(["reset", "00a40400", toHex(long), "off", "off"]);
  });

  it("report that the card's side went away, before and during a command", async () => {
    const [readerEnd, cardEnd] = duplexPair();
    const { card } = countingCard({ transceive: () => new Promise(() => {}) });
    const served = serveApduSocket(cardEnd, card);
    const channel = await connectApduSocket(readerEnd);
    const pending = channel.transceive(fromHex("00a40400"));
    served.close();
    readerEnd.destroy();
    await expect(pending).rejects.toMatchObject({ code: "card-removed" });
    await expect(channel.transceive(fromHex("00a40400"))).rejects.toMatchObject({ code: "card-removed" });
    await channel.close();
  });

  it("give up on a silent card and use the stream no more", async () => {
    const [readerEnd, cardEnd] = duplexPair();
    const { card } = countingCard({ transceive: () => new Promise(() => {}) });
    serveApduSocket(cardEnd, card);
    const channel = await connectApduSocket(readerEnd, { timeoutMs: 20 });
    await expect(channel.transceive(fromHex("00a40400"))).rejects.toMatchObject({ code: "timeout" });
    await expect(channel.transceive(fromHex("00a40400"))).rejects.toMatchObject({ code: "timeout" });
  });
});

describe("the card's end", () => {
  it("answers in order, with 6F00 for a fault of the card", async () => {
    const [readerEnd, cardEnd] = duplexPair();
    const answers = [Promise.reject(new Error("fault")), Promise.resolve(fromHex("9000"))];
    const { card } = countingCard({ transceive: () => answers.shift() ?? fromHex("6a82") });
    serveApduSocket(cardEnd, card);
    readerEnd.write(fromHex("000400a40400000400a40401000400a40402"));
    expect(await read(readerEnd, 12)).toBe("00026f00" + "00029000" + "00026a82");
  });

  it("resets on both controls, in whatever pieces they come", async () => {
    const [readerEnd, cardEnd] = duplexPair();
    const { card, happened } = countingCard();
    serveApduSocket(cardEnd, card);
    for (const piece of ["00", "01", "01", "0001", "02000100", "000104"]) readerEnd.write(fromHex(piece));
    expect(await read(readerEnd, 7)).toBe("00053b80800101");
    expect(happened).toEqual(["reset", "reset", "off"]);
  });

  it.each([
    ["an unknown control", "000103"],
    ["a message of no length", "0000"],
  ])("hangs up on %s", async (_name, hex) => {
    const [readerEnd, cardEnd] = duplexPair();
    const served = serveApduSocket(cardEnd, countingCard().card);
    readerEnd.write(fromHex(hex));
    await served.ended;
    expect(cardEnd.destroyed).toBe(true);
  });
});

describe("the reader's end", () => {
  it.each([
    ["a message of no length", "0000", "malformed"],
    ["a response of one byte", "000190", "malformed"],
  ])("refuses %s", async (_name, hex, code) => {
    const [readerEnd, cardEnd] = duplexPair();
    cardEnd.once("data", () => {
      cardEnd.write(fromHex("00023b00"));
      cardEnd.on("data", () => cardEnd.write(fromHex(hex)));
    });
    const channel = await connectApduSocket(readerEnd);
    await expect(channel.transceive(fromHex("00a40400"))).rejects.toMatchObject({ code });
  });

  it("does not send a command that would be a control", async () => {
    const [readerEnd, cardEnd] = duplexPair();
    serveApduSocket(cardEnd, countingCard().card);
    const channel = await connectApduSocket(readerEnd);
    await expect(channel.transceive(fromHex("00"))).rejects.toMatchObject({ code: "bad-argument" });
  });

  it("reports a card's side that never answers", async () => {
    const [readerEnd] = duplexPair();
    await expect(connectApduSocket(readerEnd, { timeoutMs: 20 })).rejects.toMatchObject({ code: "timeout" });
  });
});

describe("connecting", () => {
  let server: Server | undefined;
  let directory: string | undefined;
  const accepted: Socket[] = [];
  afterEach(async () => {
    for (const socket of accepted.splice(0)) socket.destroy();
    server?.close();
    if (directory !== undefined) await rm(directory, { recursive: true });
    server = undefined;
    directory = undefined;
  });

  it("reaches TCP and Unix sockets", async () => {
    directory = await mkdtemp(join(tmpdir(), "apdu-socket-"));
    const path = join(directory, "card");
    for (const where of [{ path }, { host: "127.0.0.1", port: 0 }]) {
      const listening = createServer((socket) => {
        accepted.push(socket);
        serveApduSocket(socket, countingCard().card);
      });
      server = listening;
      await new Promise<void>((resolve) => listening.listen(where, resolve));
      const address = listening.address();
      const target =
        typeof address === "object" && address !== null
          ? { host: "127.0.0.1", port: address.port }
          : { path };
      const channel = await connectApduSocket(await openApduStream(target));
      expect(toHex(await channel.transceive(fromHex("00a40400")))).toBe("00a404009000");
      await channel.close();
      listening.close();
    }
  });

  it("says when nobody listens", async () => {
    await expect(openApduStream({ path: "/nonexistent/card" })).rejects.toMatchObject({ code: "transport" });
    await expect(openApduStream({ host: "127.0.0.1", port: 1 })).rejects.toMatchObject({ code: "transport" });
  });
});
