import { fromHex, randomBytes, toHex } from "@menshen/crypto/node";
import {
  type Attendance,
  addShares,
  attendCeremony,
  type CeremonyBoard,
  type CustodianSet,
  endorse,
  parseCustodianSet,
} from "@menshen/custody";
import { type CustodianStandingView, custodianEndpoints } from "@menshen/wire";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";
import { codeOf, type Desk, openDesk, ownSet } from "./desk.ts";
import { endorseWaitingPolicy, followPolicy } from "./follow-policy.ts";
import { confirm } from "./passphrase.ts";

const LOOK_EVERY_MS = 300;
/** The others have a quarter of an hour to come. */
const GATHERING_LOOKS = 3_000;
/** For each of their steps, unless told otherwise. */
const PATIENCE_SECONDS = 60;

/** `menshen custodian ceremony`: makes keys together with the others, who must be running it too. */
export async function holdCeremony(call: Call): Promise<ExitCode> {
  const patienceSeconds = patienceOf(call);
  const desk = await openDesk(call);
  const standing = await desk.ask(custodianEndpoints.standing, {});
  await followPolicy(call, desk, standing);
  const own = ownSet(desk.contents(), standing);
  const { set, index } = own;
  if (own.isNew) {
    call.output.remark({
      en: `${listOf(set, index)}\nAsk the other two for their codes, by another way than this computer.`,
      zh: `${listOf(set, index)}\n请通过其他途径向另外两方核对核对码。`,
    });
    await confirm(call, { en: "Are the codes right?", zh: "核对码是否无误？" });
    await desk.change((contents) => ({ ...contents, custodians: set }));
  }
  const ceremony = await desk.ask(custodianEndpoints.startCeremony, {});
  if (ceremony.setVersion !== set.version) {
    throw new CliError("failed", { en: "the ceremony is of other custodians", zh: "密钥仪式属于其他保管人" });
  }
  const params = { id: ceremony.id };
  const { ceremonyId } = await desk.ask(custodianEndpoints.table, { params });
  call.output.remark({ en: "waiting for the others…", zh: "等待其他保管人……" });
  const attendance = await attendCeremony({
    board: boardOf(desk, ceremony.id),
    call: {
      id: fromHex(ceremonyId),
      threshold: { k: set.threshold, n: set.members.length },
      firstEpoch: ceremony.firstEpoch,
      epochCount: ceremony.epochCount,
    },
    set,
    index,
    secretKey: desk.contents().identitySeed,
    keep: async ({ keys, shares }) => {
      await desk.change((contents) => addShares(contents, ceremony.id, keys, shares));
    },
    random: randomBytes,
    pause: () =>
      new Promise((resolve, reject) => {
        if (call.stop.aborted) reject(new CliError("failed", { en: "stopped", zh: "已停止" }));
        else setTimeout(resolve, LOOK_EVERY_MS);
      }),
    looks: {
      gathering: GATHERING_LOOKS,
      running: Math.ceil((patienceSeconds * 1_000) / LOOK_EVERY_MS),
    },
  });
  if (!attendance.finished) throw notFinished(set, attendance);
  const epochs = attendance.outcome.keys.map(({ epoch }) => epoch);
  call.output.say(
    { ceremony: ceremony.id, epochs },
    {
      en: `✓ keys of epochs ${epochs[0]} to ${epochs.at(-1)} are made; this computer holds its share of each`,
      zh: `✓ 第 ${epochs[0]} 至 ${epochs.at(-1)} 期的密钥已制成，本机持有各期的份额`,
    },
  );
  return EXIT.ok;
}

/** `menshen custodian endorse`: agrees to another policy of log and witnesses, and to other custodians. */
export async function endorseWaiting(call: Call): Promise<ExitCode> {
  const desk = await openDesk(call);
  const standing = await desk.ask(custodianEndpoints.standing, {});
  await followPolicy(call, desk, standing);
  const { set } = ownSet(desk.contents(), standing);
  const { waiting, waitingPolicy } = standing;
  if (waiting === undefined && waitingPolicy === undefined) {
    throw new CliError("failed", {
      en: "neither other custodians nor other witnesses wait for an endorsement",
      zh: "没有待认可的新保管人或见证方",
    });
  }
  // Before its custodians are replaced, who would have to agree again.
  if (waitingPolicy !== undefined) {
    const policy = await endorseWaitingPolicy(call, desk, set, waitingPolicy);
    call.output.say({ policy }, { en: "✓ log and witnesses endorsed", zh: "✓ 已认可日志与见证方" });
  }
  if (waiting !== undefined) await endorseNext(call, desk, set, waiting);
  return EXIT.ok;
}

