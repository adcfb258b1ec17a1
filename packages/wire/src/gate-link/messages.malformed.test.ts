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
    const optional = new Set([
      "muster",
      "aliro",
      "subject",
      "unlockMs",
      "holder",
      "count",
      "refusal",
      "lock",
      "opened",
      "wire",
      "forMs",
      "report",
      "batch",
      "error",
      "pseudonymChain",
      "custodians",
      "duress",
      "logKey",
      "named",
      "phones",
      "passesVersion",
      "holders",
      "doorRulesVersion",
      "naming",
      "witnessPolicy",
      "sealedUntil",
    ]);
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
    ["epoch 0", { epoch: 0 }],
    ["a long name of a key", { pseudonymKeyId: new Uint8Array(9) }],
    ["nothing sealed", { sealed: new Uint8Array() }],
    ["too much sealed", { sealed: new Uint8Array(513) }],
    ["a short wrap", { wrap: new Uint8Array(95) }],
    ["a long wrap", { wrap: new Uint8Array(97) }],
    ["a signature of DER", { signature: new Uint8Array(70) }],
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
      /^message\.body\.reasons\[1\]: expected one of 49 variants$/,
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
    ["invalid", "an unknown number", "811824"],
    ["invalid", "a list in place of the map", "820a80"],
    ["invalid", "a field missing", "8110"],
  ])("are %s with %s", (code, _what, reason) => {
    expect(decode(reason)).toBe(code);
  });
});

describe("a trail is refused", () => {
  const full = vectors.find(({ name }) => name === "trail");
  const trail = withBytes(full?.value) as { peers: object[]; custodians: object[]; ceremonies: object[] };
  const change = (more: object) => codeOf(() => coders.trailMessage.encode({ ...trail, ...more }));
  const custodians = (more: object) => change({ custodians: [{ ...trail.custodians[0], ...more }] });
  const evidence = (more: object) => {
    const [first, second] = trail.peers;
    const known = second !== undefined && "evidence" in second ? second.evidence : undefined;
    return change({ peers: [first, { ...second, evidence: Object.assign({}, known, more) }] });
  };

  it("outside its bounds", () => {
    expect(change({})).toBe("accepted");
    for (const more of [
      { trailVersion: 0 },
      { grid: { anchor: 0, epochMs: 0 } },
      { generation: -1 },
      { generation: 2 ** 32 },
      { peers: Array.from({ length: 513 }, () => trail.peers[0]) },
      { ceremonies: Array.from({ length: 17 }, () => trail.ceremonies[0]) },
      { ceremonies: [{ ...trail.ceremonies[0], certificate: new Uint8Array(65_537) }] },
      { ceremonies: [{ ...trail.ceremonies[0], vouches: [new Uint8Array(64)] }] },
      { ceremonies: [{ ...trail.ceremonies[0], setVersion: 0 }] },
      { ceremonies: [{ ...trail.ceremonies[0], setVersion: 2 ** 32 }] },
      { custodians: Array.from({ length: 65 }, () => trail.custodians[0]) },
      { quorum: 33 },
      { logKey: "x".repeat(513) },
    ]) {
      expect(change(more)).toBe("invalid");
    }
  });

  it("with a set of custodians that is none", () => {
    expect(custodians({})).toBe("accepted");
    expect(custodians({ encoded: new Uint8Array() })).toBe("invalid");
    expect(custodians({ encoded: new Uint8Array(4097) })).toBe("invalid");
    expect(custodians({ endorsements: [{ index: 0, signature: new Uint8Array(64) }] })).toBe("invalid");
    expect(custodians({ endorsements: [{ index: 1, signature: new Uint8Array(63) }] })).toBe("invalid");
  });

  it("with evidence that is none", () => {
    expect(evidence({ salt: new Uint8Array(31) })).toBe("invalid");
    expect(evidence({ treeSize: 0 })).toBe("invalid");
    expect(evidence({ proof: Array.from({ length: 65 }, () => new Uint8Array(32)) })).toBe("invalid");
    expect(evidence({ proof: [new Uint8Array(31)] })).toBe("invalid");
    expect(evidence({ statement: "" })).toBe("invalid");
  });
});

describe("a pseudonym message is refused", () => {
  const value = withBytes(vectors.find(({ message }) => message === "pseudonymMessage")?.value) as object;

  it.each([
    ["epoch 0", { epoch: 0 }],
    ["an epoch beyond 32 bits", { epoch: 2 ** 32 }],
    ["a short name of its key", { keyId: new Uint8Array(7) }],
    [
      "a wrap without its tag",
      {
        wraps: [
          {
            gateId: "8d2b6c14-55aa-4e0f-8c31-0b7f9e6d1a42",
            encapsulatedKey: new Uint8Array(32),
            ciphertext: new Uint8Array(32),
          },
        ],
      },
    ],
  ])("with %s", (_what, more) => {
    expect(codeOf(() => coders.pseudonymMessage.encode({ ...value, ...more }))).toBe("invalid");
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
