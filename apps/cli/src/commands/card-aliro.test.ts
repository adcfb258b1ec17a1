import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AccessCapability,
  issueAccessDocument,
  issueReaderCertificate,
  parsePossession,
  provesPossession,
} from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { menshen, menshenHere, type Run } from "../testing/menshen.ts";

const GROUP = "5a".repeat(16);
const READER = `${GROUP}${"01".repeat(16)}`;
const DAY_S = 86_400;

let directory: string;
let running: Run[];
let pair: Readonly<Record<"reader" | "authority" | "phone" | "issuer" | "stranger", crypto.SigningKey>>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "menshen-aliro-"));
  running = [];
  const generate = crypto.p256Generate;
  pair = {
    reader: generate(),
    authority: generate(),
    phone: generate(),
    issuer: generate(),
    stranger: generate(),
  };
  for (const [name, key] of Object.entries(pair)) {
    writeFileSync(file(`${name}.pem`), crypto.signingKeyToPem(key));
    writeFileSync(file(`${name}.pub.pem`), crypto.verifyKeyToPem(key));
  }
});
afterEach(async () => {
  for (const { child } of running) child.kill("SIGTERM");
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(directory, { recursive: true, force: true });
});

const file = (name: string) => join(directory, name);
const where = () => `unix:${file("phone")}`;

function start(...args: readonly string[]): Run {
  const run = menshen(args);
  running.push(run);
  return run;
}

async function phone(...options: readonly string[]): Promise<Run> {
  const group = options.includes("--group") ? [] : ["--group", `${GROUP}:${file("reader.pub.pem")}`];
  const run = start(
    ...["card", "emulate", "aliro", `unix-listen:${file("phone")}`, "--key", file("phone.pem")],
    ...group,
    ...options,
  );
  await run.line(/^READY aliro/);
  return run;
}

async function read(...options: readonly string[]) {
  const reader = ["--key", file("reader.pem"), "--reader", READER];
  const { code, stdout, stderr } = await menshenHere([
    "card",
    "read",
    "aliro",
    where(),
    ...reader,
    "--json",
    ...options,
  ]);
  return { code, stderr, told: stdout === "" ? {} : JSON.parse(stdout) };
}

const signerOf = ({ publicKey, secretKey }: crypto.SigningKey) => ({
  publicKey,
  sign: (message: Uint8Array) => crypto.p256Sign(secretKey, message),
});

/** An access document for the phone from a day ago until `untilS` from now on, on the disk. */
function document(untilS: number): string {
  const nowS = Math.floor(Date.now() / 1_000);
  const issuer = { primitives: crypto, signer: signerOf(pair.issuer), random: crypto.randomBytes };
  const bytes = issueAccessDocument(issuer, {
    credential: pair.phone.publicKey,
    elements: new Map([
      [
        "door",
        {
          id: Uint8Array.of(0x42),
          rules: [{ capabilities: AccessCapability.momentary, allowSchedules: 1 }],
          schedules: [{ startS: nowS - DAY_S, endS: nowS + DAY_S, utc: true }],
        },
      ],
    ]),
    validity: { signedS: nowS - DAY_S, fromS: nowS - DAY_S, untilS: nowS + untilS },
    timeVerificationRequired: true,
  });
  writeFileSync(file("document.cbor"), bytes);
  return file("document.cbor");
}

test("a phone proves itself by standard, then fast, with keys kept by both sides", async () => {
  const card = await phone("--fast-keys", file("phone-keys.json"));
  const keys = ["--fast-keys", file("reader-keys.json"), "--credential", file("phone.pub.pem")];
  const first = await read(...keys);
  expect(first).toMatchObject({ code: 0, told: { granted: true, method: "standard", confirmed: true } });
  expect(first.told.publicKey).toBe(crypto.toHex(pair.phone.publicKey));
  await card.line(/^STATUS 0101$/);
  expect(await read(...keys)).toMatchObject({ code: 0, told: { granted: true, method: "fast" } });
  for (const name of ["phone-keys.json", "reader-keys.json"]) {
    expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(readFileSync(file(name), "utf8")))).toHaveLength(1);
  }
});

test("a phone of somebody else is told so, by key and by key slot", async () => {
  const card = await phone();
  const stranger = await read("--credential", file("stranger.pub.pem"));
  expect(stranger).toMatchObject({
    code: 1,
    told: { granted: false, reason: "unknown-credential", readerStatus: "0001" },
  });
  await card.line(/^STATUS 0001$/);
  expect(await read("--credential", file("stranger.pub.pem"), "--key-slot")).toMatchObject({ code: 1 });
  expect(await read("--credential", file("phone.pub.pem"), "--key-slot")).toMatchObject({ code: 0 });
});

