import { fromHex } from "@menshen/crypto";
import { expect, it } from "vitest";
import { openInProcessChannel, type SoftwareCard } from "./software-card.ts";

function card() {
  const happened: string[] = [];
  const software: SoftwareCard = {
    uid: fromHex("a1b2c3d4"),
    atr: fromHex("3b80800101"),
    reset: () => void happened.push("reset"),
    powerOff: () => void happened.push("off"),
    transceive: (command) => Uint8Array.from([...command, 0x90, 0x00]),
  };
  return { software, happened };
}

it("an in-process channel knows what a reader would know", async () => {
  const { software, happened } = card();
  const channel = openInProcessChannel(software);
  expect(channel).toMatchObject({ kind: "in-process", uid: software.uid, atr: software.atr });
  expect(await channel.transceive(fromHex("0102"))).toEqual(fromHex("01029000"));
  await channel.close();
  await channel.close();
  channel.remove();
  expect(happened).toEqual(["reset", "off"]);
  await expect(channel.transceive(fromHex("0102"))).rejects.toMatchObject({ code: "closed" });
});

it("a card taken away in mid-command is removed", async () => {
  const { software, happened } = card();
  let answer: (response: Uint8Array) => void = () => {};
  const slow = { ...software, transceive: () => new Promise<Uint8Array>((resolve) => (answer = resolve)) };
  const channel = openInProcessChannel(slow);
  const pending = channel.transceive(fromHex("0102"));
  channel.remove();
  answer(fromHex("9000"));
  await expect(pending).rejects.toMatchObject({ code: "card-removed" });
  await expect(channel.transceive(fromHex("0102"))).rejects.toMatchObject({ code: "card-removed" });
  expect(happened).toEqual(["reset", "off"]);
});
