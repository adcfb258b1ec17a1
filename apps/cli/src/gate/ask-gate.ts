import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { CliError } from "../command-line/cli-error.ts";

/** What a person who stands before a gate may ask of it; docs/cli.md lists them. */
export type GateRequest =
  | { readonly request: "status" }
  | { readonly request: "self-test"; readonly wires?: boolean }
  | { readonly request: "diagnose" }
  | { readonly request: "enrol"; readonly code: string }
  | { readonly request: "open-install-window"; readonly readerId?: string; readonly minutes: number }
  | { readonly request: "take-over"; readonly from: string }
  | { readonly request: "reset-fire"; readonly portalId: string };

/** A request that the gate carried out. */
const Done = Type.Object({
  ok: Type.Literal(true),
  status: Type.Optional(Type.Unknown()),
  result: Type.Optional(Type.Unknown()),
});
const Refused = Type.Object({ ok: Type.Literal(false), code: Type.String(), message: Type.String() });
/** The one setting of a gate's configuration that is needed to find it. */
const Place = Type.Object({ stateDir: Type.String({ minLength: 1 }) });

/** A self-test walks the whole journal. */
const PATIENCE_MS = 120_000;

/** Where the gate that runs with this configuration keeps its state. @throws {CliError} `config` */
export function stateDirOf(configFile: string): string {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(configFile, "utf8"));
  } catch (cause) {
    throw new CliError(
      "config",
      { en: `cannot read \`${configFile}\` as JSON`, zh: `无法读取 \`${configFile}\`，或它不是 JSON` },
      { en: "name the configuration file of this gate", zh: "请指定该控制器的配置文件" },
      { cause },
    );
  }
  if (Value.Check(Place, value)) return value.stateDir;
  throw new CliError(
    "config",
    { en: `no stateDir in \`${configFile}\``, zh: `\`${configFile}\` 里没有 stateDir` },
    { en: "name the configuration file of a gate", zh: "请指定控制器的配置文件" },
  );
}

/**
 * Asks a gate that runs on this machine, over the socket in its state directory, which only the gate's own user can
 * open.
 *
 * @throws {CliError} `unavailable` if no gate listens there or it does not answer, `failed` if it refuses
 */
export async function askGate(stateDir: string, request: GateRequest): Promise<Static<typeof Done>> {
  const answer = read(await exchange(join(stateDir, "admin.sock"), JSON.stringify(request)));
  if (Value.Check(Done, answer)) return answer;
  if (Value.Check(Refused, answer)) {
    throw new CliError("failed", {
      en: `the gate refused: ${answer.message}`,
      zh: `控制器拒绝：${answer.message}`,
    });
  }
  throw new CliError("failed", { en: "the gate's answer is not understood", zh: "看不懂控制器的回答" });
}

function read(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function exchange(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const fail = (cause?: unknown) => {
      socket.destroy();
      reject(
        new CliError(
          "unavailable",
          { en: `no gate answers at \`${path}\``, zh: `\`${path}\` 处没有控制器应答` },
          {
            en: "start the gate, and ask as the user that it runs as",
            zh: "请启动控制器，并以运行它的用户身份执行本命令",
          },
          { cause },
        ),
      );
    };
    socket.setTimeout(PATIENCE_MS, fail);
    socket.on("error", fail);
    // After an answer the promise has settled, and this changes nothing.
    socket.on("close", () => fail());
    socket.once("connect", () => {
      createInterface({ input: socket }).once("line", (answer) => {
        resolve(answer);
        socket.destroy();
      });
      socket.write(`${line}\n`);
    });
  });
}
