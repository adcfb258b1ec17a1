// Rules of this repository that no general linter knows. Run by `npm run lint`; alone: `node tools/check-house.mjs`.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const MAX_LINES = 500;
const SKIPPED_FOLDERS = new Set(["node_modules", ".git", ".menshen", "dist", "coverage"]);
const CODE = /\.([cm]?[jt]sx?|css|sql|sh)$/;
const SCRIPT = /\.[cm]?[jt]sx?$/;
const TEST = /\.(test|e2e|browser)\.[cm]?[jt]sx?$/;
const TEXT =
  /(\.([cm]?[jt]sx?|css|sql|sh|json|md|ya?ml|html|svg|cddl|txt|toml)|\/(LICENSE|run)|\.npmrc|\.gitignore)$/;

// Each pattern is written so that it does not match its own source.
const LINE_RULES = [
  {
    rule: "machine-path",
    applies: () => true,
    pattern: /(?<![\w.$}-])(\/home\/[a-z]|\/Users\/[A-Za-z]|\/root\/[\w.]|[A-Z]:\\Users\\)/,
    message: "a path of one machine",
  },
  {
    rule: "registry-host",
    applies: () => true,
    pattern: /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|"resolved": *"https?:|\bnpm[m]irror\b/,
    message: "the host of a package registry",
  },
  {
    rule: "skipped-test",
    applies: (path) => SCRIPT.test(path),
    // What only root, or only another user, can do is the one condition that installing cannot meet.
    pattern:
      /\b(it|test|describe|suite|bench|context|ctx|t)\.(skip|only|todo|fails|(skipIf|runIf)(?!\(process\.gete?uid\b))\b/,
    message: "a test that does not run, or keeps others from running",
  },
  {
    rule: "unfinished",
    applies: (path) => CODE.test(path),
    pattern: /\b(TO[D]O|FI[X]ME|XX[X]|HA[C]K)\b/,
    message: "work left in a comment",
  },
  {
    rule: "suppression",
    applies: (path) => SCRIPT.test(path),
    // Biome and TypeScript's `expect-error` take a reason on the line; the others hide more than one finding.
    pattern:
      /@ts-(ig[n]ore|no[c]heck)|@ts-expect-error\s*(\*\/\s*)?$|ox[l]int-disable(?!.* -- \S)|es[l]int-disable/,
    message: "a suppression that is unexplained or too wide",
  },
  {
    rule: "two-words",
    applies: () => true,
    // One thing has one word in all texts; \u673a and \u8c03 keep the pattern from matching itself.
    pattern: /门禁\u673a|依法\u8c03取/,
    message: "a gate is `控制器` and a lawful opening `依法开启` in every text",
  },
];

/**
 * Checks all text files below `root`.
 *
 * @param {string} root
 * @returns {{ violations: { file: string, line: number, rule: string, message: string }[], fileCount: number }}
 */
export function checkHouse(root) {
  const violations = [];
  const files = textFiles(root).map((path) => ({
    file: relative(root, path).split(sep).join("/"),
    text: readFileSync(path, "utf8"),
  }));
  for (const { file, text } of files) {
    const report = (line, rule, message) => violations.push({ file, line, rule, message });
    checkLines(file, text, report);
    if (text.includes(`${root}/`)) report(1, "machine-path", "the path of this checkout");
    checkLength(file, text, report);
    if (extname(file) === ".md") checkLinks(root, file, text, report);
  }
  if (files.length === 0) {
    violations.push({ file: ".", line: 1, rule: "nothing-examined", message: "found no text file" });
  }
  return { violations, fileCount: files.length };
}

function checkLines(file, text, report) {
  const rules = LINE_RULES.filter(({ applies }) => applies(file));
  text.split("\n").forEach((line, index) => {
    for (const { rule, pattern, message } of rules) if (pattern.test(line)) report(index + 1, rule, message);
  });
}

function checkLength(file, text, report) {
  const exempt =
    TEST.test(file) || /(^|\/)(vectors|generated|locales|i18n)\//.test(file) || file.endsWith(".gen.ts");
  const lineCount = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  if (CODE.test(file) && !exempt && lineCount > MAX_LINES) {
    report(MAX_LINES + 1, "too-long", `${lineCount} lines, at most ${MAX_LINES}: split it by concept`);
  }
}

/** Relative links and images of a Markdown file must lead to a file or folder that exists, with the heading. */
function checkLinks(root, file, text, report) {
  let fenced = false;
  text.split("\n").forEach((line, index) => {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    if (fenced) return;
    const withoutCode = line.replace(/`[^`]*`/g, "");
    for (const [, target] of withoutCode.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
      const [path, heading] = decodeURI(target).split("#");
      const resolved = path === "" ? join(root, file) : join(root, dirname(file), path);
      if (!existsSync(resolved)) report(index + 1, "dead-link", `\`${target}\` does not exist`);
      else if (heading && extname(resolved) === ".md" && !headings(resolved).has(heading)) {
        report(index + 1, "dead-link", `\`${target}\`: there is no such heading`);
      }
    }
  });
}

/** Anchors of a Markdown file, as the usual renderers build them from headings. */
function headings(path) {
  const lines = readFileSync(path, "utf8").split("\n");
  const titles = lines.filter((line) => /^#{1,6} /.test(line)).map((line) => line.replace(/^#+ +/, ""));
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}

function textFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(basename(path)) ? [] : textFiles(path);
    return entry.isFile() && TEXT.test(path) ? [path] : [];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { violations, fileCount } = checkHouse(dirname(dirname(fileURLToPath(import.meta.url))));
  for (const { file, line, rule, message } of violations) {
    process.stdout.write(`${file}:${line} ${rule}: ${message}\n`);
  }
  process.stdout.write(`house rules: ${fileCount} files, ${violations.length} violations\n`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
