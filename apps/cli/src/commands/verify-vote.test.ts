import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as crypto from "@menshen/crypto/node";
import { canonicalJson, type VoteChoice } from "@menshen/domain";
import {
  appendLeaves,
  commitLeaf,
  EMPTY_EDGE,
  encodeEntryBundle,
  encodeLeaf,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  noteKey,
  rootOfEdge,
  signNote,
  tilePath,
} from "@menshen/evidence";
import { type OpenedBallot, type Recount, voteTexts } from "@menshen/wire";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { menshenHere } from "../testing/menshen.ts";

const ORIGIN = "log.menshen.local/test";
const seed = new Uint8Array(32).fill(7);
const { publicKey } = crypto.ed25519FromSecret(seed);
const logKey = noteKey(crypto.sha256, { name: ORIGIN, type: "ed25519", publicKey });
const KEY = formatVerifierKey(logKey);
const ID = "11111111-1111-4111-8111-111111111111";
const AGENDA = "ab".repeat(32);
const ROLL: [number, number][] = [
  [1, 300],
  [2, 200],
];
const utf8 = (text: string) => new TextEncoder().encode(text);

let files = new Map<string, Uint8Array>();
let server: Server;
let url = "";
let recount: Recount;

function cast(leafIndex: number, number: number, areaDm2: number, choice: VoteChoice) {
  const salt = crypto.randomBytes(32);
  const said = { motionId: ID, agendaSha256: AGENDA, number, areaDm2, choice, way: "app" };
  const statement = canonicalJson({ at: 1, topic: "ballot-cast", ...said });
  const entry = encodeLeaf(commitLeaf(crypto, salt, "ballot-cast", utf8(statement)));
  const opened: OpenedBallot = { statement, salt: crypto.toHex(salt), leafIndex };
  return { entry, opened };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? "";
    const content = path.includes("/motions/")
      ? utf8(path.endsWith(ID) ? JSON.stringify(recount) : "")
      : files.get(path.replace("/log/", ""));
    response.writeHead(content === undefined || content.length === 0 ? 404 : 200).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`;
});
afterAll(() => server.close());

beforeEach(() => {
  const ballots = [cast(0, 1, 300, "for"), cast(1, 2, 200, "against")];
  const entries = ballots.map(({ entry }) => entry);
  const added = appendLeaves(
    crypto.sha256,
    EMPTY_EDGE,
    entries.map((entry) => hashLeaf(crypto.sha256, entry)),
  );
  files = new Map(added.tiles.map(({ tile, bytes }) => [tilePath(tile), bytes]));
  files.set(tilePath({ level: "entries", index: 0, width: 2 }), encodeEntryBundle(entries));
  const root = rootOfEdge(crypto.sha256, added.edge);
  const text = formatCheckpoint({ origin: ORIGIN, size: 2, root, extensions: [] });
  files.set("checkpoint", formatNote({ text, signatures: [signNote(crypto, logKey, seed, text)] }));
  recount = {
    communityId: "22222222-2222-4222-8222-222222222222",
    motion: {
      id: ID,
      matter: "other",
      item: 9,
      majority: "more-than-half",
      stage: "counted",
      title: "路灯",
      text: "换路灯",
      opensAt: 0,
      closesAt: 10,
      agendaSha256: AGENDA,
      votedHeads: 2,
      result: {
        passed: false,
        vote: {
          heads: { total: 2, voted: 2, inFavour: 1 },
          areaDm2: { total: 500, voted: 500, inFavour: 300 },
        },
        choices: {
          for: { heads: 1, areaDm2: 300 },
          against: { heads: 1, areaDm2: 200 },
          abstain: { heads: 0, areaDm2: 0 },
        },
        shortfalls: [{ measure: "heads", lacks: "majority" }],
        advisory: { for: 0, against: 0, abstain: 0 },
        countedAt: 11,
      },
    },
    roll: ROLL,
    rollSha256: crypto.toHex(crypto.sha256(utf8(voteTexts.roll(ID, ROLL)))),
    ballots: ballots.map(({ opened }) => opened),
    advisory: [],
  };
});

const run = (...more: string[]) =>
  menshenHere(["verify", "vote", url, "--motion", ID, "--key", KEY, "--json", ...more]);

test("counts a vote again from the log's own entries", async () => {
  const { code, stdout } = await run();
  expect([code, JSON.parse(stdout)]).toMatchObject([
    0,
    { good: true, ballots: 2, passed: false, secret: false },
  ]);
});

test("says what is wrong, and where", async () => {
  const [first, second] = recount.ballots;
  if (first === undefined || second === undefined) throw new Error("two were cast");
  const turned = { ...second, statement: second.statement.replace('"against"', '"for"') };
  recount = { ...recount, ballots: [first, turned] };
  const changed = await run();
  expect([changed.code, JSON.parse(changed.stdout)]).toMatchObject([
    1,
    { fault: "does-not-open", leafIndex: 1 },
  ]);
  recount = { ...recount, ballots: [first] };
  expect(JSON.parse((await run()).stdout)).toMatchObject({ fault: "differs" });
});

test("believes no log that its key did not sign, or that too few witnesses did", async () => {
  const other = crypto.ed25519FromSecret(new Uint8Array(32).fill(8)).publicKey;
  const stranger = formatVerifierKey(
    noteKey(crypto.sha256, { name: ORIGIN, type: "ed25519", publicKey: other }),
  );
  const refused = await menshenHere(["verify", "vote", url, "--motion", ID, "--key", stranger]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("not signed")]);
});

test("tells an unknown motion and a bad id from each other", async () => {
  const nobody = await menshenHere(["verify", "vote", url, "--motion", ID.replace("1", "2"), "--key", KEY]);
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining("no motion")]);
  expect((await menshenHere(["verify", "vote", url, "--motion", "x", "--key", KEY])).code).toBe(2);
});

test("takes no answer for a recount that is none", async () => {
  recount = { ...recount, roll: [[0, -1]] };
  expect(await run()).toMatchObject({ code: 1 });
});
