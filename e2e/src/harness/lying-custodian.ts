import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argon2id } from "@menshen/crypto/node";
import { openStore } from "@menshen/custody";
import { makeProgramCustodian } from "./custodian.ts";

/** A custodian's program of another make, with its body's identity: calls the others, and tells them two stories. */
const [, , directory = "", passphrase = ""] = process.argv;
const opened = await openStore(
  new Uint8Array(readFileSync(join(directory, "shares"))),
  { by: "passphrase", passphrase },
  argon2id,
);
if (!opened.opened) throw new Error(opened.refusal);
const server = new URL(readFileSync(join(directory, "server"), "utf8").trim()).origin;
const liar = makeProgramCustodian(server, opened.store.contents.identitySeed);
await liar.call();
await liar.lie();
