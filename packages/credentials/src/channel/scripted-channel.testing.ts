import { fromHex, toHex } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import type { CardChannel } from "./card-channel.ts";

/**
 * A channel that answers from a table of commands in hexadecimal; an answer may be a list, used up one by one. What
 * the table does not know is answered with 6E00. An answer of `gone` is a card that left.
 */
export function scriptedChannel(
  answers: Readonly<Record<string, string | readonly string[]>>,
  known: Partial<Pick<CardChannel, "kind" | "uid" | "atr">> = {},
): CardChannel & { readonly sent: readonly string[] } {
  const sent: string[] = [];
  const uses = new Map<string, number>();
  return {
    kind: "in-process",
    ...known,
    sent,
    async transceive(command) {
      const hex = toHex(command);
      sent.push(hex);
      const use = uses.get(hex) ?? 0;
      uses.set(hex, use + 1);
      const entry = answers[hex] ?? "6e00";
      const answer = typeof entry === "string" ? entry : (entry[use] ?? "6e00");
      if (answer === "gone") throw new CredentialError("card-removed", "the card left the field");
      return fromHex(answer);
    },
    close: async () => {},
  };
}
