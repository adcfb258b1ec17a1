import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { argon2id, ed25519FromSecret, randomBytes, sha256, toHex } from "@menshen/crypto/node";
import {
  combinePartials,
  makePartial,
  openStore,
  parseSealedEntry,
  type StoreContents,
  sealEntry,
} from "@menshen/custody";
import { formatVerifierKey, noteKey, parseVerifierKey } from "@menshen/evidence";
import { makeWitness, openWitnessStore, serveWitness } from "@menshen/evidence/node";
import {
  type Api,
  type CommunityServer,
  eventually,
  ROOT,
  type RunningProcess,
  signIn,
  startCommunity,
  startProcess,
} from "@menshen/testkit/system";
import { type CustodyStatus, custodyEndpoints, witnessEndpoints } from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endInOrder, makeRun } from "./harness/run.ts";
import { shiftedTime } from "./harness/shifted-time.ts";

const BODIES = ["committee", "property", "city"] as const;
type Body = (typeof BODIES)[number];
const PASSPHRASE = "海棠苑 correct horse 2026";
const MENSHEN = join(ROOT, "apps/cli/bin/menshen.js");
const LIAR = fileURLToPath(new URL("./harness/lying-custodian.ts", import.meta.url));
const DAY_MS = 86_400_000;

/** Three bodies, each with its own process and directory, and the community's server: real programs over real HTTP. */
describe("custody among three programs", () => {
  const { runId, stateDir } = makeRun("custody");
  const passphraseFile = join(stateDir, "passphrase");
  let server: CommunityServer;
  let api: Api;

  const directoryOf = (body: Body) => join(stateDir, body);
  function custodian(body: Body, args: readonly string[], env: Record<string, string> = {}): RunningProcess {
    const [command = "", ...rest] = args;
    return startProcess(
      MENSHEN,
      ["custodian", command, ...rest, "--state", directoryOf(body), "--passphrase-file", passphraseFile],
      { runId, env: { LC_ALL: "C", ...env } },
    );
  }
  const endOf = async (process: RunningProcess) => {
    const { code } = await process.ended;
    return { code, out: process.stdout(), err: process.stderr() };
  };
  const ceremony = (body: Body) => custodian(body, ["ceremony", "--yes", "--patience", "4", "--json"]);
  const status = async (): Promise<CustodyStatus> => {
    const response = await fetch(new URL(custodyEndpoints.status.path, server.http));
    const view: CustodyStatus = JSON.parse(await response.text());
    return view;
  };
  async function storeOf(body: Body): Promise<StoreContents> {
    const bytes = new Uint8Array(readFileSync(join(directoryOf(body), "shares")));
    const opened = await openStore(bytes, { by: "passphrase", passphrase: PASSPHRASE }, argon2id);
    if (!opened.opened) throw new Error(opened.refusal);
    return opened.store.contents;
  }

  beforeAll(async () => {
    writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
    server = await startCommunity({ runId, stateDir });
    api = await signIn(server.signInLink);
    const inits = await Promise.all(
      BODIES.map((body) => endOf(custodian(body, ["init", "--server", server.http, "--yes", "--json"]))),
    );
    const members = inits.map(({ out, err, code }, i) => {
      expect(code, err).toBe(0);
      const { identityKey }: { identityKey: string } = JSON.parse(out);
      return { body: BODIES[i] ?? "", identityKey };
    });
    await api.call(custodyEndpoints.appoint, { body: { threshold: 2, members } });
  });

  afterAll(async () => {
    await endInOrder(server);
  });

  it("one who lies is named, and no keys are made", async () => {
    const liar = startProcess(process.execPath, [LIAR, directoryOf("city"), PASSPHRASE], { runId });
    const honest = (["committee", "property"] as const).map(ceremony);
    const ends = await Promise.all(honest.map(endOf));
    expect((await endOf(liar)).code).toBe(0);
    for (const { code, err } of ends) {
      expect(code).toBe(1);
      expect(err).toContain("no keys were made: equivocated, by city");
    }
    expect(await status()).toMatchObject({
      epochsLeft: 0,
      lastCeremony: { state: "failed", failure: "equivocated", named: [{ body: "city" }] },
    });
  });

  it("one who is killed is named", async () => {
    const city = ceremony("city");
    await eventually("the city sits", 15_000, async () => (await status()).ceremony?.present.length === 1);
    city.child.kill("SIGKILL");
    const ends = await Promise.all((["committee", "property"] as const).map((body) => endOf(ceremony(body))));
    for (const { code, err } of ends) {
      expect(code).toBe(1);
      expect(err).toContain("no keys were made: vanished, by city");
    }
    expect(await status()).toMatchObject({
      lastCeremony: { state: "failed", failure: "vanished", named: [{ body: "city" }] },
    });
  });

  it("a new ceremony makes the keys of 13 epochs", async () => {
    const ends = await Promise.all(BODIES.map((body) => endOf(ceremony(body))));
    for (const { code, err } of ends) expect(code, err).toBe(0);
    expect(await status()).toMatchObject({ epochsLeft: 12, lastCeremony: { state: "finished" } });
    const { code, out } = await endOf(custodian("city", ["status", "--json"]));
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      epochs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
      retentionDays: 30,
      receiptsOwed: 0,
    });
    expect((statSync(directoryOf("city")).mode & 0o777).toString(8)).toBe("700");
  });

  it("another witness is believed when two of the three have signed for it, by the third too", async () => {
    const secretKey = randomBytes(32);
    const name = "city.example/witness";
    const { publicKey } = ed25519FromSecret(secretKey);
    const key = noteKey(sha256, { name, type: "ed25519-cosignature", publicKey });
    const { logKey } = await api.call(witnessEndpoints.list, {});
    const log = parseVerifierKey(sha256, logKey);
    if (!log.parsed) throw new Error("expected a verifier key");
    const witness = await serveWitness({
      witness: makeWitness({
        name,
        secretKey,
        logs: [log.key],
        store: openWitnessStore(":memory:"),
        nowSeconds: () => Math.floor(Date.now() / 1_000),
      }),
      host: "127.0.0.1",
      port: 0,
      onFault: () => {},
    });
    try {
      const body = {
        body: "city",
        url: `http://127.0.0.1:${witness.port}`,
        key: formatVerifierKey(key),
      } as const;
      await api.call(witnessEndpoints.add, { body });
      const { settings } = await api.call(witnessEndpoints.list, {});
      await api.call(witnessEndpoints.settings, { body: { ...settings, quorum: 1 } });
      expect((await storeOf("city")).log.witnesses).toEqual([]);
      for (const one of ["committee", "property"] as const) {
        const { code, err, out } = await endOf(custodian(one, ["endorse", "--yes"]));
        expect(code, err).toBe(0);
        expect(out + err).toContain(`witness  city  ${body.key}  (new)`);
        expect(out + err).toContain("quorum  0 → 1");
        expect(out).toContain("✓ log and witnesses endorsed");
      }
      const { code, err } = await endOf(custodian("city", ["requests", "--json"]));
      expect(code, err).toBe(0);
      expect((await storeOf("city")).log).toMatchObject({
        logKey,
        witnesses: [{ body: "city", key: body.key }],
        quorum: 1,
      });
      expect((await api.call(witnessEndpoints.list, {})).waiting).toBeUndefined();
      const idle = await endOf(custodian("city", ["endorse", "--yes"]));
      expect(idle.code).not.toBe(0);
      expect(idle.err).toContain("neither other custodians nor other witnesses");
    } finally {
      await witness.stop();
    }
  });

  it("after the epoch's time two custodians and the whole server open nothing of it (privacy row L2)", async () => {
    const before = [await storeOf("committee"), await storeOf("property")];
    const [share] = before[0]?.shares ?? [];
    if (share === undefined) throw new Error("the committee has no share");
    const { key } = share;
    const label = {
      gate: new Uint8Array(16).fill(1),
      sequence: 7,
      accessPoint: new Uint8Array(16).fill(2),
      timeMs: Date.now(),
    };
    const plaintext = new Uint8Array(32).fill(3);
    const entry = parseSealedEntry(sealEntry({ key, label, plaintext, random: randomBytes }));
    const openWith = (stores: readonly StoreContents[]) => {
      const partials = stores.flatMap(({ shares }) =>
        shares.flatMap(({ key: { epoch }, index, secret }) => {
          const result = makePartial({
            key,
            share: { epoch, index, secret },
            label,
            entry,
            random: randomBytes,
          });
          return result.made ? [result.partial] : [];
        }),
      );
      return combinePartials({ key, entry, partials });
    };
    // As long as its time runs, the two of them open it: that is what they are for.
    expect(openWith(before)).toMatchObject({ opened: true, plaintext });

    // 28 days of the epoch and 30 of retention; receipts may be a day late.
    const later = shiftedTime(60 * DAY_MS);
    server.process.child.kill("SIGTERM");
    await server.process.ended;
    const port = Number(new URL(server.http).port);
    server = await startCommunity({
      runId,
      stateDir,
      ports: { http: port, gateTls: 0, mqtt: 0 },
      env: later,
    });
    const files = (["committee", "property"] as const).map((body) =>
      readFileSync(join(directoryOf(body), "shares")),
    );
    const ends = await Promise.all(
      (["committee", "property"] as const).map((body) =>
        endOf(custodian(body, ["destroy", "--json"], later)),
      ),
    );
    for (const { code, out, err } of ends) {
      expect(code, err).toBe(0);
      expect(out).toContain('{"destroyed":[1]}');
      expect(out).toContain('{"receipts":1}');
    }

    const after = [await storeOf("committee"), await storeOf("property")];
    expect(after.map(({ shares }) => shares.map((one) => one.key.epoch)[0])).toEqual([2, 2]);
    expect(openWith(after)).toMatchObject({ opened: false, reason: "too-few" });
    // Neither the custodians' directories nor anything of the server holds a share, in any spelling, or the old files.
    const secrets = before.flatMap(({ shares }) =>
      shares.filter((one) => one.key.epoch === 1).map(({ secret }) => Buffer.from(secret.toBytes())),
    );
    const needles = [
      ...secrets,
      ...secrets.flatMap((secret) => [Buffer.from(toHex(secret)), Buffer.from(secret.toString("base64"))]),
      ...files.map((file) => file.subarray(60, 124)),
    ];
    const holders = filesBelow(stateDir).filter((file) => {
      const bytes = readFileSync(file);
      return needles.some((needle) => bytes.includes(needle));
    });
    expect(holders).toEqual([]);

    const [first] = (await status()).epochs;
    expect(first).toMatchObject({
      epoch: 1,
      receipts: [
        { body: "committee", overdue: false },
        { body: "property", overdue: false },
        { body: "city", overdue: true },
      ],
    });
    expect(first?.receipts.map(({ destroyedAt }) => destroyedAt !== undefined)).toEqual([true, true, false]);
  });
});

/** Every file below a folder, sockets and the like left out. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    const path = join(folder, item.name);
    if (item.isDirectory()) return filesBelow(path);
    return item.isFile() ? [path] : [];
  });
}
