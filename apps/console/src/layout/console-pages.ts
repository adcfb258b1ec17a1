/** What is opened all day stands in the bar; what is set up once, or looked up, behind it. */
export const DAILY = [
  { path: "/", key: "nav.live" },
  { path: "/guard", key: "nav.guard" },
  { path: "/people", key: "nav.people" },
  { path: "/credentials", key: "nav.credentials" },
  { path: "/doors", key: "nav.doors" },
  { path: "/events", key: "nav.events" },
  { path: "/cases", key: "nav.cases" },
  { path: "/openings", key: "nav.openings" },
] as const;

export const SELDOM = [
  { path: "/install", key: "nav.install" },
  { path: "/reception", key: "nav.reception" },
  { path: "/schedules", key: "nav.schedules" },
  { path: "/rules", key: "nav.rules" },
  { path: "/committee", key: "nav.committee" },
  { path: "/votes", key: "nav.votes" },
  { path: "/complaints", key: "nav.complaints" },
  { path: "/vendors", key: "nav.vendors" },
  { path: "/endings", key: "nav.endings" },
  { path: "/deletions", key: "nav.deletions" },
  { path: "/market", key: "nav.market" },
  { path: "/messages", key: "nav.messages" },
  { path: "/incidents", key: "nav.incidents" },
  { path: "/penalties", key: "nav.penalties" },
  { path: "/consents", key: "nav.consents" },
  { path: "/naming", key: "nav.naming" },
  { path: "/changes", key: "nav.changes" },
  { path: "/settings", key: "nav.settings" },
] as const;

/** Pages that other pages lead to, and sections of a long one. */
const WITHIN = [
  { path: "/guard/night", key: "palette.page.night" },
  { path: "/guard/muster", key: "palette.page.muster" },
  { path: "/doors/rules", key: "palette.page.doorRules" },
  { path: "/doors/plans", key: "palette.page.plans" },
  { path: "/doors/lockdown", key: "palette.page.lockdown" },
  { path: "/doors/alarms", key: "palette.page.alarms" },
  { path: "/complaints/paper", key: "palette.page.paperComplaint" },
  { path: "/credentials/keys", key: "palette.page.cardKeys" },
  { path: "/credentials/keys/stolen-gate", key: "palette.page.stolenGate" },
  { path: "/credentials/phones", key: "palette.page.phones" },
  { path: "/credentials/confirm", key: "palette.page.confirm" },
  { path: "/credentials/import", key: "palette.page.import" },
  { path: "/credentials/migration", key: "palette.page.migration" },
  { path: "/credentials/receipts", key: "palette.page.receipts" },
  { path: "/messages/recipients", key: "palette.page.recipients" },
  { path: "/settings#staff", key: "palette.page.staff" },
  { path: "/settings#own-roles", key: "palette.page.roles" },
  { path: "/settings#vendors", key: "palette.page.vendors" },
  { path: "/settings#pass-settings", key: "palette.page.passes" },
  { path: "/settings#reception-settings", key: "palette.page.receptionSettings" },
] as const;

/** What the command palette finds by its title. */
export const PALETTE_PAGES = [...DAILY, ...SELDOM, ...WITHIN];
