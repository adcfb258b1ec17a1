import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { acquireStateLock, ServiceError, type StateLock } from "@menshen/service-kit/process";
import { CliError, EXIT, type ExitCode } from "../command-line/cli-error.ts";
import type { Call, Command } from "../command-line/command.ts";
import type { Ports } from "../demo/configs.ts";
import { makeCrew } from "../demo/crew.ts";
import { DEMO_PORTS, isFree } from "../demo/ports.ts";
import { shortPath } from "../demo/short-path.ts";
import { COMMUNITY_NAME } from "../demo/site-plan.ts";
import { type RunningDemo, STOP_ORDER, startDemo } from "../demo/starter.ts";
import { wholeNumber } from "../osdp/reader-options.ts";
import { watchAncestors } from "../processes/ancestors.ts";
import { CHECKOUT } from "../processes/checkout.ts";

const DEFAULT_PER_MINUTE = 20;
const ANY_PORTS: Ports = { console: 0, gates: 0, mqtt: 0, kiosk: 0, city: 0 };
const RUNNING = "running.json";
/** Of `/gate-garage/admin.sock` and `/lines/gate-garage.sock`, with some to spare. */
const LONGEST_SOCKET_BYTES = 26;

export const demoCommand: Command = {
  path: ["demo"],
  summary: {
    en: `run the demonstration: ${COMMUNITY_NAME} with its server, gates, doors, people and city (npm start)`,
    zh: `运行演示小区“${COMMUNITY_NAME}”：服务器、门禁、门、居民和城市（即 npm start）`,
  },
  positionals: [],
  options: {
    state: {
      type: "string",
      placeholder: "DIR",
      help: {
        en: "where everything is kept; MENSHEN_STATE, else .menshen/demo of the checkout",
        zh: "数据目录；默认取 MENSHEN_STATE，否则为仓库下的 .menshen/demo",
      },
    },
    pace: {
      type: "string",
      placeholder: "N",
      help: {
        en: `taps a minute to begin with; ${DEFAULT_PER_MINUTE} unless told`,
        zh: `起始每分钟刷卡次数，默认 ${DEFAULT_PER_MINUTE}`,
      },
    },
    "any-ports": {
      type: "boolean",
      help: {
        en: `any free ports instead of ${DEMO_PORTS.console} and the four after it`,
        zh: `使用任意空闲端口，而不是 ${DEMO_PORTS.console} 起的五个端口`,
      },
    },
    "without-custodians": {
      type: "boolean",
      help: {
        en: "give the log no witness and the entries no custodians: somebody else does",
        zh: "不设见证方和保管人，由他人设置",
      },
    },
  },
  details: {
    en: [
      "A moment after it is ready, the log gets a witness of the city and the entries three custodians with keys, all on this",
      "machine and for demonstration only.",
      "The first start makes the community through the server's HTTP API; later starts go on with it. Everything",
      "listens on loopback only. Ctrl-C, SIGTERM, SIGHUP and the end of whoever started this (npm, a terminal) stop",
      "gates, server and database in this order; nothing is left running. Logs are in DIR/logs.",
      "With --json one line tells console, signInLink, city, citySignInLink, people, kiosk and state.",
    ].join("\n"),
    zh: [
      "就绪片刻之后，日志有市级见证方，记录有三位保管人及其密钥，全部在本机，仅供演示。",
      "首次启动通过服务器的 HTTP 接口建立小区，以后的启动沿用其数据。所有服务只监听本机。",
      "Ctrl-C、SIGTERM、SIGHUP 或启动者（npm、终端）结束时，依次停止门禁、服务器和数据库，不留任何进程。",
      "日志在 DIR/logs。--json 时输出一行，含 console、signInLink、city、citySignInLink、people、kiosk 和 state。",
    ].join("\n"),
  },
  run: demonstrate,
};

