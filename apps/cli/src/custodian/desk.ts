import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { argon2id, fromHex, randomBytes, sha256, toHex } from "@menshen/crypto/node";
import {
  adoptCustodians,
  type CustodianSet,
  destroyOverdue,
  type HeldShare,
  openStore,
  parseCustodianSet,
  placeIn,
  rereadStore,
  type ShareStore,
  type StoreContents,
  sealStore,
  settleReceipt,
} from "@menshen/custody";
import { writeFileDurably } from "@menshen/service-kit/process";
import { type CustodianStandingView, custodianEndpoints } from "@menshen/wire";
import { ApiError } from "../api/api-error.ts";
import { CliError } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";
import { type CustodianClient, makeCustodianClient } from "./custodian-client.ts";
import { passphraseFor } from "./passphrase.ts";
import { openStorePlace, type StorePlace } from "./store-place.ts";

/** A custodian's program at work: its store, open, and its server. */
export interface Desk {
  readonly contents: () => StoreContents;
  /** Reads the store as it is on disk now, changes it and writes it durably, alone among all processes. */
  readonly change: (work: (contents: StoreContents) => StoreContents) => Promise<StoreContents>;
  /** Destroys what is over; first of all that a program does. */
  readonly destroyWhatIsOver: () => Promise<readonly HeldShare[]>;
  /** Sends receipts until the server has them all; answers how many it took. */
  readonly settleReceipts: () => Promise<number>;
  readonly ask: CustodianClient;
  readonly server: string;
}

/** The directory that `--state` names. */
export function placeOf(call: Call): StorePlace {
  const directory = call.option("state");
  if (directory === undefined) {
    throw new CliError("usage", { en: "missing --state DIR", zh: "缺少 --state DIR" });
  }
  return openStorePlace(resolve(directory));
}

/** Address of the community's server; no secret. */
export function saveServer(place: StorePlace, server: string): void {
  writeFileDurably(join(place.directory, "server"), `${server}\n`, 0o600);
}

/**
 * Opens the store that `--state` names and destroys what is over.
 *
 * @throws {CliError} `config` without a store, or when it does not open
 */
export async function openDesk(call: Call): Promise<Desk> {
  const place = placeOf(call);
  const serverFile = join(place.directory, "server");
  if (!place.exists() || !existsSync(serverFile)) {
    throw new CliError(
      "config",
      { en: "nothing is set up in this directory", zh: "这个目录尚未设置" },
      { en: "begin with `menshen custodian init`", zh: "请先运行 `menshen custodian init`" },
    );
  }
  const passphrase = await passphraseFor(call, false);
  const opened = await place.alone(() => openStore(place.read(), { by: "passphrase", passphrase }, argon2id));
  if (!opened.opened) throw notOpened(opened.refusal);
  const server = readFileSync(serverFile, "utf8").trim();
  const desk = makeDesk(place, opened.store, server);
  const destroyed = await desk.destroyWhatIsOver();
  if (destroyed.length > 0) sayDestroyed(call, destroyed);
  return desk;
}

export function makeDesk(place: StorePlace, first: ShareStore, server: string): Desk {
  let store = first;
  const ask = makeCustodianClient(server, first.contents.identitySeed);

  const change: Desk["change"] = (work) =>
    place.alone(async () => {
      const read = rereadStore(store, place.read());
      if (!read.opened) throw notOpened(read.refusal);
      const contents = work(read.store.contents);
      store = { ...read.store, contents };
      if (contents !== read.store.contents) place.replace(sealStore(store, randomBytes));
      return contents;
    });

  return {
    contents: () => store.contents,
    change,
    async destroyWhatIsOver() {
      let destroyed: readonly HeldShare[] = [];
      await change((contents) => {
        const result = destroyOverdue(contents, Date.now());
        ({ destroyed } = result);
        return result.contents;
      });
      return destroyed;
    },
    async settleReceipts() {
      let settled = 0;
      for (const receipt of store.contents.receipts) {
        const { ceremony, epoch, destroyedAtMs: destroyedAt, signature } = receipt;
        try {
          await ask(custodianEndpoints.receipt, {
            body: { ceremony, epoch, destroyedAt, signature: toHex(signature) },
          });
        } catch (error) {
          // The ceremony never came to an end: nobody waits for a receipt of it.
          if (!(error instanceof ApiError) || error.status !== 404) throw error;
        }
        await change((contents) => settleReceipt(contents, receipt));
        settled += 1;
      }
      return settled;
    },
    ask,
    server,
  };
}

/** A set of custodians that this program is of. */
export interface OwnSet {
  readonly set: CustodianSet;
  /** From 1. */
  readonly index: number;
  /** The program has not seen it before. */
  readonly isNew: boolean;
}

/**
 * The custodians that the server shows, followed from those that the program knows.
 *
 * @throws {CliError} `failed` if they are not endorsed, or this program is not among them
 */
export function ownSet(contents: StoreContents, standing: CustodianStandingView): OwnSet {
  const shown = standing.sets.map(({ encoded, endorsements }) => ({
    set: parseCustodianSet(fromHex(encoded)),
    endorsements: endorsements.map(({ index, signature }) => ({ index, signature: fromHex(signature) })),
  }));
  const adoption = adoptCustodians(contents, shown);
  if (!adoption.adopted) {
    throw new CliError(
      "failed",
      {
        en: `the server shows other custodians, and those before did not endorse them (${adoption.refusal})`,
        zh: `服务器给出的保管人未经原保管人认可（${adoption.refusal}）`,
      },
      { en: "ask the other bodies before you go on", zh: "请先与其他各方核实" },
    );
  }
  const index = placeIn(contents, adoption.set);
  if (index === undefined) {
    throw new CliError("failed", {
      en: "this program is not among the custodians in office",
      zh: "本程序不在现任保管人之列",
    });
  }
  return { set: adoption.set, index, isNew: adoption.isNew };
}

/** A short form of a key for people to compare: 8 groups of 4 hexadecimal digits of its SHA-256. */
export function codeOf(identityKey: Uint8Array): string {
  return toHex(sha256(identityKey).subarray(0, 16)).replace(/(.{4})(?=.)/g, "$1 ");
}

export function sayDestroyed(call: Call, destroyed: readonly HeldShare[]): void {
  const epochs = destroyed.map(({ key }) => key.epoch);
  call.output.say(
    { destroyed: epochs },
    {
      en: `shares of epochs ${epochs.join(", ")} are destroyed; what was sealed in them stays closed`,
      zh: `第 ${epochs.join("、")} 期的密钥份额已销毁，其中的记录不再能开启`,
    },
  );
}

function notOpened(refusal: string): CliError {
  if (refusal === "wrong-unlock") {
    return new CliError("config", { en: "the passphrase does not open the store", zh: "口令不正确" });
  }
  return new CliError("config", {
    en: `the share store cannot be read: ${refusal}`,
    zh: `无法读取密钥份额文件：${refusal}`,
  });
}
