import type { BodyOf, cardListEndpoints } from "@menshen/wire";

/** How a list is read, as far as a person has said. */
export type ListChoices = Pick<
  BodyOf<typeof cardListEndpoints.preview>,
  "columns" | "digits" | "byteOrder" | "known"
>;