async function demonstrate(call: Call): Promise<ExitCode> {
  const stateDir = resolve(
    call.option("state") ?? call.env.MENSHEN_STATE ?? join(CHECKOUT, ".menshen", "demo"),
  );
  const perMinute = wholeNumber(call, "pace", 0, 600) ?? DEFAULT_PER_MINUTE;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const lock = lockState(stateDir);
  const short = shortPath(stateDir, LONGEST_SOCKET_BYTES);
  const halt = new AbortController();
  let lost: CliError | undefined;
  const crew = makeCrew(stateDir, (error) => {
    lost ??= error;
    halt.abort();
  });
  call.stop.addEventListener("abort", () => halt.abort());
  if (call.stop.aborted) halt.abort();
  const unwatch = watchAncestors(call.env, () => halt.abort());
  const halted = new Promise<undefined>((done) =>
    halt.signal.addEventListener("abort", () => done(undefined)),
  );
  try {
    const ports = call.flag("any-ports") ? ANY_PORTS : await freePorts();
    const started = startDemo({
      stateDir,
      shortStateDir: short.path,
      ports,
      perMinute,
      crew,
      output: call.output,
    });
    // A start that is stopped half-way fails somewhere; nobody waits for it any more.
    started.catch(() => undefined);
    const demo = await Promise.race([started, halted]);
    if (demo !== undefined) {
      writeFileSync(join(stateDir, RUNNING), JSON.stringify({ console: demo.console }), { mode: 0o600 });
      welcome(call, demo, stateDir);
      if (!call.flag("without-custodians")) void demo.carryOn();
      await halted;
    }
  } finally {
    unwatch();
    call.output.remark({ en: "stopping …", zh: "正在停止……" });
    await crew.stopAll(STOP_ORDER);
    rmSync(join(stateDir, RUNNING), { force: true });
    short.release();
    lock.release();
  }
  if (lost !== undefined) throw lost;
  return EXIT.ok;
}

function lockState(stateDir: string): StateLock {
  try {
    return acquireStateLock(stateDir, "starter");
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== "already-running") throw error;
    const address = runningAddress(stateDir);
    throw new CliError(
      "failed",
      {
        en: `a demonstration runs already${address === undefined ? "" : `: ${address}`}`,
        zh: `演示已在运行${address === undefined ? "" : `：${address}`}`,
      },
      {
        en: "open it, or stop it with Ctrl-C where it was started; another one needs --state of its own",
        zh: "请直接打开，或在启动它的终端按 Ctrl-C 停止；另开一个请用 --state 指定别的目录",
      },
      { cause: error },
    );
  }
}

function runningAddress(stateDir: string): string | undefined {
  const file = join(stateDir, RUNNING);
  if (!existsSync(file)) return undefined;
  const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
  return typeof parsed === "object" && parsed !== null && "console" in parsed
    ? String(parsed.console)
    : undefined;
}

/** The demonstration's own ports where they are free, else any. */
async function freePorts(): Promise<Ports> {
  const own = async (port: number) => ((await isFree(port)) ? port : 0);
  return {
    console: await own(DEMO_PORTS.console),
    gates: await own(DEMO_PORTS.gates),
    mqtt: await own(DEMO_PORTS.mqtt),
    kiosk: await own(DEMO_PORTS.kiosk),
    city: await own(DEMO_PORTS.city),
  };
}

/** Both languages, whatever the terminal's: whoever looks on should understand what to do. */
function welcome(call: Call, demo: RunningDemo, stateDir: string): void {
  const { signInLink } = demo;
  const near = relative(process.cwd(), stateDir) || ".";
  const state = near.length < stateDir.length ? near : stateDir;
  const lines = [
    "",
    `  Menshen 门神 · ${COMMUNITY_NAME} · ${demo.people} people 位居民与员工`,
    "",
    `  Console 控制台    ${demo.console}`,
    signInLink === undefined
      ? "  Sign in 登录      with your passkey 使用您的通行密钥"
      : `  Sign in 登录      ${signInLink}  (once 仅一次)`,
    `  City 城市         ${demo.city}`,
    ...(demo.citySignInLink === undefined
      ? []
      : [`  Officer 城市人员  ${demo.citySignInLink}  (once 仅一次)`]),
    "",
    ...(demo.kiosk === undefined ? [] : [`  Door screen 北门屏     ${demo.kiosk}`]),
    `  Public log 公开日志   ${demo.console}/public/`,
    `  Custodian 保管人      node apps/cli/bin/menshen.js custodian requests --state ${join(state, "custodian-city")} --passphrase-file ${join(state, "custodian-city.passphrase")}`,
    "",
    "  Open the sign-in link and watch people come home. 打开登录链接，看居民回家。",
    `  Ctrl-C stops everything; the data stay in ${state}. 按 Ctrl-C 全部停止，数据保留在 ${state}。`,
    "",
  ];
  call.output.say(
    {
      ready: true,
      console: demo.console,
      ...(signInLink === undefined ? {} : { signInLink }),
      city: demo.city,
      ...(demo.citySignInLink === undefined ? {} : { citySignInLink: demo.citySignInLink }),
      people: demo.people,
      ...(demo.kiosk === undefined ? {} : { kiosk: demo.kiosk }),
      state: stateDir,
    },
    lines.join("\n"),
  );
}
