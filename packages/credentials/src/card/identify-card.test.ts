import { fromHex, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { scriptedChannel } from "../channel/scripted-channel.testing.ts";
import { chipFamilyOf, encodeCardVersion, parseCardVersion } from "./card-version.ts";
import { identifyCard, isRandomUid } from "./identify-card.ts";

// NTAG 424 DNA (AN12196 §6.4 shows such an answer) and DESFire EV2 4k, by frames.
const ntagFrames = ["04040230001105", "04040201021105", "04968ccaac5c80cf3a9544203019"];
const desfireFrames = ["04010112001605", "04010102011605", "04112233445566ba544325201405"];
const getVersion = "9060000000";
const more = "90af000000";
const selectNtag = "00a4040007d276000085010100";
const selectDesfire = "905a000003534df500";
const getUid = "ffca000000";

function versionAnswers(frames: readonly string[]) {
  const [first, second, third] = frames;
  return { [getVersion]: `${first}91af`, [more]: [`${second}91af`, `${third}9100`] };
}

describe("a card in the field", () => {
  it("is an NTAG 424 by its version and application", async () => {
    const channel = scriptedChannel({ ...versionAnswers(ntagFrames), [selectNtag]: "9000" });
    const card = await identifyCard(channel);
    expect(card.kind).toBe("ntag424");
    expect(toHex(card.uid ?? new Uint8Array())).toBe("04968ccaac5c80");
    expect(channel.sent).toEqual([getVersion, more, more, selectNtag]);
  });

  it("is a DESFire by its version and our application", async () => {
    const channel = scriptedChannel({ ...versionAnswers(desfireFrames), [selectDesfire]: "9100" });
    expect(await identifyCard(channel)).toMatchObject({ kind: "desfire", uid: fromHex("04112233445566") });
    const other = scriptedChannel({ ...versionAnswers(desfireFrames), "905a00000301020300": "9100" });
    expect(await identifyCard(other, fromHex("010203"))).toMatchObject({ kind: "desfire" });
  });

  it("is its identifier only without our application", async () => {
    const desfire = scriptedChannel({ ...versionAnswers(desfireFrames), [selectDesfire]: "91a0" });
    expect(await identifyCard(desfire)).toMatchObject({ kind: "uid-only", uid: fromHex("04112233445566") });
    const ntag = scriptedChannel({ ...versionAnswers(ntagFrames), [selectNtag]: "6a82" });
    expect(await identifyCard(ntag)).toMatchObject({ kind: "uid-only" });
    // A chip of another family (type 08) with an application of the same name.
    const light = ["04080130001305", ...ntagFrames.slice(1)];
    const other = scriptedChannel({
      ...versionAnswers(light),
      [selectNtag]: "9000",
      [selectDesfire]: "9100",
    });
    expect(await identifyCard(other)).toMatchObject({ kind: "uid-only" });
  });

  it("is woken by SELECT where GetVersion alone is not answered", async () => {
    const channel = scriptedChannel({
      [getVersion]: ["6e00", `${ntagFrames[0]}91af`],
      [more]: [`${ntagFrames[1]}91af`, `${ntagFrames[2]}9100`],
      [selectNtag]: "9000",
    });
    expect(await identifyCard(channel)).toMatchObject({ kind: "ntag424" });
  });

  it("has the identifier that the reader saw, or that it tells on demand", async () => {
    const uid = fromHex("a1b2c3d4");
    expect(await identifyCard(scriptedChannel({}, { uid }))).toEqual({ kind: "uid-only", uid });
    const demanded = scriptedChannel({ [getUid]: "a1b2c3d49000" }, { kind: "pcsc" });
    expect(await identifyCard(demanded)).toEqual({ kind: "uid-only", uid });
    const odd = scriptedChannel({ [getUid]: "a1b2c39000" }, { kind: "pcsc" });
    expect(await identifyCard(odd)).toEqual({ kind: "uid-only" });
    const refused = scriptedChannel({ [getUid]: "6a81" }, { kind: "apdu-socket" });
    expect(await identifyCard(refused)).toEqual({ kind: "uid-only" });
    // Through OSDP the command would go to the card itself, which must not see it.
    const bare = scriptedChannel({ [getUid]: "a1b2c3d49000" }, { kind: "osdp-xwr" });
    expect(await identifyCard(bare)).toEqual({ kind: "uid-only" });
    expect(bare.sent).not.toContain(getUid);
  });

  it("that hides its identifier leaves it to the reader", async () => {
    const hidden = ["04010112001605", "04010102011605", `${"00".repeat(7)}ba544325201405`];
    const channel = scriptedChannel(
      { ...versionAnswers(hidden), [selectDesfire]: "9100" },
      { uid: fromHex("08a1b2c3") },
    );
    const card = await identifyCard(channel);
    expect(card).toMatchObject({ kind: "desfire", uid: fromHex("08a1b2c3") });
    expect(isRandomUid(card.uid ?? new Uint8Array())).toBe(true);
    expect(isRandomUid(fromHex("08112233445566"))).toBe(false);
    expect(isRandomUid(fromHex("a1b2c3d4"))).toBe(false);
  });

  it("is noticed when reader and card tell different identifiers", async () => {
    const answers = { ...versionAnswers(ntagFrames), [selectNtag]: "9000" };
    const same = await identifyCard(scriptedChannel(answers, { uid: fromHex("04968ccaac5c80") }));
    expect(same.uidConflict).toBeUndefined();
    const random = await identifyCard(scriptedChannel(answers, { uid: fromHex("08010203") }));
    expect(random.uidConflict).toBeUndefined();
    for (const uid of ["04968ccaac5c81", "04968cca"]) {
      const card = await identifyCard(scriptedChannel(answers, { uid: fromHex(uid) }));
      expect(card.uidConflict).toBe(true);
    }
  });

  it.each([
    ["at once", { [getVersion]: "gone" }],
    ["in mid-answer", { [getVersion]: `${ntagFrames[0]}91af`, [more]: "gone" }],
    ["at SELECT", { ...versionAnswers(ntagFrames), [selectNtag]: "gone" }],
  ])("that leaves %s is reported", async (_name, answers) => {
    await expect(identifyCard(scriptedChannel(answers))).rejects.toMatchObject({ code: "card-removed" });
  });
});

describe("GetVersion", () => {
  const bytes = fromHex(ntagFrames.join(""));

  it("is taken apart and put together", () => {
    expect(bytes).toHaveLength(28);
    const version = parseCardVersion(bytes);
    expect(version).toEqual({
      hardware: { vendor: 4, type: 4, subtype: 2, major: 0x30, minor: 0, storage: 0x11, protocol: 5 },
      software: { vendor: 4, type: 4, subtype: 2, major: 1, minor: 2, storage: 0x11, protocol: 5 },
      uid: fromHex("04968ccaac5c80"),
      production: fromHex("cf3a9544203019"),
    });
    if (version === undefined) throw new Error("not read");
    expect(encodeCardVersion(version).map(toHex)).toEqual(ntagFrames);
    expect(chipFamilyOf(version)).toBe("ntag424");
    const hidden = { ...version };
    delete hidden.uid;
    expect(toHex(encodeCardVersion(hidden)[2])).toBe(`${"00".repeat(7)}cf3a9544203019`);
  });

  it("is refused at other lengths", () => {
    for (let length = 0; length <= 40; length += 1) {
      const parsed = parseCardVersion(new Uint8Array(length));
      expect(parsed !== undefined).toBe(length === 28 || length === 29);
    }
  });
});
