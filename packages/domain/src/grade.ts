import { DomainError } from "./errors.ts";

/**
 * How hard an opening is to forge, A (best) to E (constant or broken). The grade of an opening is the weakest of
 * credential, reader link and key custody.
 */
export type Grade = "A" | "B" | "C" | "D" | "E";

export const GRADES: readonly Grade[] = ["A", "B", "C", "D", "E"];

/** Parses a grade letter; throws `DomainError("invalid-grade")`. */
export function parseGrade(text: string): Grade {
  const grade = GRADES.find((candidate) => candidate === text);
  if (grade === undefined)
    throw new DomainError("invalid-grade", `expected A to E, came \`${text.slice(0, 16)}\``);
  return grade;
}

/** 0 for A up to 4 for E. */
export function gradeRank(grade: Grade): number {
  return GRADES.indexOf(grade);
}

/** True if `grade` is at least as good as `minimum`. */
export function meetsGrade(grade: Grade, minimum: Grade): boolean {
  return gradeRank(grade) <= gradeRank(minimum);
}

/** The weakest of one or more grades. */
export function weakestGrade(first: Grade, ...others: readonly Grade[]): Grade {
  return others.reduce((weakest, grade) => (gradeRank(grade) > gradeRank(weakest) ? grade : weakest), first);
}
