/** Whom a community names to its duty desk: told members of staff, or all who hold a credential. */
export const NAMING_SCOPES = ["staff", "everyone"] as const;
export type NamingScope = (typeof NAMING_SCOPES)[number];
