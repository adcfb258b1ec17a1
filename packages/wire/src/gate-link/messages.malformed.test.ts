import { describe, expect, it } from "vitest";
import { coders, fromHex, vectorFile, withBytes } from "./vectors.fixture.ts";

const { vectors } = vectorFile;

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error && error.name === "WireError" && "code" in error) return String(error.code);
    throw error;
  }
  return "accepted";
}

describe.each(vectors)("$message: $name", ({ message, cbor, value }) => {
  const coder = coders[message];
  const bytes = fromHex(cbor);

  it("is refused when cut anywhere", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => coder.decode(bytes.slice(0, length)))).toBe("malformed");
    }
  });

  it("is refused with anything behind it", () => {
    expect(codeOf(() => coder.decode(Uint8Array.from([...bytes, 0])))).toBe("malformed");
    expect(codeOf(() => coder.decode(Uint8Array.from([...bytes, ...bytes])))).toBe("malformed");
  });

  it("is refused beyond its size before it is read", () => {
    expect(codeOf(() => coder.decode(new Uint8Array(coder.maxBytes + 1)))).toBe("too-large");
  });

  it("is refused in another version", () => {
    // Every message is a map of fewer than 24 fields that begins with 0: 1.
    expect(cbor.slice(2, 6)).toBe("0001");
    const other = fromHex(`${cbor.slice(0, 2)}0002${cbor.slice(6)}`);
    expect(codeOf(() => coder.decode(other))).toBe("unknown-version");
  });

  it("is refused in a form that is not the deterministic one", () => {
    const wideVersion = fromHex(`${cbor.slice(0, 2)}001801${cbor.slice(6)}`);
    expect(codeOf(() => coder.decode(wideVersion))).toBe("not-canonical");
    const indefinite = fromHex(`bf${cbor.slice(2)}ff`);
    expect(codeOf(() => coder.decode(indefinite))).toBe("not-canonical");
    const fields = bytes[0] ?? 0;
    const doubled = Uint8Array.from([fields + 1, 0, 1, ...bytes.slice(1)]);
    expect(codeOf(() => coder.decode(doubled))).toBe("not-canonical");
  });

  it("is refused without one of its fields, or with one of another kind", () => {
    if (typeof value !== "object" || value === null) throw new Error("expected an object");
    const optional = new Set(["error"]);
    for (const field of Object.keys(value)) {
      const rest = Object.fromEntries(Object.entries(value).filter(([name]) => name !== field));
      if (!optional.has(field)) expect(codeOf(() => coder.encode(withBytes(rest)))).toBe("invalid");
      for (const wrong of [null, Symbol("wrong"), { wrong: 1 }, [Symbol("wrong")], ""]) {
        const changed = Object.assign({}, withBytes(value), { [field]: wrong });
        expect(codeOf(() => coder.encode(changed))).toBe("invalid");
      }
    }
  });
});

describe("a journal entry is refused", () => {
  const [sample] = vectors;
  const entry = withBytes(sample?.value) as Record<string, unknown> & { body: Record<string, unknown> };
  const decode = (hex: string) => codeOf(() => coders.journalEntry.decode(fromHex(hex)));

  it.each([
    ["of another kind", (sample?.cbor ?? "").replace("140401", "140405")],
    ["whose kind is text", (sample?.cbor ?? "").replace("140401", "14046161")],
    ["that is a list", "8100"],
    ["that is a number", "01"],
    ["with text keys", "a1616101"],
  ])("%s", (_what, hex) => {
    expect(["invalid", "unknown-version"]).toContain(decode(hex));
  });

  it("when its time runs backwards", () => {
    expect(codeOf(() => coders.journalEntry.encode({ ...entry, latest: 0 }))).toBe("invalid");
    // earliest 1, latest 0
    const hex = "a60001010102010300040405a10000";
    expect(decode(hex)).toBe("invalid");
    expect(decode(hex.replace("0300", "0301"))).toBe("accepted");
  });

  it.each([
    ["no reason", { reasons: [] }],
    ["too many reasons", { reasons: Array.from({ length: 17 }, () => ({ code: "portal-locked" })) }],
    ["a reason that nobody knows", { reasons: [{ code: "other" }] }],
    ["a reason without its value", { reasons: [{ code: "lockdown" }] }],
    ["a lockdown beyond 3", { reasons: [{ code: "lockdown", level: 4 }] }],
    ["a long pseudonym", { pseudonym: new Uint8Array(17) }],
    ["an unknown grade", { grade: "F" }],
    ["an ID in upper case", { accessPointId: "11111111-2222-4333-8444-55555555555A" }],
  ])("with %s", (_what, change) => {
    expect(codeOf(() => coders.journalEntry.encode({ ...entry, body: { ...entry.body, ...change } }))).toBe(
      "invalid",
    );
  });

  it("that names the field but not its content", () => {
    const bad = {
      ...entry,
      body: { ...entry.body, reasons: [{ code: "lockdown", level: 1 }, { code: "secret" }] },
    };
    expect(() => coders.journalEntry.encode(bad)).toThrow(
      /^message\.body\.reasons\[1\]: expected one of 23 variants$/,
    );
  });
});

describe("reasons", () => {
  const withReason = (reason: string) =>
    `a60001010102000300040105a500501111111122224333844455555555555501f40281${reason}060008f4`;
  const decode = (reason: string) => codeOf(() => coders.journalEntry.decode(fromHex(withReason(reason))));

  it.each([
    ["accepted", "no fields", "8102"],
    ["accepted", "no optional fields", "810a"],
    ["accepted", "one optional field", "820aa10104"],
    ["invalid", "an empty map of fields", "820aa0"],
    ["invalid", "too many items", "830aa1010400"],
    ["invalid", "no number", "80"],
    ["invalid", "an unknown number", "8117"],
    ["invalid", "a list in place of the map", "820a80"],
    ["invalid", "a field missing", "8110"],
  ])("are %s with %s", (code, _what, reason) => {
    expect(decode(reason)).toBe(code);
  });
});

describe("batches are bounded", () => {
  const [batch] = vectors.filter(({ message }) => message === "journalBatch");
  const value = withBytes(batch?.value) as object;

  it.each([
    ["no entries", [], "invalid"],
    ["an empty entry", [new Uint8Array()], "invalid"],
    ["an entry beyond 4 kB", [new Uint8Array(4097)], "invalid"],
    ["more than 512 entries", Array.from({ length: 513 }, () => new Uint8Array(1)), "invalid"],
    ["more than 256 kB", Array.from({ length: 100 }, () => new Uint8Array(4000)), "too-large"],
  ])("refuse %s", (_what, entries, code) => {
    expect(codeOf(() => coders.journalBatch.encode({ ...value, entries }))).toBe(code);
  });
});
