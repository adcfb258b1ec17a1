// The order of test files: those that are known to take long begin first, so that none of them is left alone at the end.
// Without a memory of earlier runs, as on a new checkout, Vitest goes by the size of the files, which says little.

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take half a minute and more on two cores, the longest first. The order is all that hangs on this list. */
const LONG = [
  "e2e/src/guard.browser.ts",
  "e2e/src/opening.browser.ts",
  "e2e/src/console.browser.ts",
  "e2e/src/complaint.browser.ts",
  "e2e/src/naming.browser.ts",
  "e2e/src/secret-votes.browser.ts",
  "e2e/src/incident.browser.ts",
  "e2e/src/deletion.browser.ts",
  "e2e/src/start.e2e.ts",
  "e2e/src/key-renewal.e2e.ts",
  "e2e/src/insider.e2e.ts",
  "e2e/src/first-door.e2e.ts",
  "packages/service-kit/src/postgres/launcher.test.ts",
  "apps/gate/src/main.test.ts",
  "tools/lint.test.mjs",
  "apps/gate/src/gate.test.ts",
  "apps/gate/src/site.test.ts",
  "apps/community/src/route-matrix.test.ts",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((name) => moduleId.endsWith(`/${name}`));
      return place < 0 ? LONG.length : place;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
