import { fromHex, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { encodeTlv, readTlvMap, readTlvs } from "../tlv/ber-tlv.ts";
import { primitives, vectors } from "./aliro-vectors.testing.ts";
import { parseAuth0, parseAuth0Answer } from "./auth0-message.ts";
import { parseAuth1, parseAuth1Answer, parseCryptogramPlaintext } from "./auth1-message.ts";
import { signatureFromDer, signatureToDer } from "./der-signature.ts";
import { parseDeviceRequest } from "./document/device-request.ts";
import { readCbor } from "./document/document-cbor.ts";
import { parseDeviceResponse } from "./document/issuer-signed.ts";
import { parseEnvelope } from "./envelope-message.ts";
import { parseExchange, parseExchangeAnswer } from "./exchange-message.ts";
import { encodeExtendedCommand, parseAnyCommand } from "./extended-apdu.ts";
import { parsePossession } from "./possession.ts";
import { parseReaderCertificate } from "./reader-certificate.ts";
import { AliroChannel } from "./secure-channel.ts";
import { parseSelectAnswer } from "./select-message.ts";

const malformed = expect.objectContaining({ code: "malformed" });
const bytes = (hex: string) => fromHex(hex.replaceAll(" ", ""));

it("a proof of possession of another length is refused", () => {
  for (const lengthBytes of [0, 274, 276]) {
    expect(() => parsePossession(new Uint8Array(lengthBytes))).toThrow(malformed);
  }
});

describe("TLV", () => {
  it.each([
    ["a length beyond the end", "5c 03 0100"],
    ["no length", "5c"],
    ["a short length in the long form", "5c 81 02 0100"],
    ["a long length with a leading zero", "5c 82 0002 0100"],
    ["an indefinite length", "5c 80 0100 0000"],
    ["a length of three bytes", "5c 83 000002 0100"],
    ["a tag that ends in its middle", "7f"],
    ["a tag of three bytes", "7f8101 00"],
    ["a two-byte tag that would fit one", "7f1e 00"],
    ["65 elements", "5c00".repeat(65)],
  ])("with %s", (_name, hex) => {
    expect(() => readTlvs(bytes(hex))).toThrow(malformed);
  });

  it("with a tag twice is no map", () => {
    expect(() => readTlvMap(bytes("41 01 00 41 01 00"))).toThrow(malformed);
  });

  it("is not written beyond two length bytes", () => {
    expect(() => encodeTlv(0x53, new Uint8Array(65_536))).toThrow(
      expect.objectContaining({ code: "bad-argument" }),
    );
  });
});

const auth0 = vectors.scenarios[0]?.transcript[1];
const auth0Data = (auth0?.command ?? "").slice(10, -2);
const certificate = vectors.official_certificate_vectors.cases[0]?.compressed ?? "";
const encodedAuth1 = `410101 9e40${"11".repeat(64)}`;

describe.each<[string, (input: Uint8Array) => unknown, readonly (readonly [string, string])[]]>([
  [
    "SELECT's answer",
    parseSelectAnswer,
    [
      ["nothing", ""],
      ["no proprietary information", "6f0b 8409a000000909acce5501"],
      [
        "an odd version list",
        "6f15 8409a000000909acce5501 a508 80020000 5c020100".replace("5c020100", "5c0101"),
      ],
      ["another application type", "6f15 8409a000000909acce5501 a508 80020001 5c020100"],
      ["no version", "6f13 8409a000000909acce5501 a506 80020000 5c00"],
      ["one limit", "6f1a 8409a000000909acce5501 a50d 80020000 5c020100 7f6602 0200"],
      ["too many bytes", `6f15 8409a000000909acce5501 a508 80020000 5c020100${"b700".repeat(130)}`],
    ],
  ],
  [
    "AUTH0",
    parseAuth0,
    [
      ["nothing", ""],
      ["a flag of two bytes", auth0Data.replace("410100", "41020000")],
      ["policy 4", auth0Data.replace("420101", "420104")],
      ["a compressed point", auth0Data.replace("874104", "874102")],
      ["an element twice", `${auth0Data}420101`],
      ["a short transaction identifier", auth0Data.replace(/4c10.{32}/, `4c0f${"00".repeat(15)}`)],
    ],
  ],
  [
    "AUTH0's answer",
    (input) => parseAuth0Answer(input, true),
    [
      ["no cryptogram", (auth0?.response ?? "").slice(0, -4)],
      ["a short cryptogram", `${(auth0?.response ?? "").slice(0, -4)}9d3f${"00".repeat(63)}`],
    ],
  ],
  [
    "AUTH1",
    parseAuth1,
    [
      ["a short signature", `410101 9e3f${"11".repeat(63)}`],
      ["no flag", encodedAuth1.slice(7)],
      ["a signature in DER", `410101 9e46${"30".repeat(70)}`],
    ],
  ],
  [
    "AUTH1's answer",
    parseAuth1Answer,
    [
      ["no bitmap", `9e40${"11".repeat(64)}`],
      ["a bitmap of three bytes", "5e03000000"],
      ["a key slot of 7 bytes", "4e07000000000000005e020000"],
      ["a compressed key", `5a21${"02".repeat(33)}5e020000`],
      ["a time that is none", `5e020000 9114${"41".repeat(20)}`],
      ["a time of 19 characters", `5e020000 9113${"00".repeat(19)}`],
    ],
  ],
  [
    "a cryptogram",
    parseCryptogramPlaintext,
    [
      ["a byte more", "00".repeat(49)],
      ["other elements", "00".repeat(48)],
    ],
  ],
  [
    "EXCHANGE",
    parseExchange,
    [
      ["nothing", ""],
      ["a status of one byte", "970101"],
      ["a ranging key", "9800"],
      ["a new document", "8100"],
      ["an unknown mailbox request", "ba02 8800"],
      ["a read without length", "ba04 87020000"],
      ["a write without data", "ba04 8a020000"],
      ["two atomic flags", "ba06 8c0101 8c0100"],
      ["33 requests", `ba81c6 ${"870400000001".repeat(33)}`],
    ],
  ],
  [
    "EXCHANGE's answer",
    parseExchangeAnswer,
    [
      ["nothing", ""],
      ["half a length", "00"],
      ["a record beyond the end", "000300"],
      ["no status", "000100"],
      ["70 records", `${"0000".repeat(70)}00020000`],
    ],
  ],
  [
    "an envelope",
    parseEnvelope,
    [
      ["another element", "5400"],
      ["no CBOR", "5300"],
      ["data that is text", "5307 a1 6464617461 60"],
      ["something behind it", "5307 a1 6464617461 40 5c00"],
    ],
  ],
  [
    "CBOR",
    readCbor,
    [
      ["nothing", ""],
      ["a key twice", "a2 6131 01 6131 02"],
      ["an indefinite map", "bf 6131 01 ff"],
      ["a long number", "1800"],
      ["bytes behind the item", "0000"],
      ["a tag of no use here", "c2 4100"],
      ["undefined", "f7"],
      ["not a number", "f97e00"],
      ["nesting of 10,000", `${"81".repeat(10_000)}00`],
      ["more than 16 KiB", `593fff${"00".repeat(16_383)}`],
    ],
  ],
  [
    "a device request",
    parseDeviceRequest,
    [
      ["no map", "80"],
      ["an item that is not enclosed", "a2 6131 63312e30 6132 81 a1 6131 a0"],
    ],
  ],
  [
    "a device response",
    parseDeviceResponse,
    [
      ["no status", "a1 6131 63312e30"],
      ["five documents", "a3 6131 63312e30 6132 85a0a0a0a0a0 6133 00"],
      ["a document without signature", "a3 6131 63312e30 6132 81a1613567616c69726f2d61 6133 00"],
    ],
  ],
  [
    "a reader certificate",
    parseReaderCertificate,
    [
      ["nothing", ""],
      ["something behind it", `${certificate}00`],
      ["another profile", certificate.replace("04020000", "04020001")],
      ["a default written out", `30819804020000308191800101${certificate.slice(20)}`],
    ],
  ],
  [
    "a DER signature",
    signatureFromDer,
    [
      ["a negative number", "3006 020180 020101"],
      ["a leading zero", "3007 02020001 020101"],
      ["33 bytes", `3026 0221${"01".repeat(33)} 020101`],
      ["three numbers", "3009 020101 020101 020101"],
      ["an empty number", "3005 0200 020101"],
    ],
  ],
  [
    "a command",
    parseAnyCommand,
    [
      ["an extended length of none", "8081000000 0000 00"],
      ["an extended length beyond the end", "8081000000 0005 00000000"],
      ["half of Le", "8081000000 0001 00 00"],
      ["half of Lc", "8081000000 01"],
    ],
  ],
])("%s", (_what, parse, cases) => {
  it.each(cases)("with %s", (_name, hex) => {
    expect(() => parse(bytes(hex))).toThrow(malformed);
  });
});

it("what the cases are made of is well formed", () => {
  expect(parseAuth0(bytes(auth0Data)).policy).toBe(1);
  expect(parseAuth1(bytes(encodedAuth1)).wantsPublicKey).toBe(true);
  expect(parseReaderCertificate(bytes(certificate)).subject).toBe("subject");
  expect(toHex(signatureToDer(signatureFromDer(bytes("3006 020101 020102"))))).toBe("3006020101020102");
  expect(parseSelectAnswer(bytes("6f15 8409a000000909acce5501 a508 80020000 5c020100")).versions).toEqual([
    0x0100,
  ]);
  const command = { cla: 0x80, ins: 0x81, p1: 0, p2: 0, data: new Uint8Array(300), le: 65_536 };
  expect(parseAnyCommand(encodeExtendedCommand(command))).toEqual({ ...command, extended: true });
});

describe("a secure channel", () => {
  const keys = { reader: new Uint8Array(32).fill(1), device: new Uint8Array(32).fill(2) };
  const pair = () =>
    [new AliroChannel(primitives, "reader", keys), new AliroChannel(primitives, "device", keys)] as const;
  const integrity = expect.objectContaining({ code: "integrity" });

  it("takes messages once and in order, and nothing after one that was wrong", () => {
    const [reader, device] = pair();
    const [first, second] = [reader.seal(Uint8Array.of(1)), reader.seal(Uint8Array.of(2))];
    expect(device.open(first)).toEqual(Uint8Array.of(1));
    expect(() => device.open(first)).toThrow(integrity);
    expect(() => device.open(second)).toThrow(integrity);
    expect(() => device.seal(first)).toThrow(integrity);
  });

  it("does not take its own messages, nor skip one", () => {
    const [reader, device] = pair();
    expect(() => new AliroChannel(primitives, "reader", keys).open(reader.seal(Uint8Array.of(1)))).toThrow(
      integrity,
    );
    expect(() => device.open(reader.seal(Uint8Array.of(2)))).toThrow(integrity);
  });

  it("is used up after 65,535 messages", () => {
    // What is counted is messages; enciphering all of them would take seconds.
    const quick = { aesGcmSeal: () => new Uint8Array(), aesGcmOpen: () => undefined };
    const reader = new AliroChannel(quick, "reader", keys);
    for (let count = 1; count <= 65_535; count += 1) reader.seal(new Uint8Array());
    expect(() => reader.seal(new Uint8Array())).toThrow(expect.objectContaining({ code: "exhausted" }));
  });
});
