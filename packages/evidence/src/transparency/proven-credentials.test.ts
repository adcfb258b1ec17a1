import { describe, expect, it } from "vitest";
import { crypto } from "../evidence.fixture.ts";
import { naiveRoot } from "../naive-tree.fixture.ts";
import { provenCredentials } from "./proven-credentials.ts";
import {
  DOORS,
  HOME,
  HOME_TAG,
  homeKey,
  ISSUER,
  leafOf,
  ofHome,
  ofStaff,
  registration,
  STAFF_TAG,
  strangeKey,
  tagOf,
} from "./transparency.fixture.ts";

type Leaf = ReturnType<typeof leafOf>;

/** What a tree of just these leaves proves; one proof for all of a tree is empty. */
function proven(
  leaves: readonly Leaf[],
  homeKeys: readonly Uint8Array[] = [homeKey],
  proof: readonly Uint8Array[] = [],
) {
  const head = { size: leaves.length, root: naiveRoot(leaves.map(({ hash }) => hash)) };
  return provenCredentials(crypto, head, { leaves: leaves.map(({ opened }) => opened), homeKeys, proof });
}

const home = leafOf(registration, 0, HOME_TAG);
const card = leafOf(ofHome, 1, tagOf(3));
const guard = leafOf(ofStaff, 2, STAFF_TAG);

it("a home's credential reaches the home's access points, one that two answer for reaches all", () => {
  expect(proven([home, card, guard])).toEqual([
    {
      credentialKey: "b".repeat(32),
      index: 1,
      reach: { kind: "home", dwellingTag: HOME, number: 3, accessPointIds: DOORS },
    },
    { credentialKey: "d".repeat(32), index: 2, reach: { kind: "everywhere" } },
  ]);
});

it("the registration that stands last counts", () => {
  const wider = leafOf({ ...registration, accessPointIds: DOORS.slice(0, 1) }, 2, HOME_TAG);
  expect(proven([home, card, wider])?.[0]?.reach).toMatchObject({ accessPointIds: DOORS.slice(0, 1) });
});

describe("nothing is proven", () => {
  it.each<[string, readonly Leaf[], (readonly Uint8Array[])?]>([
    ["by a tag that the home does not look for", [home, leafOf(ofHome, 1, tagOf(4))]],
    ["by a tag under another key", [home, leafOf(ofHome, 1, tagOf(3, strangeKey))]],
    ["without the home's registration", [leafOf(ofHome, 0, tagOf(3))]],
    ["without the home's key", [home, card], []],
    ["by a key that the home is not registered with", [home, card], [strangeKey]],
    [
      "by a home registered under another name",
      [home, leafOf({ ...ofHome, dwellingTag: "e".repeat(32) }, 1, tagOf(3))],
    ],
    [
      "by one person who approved twice",
      [leafOf({ ...ofStaff, approvedBy: [ISSUER, ISSUER] }, 0, STAFF_TAG)],
    ],
    ["by leaves in the wrong order", [card, home]],
  ])("%s", (_what, leaves, keys) => {
    expect(proven(leaves, keys)).toBeUndefined();
  });

  it("by a leaf that the tree does not have, a changed salt or statement, or a proof too long", () => {
    const head = { size: 2, root: naiveRoot([home.hash, card.hash]) };
    const claim = { leaves: [home.opened, card.opened], homeKeys: [homeKey], proof: [] };
    expect(provenCredentials(crypto, head, claim)).toHaveLength(1);
    const second = (changes: Partial<(typeof card)["opened"]>) => ({
      ...claim,
      leaves: [home.opened, { ...card.opened, ...changes }],
    });
    for (const changed of [
      second({ salt: new Uint8Array(32) }),
      second({ salt: new Uint8Array(31) }),
      second({ statement: card.opened.statement.replace("desfire", "ntag424") }),
      second({ statement: card.opened.statement.replace("b".repeat(32), "f".repeat(32)) }),
      second({ index: 2 }),
      { ...claim, proof: [new Uint8Array(32)] },
      { ...claim, leaves: [] },
    ]) {
      expect(provenCredentials(crypto, head, changed)).toBeUndefined();
    }
  });
});
