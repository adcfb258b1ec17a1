// Small questions about module specifiers, `exports` and the rows of the import table.

import { ALL, BIN_HELPER, GROUND, SCOPE } from "./layers.mjs";

/** `policy` for `@menshen/policy/x`; undefined for any other name. */
export function workspaceName(specifier) {
  return specifier.startsWith(`${SCOPE}/`) ? specifier.split("/")[1].split("@")[0] : undefined;
}

/** The key of `exports` that a specifier means: `.` or `./node`. */
export function entryOf(specifier) {
  const rest = specifier.split("/").slice(2).join("/");
  return rest === "" ? "." : `./${rest}`;
}

/** The npm package a specifier belongs to: `@a/b` for `@a/b/c`. */
export function packageOf(specifier) {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
}

/** True when `path` is `folder` or lies in it; both are paths from the root. */
export function isBelow(path, folder) {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The `exports` of a package.json as an object, whichever form it has. */
export function exportsOf({ exports }) {
  return typeof exports === "string" ? { ".": exports } : (exports ?? {});
}

/** All files that one entry of `exports` can mean, over its conditions. */
export function targetsOf(value) {
  if (typeof value === "string") return [value];
  return value === null ? [] : Object.values(value).flatMap(targetsOf);
}

/** True when `exports` lists the entry, by name or by a pattern with one `*`. */
export function isExported(manifest, entry) {
  return Object.keys(exportsOf(manifest)).some((key) => {
    const [before, after] = key.split("*");
    if (after === undefined) return key === entry;
    return entry.length > before.length + after.length && entry.startsWith(before) && entry.endsWith(after);
  });
}

/** Pure and screen workspaces run in a browser whole, others only by the entries their row names. */
export function runsInBrowser(row, entry) {
  return row !== undefined && (row.pure || row.screen || (row.browser ?? []).includes(entry));
}

/** True for files outside a workspace that it may name by path: `bin` finds Node, starters find programs. */
export function mayNamePath(row, file, kind, target) {
  if (target === BIN_HELPER) return row !== undefined && file.startsWith(`${row.dir}/bin/`);
  if (kind !== "url") return false;
  const path = target === "." ? "" : target;
  return (row?.paths ?? []).some((allowed) =>
    allowed.endsWith("*") ? path.startsWith(allowed.slice(0, -1)) : path === allowed,
  );
}

/** The message for an import that a row does not allow. */
export function refusal(row, target) {
  const allowed = row.imports === ALL ? ALL : [GROUND, ...row.imports].join(", ");
  return `\`${row.dir}\` may not import \`${SCOPE}/${target}\` (allowed: ${allowed})`;
}
