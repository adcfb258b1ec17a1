import { concatBytes, fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import {
  ANSWER_BYTES,
  connectBody,
  disconnectBody,
  encodeRequest,
  establishContextBody,
  PcscCommand,
  parseConnectAnswer,
  parseReadersState,
  parseTransmitAnswer,
  transmitBody,
  versionBody,
} from "./messages.ts";

const text = (value: string, lengthBytes: number) => {
  const bytes = new Uint8Array(lengthBytes);
  bytes.set(new TextEncoder().encode(value));
  return bytes;
};
const pcscProtocol = expect.objectContaining({ code: "pcsc-protocol" });

/** struct pubReaderStatesList, 184 bytes. */
function readerState(
  name: string,
  eventCounter: number,
  state: number,
  atr: string,
  atrBytes = atr.length / 2,
) {
  const atrField = new Uint8Array(36);
  atrField.set(fromHex(atr));
  return concatBytes(
    text(name, 128),
    Uint8Array.of(eventCounter, 0, 0, 0, state, 0, 0, 0, 0, 0, 0, 0),
    atrField,
    Uint8Array.of(atrBytes, 0, 0, 0, 2, 0, 0, 0),
  );
}

describe("requests to pcscd", () => {
  it("have a header of length and command, little-endian", () => {
    expect(toHex(encodeRequest(PcscCommand.version, versionBody(4)))).toBe(
      "0c00000011000000" + "040000000400000000000000",
    );
    expect(toHex(encodeRequest(PcscCommand.getReadersState, new Uint8Array()))).toBe("0000000012000000");
    expect(toHex(establishContextBody())).toBe("020000000000000000000000");
    expect(toHex(disconnectBody(0x3cf44192, false))).toBe("9241f43c" + "02000000" + "00000000");
    expect(toHex(disconnectBody(0x3cf44192, true))).toBe("9241f43c" + "00000000" + "00000000");
    expect(toHex(transmitBody(1, 2, 5))).toBe(
      "0100000002000000100000000500000003000000100000000200010000000000",
    );
  });

  it("name the reader in a field of 128 bytes with an end", () => {
    const body = connectBody(0x01020304, "Reader 00 00");
    expect(body).toHaveLength(ANSWER_BYTES.connect);
    expect(toHex(body.subarray(0, 17))).toBe(`04030201${toHex(text("Reader 00 00", 13))}`);
    expect(toHex(body.subarray(132))).toBe("01000000" + "03000000" + "00000000" + "00000000" + "00000000");
    expect(connectBody(1, "r".repeat(127))[131]).toBe(0);
    expect(() => connectBody(1, "门".repeat(43))).toThrow(expect.objectContaining({ code: "bad-argument" }));
  });
});

describe("answers of pcscd", () => {
  const absent = concatBytes(new Uint8Array(184 * 14));

  it("list readers, with cards and their ATRs", () => {
    const answer = concatBytes(
      readerState("Virtual PCD 00 00", 3, 0x34, "3b80800101"),
      readerState("Virtual PCD 00 01", 0, 0x02, ""),
      absent,
    );
    expect(parseReadersState(answer)).toEqual([
      { name: "Virtual PCD 00 00", cardPresent: true, eventCounter: 3, atr: fromHex("3b80800101") },
      { name: "Virtual PCD 00 01", cardPresent: false, eventCounter: 0 },
    ]);
  });

  it("give no ATR of a card that is away, mute, or tells an absurd length", () => {
    const atr = "3b80800101";
    const answer = concatBytes(
      readerState("away", 1, 0x02, atr),
      readerState("absurd", 1, 0x34, atr, 34),
      absent,
    );
    expect(parseReadersState(answer).map((reader) => reader.atr)).toEqual([undefined, undefined]);
  });

  it("tell handles and results", () => {
    const connected = connectBody(1, "Reader");
    connected.set(fromHex("9241f43c0200000069001080"), 140);
    expect(parseConnectAnswer(connected)).toEqual({ card: 0x3cf44192, protocol: 2, result: 0x80100069 });
    const transmitted = transmitBody(1, 2, 5);
    transmitted.set(fromHex("0a01000000000000"), 24);
    expect(parseTransmitAnswer(transmitted)).toEqual({ responseBytes: 266, result: 0 });
  });
});

describe("reader states out of form", () => {
  it.each([
    ["nothing", 0],
    ["one reader", 184],
    ["a byte less", ANSWER_BYTES.readersState - 1],
    ["a byte more", ANSWER_BYTES.readersState + 1],
  ])("are refused: %s", (_name, lengthBytes) => {
    expect(() => parseReadersState(new Uint8Array(lengthBytes))).toThrow(pcscProtocol);
  });

  it("are refused with a name that has no end", () => {
    const endless = readerState("r".repeat(128), 1, 0x02, "");
    expect(() => parseReadersState(concatBytes(endless, new Uint8Array(184 * 15)))).toThrow(pcscProtocol);
    expect(() => parseReadersState(new Uint8Array(ANSWER_BYTES.readersState).fill(0x41))).toThrow(
      pcscProtocol,
    );
  });
});
