import { describe, expect, it } from "vitest";
import { bytes, crypto, sha256, vectors } from "../evidence.fixture.ts";
import { noteKey, parseVerifierKey } from "./note-key.ts";
import { MAX_NOTE_BYTES, parseNote } from "./signed-note.ts";
import { verifyNote } from "./verify-note.ts";

const { note, vkey } = vectors.signed_note;
const line = note.slice(note.indexOf("—"));
const encoded = line.slice(line.lastIndexOf(" ") + 1, -1);

describe("a note is refused:", () => {
  it.each([
    ["empty", ""],
    ["no signature", "This is an example message.\n"],
    ["no signature behind the empty line", "This is an example message.\n\n"],
    ["no empty line", note.replace("\n\n", "\n")],
    ["no newline at the end", note.slice(0, -1)],
    ["an empty line at the end", `${note}\n`],
    ["a line that is no signature", `${note}hello\n`],
    ["a hyphen for the dash", note.replace("—", "-")],
    ["no name", note.replace("— example.com/foo ", "— ")],
    ["an empty name", note.replace("— example.com/foo", "— ")],
    ["a plus in the name", note.replace("example.com/foo", "example.com+foo")],
    ["a wide space in the name", note.replace("example.com/foo", "example.com\u3000foo")],
    ["two spaces", note.replace("foo Uw", "foo  Uw")],
    ["a space at the end of the line", note.replace("aQM=", "aQM= ")],
    ["carriage returns", note.replaceAll("\n", "\r\n")],
    ["a tab in the text", note.replace("an example", "an\texample")],
    ["a zero byte in the text", note.replace("an example", "an\0example")],
    ["base64 without its padding", note.replace("aQM=", "aQM")],
    ["base64 with unused bits set", note.replace("aQM=", "aQN=")],
    ["base64url", note.replace(encoded, encoded.replaceAll("/", "_").replace("k", "-"))],
    ["a key id and no signature", note.replace(encoded, "Uw2QOg==")],
    ["129 signatures", note + line.repeat(128)],
  ])("%s", (_why, content) => {
    expect(parseNote(bytes(content))).toBeUndefined();
    expect(verifyNote(crypto, bytes(content), [])).toEqual({ verified: false, refusal: "malformed" });
  });

  it("not UTF-8", () => {
    const broken = bytes(note);
    broken[3] = 0xff;
    expect(parseNote(broken)).toBeUndefined();
    expect(parseNote(crypto.concatBytes(Uint8Array.of(0xc0, 0x80), bytes(note)))).toBeUndefined();
  });

  it("too long", () => {
    const filled = (lengthBytes: number) => bytes("x".repeat(lengthBytes - note.length - 2) + note);
    expect(filled(MAX_NOTE_BYTES)).toHaveLength(MAX_NOTE_BYTES);
    expect(parseNote(filled(MAX_NOTE_BYTES))?.signatures).toHaveLength(1);
    expect(parseNote(filled(MAX_NOTE_BYTES + 1))).toBeUndefined();
  });
});

it("128 signatures are read", () => {
  expect(parseNote(bytes(note + line.repeat(127)))?.signatures).toHaveLength(128);
});

it("a byte order mark belongs to the text", () => {
  expect(parseNote(bytes(`\ufeff${note}`))?.text).toBe("\ufeffThis is an example message.\n");
});

it("a signature of another length is a bad one", () => {
  const parsed = parseVerifierKey(sha256, vkey);
  const keys = parsed.parsed ? [parsed.key] : [];
  const short = Buffer.from(encoded, "base64").subarray(0, -1).toString("base64");
  expect(verifyNote(crypto, bytes(note.replace(encoded, short)), keys)).toEqual({
    verified: false,
    refusal: "bad-signature",
  });
});

describe("a cosignature is a bad one", () => {
  const { witness_vkey, checkpoint } = vectors.checkpoint_cosigned;
  const parsed = parseVerifierKey(sha256, witness_vkey);
  const keys = parsed.parsed ? [parsed.key] : [];
  const cosignature = Buffer.from(checkpoint.slice(checkpoint.lastIndexOf(" ") + 1), "base64");
  const refusal = (change: (content: Buffer) => Buffer) => {
    const replaced = change(Buffer.from(cosignature)).toString("base64");
    return verifyNote(
      crypto,
      bytes(`${checkpoint.slice(0, checkpoint.lastIndexOf(" ") + 1)}${replaced}\n`),
      keys,
    );
  };
  const bad = { verified: false, refusal: "bad-signature" };

  it.each([1, 7, 8, 71])("of %i bytes", (lengthBytes) => {
    expect(refusal((content) => content.subarray(0, 4 + lengthBytes))).toEqual(bad);
  });

  it("with a byte behind it", () => {
    expect(refusal((content) => Buffer.concat([content, Buffer.of(0)]))).toEqual(bad);
  });

  it("with a time above 2^53 and above 2^63", () => {
    for (const high of [0x00, 0x80]) {
      const change = (content: Buffer) => {
        content[4] = high;
        content[5] = 0x20;
        return content;
      };
      expect(refusal(change)).toEqual(bad);
    }
  });

  it("unchanged it is a good one", () => {
    expect(refusal((content) => content)).toMatchObject({ verified: true });
  });
});

describe("a verifier key is refused:", () => {
  const [name = "", id = "", ...rest] = vkey.split("+");
  const material = rest.join("+");
  const withType = (type: number) => {
    const content = Buffer.from(material, "base64");
    content[0] = type;
    return content.toString("base64");
  };

  it.each([
    ["empty", "", "malformed"],
    ["no parts", name, "malformed"],
    ["no name", `+${id}+${material}`, "malformed"],
    ["a space in the name", `example.com foo+${id}+${material}`, "malformed"],
    ["a zero byte in the name", `example.com\0+${id}+${material}`, "malformed"],
    ["no id", `${name}+${material}`, "malformed"],
    ["an id in capitals", `${name}+530D903A+${material}`, "malformed"],
    ["a short id", `${name}+530d903+${material}`, "malformed"],
    ["a newline behind", `${vkey}\n`, "malformed"],
    ["no key", `${name}+${id}+AQ==`, "malformed"],
    ["nothing in base64", `${name}+${id}+`, "malformed"],
    ["a key of 33 bytes", `${name}+${id}+${withType(1).slice(0, -1)}AA`, "malformed"],
    ["another spelling of base64", `${name}+${id}+${material}=`, "malformed"],
    ["ECDSA", `${name}+${id}+${withType(2)}`, "unknown-type"],
    ["ML-DSA-44", `${name}+${id}+${withType(6)}`, "unknown-type"],
    ["the id of another name", `${name}2+${id}+${material}`, "wrong-key-id"],
    ["the id of another type", `${name}+${id}+${withType(4)}`, "wrong-key-id"],
    ["another id", `${name}+530d903b+${material}`, "wrong-key-id"],
  ])("%s", (_why, content, refusal) => {
    expect(parseVerifierKey(sha256, content)).toEqual({ parsed: false, refusal });
  });

  it("made from a bad name or key, it is the caller's fault", () => {
    const publicKey = new Uint8Array(32);
    for (const bad of ["", "a b", "a+b", "a\u00a0b", "a\n", "\ud800"]) {
      expect(() => noteKey(sha256, { name: bad, type: "ed25519", publicKey })).toThrow(
        expect.objectContaining({ code: "invalid-key-name" }),
      );
    }
    expect(() => noteKey(sha256, { name: "a", type: "ed25519", publicKey: new Uint8Array(31) })).toThrow(
      expect.objectContaining({ code: "bad-length" }),
    );
  });
});
