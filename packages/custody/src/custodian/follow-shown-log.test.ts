import * as crypto from "@menshen/crypto";
import { parseLogProof, type TileSource, tilePath } from "@menshen/evidence";
import { describe, expect, it } from "vitest";
import { checkRequest, type ShownRequest } from "./check-request.ts";
import { contentsOf, logged, loggedAmong, NOW, ORDINARY } from "./custodian.fixture.ts";
import { acknowledgeLogFault, type ContentsPlace, followShownLog } from "./follow-shown-log.ts";
import type { SeenTree, StoreContents } from "./store-contents.ts";

/** The log of three leaves that begins every history here, and what it grew to. */
const small = loggedAmong(ORDINARY, ["a", "b"]);
const grown = loggedAmong(
  ORDINARY,
  ["a", "b"],
  Array.from({ length: 300 }, (_, i) => `more ${i}`),
);
const forked = loggedAmong(ORDINARY, ["a", "another"], ["c"]);

interface Program {
  readonly place: ContentsPlace;
  readonly ask: (
    shown: { readonly request: ShownRequest; readonly tiles: TileSource },
    known?: SeenTree,
  ) => Promise<string>;
}

function program(start: StoreContents = contentsOf(1)): Program {
  let contents = start;
  const place: ContentsPlace = {
    contents: () => contents,
    change: async (work) => {
      contents = work(contents);
    },
  };
  return {
    place,
    async ask({ request, tiles }, known = contents.seen) {
      await followShownLog({ crypto, place, request, known, tiles, nowMs: NOW });
      const checked = checkRequest(crypto, contents, request, 1, NOW);
      return checked.accepted ? "accepted" : checked.refusal;
    },
  };
}

describe("a log that only grows", () => {
  it("is followed from tree to tree by its own tiles", async () => {
    const { ask, place } = program();
    expect(await ask(small)).toBe("accepted");
    expect(place.contents().seen?.size).toBe(3);
    expect(await ask(small)).toBe("accepted");
    expect(await ask(grown)).toBe("accepted");
    expect(place.contents().seen?.size).toBe(303);
    expect(place.contents().logFault).toBeUndefined();
  });

  it("is not believed where a tile is missing, has a flipped bit, or is never asked for", async () => {
    const { ask, place } = program();
    await ask(small);
    const missing: TileSource = async () => undefined;
    const flipped: TileSource = async (tile) =>
      (await grown.tiles(tile))?.map((b, i) => (i === 40 ? b ^ 1 : b));
    for (const tiles of [missing, flipped]) {
      expect(await ask({ ...grown, tiles })).toBe("log-unproven");
      expect(place.contents()).toMatchObject({ seen: { size: 3 } });
      expect(place.contents().logFault).toBeUndefined();
    }
    expect(checkRequest(crypto, place.contents(), grown.request, 1, NOW)).toEqual({
      accepted: false,
      refusal: "log-unproven",
    });
    expect(await ask(grown)).toBe("accepted");
  });

  it("a fault of the connection teaches nothing", async () => {
    const { ask, place } = program();
    await ask(small);
    const tiles: TileSource = (tile) => Promise.reject(new Error(`no ${tilePath(tile)}`));
    await expect(ask({ ...grown, tiles })).rejects.toThrow("no tile/");
    expect(place.contents().seen?.size).toBe(3);
  });

  it("is believed no further than its witnesses go", async () => {
    const { ask, place } = program();
    await ask(small);
    const alone = loggedAmong(ORDINARY, ["a", "b"], ["c"], { witnesses: ["city"] });
    expect(await ask(alone)).toBe("too-few-witnesses");
    expect(place.contents().seen?.size).toBe(3);
  });

  it("may have gone on in another process: then the request is asked for again", async () => {
    const { ask, place } = program();
    await ask(small);
    const known = place.contents().seen;
    await ask(grown);
    expect(await ask({ ...small, tiles: grown.tiles }, known)).toBe("log-unproven");
    expect(place.contents().logFault).toBeUndefined();
  });
});

describe("a log that contradicts itself stops the program", () => {
  it.each([
    ["a larger tree that begins otherwise", forked],
    ["another tree of the same size", loggedAmong(ORDINARY, ["a", "another"])],
    ["even when no witness signed it", loggedAmong(ORDINARY, ["a", "another"], ["c"], { witnesses: [] })],
  ])("%s", async (_what, shown) => {
    const { ask, place } = program();
    await ask(small);
    await ask(shown);
    expect(place.contents()).toMatchObject({
      seen: { size: 3 },
      logFault: { kind: "forked", atMs: NOW },
    });
    // The true log does not help any more: somebody has to look.
    expect(await ask(small)).toBe("log-forked");
    expect(await ask(grown)).toBe("log-forked");
  });

  it("a smaller tree than before, whether its larger one can be read or not", async () => {
    for (const tiles of [grown.tiles, async () => undefined]) {
      const { ask, place } = program();
      await ask(grown);
      expect(await ask({ ...small, tiles })).toBe("log-forked");
      expect(place.contents().logFault).toMatchObject({ kind: "rolled-back", size: 3 });
      expect(await ask(grown)).toBe("log-forked");
    }
  });

  it("another log under another key convicts nobody", async () => {
    const { ask, place } = program();
    await ask(small);
    const foreign = loggedAmong(ORDINARY, ["x"], [], { logSeed: new Uint8Array(32) });
    expect(await ask(foreign)).toBe("not-in-log");
    expect(place.contents().logFault).toBeUndefined();
  });

  it("until its person acknowledges it, and says which tree to follow", async () => {
    const { ask, place } = program();
    await ask(small);
    await ask(forked);
    const stopped = place.contents();
    const before = program(acknowledgeLogFault(stopped, "seen"));
    expect(await before.ask(grown)).toBe("accepted");
    const after = program(acknowledgeLogFault(stopped, "shown"));
    expect(await after.ask(forked)).toBe("accepted");
    expect(await after.ask(small)).toBe("log-forked");
    expect(acknowledgeLogFault(contentsOf(1), "shown")).toEqual(contentsOf(1));
  });
});

it("the fixture's proofs are of the sizes they seem to be", () => {
  expect(parseLogProof(grown.request.proof)?.index).toBe(2);
  expect(parseLogProof(logged(ORDINARY).proof)?.index).toBe(1);
});
