import { destroyShares, type HeldShare } from "@menshen/custody";
import { announceReady } from "@menshen/service-kit/process";
import { custodianEndpoints } from "@menshen/wire";
import { ApiError } from "../api/api-error.ts";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call } from "../command-line/command.ts";
import { openDesk, ownSet, sayDestroyed } from "./desk.ts";
import { followPolicy } from "./follow-policy.ts";
import { confirm } from "./passphrase.ts";
import { announceNew } from "./requests.ts";

const ROUND_EVERY_MS = 30_000;

/** `menshen custodian destroy`: sends receipts of what is over; with `--epoch` or `--all` destroys before the time. */
export async function destroyNow(call: Call): Promise<ExitCode> {
  const chosen = choiceOf(call);
  const desk = await openDesk(call);
  if (chosen !== undefined) {
    const epochs = desk
      .contents()
      .shares.filter(chosen)
      .map(({ key }) => key.epoch);
    if (epochs.length === 0)
      throw new CliError("failed", { en: "there is no such share", zh: "没有这样的份额" });
    await confirm(call, {
      en: `Destroy the shares of epochs ${epochs.join(", ")} before their time? There is no way back.`,
      zh: `是否提前销毁第 ${epochs.join("、")} 期的份额？无法恢复。`,
    });
    let destroyed: readonly HeldShare[] = [];
    await desk.change((contents) => {
      const result = destroyShares(contents, Date.now(), chosen);
      ({ destroyed } = result);
      return result.contents;
    });
    sayDestroyed(call, destroyed);
  }
  const settled = await desk.settleReceipts();
  call.output.say(
    { receipts: settled },
    { en: `${settled} receipts are in the log`, zh: `${settled} 份回执已记入日志` },
  );
  return EXIT.ok;
}

/** `menshen custodian run`: destroys what is over when its time comes, sends receipts, shows new requests. */
export async function keepRunning(call: Call): Promise<ExitCode> {
  const desk = await openDesk(call);
  const known = new Set<string>();
  announceReady({ server: desk.server });
  let trouble: string | undefined;
  while (!call.stop.aborted) {
    const destroyed = await desk.destroyWhatIsOver();
    if (destroyed.length > 0) sayDestroyed(call, destroyed);
    try {
      const standing = await desk.ask(custodianEndpoints.standing, {});
      const { retentionDays } = standing;
      await desk.change((contents) =>
        contents.retentionDays === retentionDays ? contents : { ...contents, retentionDays },
      );
      await followPolicy(call, desk, standing);
      ownSetOrWarn(call, () => ownSet(desk.contents(), standing));
      await desk.settleReceipts();
      for (const id of await announceNew(call, desk, known)) known.add(id);
      trouble = undefined;
    } catch (error) {
      // Whatever the server does, what is over is destroyed: the round goes on.
      if (!(error instanceof ApiError) && !(error instanceof CliError)) throw error;
      const text = error.message;
      if (text !== trouble) call.output.remark({ en: `server: ${text}`, zh: `服务器：${text}` });
      trouble = text;
    }
    await pause(call.stop);
  }
  return EXIT.ok;
}

function ownSetOrWarn(call: Call, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    call.output.remark(error.what);
  }
}

function choiceOf(call: Call): ((share: HeldShare) => boolean) | undefined {
  if (call.flag("all")) return () => true;
  const text = call.option("epoch");
  if (text === undefined) return undefined;
  const epoch = Number(text);
  if (!Number.isInteger(epoch) || epoch < 1) {
    throw new CliError("usage", {
      en: "--epoch: expected a number from 1",
      zh: "--epoch：应为从 1 起的整数",
    });
  }
  return ({ key }) => key.epoch === epoch;
}

function pause(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    const timer = setTimeout(resolve, ROUND_EVERY_MS);
    stop.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
