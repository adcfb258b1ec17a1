import { parseGrade } from "@menshen/domain";
import type { VendorPageFields } from "@menshen/wire";

/** A page as it is being typed. Lists have one entry a line, parts divided by `|`. */
export interface VendorDraft {
  readonly name: string;
  readonly owner: string;
  readonly beneficialOwner: string;
  readonly contractNumber: string;
  readonly contractFrom: string;
  readonly contractUntil: string;
  readonly contractClauses: string;
  readonly fees: string;
  readonly grade: string;
  readonly gradeEvidence: string;
  readonly gradeUntil: string;
  readonly adIncome: string;
  readonly dataHeld: string;
  readonly subProcessors: string;
  readonly incidents: string;
}

export const EMPTY_VENDOR: VendorDraft = {
  name: "",
  owner: "",
  beneficialOwner: "",
  contractNumber: "",
  contractFrom: "",
  contractUntil: "",
  contractClauses: "",
  fees: "",
  grade: "",
  gradeEvidence: "",
  gradeUntil: "",
  adIncome: "",
  dataHeld: "",
  subProcessors: "",
  incidents: "",
};

/** Words that say that there are none; a blank says nothing. */
const NONE = new Set(["无", "没有", "none"]);

/** Lines of a list with their parts; `undefined` for a blank, which is no answer. */
function linesOf(text: string, parts: number): string[][] | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (NONE.has(trimmed.toLowerCase())) return [];
  return trimmed
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const given = line.split(/[|｜]/).map((part) => part.trim());
      return Array.from({ length: parts }, (_, index) => given[index] ?? "");
    });
}

function textOf(lines: readonly (readonly string[])[] | undefined, none: string): string {
  if (lines === undefined) return "";
  return lines.length === 0 ? none : lines.map((parts) => parts.join(" | ")).join("\n");
}

/** The page as the server takes it: what was left blank is not said. */
export function pageOf(draft: VendorDraft): VendorPageFields {
  const said = (text: string) => (text.trim() === "" ? undefined : text.trim());
  const { contractNumber, contractFrom, contractUntil, contractClauses, grade, gradeUntil } = draft;
  const adIncome = linesOf(draft.adIncome, 3);
  const dataHeld = linesOf(draft.dataHeld, 3);
  const subProcessors = linesOf(draft.subProcessors, 3);
  const incidents = linesOf(draft.incidents, 2);
  const [owner, beneficialOwner, fees] = [said(draft.owner), said(draft.beneficialOwner), said(draft.fees)];
  return {
    name: draft.name.trim(),
    ...(owner === undefined ? {} : { owner }),
    ...(beneficialOwner === undefined ? {} : { beneficialOwner }),
    ...(contractFrom === "" || contractUntil === ""
      ? {}
      : {
          contract: {
            number: contractNumber.trim(),
            from: contractFrom,
            until: contractUntil,
            clauses: contractClauses.trim(),
          },
        }),
    ...(fees === undefined ? {} : { fees }),
    ...(grade === "" || gradeUntil === ""
      ? {}
      : { grade: { grade: parseGrade(grade), evidence: draft.gradeEvidence.trim(), until: gradeUntil } }),
    ...(adIncome === undefined
      ? {}
      : { adIncome: adIncome.map(([who = "", what = "", amount = ""]) => ({ who, what, amount })) }),
    ...(dataHeld === undefined
      ? {}
      : { dataHeld: dataHeld.map(([what = "", where = "", until = ""]) => ({ what, where, until })) }),
    ...(subProcessors === undefined
      ? {}
      : {
          subProcessors: subProcessors.map(([name = "", what = "", where = ""]) => ({ name, what, where })),
        }),
    ...(incidents === undefined
      ? {}
      : { incidents: incidents.map(([on = "", what = ""]) => ({ on, what })) }),
  };
}

/** A page for changing. @param none the word for an empty list in the reader's language */
export function draftOf(page: VendorPageFields, none: string): VendorDraft {
  const { contract, grade } = page;
  return {
    name: page.name,
    owner: page.owner ?? "",
    beneficialOwner: page.beneficialOwner ?? "",
    contractNumber: contract?.number ?? "",
    contractFrom: contract?.from ?? "",
    contractUntil: contract?.until ?? "",
    contractClauses: contract?.clauses ?? "",
    fees: page.fees ?? "",
    grade: grade?.grade ?? "",
    gradeEvidence: grade?.evidence ?? "",
    gradeUntil: grade?.until ?? "",
    adIncome: textOf(
      page.adIncome?.map(({ who, what, amount }) => [who, what, amount]),
      none,
    ),
    dataHeld: textOf(
      page.dataHeld?.map(({ what, where, until }) => [what, where, until]),
      none,
    ),
    subProcessors: textOf(
      page.subProcessors?.map(({ name, what, where }) => [name, what, where]),
      none,
    ),
    incidents: textOf(
      page.incidents?.map(({ on, what }) => [on, what]),
      none,
    ),
  };
}
