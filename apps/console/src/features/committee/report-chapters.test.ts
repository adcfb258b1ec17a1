import { EVIDENCE_TOPICS } from "@menshen/wire";
import { expect, test } from "vitest";
import { CHAPTERS, chapterOf } from "./report-chapters.ts";

test("every topic of the log is counted in one chapter, or told by name", () => {
  const chapters = new Set<string>(CHAPTERS);
  const unplaced = EVIDENCE_TOPICS.filter((topic) => !chapters.has(chapterOf(topic) ?? ""));
  expect(unplaced).toEqual(["motion-counted", "vendor-page-written"]);
  expect(
    (["complaint-late", "penalty-published", "incident-opened", "hold-placed", "person-erased"] as const).map(
      chapterOf,
    ),
  ).toEqual(["complaints", "complaints", "incidents", "openings", "deletions"]);
  expect(chapterOf("data-shared")).toBe("data");
  expect(chapterOf("dwelling-registered")).toBe("rest");
});
