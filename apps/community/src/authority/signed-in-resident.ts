/** A resident signed in with their own key: acts for themselves alone, and has no permission of staff. */
export interface SignedInResident {
  readonly personId: string;
}
