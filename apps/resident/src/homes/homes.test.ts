import * as crypto from "@menshen/crypto";
import { canonicalJson } from "@menshen/domain";
import {
  appendLeaves,
  commitLeaf,
  credentialTag,
  EMPTY_EDGE,
  encodeEntryBundle,
  encodeLeaf,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  homeKeyCommitment,
  type LogReader,
  logVerifyKeysOf,
  noteKey,
  rootOfEdge,
  signNote,
} from "@menshen/evidence";
import type { ResidentHome } from "@menshen/wire";
import { expect, test } from "vitest";
import { judgeHome, readRegistration } from "./judge-home.ts";
import { type HomesWatched, watchHomes } from "./watch-homes.ts";

const { fromHex, primitives, sha256, toHex } = crypto;
const ORIGIN = "log.menshen.local/test";
const signing = crypto.ed25519FromSecret(new Uint8Array(32).fill(7));
const logKey = noteKey(sha256, { name: ORIGIN, type: "ed25519", publicKey: signing.publicKey });
const described = { origin: ORIGIN, logKey: formatVerifierKey(logKey), witnesses: [], quorum: 0, size: 0 };
const homeKey = "ab".repeat(32);
const dwellingTag = "cd".repeat(16);
const salt = new Uint8Array(32).fill(3);

const registration = (key: string) =>
  canonicalJson({
    accessPointIds: ["00000000-0000-4000-8000-000000000001"],
    at: 1,
    dwellingTag,
    keyCommitment: toHex(homeKeyCommitment(primitives, fromHex(key))),
    topic: "dwelling-registered",
  });
const statementOf = (number: number, more: object = {}) =>
  canonicalJson({
    at: 2,
    credentialKey: "ef".repeat(16),
    dwellingTag,
    kind: "phone-pass",
    number,
    topic: "credential-of-dwelling",
    ...more,
  });

function entryOf(topic: string, statement: string, tag: Uint8Array): Uint8Array {
  return encodeLeaf({ ...commitLeaf(primitives, salt, topic, new TextEncoder().encode(statement)), tag });
}
const issued = (number: number, statement = statementOf(number)) =>
  entryOf("credential-of-dwelling", statement, credentialTag(primitives, fromHex(homeKey), number));
const ended = (number: number) =>
  entryOf("credential-ended", "{}", credentialTag(primitives, fromHex(homeKey), number));
const registered = (key = homeKey) => entryOf("dwelling-registered", registration(key), fromHex(dwellingTag));

/** A log of less than a tile. */
function served(entries: readonly Uint8Array[]): LogReader {
  const { edge } = appendLeaves(
    sha256,
    EMPTY_EDGE,
    entries.map((entry) => hashLeaf(sha256, entry)),
  );
  const root = rootOfEdge(sha256, edge);
  const text = formatCheckpoint({ origin: ORIGIN, size: entries.length, root, extensions: [] });
  const note = formatNote({ text, signatures: [signNote(crypto, logKey, signing.secretKey, text)] });
  return {
    checkpoint: async () => note,
    tile: async ({ level, width }) => {
      if (width !== entries.length) return undefined;
      return level === "entries" ? encodeEntryBundle(entries) : edge.levels[0];
    },
  };
}

const look = (entries: readonly Uint8Array[], before?: HomesWatched, key = homeKey) => {
  const keys = logVerifyKeysOf(crypto, described);
  if (keys === undefined) throw new Error("the key of the log cannot be used");
  return watchHomes({
    crypto: { ...primitives, ...crypto },
    reader: served(entries),
    keys,
    before,
    homes: [{ dwellingTag, homeKey: key }],
    told: () => {},
  });
};

function told(number: number, more: Partial<ResidentHome["credentials"][number]> = {}) {
  return { number, statement: statementOf(number), salt: toHex(salt), index: 1, holder: "李", ...more };
}
const home = (credentials: ResidentHome["credentials"]): ResidentHome => ({
  dwellingId: "d",
  name: "101",
  homeKey,
  dwellingTag,
  credentials,
});

async function judged(entries: readonly Uint8Array[], credentials: ResidentHome["credentials"]) {
  const { watched } = await look(entries);
  const [found] = watched.homes;
  if (found === undefined) throw new Error("the home was not looked for");
  return judgeHome(home(credentials), found, watched.size).map(({ number, state }) => [number, state]);
}

test("finds what is explained, what is one too many, what was given twice, and what is not there", async () => {
  const entries = [
    registered(),
    issued(0),
    issued(1),
    issued(2),
    issued(2),
    issued(3),
    ended(3),
    issued(4, statementOf(4, { dwellingTag: "00".repeat(16) })),
    issued(4095),
  ];
  const credentials = [
    told(0),
    // The server says another thing than was logged.
    told(1, { statement: statementOf(1, { kind: "desfire" }) }),
    told(2),
    told(3),
    told(4, { statement: statementOf(4, { dwellingTag: "00".repeat(16) }) }),
    told(7, { index: 5 }),
    { number: 8, statement: statementOf(8) },
  ];
  expect(await judged(entries, credentials)).toEqual([
    [0, "explained"],
    [1, "unexplained"],
    [2, "twice"],
    [3, "ended"],
    [4, "unexplained"],
    [7, "missing"],
    [8, "unpublished"],
    [4095, "unexplained"],
  ]);
});

test("a holder whose data are erased is explained by the end of the credential alone", async () => {
  const { salt: _, ...erased } = told(0);
  expect(await judged([issued(0), ended(0)], [erased])).toEqual([[0, "ended"]]);
  expect(await judged([issued(0)], [erased])).toEqual([[0, "unexplained"]]);
});

test("goes on where it stopped, and finds the same", async () => {
  const first = [registered(), issued(0)];
  const more = [...first, issued(1), ended(0)];
  const { watched: before } = await look(first);
  const { watched, findings } = await look(more, before);
  expect(findings).toEqual([]);
  expect(watched).toEqual((await look(more)).watched);
  expect(watched.homes[0]?.numbers).toMatchObject([
    { number: 0, issued: [{ index: 1 }], endedAt: [3] },
    { number: 1, issued: [{ index: 2 }], endedAt: [] },
  ]);
});

test("keeps looking with the key that it was given first", async () => {
  const { watched: before } = await look([issued(0)]);
  const { watched } = await look([issued(0), issued(1)], before, "00".repeat(32));
  expect(watched.homes[0]?.homeKey).toBe(homeKey);
  expect(watched.homes[0]?.numbers.map(({ number }) => number)).toEqual([0, 1]);
});

test("learns nothing from a log that was set back, and says so", async () => {
  const { watched: before } = await look([registered(), issued(0), issued(1)]);
  const { watched, findings } = await look([registered(), issued(0)], before);
  expect(findings).toContain("rolled-back");
  expect(watched.homes).toEqual(before.homes);
});

test("a registration is the home's own, or it is not", async () => {
  const other = "11".repeat(32);
  const { watched } = await look([registered(), registered(other)]);
  const [found] = watched.homes;
  const [own, foreign] = found?.registrations ?? [];
  if (found === undefined || own === undefined || foreign === undefined) throw new Error("two registrations");
  const said = (key: string) => ({ statement: registration(key), salt: toHex(salt) });
  expect(readRegistration(own, found, said(homeKey))).toEqual(["00000000-0000-4000-8000-000000000001"]);
  expect(readRegistration(foreign, found, said(other))).toBeUndefined();
  expect(readRegistration(foreign, found, said(homeKey))).toBeUndefined();
  expect(readRegistration(own, found, undefined)).toBeUndefined();
});
