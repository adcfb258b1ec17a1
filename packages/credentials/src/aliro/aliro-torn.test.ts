import { toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { type InProcessChannel, openInProcessChannel, type SoftwareCard } from "../channel/software-card.ts";
import { ReaderStatus } from "./aliro-codes.ts";
import { type AliroKnownCredential, readAliro } from "./aliro-reader.ts";
import { doorOptions, doorRequest, phone } from "./aliro-world.testing.ts";

const before = "00".repeat(16);
const after = `0102${"00".repeat(14)}`;

/** The whole of a transaction: what a door may do with a phone, in the longest order there is. */
async function wholeTransaction(channel: InProcessChannel, known?: readonly AliroKnownCredential[]) {
  const reading = await readAliro(channel, doorOptions(known === undefined ? {} : { known }));
  if (reading.outcome !== "authenticated") return { opened: false, reading };
  const { session } = reading;
  const write = { kind: "write", offset: 0, bytes: Uint8Array.of(1, 2) } as const;
  await session.exchange({ mailbox: { atomic: "begin", requests: [write] } });
  await session.exchange({ mailbox: { atomic: "commit", requests: [] } });
  await session.requestDocuments(doorRequest);
  return { opened: await session.finish(ReaderStatus.unsecured), reading };
}

/** A device that leaves the field at one command, before it hears it or before its answer is heard. */
function torn(
  card: SoftwareCard,
  step: number,
  moment: "command" | "answer",
): InProcessChannel & { count: () => number } {
  let count = 0;
  const channel: InProcessChannel = openInProcessChannel({
    ...card,
    async transceive(command) {
      count += 1;
      if (count === step && moment === "command") channel.remove();
      const answer = count === step && moment === "command" ? command : await card.transceive(command);
      if (count === step) channel.remove();
      return answer;
    },
  });
  return { ...channel, count: () => count };
}

describe("a phone that leaves the field", () => {
  const whole = phone();

  it("opens when it stays, in eight commands", async () => {
    const channel = torn(whole.device, 0, "answer");
    expect((await wholeTransaction(channel)).opened).toBe(true);
    expect(channel.count()).toBe(8);
  });

  it.each(
    Array.from({ length: 8 }, (_, index) => index + 1).flatMap((step) => [
      [step, "command"] as const,
      [step, "answer"] as const,
    ]),
  )(
    "at command %i, before its %s: nothing is granted, nothing is half done, the next tap works",
    async (step, moment) => {
      const { device, mailbox, statuses } = phone();
      const attempt = wholeTransaction(torn(device, step, moment));
      // The last command only says goodbye: the door learns that the phone did not confirm it.
      if (step === 8) expect((await attempt).opened).toBe(false);
      else await expect(attempt).rejects.toMatchObject({ code: "card-removed" });
      expect([before, after]).toContain(toHex(mailbox.content()));
      const committed = step > 5 || (step === 5 && moment === "answer");
      expect(toHex(mailbox.content())).toBe(committed ? after : before);
      expect(statuses).toEqual(step === 8 && moment === "answer" ? [0x0101] : []);
      expect((await wholeTransaction(openInProcessChannel(device))).opened).toBe(true);
      expect(toHex(mailbox.content())).toBe(after);
    },
  );
});
