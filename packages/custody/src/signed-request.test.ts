import { ed25519FromSecret, ed25519Verify, sha256, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { authorizeRequest, parseAuthorization, verifyAuthorization } from "./signed-request.ts";

const secretKey = new Uint8Array(32).fill(5);
const nonce = new Uint8Array(16).fill(9);
const NOW = 1_795_334_400_000;
const body = new TextEncoder().encode('{"a":1}');
const parts = { method: "POST", path: "/api/v1/custodian/ceremonies?x=1", body };
const header = authorizeRequest({ ...parts, secretKey, timeMs: NOW, nonce });

function read(text: string) {
  const authorization = parseAuthorization(text);
  if (authorization === undefined) throw new Error("the header does not parse");
  return authorization;
}

it("signs what the protocol page says", () => {
  const { identityKey, signature } = read(header);
  expect(identityKey).toEqual(ed25519FromSecret(secretKey).publicKey);
  const text = `POST\n/api/v1/custodian/ceremonies?x=1\n1795334400000\nCQkJCQkJCQkJCQkJCQkJCQ\n${toHex(sha256(body))}`;
  expect(ed25519Verify(identityKey, new TextEncoder().encode(text), signature)).toBe(true);
  expect(header).toMatch(
    /^Menshen-Custodian key=[\w-]{43}, time=1795334400000, nonce=CQkJCQkJCQkJCQkJCQkJCQ, signature=[\w-]{86}$/,
  );
});

describe("a request", () => {
  it.each([
    ["as it was signed", parts, NOW, "valid"],
    ["a minute later", parts, NOW + 60_000, "valid"],
    ["a minute earlier", parts, NOW - 60_000, "valid"],
    ["later than that", parts, NOW + 60_001, "wrong-time"],
    ["earlier than that", parts, NOW - 60_001, "wrong-time"],
    ["of another method", { ...parts, method: "PUT" }, NOW, "bad-signature"],
    ["of another path", { ...parts, path: "/api/v1/custodian/ceremonies" }, NOW, "bad-signature"],
    ["with another body", { ...parts, body: new Uint8Array() }, NOW, "bad-signature"],
  ])("%s is %s", (_what, changed, now, verdict) => {
    expect(verifyAuthorization(read(header), changed, now)).toBe(verdict);
  });

  it("by another key, at another time or under another nonce was not signed", () => {
    const authorization = read(header);
    const other = ed25519FromSecret(new Uint8Array(32).fill(6)).publicKey;
    for (const changed of [{ identityKey: other }, { timeMs: NOW + 1 }, { nonce: new Uint8Array(16) }]) {
      expect(verifyAuthorization({ ...authorization, ...changed }, parts, NOW)).toBe("bad-signature");
    }
  });
});

it.each([
  ["nothing", ""],
  ["another scheme", header.replace("Menshen-Custodian", "Bearer")],
  ["cut off", header.slice(0, -1)],
  ["something behind", `${header} `],
  ["a field twice", header.replace("time=", "time=1, time=")],
  ["another order", header.replace(/(key=[\w-]+), (time=\d+)/, "$2, $1")],
  ["a time before all times", header.replace("time=", "time=-")],
  ["a time with a zero before it", header.replace("time=", "time=0")],
  ["a time beyond all times", header.replace(/time=\d+/, "time=9999999999999999")],
  ["padding", header.replace("CQkJCQkJCQkJCQkJCQkJCQ", "CQkJCQkJCQkJCQkJCQkJCQ==")],
  ["a second spelling of the nonce", header.replace("CQkJCQkJCQkJCQkJCQkJCQ", "CQkJCQkJCQkJCQkJCQkJCR")],
])("a header with %s is none", (_what, text) => {
  expect(parseAuthorization(text)).toBeUndefined();
});

it("a nonce of another length, or a path of two lines, is refused", () => {
  const base = { ...parts, secretKey, timeMs: NOW, nonce };
  const refused = expect.objectContaining({ code: "invalid-argument" });
  expect(() => authorizeRequest({ ...base, nonce: new Uint8Array(15) })).toThrow(refused);
  expect(() => authorizeRequest({ ...base, path: "/a\n1" })).toThrow(refused);
});
