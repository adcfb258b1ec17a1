/** What a visitor's pass is for. By itself: pages that only name it do without the codecs of passes. */
export const VISIT_PURPOSES = ["visitor", "delivery", "service"] as const;
export type VisitPurpose = (typeof VISIT_PURPOSES)[number];
