/** What sealed values of this slice and of the market are bound to. */
export const CITY_KEY_CONTEXT = "city-connection-key";

/** Of the number of a case's card, by its report. */
export function caseNumberContext(reportId: string): string {
  return `city-report-number:${reportId}`;
}

export function listedNumberContext(numberId: string): string {
  return `market-number:${numberId}`;
}
