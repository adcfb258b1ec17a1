// The import table of this repository. `check-layers.mjs` enforces it; docs/decisions/0002 says why.
//
// Every workspace has one row, also before its folder exists:
//   imports  workspaces it may import, beside `domain`; ALL means every package (never an app)
//   pure     no I/O, clock, randomness, `node:` or npm package outside tests: time and chance are arguments
//   browser  entries of `exports` that must run in a browser: nothing reachable from them may need `node:`
//   screen   the whole workspace runs in a browser
//   npm      npm packages a pure workspace may use, because they are pure too
//   paths    files outside the workspace whose *path* it may name (`new URL`), to start or to serve them;
//            a trailing `*` stands for anything below

/** Stands for every package in `imports`. */
export const ALL = "all packages";

/** Scope of the workspaces' package names. */
export const SCOPE = "@menshen";

/** The package every workspace may import. */
export const GROUND = "domain";

/**
 * Packages that tests may import too, whatever the row says, and so may what only tests import: files in a folder
 * `testing`, and `*.fixture.ts` and `*.testing.ts`.
 */
export const TEST_IMPORTS = ["testkit", "virtual-devices"];

/** What plain JavaScript `bin` files import to find the pinned Node. */
export const BIN_HELPER = "tools/node24.mjs";

/** Workspaces that are started, never imported. */
const ENTRY_POINTS = ["apps/gate/src/main.ts", "apps/community/src/main.ts", "apps/city/src/main.ts"];

export const LAYERS = [
  { dir: "packages/domain", imports: [], pure: true, browser: ["."] },
  { dir: "packages/policy", imports: [], pure: true, browser: ["."] },
  { dir: "packages/detection", imports: [], pure: true, browser: ["."] },
  { dir: "packages/crypto", imports: [], browser: ["."] },
  { dir: "packages/osdp", imports: ["crypto"] },
  { dir: "packages/credentials", imports: ["crypto", "wire"], browser: ["."] },
  { dir: "packages/evidence", imports: ["crypto"], browser: ["."] },
  { dir: "packages/custody", imports: ["crypto", "evidence", "wire"], browser: ["."] },
  { dir: "packages/trust", imports: ["crypto"] },
  { dir: "packages/wire", imports: [], browser: ["."] },
  { dir: "packages/service-kit", imports: ["crypto", "wire"] },
  { dir: "packages/key-service", imports: ["crypto", "service-kit"] },
  { dir: "packages/ui", imports: [], screen: true },
  { dir: "packages/virtual-devices", imports: ["crypto", "osdp", "credentials", "wire"] },
  { dir: "packages/testkit", imports: ALL, paths: ["", "apps/cli/bin/*", "node_modules/node/bin/node"] },
  {
    dir: "apps/gate",
    imports: [
      "policy",
      "crypto",
      "osdp",
      "credentials",
      "custody",
      "evidence",
      "trust",
      "wire",
      "service-kit",
    ],
    paths: ["apps/kiosk/dist*"],
  },
  {
    dir: "apps/community",
    imports: [
      ...["policy", "detection", "crypto", "credentials", "custody", "evidence", "trust", "wire"],
      ...["service-kit", "key-service"],
    ],
    paths: ["apps/console/dist*", "apps/resident/dist*", "apps/public/dist*"],
  },
  {
    dir: "apps/city",
    imports: ["detection", "crypto", "evidence", "trust", "wire", "service-kit"],
    paths: ["apps/city-console/dist*"],
  },
  { dir: "apps/city-console", imports: ["wire", "ui"], screen: true },
  {
    dir: "apps/console",
    imports: ["policy", "wire", "ui", "crypto", "custody", "evidence"],
    screen: true,
  },
  {
    dir: "apps/resident",
    imports: ["wire", "ui", "crypto", "credentials", "custody", "evidence"],
    screen: true,
  },
  { dir: "apps/kiosk", imports: ["wire", "ui"], screen: true },
  {
    dir: "apps/public",
    imports: ["wire", "ui", "crypto", "credentials", "custody", "evidence"],
    screen: true,
  },
  {
    dir: "apps/cli",
    imports: [
      ...["policy", "detection", "crypto", "osdp", "credentials", "custody", "evidence", "trust", "wire"],
      ...["service-kit", "key-service", "virtual-devices"],
    ],
    // `apps` alone: the starter names its apps by a template, `../../../${app}/src/main.ts`.
    paths: [...ENTRY_POINTS, "apps", "apps/console/dist*", "node_modules/node/bin/node"],
  },
  { dir: "e2e", imports: ALL, paths: ["", ...ENTRY_POINTS, "apps/cli/bin/*", "node_modules/node/bin/node"] },
  // Has its own package.json and lock file outside the workspaces, because of the rivals it measures.
  {
    dir: "bench",
    imports: ALL,
    paths: ["", ...ENTRY_POINTS, "apps/cli/bin/*", "node_modules/node/bin/node"],
    undeclared: true,
  },
];