async function endorseNext(
  call: Call,
  desk: Desk,
  previous: CustodianSet,
  waiting: NonNullable<CustodianStandingView["waiting"]>,
): Promise<void> {
  const next = parseCustodianSet(fromHex(waiting.encoded));
  call.output.remark(listOf(next));
  await confirm(call, {
    en: "Do these take the place of the custodians in office?",
    zh: "是否由以上各方接替现任保管人？",
  });
  const { signature } = endorse({ previous, next, secretKey: desk.contents().identitySeed });
  const view = await desk.ask(custodianEndpoints.endorse, {
    body: { version: next.version, signature: toHex(signature) },
  });
  call.output.say(
    { version: next.version, inForce: view.inForceSince !== undefined },
    view.inForceSince === undefined
      ? { en: "✓ endorsed; others must agree too", zh: "✓ 已认可，尚需其他保管人认可" }
      : { en: "✓ endorsed; they are in office now", zh: "✓ 已认可，新保管人即刻就任" },
  );
}

function patienceOf(call: Call): number {
  const seconds = Number(call.option("patience") ?? PATIENCE_SECONDS);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 240) {
    throw new CliError("usage", {
      en: "--patience: expected 1 to 240 seconds",
      zh: "--patience：应为 1 至 240 秒",
    });
  }
  return seconds;
}

/** The board of one ceremony at the community's server. */
function boardOf({ ask }: Desk, id: string): CeremonyBoard {
  const params = { id };
  return {
    async look(after) {
      const table = await ask(custodianEndpoints.table, { params, query: { after } });
      return {
        state: table.ceremony.state,
        seats: table.seats.map(({ index, publicKey, signature, vouch, objection }) => ({
          index,
          publicKey: fromHex(publicKey),
          signature: fromHex(signature),
          ...(vouch === undefined ? {} : { vouch: fromHex(vouch) }),
          ...(objection === undefined ? {} : { objection: fromHex(objection) }),
        })),
        messages: table.messages.map(({ position, message }) => ({ position, message: fromHex(message) })),
      };
    },
    async sit(publicKey, signature) {
      const body = { publicKey: toHex(publicKey), signature: toHex(signature) };
      await ask(custodianEndpoints.sit, { params, body });
    },
    async say(message) {
      await ask(custodianEndpoints.say, { params, body: { message: toHex(message) } });
    },
    async report({ reason, custodians }, objection) {
      const body = {
        reason,
        custodians: [...custodians],
        ...(objection === undefined ? {} : { objection: toHex(objection) }),
      };
      await ask(custodianEndpoints.fail, { params, body });
    },
    async finish(certificate, vouch) {
      const body = { certificate: toHex(certificate), vouch: toHex(vouch) };
      await ask(custodianEndpoints.finish, { params, body });
    },
  };
}

function listOf(set: CustodianSet, own?: number): string {
  return set.members
    .map(({ body, identityKey }, position) => {
      const mark = position + 1 === own ? " *" : "";
      return `${body.padEnd(12)} ${codeOf(identityKey)}${mark}`;
    })
    .join("\n");
}

function notFinished(
  set: CustodianSet,
  attendance: Extract<Attendance, { readonly finished: false }>,
): CliError {
  const bodies = attendance.custodians.map((index) => set.members[index - 1]?.body ?? String(index));
  const named = bodies.join(", ");
  return new CliError(
    "failed",
    {
      en: `no keys were made: ${attendance.reason}${named === "" ? "" : `, by ${named}`}`,
      zh: `未能制成密钥：${attendance.reason}${named === "" ? "" : `，涉及 ${named}`}`,
    },
    { en: "begin again with a new ceremony when all are there", zh: "各方到齐后请重新开始" },
  );
}
