import * as primitives from "@menshen/crypto/node";
import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import { scriptedChannel } from "../channel/scripted-channel.testing.ts";
import { openInProcessChannel, type SoftwareCard } from "../channel/software-card.ts";
import { makePkocCard } from "../pkoc/nfc-card.ts";
import { pkocCredentialOf } from "../pkoc/pkoc-credential.ts";
import { type AuthenticateCardOptions, authenticateCard } from "./authenticate-card.ts";
import { credentialKeyOf } from "./credential-key.ts";

const key = primitives.p256FromSecret(fromHex("42".repeat(32)));
const identifier = pkocCredentialOf(key.publicKey);
const options: AuthenticateCardOptions = {
  primitives: primitives.primitives,
  keyFor: () => undefined,
  doorGroup: 1,
  random: primitives.randomBytes,
  pkoc: { primitives, readerIdentifier: new Uint8Array(32) },
};
/** A telephone shows another number at every tap. */
const phone = (change: Partial<SoftwareCard> = {}) =>
  openInProcessChannel({ ...makePkocCard({ primitives, key, uid: fromHex("08010203") }), ...change });

describe("a PKOC card at a door", () => {
  it("is who its key says, at grade C or the link's", async () => {
    expect(await authenticateCard(phone(), options)).toEqual({
      outcome: "presented",
      presentation: {
        credentialKey: credentialKeyOf(primitives, "pkoc", identifier),
        kind: "pkoc",
        grade: "C",
        evidence: {},
        identifier,
      },
    });
    expect(await authenticateCard(phone(), { ...options, readerLink: "D" })).toMatchObject({
      presentation: { grade: "D" },
    });
    const ticks = [5, 47];
    const timed = { ...options, monotonicMs: () => ticks.shift() ?? 0 };
    expect(await authenticateCard(phone(), timed)).toMatchObject({
      presentation: { evidence: { dialogueMs: 42 } },
    });
  });

  it("is no number to fall back on where PKOC is not asked for", async () => {
    const { pkoc: _none, ...without } = options;
    expect(await authenticateCard(phone(), without)).toEqual({ outcome: "no-identifier" });
  });

  it("with another's key proves nothing", async () => {
    const thief = makePkocCard({
      primitives,
      key: { ...primitives.p256Generate(), publicKey: key.publicKey },
      uid: fromHex("08010203"),
    });
    expect(await authenticateCard(openInProcessChannel(thief), options)).toEqual({
      outcome: "not-authentic",
      detail: "wrong-key",
      claimedKind: "pkoc",
    });
  });

  it("that is taken away proves nothing", async () => {
    const card = makePkocCard({ primitives, key });
    const channel = openInProcessChannel({
      ...card,
      transceive(command) {
        if (command[0] === 0x80) channel.remove();
        return card.transceive(command);
      },
    });
    expect(await authenticateCard(channel, options)).toEqual({
      outcome: "not-authentic",
      detail: "card-removed",
      claimedKind: "pkoc",
    });
  });

  it("other cards are read as before, one SELECT later", async () => {
    const uid = fromHex("a1b2c3d4");
    const channel = scriptedChannel({}, { uid });
    expect(await authenticateCard(channel, options)).toMatchObject({
      presentation: { kind: "uid", grade: "E" },
    });
    expect(
      channel.sent.filter((command) => command.includes(toHex(fromHex("a000000898000001")))),
    ).toHaveLength(1);
  });
});