test("a desk's reader gets a proof that the telephone holds its key, for the console to check", async () => {
  const nowS = Math.floor(Date.now() / 1_000);
  const desk = {
    reader: {
      identifier: READER,
      secretKey: crypto.toHex(pair.reader.secretKey),
      certificate: crypto.toHex(
        issueReaderCertificate(crypto, signerOf(pair.authority), {
          serial: Uint8Array.of(7),
          issuer: "community",
          subject: "desk",
          notBeforeS: nowS - DAY_S,
          notAfterS: nowS + DAY_S,
          readerPublicKey: pair.reader.publicKey,
        }),
      ),
      groupKey: crypto.toHex(pair.authority.publicKey),
    },
  };
  writeFileSync(file("desk.json"), JSON.stringify(desk));
  await phone("--group", `${GROUP}:${file("authority.pub.pem")}`);
  const run = (name: string) =>
    menshenHere(["card", "read", "aliro", where(), "--desk", file(name), "--json"]);
  const { code, stdout } = await run("desk.json");
  expect(code).toBe(0);
  const proof = parsePossession(crypto.fromHex(JSON.parse(stdout).possession));
  expect(crypto.toHex(proof.publicKey)).toBe(crypto.toHex(pair.phone.publicKey));
  expect(provesPossession(crypto, proof, crypto.fromHex(READER))).toBe(true);
  writeFileSync(
    file("wrong.json"),
    JSON.stringify({ reader: { ...desk.reader, secretKey: "00".repeat(32) } }),
  );
  expect((await run("wrong.json")).code).toBe(2);
});

test("a reader with a certificate is let in by its issuer's name", async () => {
  const nowS = Math.floor(Date.now() / 1_000);
  const certificate = issueReaderCertificate(crypto, signerOf(pair.authority), {
    serial: Uint8Array.of(7),
    issuer: "community",
    subject: "gate 1",
    notBeforeS: nowS - DAY_S,
    notAfterS: nowS + DAY_S,
    readerPublicKey: pair.reader.publicKey,
  });
  writeFileSync(file("reader.cert"), certificate);
  await phone("--group", `${GROUP}:${file("authority.pub.pem")}`);
  const options = ["--certificate", file("reader.cert"), "--certificate-issuer", file("authority.pub.pem")];
  expect(await read(...options)).toMatchObject({ code: 0 });
  expect(await read(...options, "--certificate-in-auth1")).toMatchObject({ code: 0 });
  expect(await read()).toMatchObject({ code: 1, told: { reason: "device-refused", statusWord: "6982" } });
});

test("an access document decides: in its time, of a trusted issuer, for its element", async () => {
  await phone("--document", document(60), "--step-up-select");
  const trusted = ["--document-issuer", file("issuer.pub.pem")];
  expect(await read("--element", "door", ...trusted)).toMatchObject({
    code: 0,
    told: { granted: true, accessId: "42" },
  });
  expect(await read("--element", "door", "--document-issuer", file("stranger.pub.pem"))).toMatchObject({
    code: 1,
    told: { granted: false, reason: "document-issuer-unknown", readerStatus: "0003" },
  });
  expect(await read("--element", "garage", ...trusted)).toMatchObject({
    code: 1,
    told: { reason: "document-no-document", readerStatus: "0007" },
  });
});

test("a document that is over does not", async () => {
  await phone("--document", document(-60));
  expect(await read("--element", "door", "--document-issuer", file("issuer.pub.pem"))).toMatchObject({
    code: 1,
    told: { reason: "document-expired", readerStatus: "0007" },
  });
});

test("a mailbox is written, kept and read", async () => {
  const card = await phone("--mailbox", file("mailbox"), "--mailbox-bytes", "8", "--trace");
  expect(await read("--mailbox-write", "2:c0ffee")).toMatchObject({ code: 0 });
  expect(await read("--mailbox-read", "0:8")).toMatchObject({ told: { mailbox: ["0000c0ffee000000"] } });
  expect(readFileSync(file("mailbox")).toString("hex")).toBe("0000c0ffee000000");
  expect(await read("--mailbox-read", "7:2")).toMatchObject({ code: 1, told: { reason: "mailbox-refused" } });
  await card.line(/^> 00a4040009a000000909acce550100$/);
});

test.each([
  { args: ["card", "read", "aliro", "unix:/x"], says: "--key is missing" },
  {
    args: ["card", "read", "aliro", "unix:/x", "--key", "/nonexistent"],
    says: "--key: the file cannot be used",
  },
  { args: ["card", "emulate", "aliro", "unix:/x"], says: "--key is missing" },
  { args: ["card", "emulate", "aliro", "a reader"], says: "behind an APDU socket" },
])("menshen $args is not understood", async ({ args, says }) => {
  const { code, stderr } = await menshenHere([...args]);
  expect(code).toBe(2);
  expect(stderr).toContain(says);
});

test("keys and identifiers of the wrong form are refused without being repeated", async () => {
  writeFileSync(file("ed25519.pem"), crypto.signingKeyToPem(crypto.ed25519Generate()));
  const wrongKey = await menshenHere([
    "card",
    "read",
    "aliro",
    "unix:/x",
    "--key",
    file("ed25519.pem"),
    "--reader",
    READER,
  ]);
  expect(wrongKey).toMatchObject({ code: 2 });
  expect(wrongKey.stderr).toContain("--key: expected a P-256 key in the file");
  const wrongGroup = await menshenHere([
    "card",
    "emulate",
    "aliro",
    "unix:/x",
    "--key",
    file("phone.pem"),
    "--group",
    "5a:x",
  ]);
  expect(wrongGroup.stderr).toContain("--group: expected 32 hexadecimal digits");
});
