import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { KIOSK_PAGE_PATH } from "@menshen/wire";

/** One file of the built page, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Its name carries a hash of it. */
  readonly isHashed: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};
/** A page for one screen is small; more is another folder. */
const MOST_FILES = 200;
const MOST_BYTES = 32 * 1024 * 1024;

/** Where the page is built to. */
export const KIOSK_PAGE_FOLDER = fileURLToPath(new URL("../../../kiosk/dist", import.meta.url));

/**
 * The built page by the paths it is asked for, all of it in memory: no request names a file on the disk. Empty if it is not
 * built.
 */
export function readKioskPage(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    let sizeBytes = 0;
    for (const name of names) {
      const path = join(folder, name);
      const file = statSync(path);
      if (!file.isFile()) continue;
      sizeBytes += file.size;
      if (files.size >= MOST_FILES || sizeBytes > MOST_BYTES) return new Map();
      const asked = KIOSK_PAGE_PATH + relative(folder, path).split(sep).join("/");
      const type = TYPES[extname(name)] ?? "application/octet-stream";
      files.set(asked, { type, bytes: readFileSync(path), isHashed: asked.includes("/assets/") });
    }
  } catch {
    return new Map();
  }
  const page = files.get(`${KIOSK_PAGE_PATH}index.html`);
  if (page === undefined) return new Map();
  files.set(KIOSK_PAGE_PATH, page);
  return files;
}

/** What stands in its place; in both languages, since nobody was asked yet. */
export const PAGE_NOT_BUILT = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>门神 · Menshen</title>
<h1>门口屏页面尚未构建</h1><p>请在安装目录运行 <code>node tools/prepare.mjs start</code>，再重新启动控制器。</p>
<h1 lang="en">The screen's page is not built</h1><p lang="en">Run <code>node tools/prepare.mjs start</code> where Menshen is installed, then start the gate again.</p></html>
`;
